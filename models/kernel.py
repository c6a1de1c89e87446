"""The explanation kernel: exact contributions of each indicator, at less than a score's price.

A contribution is a Shapley value of the model's log-odds: the mean, over all orders in which a
firm's indicators could become known, of the step that an indicator makes. Not known means

- *interventional* (a `Background` is given): as in the firms of the background, averaged;
- *path-dependent* (none is given): as in the rows the trees were fitted on, LightGBM's
  `pred_contrib` and TreeSHAP, here to hold the kernel against.

Method. A tree's contributions are the sum of its leaves', and a leaf's depend only on the
outcomes of the decisions on its path. So everything is computed before the first row comes:
exact tables for each leaf over its outcomes (`models.tables`), summed to one for each block of
neighbouring leaves with at most 8 decisions together (`models.blocks`). A row is put in bins once
(`models.binning`), its decisions in a block make a number of 8 bits, and that is its place in the
block's table (`models.loops`). The kind of contributions changes the tables and not the loops.

Cost. For t trees of l leaves, about t · l / 5 blocks: for 31 leaves and depth 6 some 45 looks into
tables that stay in the first cache, a tree and row, whatever the rows hold. docs/explain.md has
the figures. Making a kernel takes about 1 ms a tree.

Sources. Lundberg et al., From local explanations to global understanding with explainable AI for
trees, Nature Machine Intelligence 2 (2020): both games and TreeSHAP. Nadel & Wettenstein, From
decision trees to Boolean logic: a fast and unified SHAP algorithm (WOODELF, AAAI 2026): tables
over a leaf's patterns for both. Janzing et al., Feature relevance quantification in explainable
AI: a causal problem (2020): why interventional.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models import loops
from models.background import Background
from models.layout import Layout
from models.trees import Trees

Floats = npt.NDArray[np.float64]

CHUNK = 2048
"""Rows that a thread takes at a time: their sums stay in its cache."""


@dataclass(frozen=True)
class Explained:
    """Rows, scored and explained.

    Attributes
    ----------
    score : log-odds of the trees, shape (n,); LightGBM's raw score to the bit.
    contributions : log-odds, shape (n, k), in the features' order; 0 for one no tree uses.
    base : mean log-odds of what is compared with. Base and contributions add up to the score
        within 1e-5 (exactly: half a unit, 1e-9 of the largest part in a table, for each look).
    """

    score: Floats
    contributions: Floats
    base: float


class Kernel:
    """A model made ready to explain; share it between threads.

    Parameters
    ----------
    model : LightGBM's text of it, or its trees.
    background : the firms to compare with; without, contributions are path-dependent.

    Raises
    ------
    NotPossible : the model is too deep, multiclass, a random forest or has linear leaves.
    BadDefinition : the text is not a model's, or lacks the counts that path-dependent
        contributions need.
    BadInput : the background has another number of features.
    """

    def __init__(self, model: str | Trees | Layout, background: Background | None = None) -> None:
        self._layout = model if isinstance(model, Layout) else Layout.of(model)
        self.features = self._layout.features
        told, reached, self.base = self._layout.filled(background)
        largest = float(np.abs(told).max(initial=0.0))
        self._unit = 2.0 ** (np.ceil(np.log2(largest)) - 30) if largest else 1.0
        units = np.rint(told / self._unit).astype(np.int32)
        self._program = self._layout.program._replace(tables=units, reached=reached)
        self._own = threading.local()

    def against(self, background: Background | None) -> Self:
        """The same model compared with others, such as a firm's peers; the trees stay read."""
        return type(self)(self._layout, background)

    def explain(self, values: npt.ArrayLike, *, threads: int | None = None) -> Explained:
        """Score and explain rows.

        Parameters
        ----------
        values : indicators, shape (n, k), NaN where unknown.
        threads : at most so many; without, all cores. Results do not depend on it.

        Raises
        ------
        BadInput : `values` is not rows of the model's indicators.
        """
        given = np.asarray(values)
        self._layout.check(given.shape)
        rows = len(given)
        explained = Explained(np.empty(rows), np.empty(given.shape), self.base)
        starts = iter(range(0, rows, CHUNK))
        workers = min(threads or os.cpu_count() or 1, -(-rows // CHUNK))
        if workers <= 1:
            self._work(starts, given, explained)
        else:
            with ThreadPoolExecutor(workers) as pool:
                for done in [
                    pool.submit(self._work, starts, given, explained) for _ in range(workers)
                ]:
                    done.result()
        return explained

    def one(self, row: Floats, into: Floats) -> float:
        """Score one row and write its contributions; the same bits as in a batch.

        Nothing is allocated: each thread keeps its own buffers.

        Parameters
        ----------
        row : indicators, shape (k,), contiguous doubles, NaN where unknown.
        into : where the contributions go, shape (k,), contiguous doubles.

        Returns
        -------
        log-odds of the trees; `base` and the contributions add up to it within 1e-5.
        """
        self._layout.check(row.shape, axes=1)
        self._layout.check(into.shape, axes=1)
        own = self._own.__dict__
        if not own:
            own["bins"] = np.empty(len(self._program.column_kind), np.uint16)
            own["sums"] = np.empty(len(self.features), np.int64)
        return loops.explain_one(self._program, row, own["bins"], own["sums"], self._unit, into)

    def _work(self, starts: Iterator[int], values: npt.NDArray[np.generic], to: Explained) -> None:
        """Explain chunks as long as there are any; threads take them from one iterator."""
        shape = 0
        for first in starts:
            part = values[first : first + CHUNK]
            if len(part) != shape:
                shape = len(part)
                told = np.empty((len(self.features), shape))
                bins = np.empty((len(self._program.column_kind), shape), np.uint16)
                outcome = np.empty(shape, np.uint16)
                sums, score = np.empty(told.shape, np.int64), np.empty(shape)
            told[:] = part.T
            loops.bin_rows(self._program, told, bins)
            loops.explain(self._program, bins, outcome, sums, score)
            to.score[first : first + shape] = score
            np.multiply(sums.T, self._unit, out=to.contributions[first : first + shape])
