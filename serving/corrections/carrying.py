"""What was granted, carried into the next scoring: records into the store, classes into a file.

A record that is corrected becomes a new version of itself, by the ordinary intake: mended, or with
an influence that ended on the day it began, so that it no longer counts. It is known from the day
of the decision; what was known before stays as it was, and the source's old file, when it comes
again, does not undo it. Carrying twice changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from sqlalchemy.engine import Connection, Engine

from models.corrections import COLUMNS
from records import checks, intake, sheets
from records.errors import BadInput, NotFound
from records.files import write_parquet
from records.schema import TABLES
from records.store import Store
from serving.access import chain
from serving.access.caller import terminal
from serving.access.chain import Event
from serving.access.scope import WHOLE
from serving.corrections import asking, cases, deciding
from serving.corrections.cases import Case
from serving.store.database import alone, reading, writing

MOST = 100_000
"""Corrections looked at; a province decides some thousands a year."""

Row = dict[str, Any]


@dataclass
class Carried:
    """What became of granted corrections of records: those carried, and those left, and why."""

    carried: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)


def of_classes(connection: Connection, today: date) -> pd.DataFrame:
    """The corrections of classes that were ever granted, as `models.corrections` takes them.

    A row ends on the day it was ended, where that came before its last day; so a run of an earlier
    date is scored as it was.
    """
    found, _ = cases.cases(
        connection, WHOLE, today, kind="class", states=["granted", "ended"], limit=MOST
    )
    rows = [
        {
            "entity_id": one.asked["entity_id"],
            "risk_class": one.asked["risk_class"],
            "asked_by": one.asked["asked_by"],
            "decided_by": one.decision.user,
            "decided_on": one.decision.day,
            "until": one.until,
            "evidence": f"更正-{one.number} {one.asked['document']}",
        }
        for one in reversed(found)
        if one.decision
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def export(engine: Engine, out: Path, today: date) -> int:
    """Write them as CSV for `xinfen score --corrections`, with a row of the audit; how many."""
    with reading(engine) as connection:
        rows = of_classes(connection, today)
    with writing(engine) as connection:
        by, about = terminal("administrator"), f"{len(rows)} corrections to {out.name}"
        ids = list(rows["entity_id"])
        chain.record(connection, [Event.of(by, "correction.export", ids, about=about)])
    sheets.write_csv(out, pa.Table.from_pandas(rows.astype("str"), preserve_index=False))
    return len(rows)


def read(path: Path) -> pd.DataFrame:
    """The corrections of such a file; its values are checked as a run is scored.

    Raises
    ------
    NotFound : there is no such file.
    BadInput : it is no CSV in UTF-8.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="`xinfen correction export` writes it")
    try:
        rows: pd.DataFrame = sheets.read_csv(path).to_pandas()
    except (ValueError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path.name} is no table of corrections", found=str(error).splitlines()[0],
            allowed=f"CSV in UTF-8 with {', '.join(COLUMNS)}",
            hint="`xinfen correction export` writes it",
        ) from None  # fmt: skip
    return rows


def carry(engine: Engine, store: Store, today: date) -> Carried:
    """Bring the granted corrections of records into a store of records.

    One whose record the store does not hold, or whose new version does not pass the table's
    checks, is left, told, and tried again the next time.
    """
    with reading(engine) as connection:
        found, _ = cases.cases(connection, WHOLE, today, states=["granted"], limit=MOST)
    done = Carried()
    by_table: dict[str, list[Case]] = {}
    for one in reversed(found):
        if not one.of_class:
            by_table.setdefault(one.asked["record_table"], []).append(one)
    for table, asked in sorted(by_table.items()):
        ready = _versions(store, table, asked, done)
        if ready:
            rows = [row for _, row in ready]
            _take_in(store, table, rows)
            _note(engine, [one for one, _ in ready], today, done)
    return done


def _versions(
    store: Store, table: str, asked: Sequence[Case], done: Carried
) -> list[tuple[Case, Row]]:
    """The new version that each correction makes of its record; what makes none is noted."""
    latest = _latest(store, table, asked)
    ready = []
    for one in asked:
        key = (one.asked["source"], one.asked["source_id"])
        if key not in latest:
            done.left[one.number] = f"the store holds no {table} {key[0]} {key[1]}"
            continue
        row = _corrected(latest[key], one)
        if fault := _fault(store, table, row):
            done.left[one.number] = fault
            continue
        latest[key] = row
        ready.append((one, row))
    return ready


def _latest(store: Store, table: str, asked: Sequence[Case]) -> dict[tuple[str, str], Row]:
    """The version of each record that no other corrects, as the source gives it."""
    files = store.files(table)
    if not files:
        return {}
    wanted = pa.table({
        "source": [one.asked["source"] for one in asked],
        "source_id": [one.asked["source_id"] for one in asked],
    })  # fmt: skip
    with duckdb.connect() as db:
        db.register("wanted", wanted)
        stored = db.read_parquet(files, union_by_name=True)
        stored.create_view("stored")
        held = set(stored.columns)
        columns = ", ".join(f'"{name}"' for name in TABLES[table].arrow.names if name in held)
        query = (
            f"select {columns} from stored semi join wanted using (source, source_id) "  # noqa: S608
            "qualify row_number() over (partition by source, source_id order by sequence desc) = 1"
        )
        rows = db.sql(query).to_arrow_table().to_pylist()
    return {(row["source"], row["source_id"]): row for row in rows}


def _corrected(row: Row, one: Case) -> Row:
    """The record as it is right, or, where nothing says that, without influence from its start."""
    decision = one.decision
    changes: Mapping[str, Any] = one.asked["changes"] or {"valid_to": row["event_time"]}
    return {**row, **changes, "known_time": decision and decision.day}


def _fault(store: Store, table: str, row: Row) -> str:
    """The first thing that is wrong with a new version; empty: nothing."""
    checked = checks.check(
        _texts([row]), TABLES[table], id_scheme=store.id_scheme, today=store.today(),
        time_zone=store.time_zone,
    )  # fmt: skip
    for fault in checked.faults.get(0, []):
        return f"{table}.{fault.field}: {fault.problem}; found {fault.found}; {fault.allowed}"
    return ""


def _texts(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as a bureau's file gives them: every value a text, null where there is none."""
    told = [{k: None if v is None else str(v) for k, v in row.items()} for row in rows]
    return pd.DataFrame(told, dtype="str")


def _take_in(store: Store, table: str, rows: Sequence[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"corrections-{table}.parquet"
        write_parquet(file, pa.Table.from_pandas(_texts(rows), preserve_index=False))
        intake.ingest(store, table, file)


def _note(engine: Engine, done: Sequence[Case], today: date, told: Carried) -> None:
    """Say that they are carried; what another did to one meanwhile stays."""
    by = terminal("administrator")
    with writing(engine) as connection:
        alone(connection, asking.LOCK)
        for one in done:
            now = cases.case(connection, one.number, WHOLE, today)
            if now.state == "granted":
                deciding.carried(connection, by, now, "in the records", today)
            told.carried.append(one.number)
