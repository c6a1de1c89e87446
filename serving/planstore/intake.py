"""Results handed in over the service, by the code of `xinfen results`, version by version.

Each row is of a visit whose results the caller hands in, or nothing is taken in: an inspector those
of his pairs, others those of their region. The records go on into the store of records by
`xinfen results PLAN --store STORE`, before the next training.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from records.errors import XinfenError
from serving.access import audit
from serving.access.caller import Caller
from serving.planstore import publishing, reading
from serving.planstore.refusals import PlanRefused
from serving.returns import resultfiles, returns
from serving.returns.planned import planned
from serving.store import database
from serving.store.plantables import plan_visits


def take_in(
    engine: Engine, number: int, caller: Caller, file: Path, today: date, zone: str,
    mapping: Path | None = None, purpose: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Take a file of results into a plan's folder, and tell what became of each row.

    Parameters
    ----------
    file, mapping : as of `xinfen results`.
    zone : in which the file's moments are meant.

    Returns
    -------
    what `returns.take_in` tells, without the folder.

    Raises
    ------
    PlanRefused : the plan does not take results from this caller now, a row is of another's visit,
        or the file cannot be read; nothing is taken in.
    """
    with database.reading(engine) as connection:
        row = reading.plan(connection, number)
        reading.check_open(row, today)
        mine = _mine(connection, number, caller)
    folder = Path(row["folder"])
    try:
        read = resultfiles.read(file, mapping, planned(folder).drawn, today, zone)
        _check(read.rows, mine)
        ids = sorted(
            {firm for _, firm in mine} & set(read.rows["entity_id"].dropna())
            | {firm for visit, firm in mine if visit in set(read.rows["visit"])}
        )
        audit.append(engine, caller, "results", ids, run="", purpose=purpose)
        told = returns.take_in(folder, file, on=today, mapping=mapping)
    except PlanRefused:
        raise
    except XinfenError as error:
        raise PlanRefused.of(error) from None
    what = f"version {told['version']}, {told['accepted']} accepted, {told['refused']} refused"
    with database.writing(engine) as connection:
        publishing.refresh(connection, number, folder, caller, what)
    return {"number": number, **{name: told[name] for name in told if name != "plan"}}


def _mine(connection: Connection, number: int, caller: Caller) -> list[tuple[str, str]]:
    """(visit, firm) of every visit whose results the caller hands in."""
    wanted = sa.select(plan_visits.c.visit, plan_visits.c.entity_id)
    wanted = wanted.where(plan_visits.c.number == number, reading.for_whom(caller))
    return [(row.visit, row.entity_id) for row in connection.execute(wanted)]


def _check(rows: pd.DataFrame, mine: list[tuple[str, str]]) -> None:
    """Refuse a row of another's visit: named by the visit, by its firm, or by what it replaces."""
    visits, firms = {visit for visit, _ in mine}, {firm for _, firm in mine}
    known = visits | firms
    for row in rows[["row", "visit", "entity_id", "swapped_for"]].to_dict("records"):
        swap, visit, firm = (row[name] for name in ("swapped_for", "visit", "entity_id"))
        if pd.notna(swap):
            if swap not in known:
                raise PlanRefused.not_yours(row["row"], "swapped_for", str(swap))
        elif pd.notna(visit):
            if visit not in visits:
                raise PlanRefused.not_yours(row["row"], "visit", str(visit))
        elif pd.isna(firm) or firm not in firms:
            raise PlanRefused.not_yours(row["row"], "entity_id", str(firm or "nothing"))
