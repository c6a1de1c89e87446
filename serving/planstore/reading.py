"""Plans and tasks as the service tells them: from the release date on, to whom they are for.

An inspector is told the visits of the pairs that he is in, by the id that the list of inspectors
has for him: it is the user of his token. Others are told all visits of their region. A visit that
is hidden shows neither class nor reasons to anybody, and its pair is not told its firm's class
anywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.access.caller import Caller
from serving.access.roles import Role
from serving.planstore.publishing import DRAWN
from serving.planstore.refusals import PlanRefused
from serving.store.plantables import plan_visits, plans

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which visits: empty does not narrow."""

    inspector: str = ""
    bureau: str = ""
    entity_id: str = ""
    state: str = ""


def all_plans(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[Row]:
    """The plans that are known, the newest number first."""
    wanted = sa.select(plans).order_by(plans.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(plans.c.number < before)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def plan(connection: Connection, number: int) -> Row:
    """One plan.

    Raises
    ------
    PlanRefused : none of this number is known.
    """
    wanted = sa.select(plans).where(plans.c.number == number)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise PlanRefused.unknown(number)
    return dict(row)


def is_open(row: Row, today: date) -> bool:
    """Whether a plan is drawn and its release date has come."""
    return bool(row["state"] == DRAWN and row["released"] <= today.isoformat())


def check_open(row: Row, today: date) -> None:
    """Go on only with a plan that is open; else say why it is not.

    Raises
    ------
    PlanRefused : it is not drawn, is void, or it is too early.
    """
    if row["state"] != DRAWN:
        raise PlanRefused.not_drawn(row["state"])
    if not is_open(row, today):
        raise PlanRefused.not_released(row["released"])


def for_whom(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on visits that this caller is told."""
    within = caller.scope.within(plan_visits.c.division)
    if caller.role != "inspector":
        return within
    pair = (plan_visits.c.inspector_1, plan_visits.c.inspector_2)
    return sa.and_(within, sa.or_(*(one == caller.user for one in pair)))


def visits(
    connection: Connection,
    number: int,
    caller: Caller,
    asked: Asked,
    *,
    after: str = "",
    limit: int = 100,
) -> tuple[list[Row], int]:
    """A plan's visits for a caller by `visit`, and how many there are in all."""
    columns = plan_visits.c
    wanted = [columns.number == number, for_whom(caller)]
    if asked.inspector:
        pair = (columns.inspector_1, columns.inspector_2)
        wanted.append(sa.or_(*(one == asked.inspector for one in pair)))
    named = ("bureau", "entity_id", "state")
    wanted += [columns[name] == getattr(asked, name) for name in named if getattr(asked, name)]
    total = connection.scalar(sa.select(sa.func.count()).select_from(plan_visits).where(*wanted))
    page = sa.select(plan_visits).where(*wanted, columns.visit > after)
    rows = connection.execute(page.order_by(columns.visit).limit(limit)).mappings()
    return [dict(row) for row in rows], int(total or 0)


def states(connection: Connection, number: int, caller: Caller) -> dict[str, int]:
    """How many of a plan's visits for a caller are in each state."""
    counted = (
        sa.select(plan_visits.c.state, sa.func.count())
        .where(plan_visits.c.number == number, for_whom(caller))
        .group_by(plan_visits.c.state)
    )
    return {str(state): int(n) for state, n in connection.execute(counted).all()}


def of_firm(connection: Connection, caller: Caller, entity_id: str, today: date) -> list[Row]:
    """A firm's visits for a caller of all plans that are released, the newest plan first."""
    wanted = (
        sa.select(plan_visits, plans.c.task, plans.c.first_day, plans.c.last_day)
        .join(plans, plans.c.number == plan_visits.c.number)
        .where(plan_visits.c.entity_id == entity_id, for_whom(caller))
        .where(plans.c.state == DRAWN, plans.c.released <= today.isoformat())
        .order_by(plan_visits.c.number.desc(), plan_visits.c.visit)
        .limit(20)
    )
    return [dict(row) for row in connection.execute(wanted).mappings()]


_VISITS: tuple[Role, ...] = ("inspector", "supervisor")
"""The roles that may be in a pair."""
_BLIND = (
    sa.select(plan_visits.c.entity_id)
    .join(plans, plans.c.number == plan_visits.c.number)
    .where(plan_visits.c.hidden, plans.c.state == DRAWN, plans.c.released <= sa.bindparam("day"))
    .where(
        (plan_visits.c.inspector_1 == sa.bindparam("user"))
        | (plan_visits.c.inspector_2 == sa.bindparam("user"))
    )
)


_BLIND_OF = _BLIND.where(plan_visits.c.entity_id.in_(sa.bindparam("firms", expanding=True)))


def blind_for(
    connection: Connection, caller: Caller, today: date, among: Sequence[str] | None = None
) -> set[str]:
    """The firms, all or `among` some, whose class is hidden from a caller: he visits them blind."""
    if caller.role not in _VISITS or (among is not None and not among):
        return set()
    asked = {"day": today.isoformat(), "user": caller.user}
    if among is None:
        return set(connection.scalars(_BLIND, asked))
    return set(connection.scalars(_BLIND_OF, {**asked, "firms": list(among)}))
