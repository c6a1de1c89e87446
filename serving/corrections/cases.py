"""Corrections as they stand: read within a scope, the state made of the last event and the day.

    open       asked, and not decided until its day
    expired    asked, and nobody decided in time
    withdrawn  taken back by who asked
    refused    decided against
    granted    decided for: of a record, and not carried into the records yet; of a class, in force
    carried    of a record: a new version of it stands in the records
    ended      of a class: its last day is over

A firm's region is that which the served run says, or, where it does not hold the firm, that of the
day on which it was asked; a correction of another region is like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.access.scope import Scope
from serving.corrections.refusals import CorrectionRefused
from serving.results import results, shelves
from serving.results.results import NothingPublished
from serving.store.correctiontables import correction_events, corrections

Kind = Literal["record_wrong", "not_this_firm", "class"]
State = Literal["open", "expired", "withdrawn", "refused", "granted", "carried", "ended"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a correction: what, when (UTC and civil day), by whom and why."""

    what: str
    at: str
    day: str
    user: str
    role: str
    reason: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A correction: what was asked (see `correctiontables`), what became of it, how it stands.

    `name` is the firm's in the served run, empty where that does not hold it. `until` is the last
    day of its effect as it stands now; null: of a record.
    """

    number: int
    state: State
    asked: dict[str, Any]
    events: tuple[Event, ...]
    name: str
    until: str | None

    @property
    def of_class(self) -> bool:
        return bool(self.asked["kind"] == "class")

    @property
    def decision(self) -> Event | None:
        """The event that decided it; null: not decided."""
        return next((one for one in self.events if one.what in ("granted", "refused")), None)


_last = (
    sa.select(correction_events.c.number, sa.func.max(correction_events.c.n).label("n"))
    .group_by(correction_events.c.number)
    .subquery("last_n")
)
_events_of = correction_events.c
_LAST = (
    sa.select(_events_of.number, _events_of.what, _events_of.until)
    .join(_last, (_last.c.number == _events_of.number) & (_last.c.n == _events_of.n))
    .subquery("last_event")
)


def state_on(today: date) -> sa.ColumnElement[str]:
    """How a correction stands on a day, as a column over `corrections` and its last event."""
    day = today.isoformat()
    asked, last = corrections.c, _LAST.c
    return sa.case(
        (last.what.is_(None) & (asked.answer_by < day), "expired"),
        (last.what.is_(None), "open"),
        ((last.what == "granted") & (last.until < day), "ended"),
        else_=last.what,
    )


def case(connection: Connection, number: int, scope: Scope, today: date) -> Case:
    """One correction.

    Raises
    ------
    CorrectionRefused : there is none of this number within the scope.
    """
    found = _read(
        connection, _joined(connection), scope, today, [corrections.c.number == number], 1
    )
    if not found:
        raise CorrectionRefused.unknown(number)
    return found[0]


def cases(
    connection: Connection,
    scope: Scope,
    today: date,
    *,
    states: Sequence[str] = (),
    kind: str = "",
    entity_id: str = "",
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[Case], int]:
    """Corrections within the scope, the newest first, and how many there are in all.

    Parameters
    ----------
    states, kind, entity_id : what to narrow by; empty does not.
    before : only numbers below this one.
    """
    wanted: list[sa.ColumnElement[bool]] = []
    if states:
        wanted.append(state_on(today).in_(states))
    if kind:
        wanted.append(corrections.c.kind == kind)
    if entity_id:
        wanted.append(corrections.c.entity_id == entity_id)
    with_firms = _joined(connection)
    joined, division, _ = with_firms
    counted = sa.select(sa.func.count()).select_from(joined)
    total = int(connection.scalar(counted.where(scope.within(division), *wanted)) or 0)
    page = [*wanted, corrections.c.number < before] if before is not None else wanted
    return _read(connection, with_firms, scope, today, page, limit), total


_Joined = tuple[Any, sa.ColumnElement[Any], sa.ColumnElement[str]]


def _joined(connection: Connection) -> _Joined:
    """Corrections with their last event and their firm: the join, the division and the name."""
    joined = corrections.outerjoin(_LAST, _LAST.c.number == corrections.c.number)
    try:
        firms = shelves.of(connection, results.published(connection).load).firms
    except NothingPublished:
        return joined, corrections.c.division, sa.literal("")
    joined = joined.outerjoin(firms, firms.c.entity_id == corrections.c.entity_id)
    # A firm that is there without a division is in no region, whatever it was in before.
    division = sa.case(
        (firms.c.entity_id.is_not(None), firms.c.division), else_=corrections.c.division
    )
    return joined, division, sa.func.coalesce(firms.c.name, "")


def _read(
    connection: Connection,
    with_firms: _Joined,
    scope: Scope,
    today: date,
    wanted: Sequence[sa.ColumnElement[bool]],
    limit: int,
) -> list[Case]:
    joined, division, name = with_firms
    chosen = sa.select(
        *corrections.c, state_on(today).label("state"), name.label("name"),
        sa.func.coalesce(_LAST.c.until, corrections.c.until).label("stands_until"),
    )  # fmt: skip
    chosen = chosen.select_from(joined).where(scope.within(division), *wanted)
    rows = connection.execute(chosen.order_by(corrections.c.number.desc()).limit(limit)).mappings()
    found = [dict(row) for row in rows]
    events = _events(connection, [row["number"] for row in found])
    return [
        Case(
            row["number"], row["state"], {one.name: row[one.name] for one in corrections.c},
            tuple(events.get(row["number"], ())), row["name"], row["stands_until"],
        )
        for row in found
    ]  # fmt: skip


def _events(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Event]]:
    told = (correction_events.c[name] for name in Event.__dataclass_fields__)
    wanted = sa.select(correction_events.c.number, *told)
    wanted = wanted.where(correction_events.c.number.in_(numbers))
    by_number: dict[int, list[Event]] = {}
    for row in connection.execute(
        wanted.order_by(correction_events.c.number, correction_events.c.n)
    ):
        number, *rest = row
        by_number.setdefault(number, []).append(Event(*rest))
    return by_number
