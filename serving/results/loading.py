"""A run folder as rows for the store: some firms at a time, whole columns, no firm alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.indicator import GROUPS
from serving.results import packing
from serving.results.wordlists import Wordlists
from serving.runs.runfolder import REASONS, RunFolder

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TOLD = (
    "entity_id", "name", "division", "industry", "entity_type", "status", "scope", "risk_class",
    "model_class", "previous_class", "public_grade", "public_score", "probability",
)  # fmt: skip
"""What is told of a firm without its ladder: a column of `firms` each."""

AT_ONCE = 20_000
"""Firms a transaction of the history: another writer waits no longer than one."""
KEPT = (
    "entity_id", "risk_class", "model_class", "public_grade", "probability", "previous_class"
)  # fmt: skip
"""What the history keeps of classes.parquet."""


@dataclass(frozen=True)
class Batch:
    """Firms `first`, `first` + 1 …: TOLD as columns, and each one's packed ladder."""

    first: int
    rows: pa.Table
    packed: pa.Array


def batches(folder: RunFolder, lists: Wordlists) -> Iterator[Batch]:
    """All firms of a run, in order; its reasons are checked on the way.

    Raises
    ------
    BadInput : the reasons are not as they must be; only after the last batch they all add up.
    """
    place = {group: at for at, group in enumerate(GROUPS)}
    groups = np.array([place[folder.catalogue[name].group] for name in folder.indicators])
    held, first = None, 0
    for group in folder.reasons():
        one = _Some(group.firms, group.indicators, group.rows)
        held = one if held is None else held.and_(one)
        if not len(held.firms):
            continue
        last = int(held.firms[-1])  # whose reasons may go on in the next group
        if last > first:
            yield _batch(folder, lists, groups, first, last, held)
            held, first = held.from_(last), last
    yield _batch(folder, lists, groups, first, folder.classes.num_rows, held or _Some.none())


@dataclass(frozen=True)
class _Some:
    """Reasons, by firm."""

    firms: Ints
    indicators: Ints
    rows: pa.Table

    @classmethod
    def none(cls) -> _Some:
        ids = np.empty(0, np.int64)
        return cls(ids, ids, REASONS.empty_table())

    def and_(self, other: _Some) -> _Some:
        if not len(self.firms):
            return other
        return _Some(
            np.append(self.firms, other.firms), np.append(self.indicators, other.indicators),
            pa.concat_tables([self.rows, other.rows]).combine_chunks(),
        )  # fmt: skip

    def from_(self, firm: int) -> _Some:
        at = int(np.searchsorted(self.firms, firm))
        return _Some(self.firms[at:], self.indicators[at:], self.rows.slice(at))


def _batch(
    folder: RunFolder, lists: Wordlists, groups: Ints, first: int, last: int, some: _Some
) -> Batch:
    rows = folder.classes.slice(first, last - first).combine_chunks()
    begins = np.searchsorted(some.firms, np.arange(first, last + 1)).astype(np.int64)
    reasons = packing.Reasons(
        begins, some.indicators, groups[some.indicators],
        _floats(some.rows["value"]), _floats(some.rows["contribution"]),
        lists.records(_one(some.rows["records"])),
    )  # fmt: skip
    scores = np.column_stack([
        _floats(rows[name])
        for name in ("raw", "probability", "probability_low", "probability_high")
    ])  # fmt: skip
    scores[pc.equal(rows["scope"], "grade_only").to_numpy(), 0] = np.nan
    ends, content = packing.pack(scores, _slopes(rows), lists.steps(_one(rows["steps"])), reasons)
    packed = pa.Array.from_buffers(
        pa.large_binary(), len(rows), [None, pa.py_buffer(ends), pa.py_buffer(content)]
    )
    return Batch(first, rows.select(TOLD), packed)


def _slopes(rows: pa.Table) -> Floats:
    """Percentage points that one unit of log-odds makes; see `models.ladder`."""
    raw, base, chance, start = (
        _floats(rows[name]) for name in ("raw", "base", "probability", "base_probability")
    )
    way = raw - base
    near = np.abs(way) <= 1e-9
    slopes: Floats = np.where(
        near, 100 * chance * (1 - chance), 100 * (chance - start) / np.where(near, 1.0, way)
    )
    return slopes


def _floats(column: pa.ChunkedArray) -> Floats:
    numbers: Floats = column.to_numpy()
    return numbers


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def histories(folder: RunFolder) -> Iterator[pa.Table]:
    """What `history` keeps of the run's firms, some at a time, by entity_id."""
    rows = folder.classes.select(KEPT)
    moved = folder.moves()
    places = pc.index_in(rows["entity_id"], moved["entity_id"].combine_chunks())
    for first in range(0, rows.num_rows, AT_ONCE):
        at = places.slice(first, AT_ONCE).combine_chunks()
        told = rows.slice(first, AT_ONCE)
        for name in ("cause", "rule", "indicators"):
            told = told.append_column(name, moved[name].combine_chunks().take(at))
        yield told
