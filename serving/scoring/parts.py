"""The parts of a run: one range of firms after another, scored, explained and traced.

    PART/classes.parquet                    rows of the run's
    PART/values.npy, contributions.npy      of the firms in the model's scope and its indicators
    PART/behind.arrow                       the records behind what is told of them

The rows of reasons.parquet are many; they are made of these when the parts are put together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import feather

from features import FeatureTable, cache
from features.clocks import ROW
from features.engine import engine
from features.spine import Spine
from features.tracing import Tracing
from models.classifier import RiskClassifier
from models.corrections import Corrections
from records.store import Snapshot
from serving.scoring import decisions, reasons, stepcolumn
from serving.scoring.decisions import Scored
from serving.scoring.making import Making, Part
from serving.scoring.reasons import Reasons

FIRMS = 100_000
"""Firms of a part: with their indicators, reasons and records they take some 2.5 GB."""

GROUP = 5_000
"""Firms of a row group of the files; a part holds whole ones."""

Counted = Callable[[int, int, str], None]
"""(done, of all, what)."""

Scores = Callable[[pd.DataFrame], Scored]
"""Scores firms in the model's scope by their rows of indicators."""


@dataclass(frozen=True)
class Parts:
    """What all parts are made with; `scores` is told rows of `indicators`."""

    records: Snapshot
    classifier: RiskClassifier
    indicators: FeatureTable
    corrections: Corrections
    scores: Scores

    def make(self, told: pd.DataFrame, folder: Making, counted: Counted) -> list[Part]:
        """Make the parts that are not there yet; all of them, in the firms' order.

        Parameters
        ----------
        told : the firms sorted by `entity_id`, as they are registered, with BEFORE and `scope`.
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
        rows = self.indicators.between(*decisions.ends(scored))
        rows = scored[["entity_id"]].merge(rows, on="entity_id", how="left")
        found = self.scores(rows)
        decided = decisions.decided(self.classifier, scored, rows, found.raw, self.corrections)
        base = self.classifier.kernel.base
        folder = part.empty()
        classes = decisions.table(
            self.classifier,
            told.drop(columns=decisions.BEFORE),
            scored,
            decided,
            stepcolumn.column(self.records, self.classifier, scored, decided),
            found.raw,
            base,
            self.indicators.hash,
            self.records.id,
        )
        groups = range(0, len(told), GROUP)
        _write(folder / "classes.parquet", (classes.slice(begin, GROUP) for begin in groups))
        why = Reasons.of(self.classifier, scored[ROW], found.values, found.contributions)
        feather.write_feather(tracing.of(why.wanted()), folder / "behind.arrow", "lz4")
        np.save(folder / "values.npy", why.values)
        np.save(folder / "contributions.npy", why.contributions)
        error = np.abs(base + why.contributions.sum(axis=1) - found.raw)
        part.finish({"reasons_max_error": float(error.max(initial=0.0))})

    def join(self, parts: Sequence[Part], run: Path, counted: Counted) -> None:
        """Put the parts' rows together: equal files for any number of parts."""
        cache.joined([part.path / "classes.parquet" for part in parts], run / "classes.parquet")

        def groups() -> Iterator[pa.Table]:
            for at, part in enumerate(parts):
                counted(at, len(parts), "reasons")
                yield from self._reasons(part)

        _write(run / "reasons.parquet", groups())

    def _reasons(self, part: Part) -> Iterator[pa.Table]:
        """A part's rows of reasons.parquet, by groups of firms, made on all cores."""
        classes = pq.ParquetFile(part.path / "classes.parquet")
        columns = ["entity_id", "as_of", "scope"]
        told = [classes.read_row_group(at, columns) for at in range(classes.num_row_groups)]
        firms = [group.filter(pc.field("scope") == "model").to_pandas() for group in told]
        ends = np.cumsum([len(group) for group in firms])
        values, contributions = (
            np.load(part.path / f"{name}.npy", mmap_mode="r")
            for name in ("values", "contributions")
        )
        behind = feather.read_table(part.path / "behind.arrow")

        def made(group: pd.DataFrame, end: int) -> pa.Table:
            rows = slice(end - len(group), end)
            why = Reasons.of(self.classifier, group, values[rows], contributions[rows])
            return reasons.table(why, behind, self.classifier)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield from pool.map(made, firms, ends.tolist())


def _write(path: Path, groups: Iterable[pa.Table]) -> None:
    """Write a file of row groups."""
    rows = iter(groups)
    first = next(rows)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as to:
        for group in chain([first], rows):
            to.write_table(group, row_group_size=max(group.num_rows, 1))
