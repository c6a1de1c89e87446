"""The parts of a run: for one range of firms after another, their classes and reasons as files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.clocks import ROW
from features.engine import engine
from features.spine import Spine
from features.tracing import Tracing
from models.classifier import RiskClassifier
from records.store import Snapshot
from serving import decisions, reasons
from serving.decisions import Scored
from serving.making import Making, Part
from serving.reasons import Reasons

FIRMS = 100_000
"""Firms of a part: with their indicators, reasons and records they take some 2 GB."""

GROUP = 5_000
"""Firms of a row group of the files; a part holds whole ones."""

Counted = Callable[[int, int, str], None]
"""(done, of all, what)."""

Scores = Callable[[pd.DataFrame], Scored]
"""Scores firms in the model's scope, rows of `decisions.GIVEN`."""


@dataclass(frozen=True)
class Parts:
    """What all parts are made with.

    `catalogue_hash` names the indicators' declarations that `scores` goes by.
    """

    records: Snapshot
    classifier: RiskClassifier
    catalogue_hash: str
    scores: Scores

    def make(self, told: pd.DataFrame, folder: Making, counted: Counted) -> list[Part]:
        """Make the parts that are not there yet; all of them, in the firms' order.

        Parameters
        ----------
        told : the firms sorted by `entity_id`, as they are registered, with GIVEN and `scope`.
        """
        begins = range(0, len(told), FIRMS)
        parts = [folder.part(begin, min(begin + FIRMS, len(told))) for begin in begins]
        if not all(part.whole for part in parts):
            definition = self.classifier.definition
            fitted = [definition.catalogue[name] for name in definition.fitted]
            asked = Spine.of(told.loc[told["scope"] == "model", ROW])
            with engine() as running:
                tracing = Tracing(self.records, definition.catalogue, fitted, asked, running)
                for begin, part in zip(begins, parts, strict=True):
                    counted(begin, len(told), "classes and reasons")
                    if not part.whole:
                        self._one(part, told.iloc[begin : begin + FIRMS], tracing)
        return parts

    def _one(self, part: Part, told: pd.DataFrame, tracing: Tracing) -> None:
        scored = told[told["scope"] == "model"].reset_index(drop=True)
        found = self.scores(scored)
        base = self.classifier.kernel.base
        folder = part.empty()
        classes = decisions.table(
            self.classifier,
            told.drop(columns=["previous_class", "held_months"]),
            found.decided,
            base,
            self.catalogue_hash,
            self.records.id,
        )
        firms = range(0, len(told), GROUP)
        _write(folder / "classes.parquet", (classes.slice(begin, GROUP) for begin in firms))
        why = Reasons(scored[ROW], found.values, found.contributions)
        behind = tracing.of(why.wanted())
        cuts = np.flatnonzero(told["scope"] == "model").searchsorted([*firms, len(told)])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            made = pool.map(
                lambda begin, end: reasons.table(why[begin:end], behind, self.classifier),
                cuts[:-1],
                cuts[1:],
            )
            _write(folder / "reasons.parquet", made)
        error = np.abs(base + why.contributions.sum(axis=1) - found.decided["raw"].to_numpy())
        part.finish({"reasons_max_error": float(error.max(initial=0.0))})


def _write(path: Path, groups: Iterable[pa.Table]) -> None:
    """Write a file of row groups."""
    rows = iter(groups)
    first = next(rows)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as to:
        for group in chain([first], rows):
            to.write_table(group, row_group_size=max(group.num_rows, 1))
