"""A plan folder made known to the service: what it is, how it stands, whom it visits.

The folder stays where it is and counts; the store has what can be told of it, made anew each time.
A drawn plan is verified first: one that is not what was committed is not made known. Before a plan
is drawn nothing of its lists is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from records.errors import BadInput
from serving.access import chain
from serving.access.caller import Caller, terminal
from serving.access.chain import Event
from serving.plans import planfolder, plans
from serving.plans.drawnplan import DrawnPlan
from serving.plans.planinputs import told
from serving.plans.register import ABORTED, About, Register
from serving.returns import returns
from serving.returns.planned import planned
from serving.store import plantables
from serving.store.database import connect, writing
from serving.store.plantables import plan_visits
from supervision.fieldwork import tasks
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from supervision.proofs import proof

COMMITTED, DRAWN, VOID = "committed", "drawn", "aborted"
"""How a plan stands."""

Row = dict[str, Any]


def publish(folder: Path, *, engine: Engine | None = None) -> Row:
    """Make a plan known, or what has become of it since.

    Parameters
    ----------
    folder : made by `xinfen commit`; its register stands beside it.
    engine : the result store; by default the one of `records.places.results_db()`.

    Returns
    -------
    `plan`, `number`, `commitment`, `state`, `released`, `verdict` (null: not drawn), `visits`.

    Raises
    ------
    NotFound : it is not a plan folder.
    BadInput : it is not what was committed or drawn, or another plan of its number is known.
    """
    files = planfolder.Folder(folder)
    if broken := proof.broken(files):
        raise BadInput(
            f"{folder}/{broken.file} is not what was committed", found=str(broken.stored),
            allowed=str(broken.recomputed), hint="such a plan is not made known",
        )  # fmt: skip
    about = planfolder.about(folder, files)
    row = {**_plan(folder, files, about), **_standing(folder, files, about)}
    visits = visits_of(folder) if row["state"] == DRAWN else []
    engine = engine or connect()
    with writing(engine) as connection:
        _replace(connection, row, visits)
        # Not whom it visits: the audit is read before the release date, too.
        about_it = f"{row['number']} {row['commitment'][:12]}: {row['state']}"
        event = Event.of(terminal("administrator"), "plan.publish", about=about_it)
        chain.record(connection, [event])
    named = ("number", "commitment", "state", "released", "verdict")
    return {"plan": str(folder), **{name: row[name] for name in named}, "visits": len(visits)}


def refresh(connection: Connection, number: int, folder: Path, by: Caller, what: str) -> None:
    """Make a plan's visits anew after results came in, with a row of the audit."""
    visits = visits_of(folder)
    connection.execute(sa.delete(plan_visits).where(plan_visits.c.number == number))
    connection.execute(sa.insert(plan_visits), visits)
    chain.record(connection, [Event.of(by, "plan.results", about=f"{number}: {what}")])


def visits_of(folder: Path) -> list[Row]:
    """The rows of `plan_visits` of a drawn plan, by visit; of blind ones nothing of a class."""
    plan = DrawnPlan.read(folder)
    state = returns.state_of(planned(folder))
    became = state.visits.set_index("visit")
    hidden = tasks.hidden(plan.drawn, plan.reported).to_numpy(bool)
    names = {item.id: {"zh": item.name.zh, "en": item.name.en} for item in plan.definition.items}
    lines = (folder / proof.DRAWN).read_bytes().splitlines()
    rows = []
    for line, blind in zip(lines, hidden, strict=True):
        row = json.loads(line)
        after = became.loc[row["visit"]]
        way = tasks.DRAWN_AS[row["drawn_by"]]
        rows.append({
            **{name: row[name] for name in ("visit", "entity_id", "division", "address", "bureau",
                                            "method", "inspector_1", "inspector_2")},
            "number": plan.number, "name": row["name"] or "", "drawn_as": way,
            "hidden": bool(blind),
            "items": {one: names[one] for one in row["items"].split(";") if one in names},
            "risk_class": None if way == "blind" else row.get("risk_class"),
            "state": str(after["state"]), "items_missing": _text(after["items_missing"]),
            "enter_by": _text(after["enter_by"]),
        })  # fmt: skip
    return sorted(rows, key=lambda row: str(row["visit"]))


def _plan(folder: Path, files: Mapping[str, bytes], about: About) -> Row:
    """What is known of a plan from its commitment on."""
    named = json.loads(files[proof.COMMITTED["plan"]])
    with told(BadInput, folder):
        definition = PlanDefinition.checked(named["plan"])
        period = Period.checked(named["period"])
    return {
        "number": about.number, "commitment": about.commitment,
        "folder": str(folder.resolve()), "task": about.task,
        "first_day": str(period.start), "last_day": str(period.end),
        "released": str(tasks.visible_from(period.start, definition.release)),
        "class_run_on": str(date.fromisoformat(named["run"]["as_of"])),
    }  # fmt: skip


def _standing(folder: Path, files: Mapping[str, bytes], about: About) -> Row:
    """How a plan stands: the state, the verdict of this moment, and what may be counted."""
    register = Register.beside(folder)
    on_record = register.told(about) if register else {"register": [], "earlier": None}
    void = bool(register and register.of(about.commitment, ABORTED))
    row: Row = {"state": VOID if void else COMMITTED, "public_value": None, "verdict": None,
                "verified": None, "about": on_record}  # fmt: skip
    if proof.PROOF not in files:
        return row
    found = plans.verify(folder)
    if found["verdict"] == proof.DIFFERS:
        different = found["difference"]
        raise BadInput(
            f"{folder}/{different['file']} is not what was drawn: {different['field']}",
            found=str(different["stored"]), allowed=str(different["recomputed"]),
            hint="such a plan is not made known; `xinfen verify` tells more",
        )  # fmt: skip
    return row | {
        "state": VOID if void else DRAWN,
        "public_value": found["public_value"],
        "verdict": found["verdict"],
        "verified": datetime.now(UTC).isoformat(timespec="seconds"),
        "about": {
            **on_record, "firms": found["firms"], "drawn_by": found["drawn_by"],
            "groups": _groups(folder), "bureaus": _bureaus(folder),
        },
    }  # fmt: skip


def _groups(folder: Path) -> list[Row]:
    """By group of the plan: its firms, and their mean chance of being visited.

    The chances follow from the sizes alone; how many of a group the slice holds is not told, for
    in a small group that would tell a class.
    """
    frame = pq.read_table(folder / proof.FRAME, columns=["stratum", "inclusion_probability"])
    group = pc.list_element(pc.split_pattern(frame["stratum"], "/", max_splits=1), 0)
    table = frame.append_column("group", group).filter(pc.is_valid(group))
    counted = table.group_by("group").aggregate(
        [("inclusion_probability", "count"), ("inclusion_probability", "mean")]
    )
    rows = counted.sort_by("group").to_pylist()
    return [
        {"group": row["group"], "firms": row["inclusion_probability_count"],
         "chance": row["inclusion_probability_mean"]}
        for row in rows
    ]  # fmt: skip


def _bureaus(folder: Path) -> list[Row]:
    """By bureau: visits drawn by the plan and the top-up, and blind ones."""
    rows = [json.loads(line) for line in (folder / proof.DRAWN).read_bytes().splitlines()]
    frame = pd.DataFrame(rows, columns=["bureau", "drawn_by"])
    frame["way"] = frame["drawn_by"].map(tasks.DRAWN_AS)
    counted = pd.crosstab(frame["bureau"], frame["way"])
    ways = ("plan", "top_up", "blind")
    return [
        {"bureau": str(bureau), **{way: int(row.get(way, 0)) for way in ways}}
        for bureau, row in counted.iterrows()
    ]


def _replace(connection: Connection, row: Row, visits: list[Row]) -> None:
    known = sa.select(plantables.plans.c.commitment)
    before = connection.scalar(known.where(plantables.plans.c.number == row["number"]))
    if before not in (None, row["commitment"]):
        raise BadInput(
            f"another plan of number {row['number']} is known",
            found=row["commitment"], allowed=str(before),
            hint="a result store holds the plans of one register",
        )  # fmt: skip
    for table in (plantables.plans, plan_visits):
        connection.execute(sa.delete(table).where(table.c.number == row["number"]))
    connection.execute(sa.insert(plantables.plans), row)
    if visits:
        connection.execute(sa.insert(plan_visits), visits)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
