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
import pyarrow as pa

from records.province.arrays import Flags, Index
from records.province.clock import LAST_DAY, LATEST_KNOWN, Days
from records.province.names import numbered
from records.province.registry import Firms
from records.province.rows import CODE, DAY, FLAG, WHOLE, Column, Rows
from records.province.spill import Spill
from records.province.written import entered, written
from records.schema import TABLES

SOURCES = {
    "public_grades": "合成·省公共信用信息平台",
    "external_evaluations": "合成·省公共信用信息平台",
    "external_signals": "合成·省公共信用信息平台",
    "complaints": "合成·12315平台",
    "court_records": "合成·省高级人民法院",
    "equity_freezes": "合成·省高级人民法院",
    "special_equipment": "合成·特种设备安全监察平台",
    "product_samples": "合成·抽检监测信息系统",
    "media_items": "合成·舆情监测平台",
}
REGISTER = "合成·省市场监督管理局"
"""Sources begin with 合成, so that whatever is made of these records can say so."""

PREFIXES = {
    "enterprises": "DJ",
    "persons": "RY",
    "changes": "BG",
    "licences": "XK",
    "liquidations": "QS",
    "entity_links": "GL",
    "equity_pledges": "GQ",
    "ip_pledges": "ZQ",
    "chattel_mortgages": "DY",
    "equity_freezes": "DN",
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
    "media_items": "YQ",
    "external_evaluations": "WP",
    "external_signals": "WB",
    "repairs": "XF",
    "public_grades": "PJ",
}
"""All tables, and how their record numbers begin."""

HAPPENED = {"event_time", "removed_on", "ended_on", "left_on", "cancelled_on", "settled_on"}
"""Dates of what has happened; other dates may lie ahead."""


@dataclass
class Ledger:
    """Rows by table, in the order in which they were entered."""

    firms: Firms
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
        valid_to: Days | None = None,
        named: Flags | None = None,
        **own: Any,
    ) -> Index:
        """Enter rows and return their numbers.

        Parameters
        ----------
        firm : positions of the firms, shape (n,).
        event, known : days, shape (n,).
        number : numbers of the records these rows correct; new numbers if absent.
        valid_to : last days of influence, NO_DAY where there is none.
        named : in tables that may name nobody, which rows name their firm; all if absent.
        own : the table's own columns, as for `written.typed`; those not given are absent.

        Raises KeyError for a column that the table does not have or that follows from others.
        """
        size = len(firm)
        if number is None:
            number = self.reserve(table, size)
        columns: dict[str, Column] = {
            "number": np.array(number, WHOLE),
            "firm": np.array(firm, CODE),
            **entered(table, size, (event, known, valid_to), **own),
        }
        if TABLES[table].entity_optional:
            columns["named"] = np.ones(size, FLAG) if named is None else np.array(named, FLAG)
        self.spill.put(table, pa.table(columns))
        return number

    def reserve(self, table: str, size: int) -> Index:
        """The next `size` unused numbers of a table."""
        first = self.numbers.get(table, 0)
        self.numbers[table] = first + size
        return np.arange(first, first + size, dtype=np.int64)

    def close(self, table: str) -> Iterator[tuple[int, pa.Table]]:
        """The rows of a table that could be known, by block, in the order of their numbers.

        What it yields does not depend on what was spilt. A table can be closed once.
        """
        for block, rows in self.spill.blocks(table):
            whole = {name: rows.column(name).to_numpy() for name in rows.column_names}
            known = _known_in_order(whole)
            happened = known["known_time"] <= LATEST_KNOWN
            for name in HAPPENED & known.keys():
                happened &= known[name] <= LAST_DAY
            told = {name: values[happened] for name, values in known.items()}
            names = source_ids(table, told["number"])
            source = SOURCES.get(table, REGISTER)
            yield block, written(table, Rows.of(told, self.firms), source, names)


def source_ids(table: str, numbers: Index) -> pa.Array:
    """`CF-00000017`: the names under which the source knows its records."""
    return numbered(PREFIXES[table], numbers)


def _known_in_order(rows: dict[str, Column]) -> dict[str, Column]:
    """Rows by number, their days known made to rise by at least one from version to version."""
    order = np.argsort(rows["number"], kind="stable")
    rows = {name: values[order] for name, values in rows.items()}
    number, known = rows["number"], rows["known_time"].astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(number) > 0]) if len(order) else order
    lengths = np.diff(np.r_[starts, len(order)])
    rank = np.arange(len(order)) - np.repeat(starts, lengths)
    # Lifting each record above the one before keeps one running maximum within records.
    lift = np.repeat(np.arange(len(starts)), lengths) * 2**20
    rising = np.maximum.accumulate(known - rank + lift) - lift + rank
    return rows | {"known_time": rising.astype(DAY)}
