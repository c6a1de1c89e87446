"""Deciding a correction: the second of two persons, held to that by who they are.

Two names that are one but for spacing, width or capitals are one person, in whichever role. What
follows a decision is an event as well: it is taken back before it is decided, ended before its
last day, or ended by a later correction of the same class.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from serving.access import chain
from serving.access.caller import Caller
from serving.access.chain import Event
from serving.access.servicesettings import Corrections
from serving.corrections import asking, cases
from serving.corrections.cases import Case
from serving.corrections.refusals import CorrectionRefused
from serving.store.correctiontables import correction_events
from serving.store.database import alone, writing


def person(user: str) -> str:
    """Who it is, however the name was typed."""
    return "".join(unicodedata.normalize("NFKC", user).casefold().split())


def decide(
    engine: Engine,
    caller: Caller,
    number: int,
    granted: bool,
    reason: str,
    terms: Corrections,
    today: date,
    until: str = "",
) -> Case:
    """Grant or refuse an open correction.

    Parameters
    ----------
    reason : why it is decided so.
    until : of a class that is granted, an earlier last day than was asked; empty: that.

    Raises
    ------
    CorrectionRefused : there is none within the scope, it is not open, who asked decides, no
        reason is given, or the last day is not one.
    """
    with writing(engine) as connection:
        alone(connection, asking.LOCK)
        one = cases.case(connection, number, caller.scope, today)
        if person(caller.user) == person(one.asked["asked_by"]):
            raise CorrectionRefused.same_person(caller.user)
        _need(one, "open")
        day = _until(one, until, terms, today) if granted and one.of_class else None
        if day is not None:
            _end_before(connection, caller, one, today)
        _add(connection, caller, one, "granted" if granted else "refused", reason, today, day)
        return cases.case(connection, number, caller.scope, today)


def withdraw(engine: Engine, caller: Caller, number: int, reason: str, today: date) -> Case:
    """Take an open correction back; only who asked can.

    Raises
    ------
    CorrectionRefused : there is none within the scope, it is not open, or another asked.
    """
    with writing(engine) as connection:
        alone(connection, asking.LOCK)
        one = cases.case(connection, number, caller.scope, today)
        if person(caller.user) != person(one.asked["asked_by"]):
            raise CorrectionRefused.not_who_asked(caller.user)
        _need(one, "open")
        _add(connection, caller, one, "withdrawn", reason, today, None)
        return cases.case(connection, number, caller.scope, today)


def end(engine: Engine, caller: Caller, number: int, reason: str, today: date) -> Case:
    """End a class's correction before its last day; runs as of later days do not know it.

    Raises
    ------
    CorrectionRefused : there is none within the scope, it is of a record or not in force, or
        who asked for it ends it.
    """
    with writing(engine) as connection:
        alone(connection, asking.LOCK)
        one = cases.case(connection, number, caller.scope, today)
        if not one.of_class:
            raise CorrectionRefused.wrong("number", number, "a correction of a class")
        if person(caller.user) == person(one.asked["asked_by"]):
            raise CorrectionRefused.same_person(caller.user)
        _need(one, "granted")
        _add(connection, caller, one, "ended", reason, today, today.isoformat())
        return cases.case(connection, number, caller.scope, today)


def carried(connection: Connection, caller: Caller, one: Case, about: str, today: date) -> None:
    """Note, in the caller's transaction, that a granted correction stands in the records now."""
    _add(connection, caller, one, "carried", about, today, None)


def _until(one: Case, until: str, terms: Corrections, today: date) -> str:
    """The last day that is granted: that which was asked, or an earlier one."""
    asked = str(one.asked["until"])
    if asked <= today.isoformat():
        raise CorrectionRefused.no_longer(asked, today)
    day = asking.last_day(until, terms, today) if until else asked
    if day > asked:
        raise CorrectionRefused.wrong("until", day, f"not after {asked}, which was asked")
    return day


def _end_before(connection: Connection, caller: Caller, one: Case, today: date) -> None:
    """End what is in force for the firm: two corrections of one class never stand together."""
    standing, _ = cases.cases(
        connection, caller.scope, today, states=["granted"], kind="class",
        entity_id=one.asked["entity_id"],
    )  # fmt: skip
    for each in standing:
        reason = f"correction {one.number} was granted"
        _add(connection, caller, each, "ended", reason, today, today.isoformat())


def _need(one: Case, state: str) -> None:
    if one.state != state:
        raise CorrectionRefused.not_so(one.state, state)


def _add(
    connection: Connection, caller: Caller, one: Case, what: str, reason: str, today: date,
    until: str | None,
) -> None:  # fmt: skip
    """Write an event and its row of the audit."""
    row = {
        "number": one.number, "n": len(one.events) + 1, "what": what,
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "day": today.isoformat(),
        "user": caller.user, "role": caller.role, "until": until,
        "reason": asking.words("reason", reason),
    }  # fmt: skip
    connection.execute(sa.insert(correction_events), row)
    told = asking.told(one.number, one.asked["kind"], {**one.asked, "until": until or one.until})
    event = Event.of(
        caller, f"correction.{what}", [one.asked["entity_id"]], about=told, purpose=reason
    )
    chain.record(connection, [event])
