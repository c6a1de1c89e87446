"""Asking for a correction: the first of two persons, at a record first, then at the class.

A record is named as the firm's own explanation names it, so that nothing else can be struck. With
`changes` it is mended, without them it no longer counts. A class is corrected only after a
correction of one of the firm's records was decided, and while none is open; it always ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from records import checks
from records.schema import TABLES
from serving.access import chain
from serving.access.caller import Caller
from serving.access.chain import Event
from serving.access.servicesettings import Corrections
from serving.corrections import cases
from serving.corrections.cases import Case, Kind
from serving.corrections.refusals import CorrectionRefused
from serving.results import results
from serving.store.correctiontables import corrections
from serving.store.database import alone, writing

LOCK = 0x5846_434F_5252
"""PostgreSQL's advisory lock of corrections: one is asked or decided at a time."""

FIXED = ("source", "source_id", "entity_id", "known_time")
"""Columns that no correction changes: they say which record it is, and when it was known."""

_HASH = re.compile(r"[0-9a-f]{64}")
_REGISTRATION = "enterprises"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked.

    Parameters
    ----------
    table, source, source_id : of the record; empty for a class.
    indicator : the reason at which it was asked; empty for a step.
    changes : column → right value as text, of a record that is wrong; empty: it is struck.
    risk_class, until, follows : of a class: which, its last civil day, and the number of the
        decided correction of a record that came first (0: the last one).
    grounds, evidence, document : why, what the document says, and its reference.
    file_hash : SHA-256 of the document's file, in hex; empty: none.
    """

    kind: Kind
    grounds: str
    evidence: str
    document: str
    file_hash: str = ""
    table: str = ""
    source: str = ""
    source_id: str = ""
    indicator: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    risk_class: str = ""
    until: str = ""
    follows: int = 0


def ask(
    engine: Engine,
    caller: Caller,
    entity_id: str,
    wanted: Wanted,
    terms: Corrections,
    today: date,
    purpose: str = "",
) -> Case | None:
    """Write what is asked, with its row of the audit; null: the firm is not within the scope.

    Raises
    ------
    CorrectionRefused : what is asked is not as it must be; nothing is written.
    FieldHidden : the scope holds back the class or its reasons.
    """
    caller.scope.need("risk_class")
    _texts(wanted)
    with writing(engine) as connection:
        alone(connection, LOCK)
        now = results.published(connection)
        found = results.told(connection, now.load, entity_id, "zh", caller.scope)
        if found is None:
            return None
        ladder = found[1]
        if wanted.kind == "class":
            about = _of_class(connection, caller, wanted, ladder, terms, today)
        else:
            about = _of_record(connection, caller, wanted, ladder, today)
        number = _write(
            connection, caller, wanted, today, terms,
            {**about, "entity_id": entity_id, "division": ladder["division"], "run": now.run,
             "found_class": ladder["risk_class"]},
        )  # fmt: skip
        event = Event.of(
            caller, "correction.ask", [entity_id], about=told(number, wanted.kind, about),
            run=now.run, purpose=purpose or wanted.grounds,
        )  # fmt: skip
        chain.record(connection, [event])
        return cases.case(connection, number, caller.scope, today)


def told(number: int, kind: str, row: Mapping[str, Any]) -> str:
    """What the audit says of a correction: which, of what, to what and until when."""
    if kind == "class":
        return f"{number}: {kind} {row['risk_class']} until {row['until']}"
    return f"{number}: {kind} {row['record_table']} {row['source']} {row['source_id']}"


def behind(ladder: Mapping[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """(indicator, record) of every record that a ladder names; of a step the indicator is null."""
    for lead in (*ladder["reasons_for"], *ladder["reasons_against"]):
        for one in (lead, *lead["also"]):
            for record in one["records"]:
                yield one["indicator"], record
    for step in ladder["steps"]:
        for record in step["records"]:
            yield None, record


def changeable(table: str) -> list[str]:
    """The columns of a record table that a correction can change; none that hold a person."""
    return [
        column.name
        for column in TABLES[table].columns
        if column.name not in FIXED and column.form != "person"
    ]


def words(field: str, text: str) -> str:
    """A text that was given, without blanks around it.

    Raises
    ------
    CorrectionRefused : there is none, or no database would take it.
    """
    if not text.strip():
        raise CorrectionRefused.wrong(field, "nothing", "words")
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise CorrectionRefused.wrong(field, repr(text)[:80], "text that can be stored")
    return text.strip()


def _of_record(
    connection: Connection, caller: Caller, wanted: Wanted, ladder: Mapping[str, Any], today: date
) -> dict[str, Any]:
    key = (wanted.table, wanted.source, wanted.source_id)
    named = [
        (indicator, record)
        for indicator, record in behind(ladder)
        if (record["table"], record["source"], record["source_id"]) == key
    ]
    if not named:
        raise CorrectionRefused.unknown_record(wanted.source_id)
    same = [
        one.number
        for one in _open(connection, caller, ladder["entity_id"], today)
        if (one.asked["record_table"], one.asked["source"], one.asked["source_id"]) == key
    ]
    if same:
        raise CorrectionRefused.asked_already(same[0])
    changes = _changes(wanted)
    indicators = [indicator for indicator, _ in named]
    return {
        "record_table": key[0], "source": key[1], "source_id": key[2],
        "event_time": named[0][1]["event_time"], "changes": changes or None,
        "indicator": wanted.indicator if wanted.indicator in indicators else indicators[0],
    }  # fmt: skip


def _changes(wanted: Wanted) -> dict[str, str]:
    """The right values, each as the table's declaration takes it."""
    changes = {name: text.strip() for name, text in wanted.changes.items()}
    if wanted.kind == "not_this_firm" and changes:
        raise CorrectionRefused.wrong(
            "changes", ", ".join(changes), "nothing: the record is struck from this enterprise"
        )
    if not changes:
        if wanted.table == _REGISTRATION:
            raise CorrectionRefused.a_registration()
        return {}
    allowed = changeable(wanted.table)
    for name, text in changes.items():
        if name not in allowed:
            raise CorrectionRefused.wrong(f"changes.{name}", name, ", ".join(allowed))
        if not text:
            raise CorrectionRefused.wrong(f"changes.{name}", "nothing", "the right value")
    row = pd.DataFrame({name: [text] for name, text in changes.items()}, dtype="str")
    # Of the row only what changes is known here; the whole of it is checked as it is carried in.
    checked = checks.check(
        row, TABLES[wanted.table], id_scheme="opaque", today=date.max, between=False
    )
    for fault in checked.faults.get(0, []):
        if fault.field in changes:
            raise CorrectionRefused.wrong(
                f"changes.{fault.field}", changes[fault.field], str(fault.allowed)
            )
    return changes


def _of_class(
    connection: Connection,
    caller: Caller,
    wanted: Wanted,
    ladder: Mapping[str, Any],
    terms: Corrections,
    today: date,
) -> dict[str, Any]:
    if ladder["risk_class"] is None:
        raise CorrectionRefused.unclassified()
    if wanted.risk_class not in ("A", "B", "C", "D") or wanted.risk_class == ladder["risk_class"]:
        raise CorrectionRefused.wrong(
            "risk_class", wanted.risk_class, f"A, B, C or D, and not {ladder['risk_class']}"
        )
    until = last_day(wanted.until, terms, today)
    follows = _record_before(connection, caller, ladder["entity_id"], wanted.follows, terms, today)
    return {"risk_class": wanted.risk_class, "until": until, "follows": follows}


def last_day(text: str, terms: Corrections, today: date) -> str:
    """The last day of a class's correction: after today, and not too far.

    Raises
    ------
    CorrectionRefused : it is no day, or not such a one.
    """
    final = today + timedelta(days=terms.longest)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    if not today < day <= final:
        raise CorrectionRefused.wrong(
            "until", text or "nothing", f"a civil day after {today}, up to {final}",
            "a correction of a class always ends; ask anew where it is still needed",
        )  # fmt: skip
    return day.isoformat()


def _record_before(
    connection: Connection, caller: Caller, entity_id: str, follows: int, terms: Corrections,
    today: date,
) -> int:  # fmt: skip
    """The decided correction of a record that comes before one of the class."""
    found, _ = cases.cases(connection, caller.scope, today, entity_id=entity_id, limit=1_000)
    for one in found:
        if one.state == "open":
            if one.of_class:
                raise CorrectionRefused.asked_already(one.number)
            raise CorrectionRefused.record_open(one.number)
    since = (today - timedelta(days=terms.record_counts)).isoformat()
    decided = [
        one.number
        for one in found
        if not one.of_class and one.decision and one.decision.day >= since
    ]
    if not decided or (follows and follows not in decided):
        raise CorrectionRefused.record_first()
    return follows or decided[0]


def _open(connection: Connection, caller: Caller, entity_id: str, today: date) -> list[Case]:
    return cases.cases(
        connection, caller.scope, today, states=["open"], entity_id=entity_id, limit=1_000
    )[0]


def _texts(wanted: Wanted) -> None:
    """Grounds and evidence are said, in words that can be printed; a hash is one."""
    if wanted.kind not in get_args(Kind):
        raise CorrectionRefused.wrong("kind", wanted.kind, ", ".join(get_args(Kind)))
    for name, text in (
        ("grounds", wanted.grounds), ("evidence", wanted.evidence), ("document", wanted.document),
    ):  # fmt: skip
        words(name, text)
    if wanted.file_hash and not _HASH.fullmatch(wanted.file_hash.strip().lower()):
        raise CorrectionRefused.wrong("file_hash", wanted.file_hash, "64 hexadecimal digits")


def _write(
    connection: Connection, caller: Caller, wanted: Wanted, today: date, terms: Corrections,
    about: Mapping[str, Any],
) -> int:  # fmt: skip
    row = {
        "kind": wanted.kind,
        "grounds": wanted.grounds.strip(),
        "evidence": wanted.evidence.strip(),
        "document": wanted.document.strip(),
        "file_hash": wanted.file_hash.strip().lower(),
        "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "asked_on": today.isoformat(),
        "asked_by": caller.user,
        "asked_role": caller.role,
        "answer_by": (today + timedelta(days=terms.answer)).isoformat(),
        **about,
    }
    number: int = connection.scalars(
        sa.insert(corrections).returning(corrections.c.number), row
    ).one()
    return number
