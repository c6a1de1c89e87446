"""The ledger collects what happened as rows of the canonical tables, and closes the books.

A record is named by its table's prefix and a running number; adding rows under a number given
before is a correction. Closing drops what nobody could know yet and keeps the versions of a
record in order: a later version is known later. It goes block by block of numbers, so that no
table is ever held whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from records.province.clock import LAST_DAY, LATEST_KNOWN, NO_DAY, Days
from records.province.spill import Spill
from records.schema import ARROW, TABLES, Column

Index = npt.NDArray[np.int64]

SOURCES = {
    "public_grades": "合成·省公共信用信息平台",
    "complaints": "合成·12315平台",
    "court_records": "合成·省高级人民法院",
    "special_equipment": "合成·特种设备安全监察平台",
    "product_samples": "合成·抽检监测信息系统",
}
REGISTER = "合成·省市场监督管理局"
"""Sources begin with 合成, so that whatever is made of these records can say so."""

PREFIXES = {
    "enterprises": "DJ",
    "persons": "RY",
    "changes": "BG",
    "licences": "XK",
    "abnormal_listings": "YC",
    "serious_listings": "YZ",
    "inspections": "JC",
    "annual_reports": "NB",
    "penalties": "CF",
    "complaints": "TS",
    "product_samples": "CJ",
    "court_records": "SF",
    "special_equipment": "TZ",
    "field_records": "ZY",
    "repairs": "XF",
    "public_grades": "PJ",
}
"""The tables the province fills, and how their record numbers begin."""


NAME = ("source", "source_id")
HAPPENED = {"event_time", "removed_on", "ended_on", "left_on"}
"""Dates of what has happened; other dates may lie ahead."""


@dataclass
class Ledger:
    """Rows by table, in the order in which they were entered."""

    codes: pa.Array
    spill: Spill
    numbers: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        table: str,
        firm: Index,
        event: Days,
        known: Days,
        *,
        number: Index | None = None,
        entity: pa.Array | None = None,
        **own: Any,
    ) -> Index:
        """Enter rows and return their numbers.

        Parameters
        ----------
        firm : positions of the firms, shape (n,).
        event, known : days, shape (n,).
        number : numbers of the records these rows correct; new numbers if absent.
        entity : codes to write in place of the firms' own.
        own : `valid_to` and the table's own columns, as for `typed`.
        """
        if number is None:
            number = self.reserve(table, len(firm))
        if entity is None:
            entity = self.codes.take(pa.array(firm))
        rows = typed(table, len(firm), entity_id=entity, event_time=event, known_time=known, **own)
        # A copy: Arrow would share the memory, and callers go on to change their numbers.
        self.spill.put(table, rows.append_column("number", pa.array(number.copy())))
        return number

    def reserve(self, table: str, size: int) -> Index:
        """The next `size` unused numbers of a table."""
        first = self.numbers.get(table, 0)
        self.numbers[table] = first + size
        return np.arange(first, first + size, dtype=np.int64)

    def close(self, table: str) -> Iterator[tuple[int, pa.Table]]:
        """The rows of a table that could be known, with their names and `number`, by block.

        What it yields does not depend on what was spilt. A table can be closed once.
        """
        for block, rows in self.spill.blocks(table):
            at = rows.column_names.index("known_time")
            known = rows.set_column(at, "known_time", _known_in_order(rows))
            happened = _days(known, "known_time") <= LATEST_KNOWN
            for name in HAPPENED & set(rows.column_names):
                happened &= _days(known, name) <= LAST_DAY
            known = known.filter(pa.array(happened))
            names = source_ids(table, known.column("number").to_numpy())
            yield block, named(table, known, names)


def typed(table: str, size: int, **given: Any) -> pa.Table:
    """Rows with a table's declared columns, all but the record's name.

    Parameters
    ----------
    size : how many rows.
    given : columns as arrays of shape (n,), or one value for all rows; those not given are null.
        Days are integers, NO_DAY is null; NaN is null.

    Raises KeyError for a column the table does not have.
    """
    columns = {
        column.name: _typed(given.pop(column.name, None), column, size)
        for column in TABLES[table].columns
        if column.name not in NAME
    }
    if given:
        raise KeyError(f"{table} has no column {', '.join(given)}")
    return pa.table(columns)


def named(table: str, rows: pa.Table, names: pa.Array) -> pa.Table:
    """The same rows with `source` and the names as `source_id`; a `number` stays, last."""
    source = pa.repeat(SOURCES.get(table, REGISTER), len(rows))
    whole = rows.append_column("source", source).append_column("source_id", names)
    declared = TABLES[table].arrow.names
    return whole.select([*declared, *(name for name in ("number",) if name in rows.column_names)])


def source_ids(table: str, numbers: Index) -> pa.Array:
    """`CF-00000017`: the names under which the source knows its records."""
    return numbered(PREFIXES[table], numbers)


def numbered(prefix: str, numbers: Index) -> pa.Array:
    """`RW-00000017`."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, digits, "-")


def words(vocabulary: tuple[str, ...], codes: npt.NDArray[np.integer[Any]]) -> pa.Array:
    """Words by code, shape (n,); a negative code is null."""
    positions = pa.array(codes.astype(np.int64), mask=codes < 0)
    return pa.array(vocabulary, pa.string()).take(positions)


def _typed(given: Any, column: Column, size: int) -> pa.Array:
    kind = ARROW[column.kind]
    if given is None:
        return pa.nulls(size, kind)
    if isinstance(given, str | int | float | bool):
        return pa.repeat(pa.scalar(given, kind), size)
    if column.kind == "date":
        absent = given == NO_DAY
        return pa.array(np.where(absent, 0, given).astype(np.int32), mask=absent).cast(kind)
    if isinstance(given, np.ndarray) and given.dtype.kind == "f":
        absent = np.isnan(given)
        return pa.array(np.where(absent, 0, given), mask=absent).cast(kind, safe=False)
    return given if isinstance(given, pa.Array) else pa.array(np.array(given), kind)


def _known_in_order(rows: pa.Table) -> pa.Array:
    """Days known, made to rise by at least one from version to version of a record."""
    number, known = rows.column("number").to_numpy(), _days(rows, "known_time")
    order = np.argsort(number, kind="stable")
    sorted_number = number[order]
    starts = np.flatnonzero(np.r_[True, np.diff(sorted_number) > 0]) if len(order) else order
    lengths = np.diff(np.r_[starts, len(order)])
    rank = np.arange(len(order)) - np.repeat(starts, lengths)
    # Lifting each record above the one before keeps one running maximum within records.
    lift = np.repeat(np.arange(len(starts)), lengths) * 2**20
    rising = np.maximum.accumulate(known[order] - rank + lift) - lift + rank
    result = np.empty_like(known)
    result[order] = rising
    return pa.array(result.astype(np.int32)).cast(pa.date32())


def _days(rows: pa.Table, name: str) -> Days:
    filled = rows.column(name).cast(pa.int32()).fill_null(0)
    days: Days = filled.to_numpy().astype(np.int64)
    return days
