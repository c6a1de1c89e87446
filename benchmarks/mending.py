"""An act done: the records by which a bureau would learn of it, made for one firm of a store.

What `models.remedies` says of an act is held against these: the records are taken in like any
others, the indicators are computed, and the firm is scored again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.engine import engine
from features.known import Known
from features.spine import Spine
from records import intake
from records.schema import TABLES
from records.store import Snapshot, Store

Row = dict[str, Any]
Rows = list[Row]
LATER = timedelta(days=730)
"""How long what is renewed or inspected holds."""


def mend(store: Store, records: Snapshot, acts: tuple[str, ...], firm: str, as_of: date) -> None:
    """Take in the records of acts that a firm did the day before a date.

    Parameters
    ----------
    store : where they go; its later snapshots hold them.
    records : what the firm has done and left before.
    """
    files = store.path.parent / "mended"
    files.mkdir(exist_ok=True)
    for act in acts:
        table, make = ACTS[act]
        rows = make(_InForce(records, firm, as_of), as_of - timedelta(days=1))
        path = files / f"{firm}-{act}.parquet"
        schema = pa.schema([field for field in TABLES[table].arrow if field.name in rows[0]])
        pq.write_table(pa.Table.from_pylist(rows, schema), path)
        intake.ingest(store, table, path)


class _InForce:
    """A firm's records in force on a date, newest last."""

    def __init__(self, records: Snapshot, firm: str, as_of: date) -> None:
        self.records, self.firm, self.as_of = records, firm, as_of

    def rows(self, table: str) -> Rows:
        if table not in self.records.tables:
            return []
        spine = pd.DataFrame({"entity_id": [self.firm], "as_of": [self.as_of]})
        with engine() as running:
            asked = Spine.of(spine).asked(running, "mending")
            found = Known(self.records, running).rows(table, asked)
            newest: Rows = running.fetch(found.order_by("newness")).to_pylist()
        unrepaired = [row for row in newest if not row["repaired"]]
        return [{name: row[name] for name in TABLES[table].arrow.names} for row in unrepaired]

    def open(self, table: str, end: str, **only: Any) -> Rows:
        """Those that have not ended and have these values."""
        return [
            row
            for row in self.rows(table)
            if (row[end] is None or row[end] >= self.as_of)
            and all(row[name] in words for name, words in only.items())
        ]

    def newest(self, table: str, key: str) -> Rows:
        """The newest of each value of a column."""
        return [*{row[key]: row for row in self.rows(table)}.values()]


def _correction(row: Row, day: date, **changes: Any) -> Row:
    """The record with something else in it, known on a day."""
    return {**row, **changes, "known_time": day}


def _new(row: Row, day: date, **changes: Any) -> Row:
    """A record of its own, like another."""
    return _correction(
        row, day, **{"event_time": day, "source_id": f"{row['source_id']}-B", **changes}
    )


def _reports(firm: _InForce, day: date) -> Rows:
    filed = {row["year"] for row in firm.rows("annual_reports")}
    due = day.year - (1 if firm.as_of.month > 6 else 2)
    established = firm.rows("enterprises")[-1]["established_on"]
    return [
        {
            "source": "公示系统", "source_id": f"NB-{firm.firm}-{year}", "entity_id": firm.firm,
            "event_time": day, "known_time": day, "year": year, "late": True,
        }
        for year in range(due - 2, due + 1)
        if year not in filed and established.year <= year
    ]  # fmt: skip


def _insurance(firm: _InForce, day: date) -> Rows:
    last = firm.rows("annual_reports")[-1]
    unpaid = {name: 0 for name in last if name.startswith("unpaid_")}
    return [_correction(last, day, **unpaid)]


def _licences(firm: _InForce, day: date) -> Rows:
    return [
        _new(row, day, starts_on=day, expires_on=day + LATER)
        for row in firm.newest("licences", "licence_no")
        if row["status"] == "valid"
        and row["expires_on"] is not None
        and row["expires_on"] < firm.as_of + timedelta(days=30)
    ]


def _term(firm: _InForce, day: date) -> Rows:
    return [_new(firm.rows("enterprises")[-1], day, term_ends_on=day + 5 * LATER)]


def _listings(table: str) -> Callable[[_InForce, date], Rows]:
    def ended(firm: _InForce, day: date) -> Rows:
        return [_correction(row, day, removed_on=day) for row in firm.open(table, "removed_on")]

    return ended


def _judgments(firm: _InForce, day: date) -> Rows:
    kinds = ("defaulter", "consumption_limit")
    standing = firm.open("court_records", "ended_on", kind=kinds)
    return [_correction(row, day, ended_on=day) for row in standing]


def _repairs(firm: _InForce, day: date) -> Rows:
    return [
        {
            "source": row["source"], "source_id": f"XF-{row['source_id']}",
            "entity_id": firm.firm, "event_time": day, "known_time": day,
            "repaired_table": "penalties", "repaired_source_id": row["source_id"],
            "kind": "end_of_publication",
        }
        for row in firm.rows("penalties")
        if row["event_time"] >= firm.as_of.replace(year=firm.as_of.year - 3)
    ]  # fmt: skip


def _equipment(**renewed: Any) -> Callable[[_InForce, date], Rows]:
    def inspected(firm: _InForce, day: date) -> Rows:
        units = firm.newest("special_equipment", "equipment_id")
        return [
            _new(row, day, **{name: value(day) for name, value in renewed.items()})
            for row in units
            if row["status"] == "in_use"
        ]

    return inspected


ACTS: dict[str, tuple[str, Callable[[_InForce, date], Rows]]] = {
    "file_annual_reports": ("annual_reports", _reports),
    "pay_social_insurance": ("annual_reports", _insurance),
    "renew_licences": ("licences", _licences),
    "renew_term": ("enterprises", _term),
    "leave_abnormal_list": ("abnormal_listings", _listings("abnormal_listings")),
    "leave_serious_list": ("serious_listings", _listings("serious_listings")),
    "comply_with_judgment": ("court_records", _judgments),
    "repair_penalties": ("repairs", _repairs),
    "inspect_equipment": (
        "special_equipment",
        _equipment(next_inspection_on=lambda day: day + LATER),
    ),
    "remove_hazards": ("special_equipment", _equipment(hazards=lambda _: 0)),
}
"""Every act whose outcome the general catalogue declares: its table, and its records."""
