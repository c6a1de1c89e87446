"""Which rows are new records, copies of known ones, or corrections of them.

A record is named by (`source`, `source_id`). The same content again (the clock of knowing
aside) is a duplicate; other content is a correction: a new version, in force from its own
`known_time`, while the past as it was known stays what it was.

Rows wait in Parquet files while they are told apart, and DuckDB joins them to the store within
a fixed memory; only records that come more than once are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

KEY = ["source", "source_id"]
CLOCK = "known_time"
POSITION = "position"
MEMORY = "768MB"
"""What DuckDB may hold; beyond it, it works in the folder of the waiting rows."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Sorted:
    """What each waiting row is, in their order: arrays of shape (n,).

    `keep` marks new records and corrections; `corrects` is the `sequence` of the version that
    a row corrects, or -1 for a record's first; `known` is a corrected clock of knowing in days
    since 1970, or -1 where it stays.
    """

    keep: npt.NDArray[np.bool_]
    corrects: npt.NDArray[np.int64]
    known: npt.NDArray[np.int32]
    known_already: int

    @property
    def duplicate(self) -> int:
        return int((~self.keep).sum())

    @property
    def corrected(self) -> int:
        return int((self.corrects >= 0).sum())

    @property
    def stored(self) -> int:
        return int(self.keep.sum())


def fingerprints(rows: pa.Table) -> pa.Array:
    """A hash of each row's content, all columns but `known_time`; equal content, equal hash.

    Null values are left out, so that a record stays the same when its table gains a column.
    Half of a SHA-256 is kept: among 10^10 records two would meet with a chance of 10^-19.
    """
    parts = ", ".join(
        f"'{name}=' || cast(\"{name}\" as varchar)"
        for name in sorted(rows.column_names)
        if name != CLOCK
    )
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        text = f"concat_ws(chr(2), {parts})"
        query = f"select unhex(left(sha256({text}), 32)) from rows"  # noqa: S608 - our own names
        hashes = connection.sql(query).to_arrow_table()
    return hashes.column(0).combine_chunks()


def sort_out(waiting: Sequence[Path], stored: Sequence[str], today: date) -> Sorted:
    """Tell new records, duplicates and corrections apart.

    Parameters
    ----------
    waiting : Parquet files of typed rows in the order of the source, with their `content` and
        `position` (from 0, over all files); their folder takes what does not fit in memory.
    stored : the store's Parquet files of the table.
    today : a correction that does not say when it became known is known from today.
    """
    count = sum(pq.read_metadata(file).num_rows for file in waiting)
    keep = np.ones(count, dtype=bool)
    corrects = np.full(count, -1, dtype=np.int64)
    known = np.full(count, -1, dtype=np.int32)
    before = _total(stored)
    if not count:
        return Sorted(keep, corrects, known, before)
    links: dict[int, int] = {}
    scratch = waiting[0].parent / "duckdb"
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(scratch)}) as db:
        _tables(db, waiting, stored)
        keep[_column(db.sql(_COPIES))] = False
        for record in _records(db):
            for position, link, day in _next_versions(record, today):
                keep[position] = day is not None
                if day is not None:
                    known[position] = (day - _EPOCH).days
                if link is not None:
                    links[position] = link
    sequence = before - 1 + np.cumsum(keep)
    for position, link in links.items():
        corrects[position] = link if link >= 0 else sequence[~link]
    return Sorted(keep, corrects, known, before)


def complete(waiting: Sequence[Path], outcome: Sorted) -> Iterator[pa.Table]:
    """The rows to append, with their clocks, `corrects` and `sequence`; a file at a time."""
    begin, sequence = 0, outcome.known_already
    for file in waiting:
        rows = pq.ParquetFile(file).read()
        part = slice(begin, begin + rows.num_rows)
        begin = part.stop
        keep, known = outcome.keep[part], outcome.known[part]
        if (known >= 0).any():
            days = rows.column(CLOCK).combine_chunks().view(pa.int32()).to_numpy()
            moved = pa.array(np.where(known >= 0, known, days), pa.int32()).view(pa.date32())
            rows = rows.set_column(rows.column_names.index(CLOCK), CLOCK, moved)
        corrects = outcome.corrects[part]
        rows = rows.append_column("corrects", pa.array(corrects, pa.int64(), mask=corrects < 0))
        if not keep.all():
            rows = rows.filter(pa.array(keep))
        order = np.arange(sequence, sequence + rows.num_rows)
        sequence += rows.num_rows
        yield rows.append_column("sequence", pa.array(order, pa.int64()))


def _total(files: Sequence[str]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)


# `mine` waits and `theirs` is stored. `history` holds the stored versions of the records that
# wait; `touched` the waiting rows whose record is known or comes again. On a first delivery
# both are all but empty.
_NOTHING_STORED = """
select '' as source, '' as source_id, ''::blob as content, current_date as known_time,
       0::bigint as sequence where false
"""
_HISTORY = """
create temp table history as
    from theirs semi join mine using (source, source_id)
"""
_TOUCHED = """
create temp table touched as
    with often as (
        select source, source_id from mine group by all having count(*) > 1
        union select source, source_id from history
    )
    select mine.* from mine semi join often using (source, source_id)
"""
_COPIES = """
create temp table copies as
    with latest as (select source, source_id, max(known_time) as latest from history group by all)
    select position from touched
    join latest using (source, source_id)
    semi join history using (source, source_id, content)
    where known_time <= latest;
from copies
"""
_RECORDS = """
select source, source_id, -1 as position, content, known_time, sequence
from history semi join (from touched anti join copies using (position)) using (source, source_id)
union all by name
select source, source_id, position, content, known_time, 0 as sequence
from touched anti join copies using (position)
order by source, source_id, position >= 0, known_time, sequence, position
"""


def _tables(db: duckdb.DuckDBPyConnection, waiting: Sequence[Path], stored: Sequence[str]) -> None:
    columns = ", ".join([*KEY, "content", CLOCK])
    mine = db.read_parquet([str(file) for file in waiting])
    theirs = (
        db.read_parquet(list(stored), union_by_name=True) if stored else db.sql(_NOTHING_STORED)
    )
    mine.select(f"{columns}, {POSITION}").create_view("mine")
    theirs.select(f"{columns}, sequence").create_view("theirs")
    db.execute(_HISTORY)
    db.execute(_TOUCHED)


def _column(found: duckdb.DuckDBPyRelation) -> npt.NDArray[np.int64]:
    values: npt.NDArray[np.int64] = found.fetchnumpy()[POSITION]
    return values


Row = tuple[str, str, int, bytes, date, int]
"""source, source_id, position (-1: stored), content, known_time, sequence."""


def _records(db: duckdb.DuckDBPyConnection) -> Iterator[Iterable[Row]]:
    """The rows of each record that is looked at: its stored versions, then those that wait."""
    found = db.execute(_RECORDS)

    def rows() -> Iterator[Row]:
        while part := found.fetchmany(50_000):
            yield from part

    for _, record in groupby(rows(), key=lambda row: row[:2]):
        yield record


def _next_versions(
    record: Iterable[Row], today: date
) -> Iterator[tuple[int, int | None, date | None]]:
    """What each waiting row of one record is: its position, what it corrects, its known_time.

    A duplicate has neither; a record's first version corrects nothing. What is corrected is a
    stored version's sequence, or ~position of another waiting row.
    """
    history: list[tuple[bytes, date, int]] = []
    for _, _, position, content, day, sequence in record:
        if position < 0:
            history.append((content, day, sequence))
            continue
        known = _known(history, content, day, today)
        if known is None:
            yield position, None, None
            continue
        yield position, history[-1][2] if history else None, known
        history.append((content, known, ~position))


def _known(
    history: list[tuple[bytes, date, int]], content: bytes, day: date, today: date
) -> date | None:
    """When a version became known, or None where it is a duplicate."""
    if not history:
        return day
    last_content, last_day, _ = history[-1]
    if content == last_content:
        return None
    if day > last_day:
        return day
    if any(content == earlier for earlier, _, _ in history):
        return None
    # It does not say when it became known; backdating it would rewrite the known past.
    return max(today, last_day)
