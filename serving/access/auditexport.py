"""The audit as a sheet for people: who looked, when, why; every cell a text, none a formula.

An export names enterprises by code only. Making one is an event of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records import sheets
from records.errors import BadInput, NotPossible
from serving.access import audit as kept
from serving.access import chain
from serving.access.caller import Caller, terminal
from serving.access.chain import Event
from serving.store.accesstables import audit, audit_firms
from serving.store.database import reading, writing

HEADINGS = {
    "n": "序号 n", "time": "时间 time", "user": "人员 user", "role": "角色 role",
    "token": "令牌 token", "action": "操作 action", "firms": "企业数 enterprises",
    "firm": "企业代码 code", "about": "内容 about", "run": "运行 run", "purpose": "事由 purpose",
    "hash": "哈希 hash",
}  # fmt: skip
"""The columns; `firm` is empty where a row told several and none was asked for."""

KINDS = (".csv", ".xlsx")


def export(
    engine: Engine,
    first: date,
    final: date,
    out: Path,
    *,
    zone: str,
    firm: str = "",
    by: Caller | None = None,
) -> int:
    """Write the events of some days, and return how many.

    Parameters
    ----------
    first, final : civil days in `zone`, both in.
    out : .csv or .xlsx file.
    firm : only what told this enterprise, alone or in a list.

    Raises
    ------
    BadInput : days the wrong way round or at the edge of the calendar, or another kind of file.
    NotPossible : more rows than a sheet holds.
    """
    if first > final:
        raise BadInput("no day between", found=f"{first} to {final}", allowed="from ≤ to")
    if out.suffix.lower() not in KINDS:
        raise BadInput("unknown kind of file", found=out.name, allowed=", ".join(KINDS))
    rows = list(_rows(engine, first, final, zone, firm))
    if out.suffix.lower() == ".xlsx" and len(rows) > sheets.MOST:
        raise NotPossible(
            f"{len(rows):,} rows, and a sheet holds {sheets.MOST:,}",
            hint="export fewer days at a time, or .csv",
        )
    event = Event.of(
        by or terminal("auditor"), "audit.export", [firm] if firm else [],
        about=f"{first} to {final}, {len(rows)} rows",
    )  # fmt: skip
    with writing(engine) as connection:
        chain.record(connection, [event])
    headings = list(HEADINGS.values())
    if out.suffix.lower() == ".xlsx":
        sheets.write(out, "audit", headings, rows)
    else:
        columns = list(zip(*rows, strict=True)) or [() for _ in headings]
        given = {
            name: pa.array(column, pa.string())
            for name, column in zip(headings, columns, strict=True)
        }
        sheets.write_csv(out, pa.table(given))
    return len(rows)


def _rows(
    engine: Engine, first: date, final: date, zone: str, firm: str
) -> Iterator[tuple[str, ...]]:
    local = ZoneInfo(zone)
    since, until = kept.between(first, final, zone)
    named = audit_firms.c.entity_id == firm if firm else audit.c.firms == 1
    wanted = (
        sa.select(audit, audit_firms.c.entity_id.label("firm"))
        .join_from(audit, audit_firms, (audit_firms.c.n == audit.c.n) & named, isouter=not firm)
        .where(audit.c.at >= since, audit.c.at < until)
        .order_by(audit.c.n)
    )
    some = {"yield_per": 5_000}
    with (
        reading(engine) as connection,
        connection.execute(wanted, execution_options=some) as found,
    ):
        for row in found.mappings():
            time = datetime.fromisoformat(row["at"]).astimezone(local)
            told_of = {**row, "time": time.isoformat(sep=" ", timespec="milliseconds")}
            yield tuple("" if told_of[name] is None else str(told_of[name]) for name in HEADINGS)
