"""The audit's chain: what a row is, how its hash is made, and how rows are added to the end.

A row's hash is the SHA-256 of the canonical JSON of its fields, the hash before it among them, and
its digest that of the sorted codes of the firms it told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.access.caller import Caller
from serving.store.accesstables import audit, audit_firms
from serving.store.database import alone
from serving.store.quick import Put, Quick

START = "0" * 64
"""The hash before the first row."""

HASHED = (
    "n", "at", "user", "role", "token", "action", "firms", "digest", "about", "run", "purpose",
    "previous",
)  # fmt: skip
"""The fields that a row's hash covers, in this order."""

_LOCK = 0x5846_4155_4449_54
"""PostgreSQL's advisory lock of the chain."""


_LAST = Quick(sa.select(audit.c.n, audit.c.hash, audit.c.at).order_by(audit.c.n.desc()).limit(1))
_PUT = Put(audit, audit_firms)


@dataclass(frozen=True, slots=True)
class Head:
    """The last row: its number (0 = none yet) and its hash. Lodge it outside, compare later."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Event:
    """What is about to be recorded.

    `firms` are the codes of those who are told; `about` says what else, such as the prefix of a
    token; `at` is when, by default the moment of writing.
    """

    user: str
    role: str
    token: str
    action: str
    firms: tuple[str, ...] = ()
    about: str = ""
    run: str = ""
    purpose: str = ""
    at: datetime | None = None

    @classmethod
    def of(
        cls,
        caller: Caller,
        action: str,
        firms: Iterable[str] = (),
        *,
        about: str = "",
        run: str = "",
        purpose: str = "",
        at: datetime | None = None,
    ) -> Event:
        """An event of a caller; what cannot be printed in its texts becomes a blank."""
        told = tuple(sorted(set(firms)))
        return cls(
            caller.user, caller.role, caller.token, action, told,
            _plain(about), run, _plain(purpose), at,
        )  # fmt: skip


def record(connection: Connection, events: Sequence[Event]) -> Head:
    """Write events at the end of the chain, in the caller's transaction; return the new head.

    The transaction must be one that writes (`database.writing`): until it ends, nobody else
    extends the chain.
    """
    alone(connection, _LOCK)
    last, at = _end(connection)
    rows: list[dict[str, Any]] = []
    firms: list[dict[str, Any]] = []
    for event in events:
        # A clock that was set back does not turn the order round.
        at = max(at, (event.at or datetime.now(UTC)).isoformat(timespec="milliseconds"))
        row = _row(event, last, at)
        last = Head(row["n"], row["hash"])
        rows.append(row)
        firms += [{"n": last.n, "entity_id": entity_id} for entity_id in event.firms]
    if rows:
        _PUT.rows(connection, rows, firms)
    return last


def row_hash(row: Mapping[Any, Any]) -> str:
    """A row's hash over its fields."""
    return _hashed([row[name] for name in HASHED])


def digest(sorted_ids: Sequence[str]) -> str:
    """The digest of the firms that a row told."""
    return _hashed(list(sorted_ids))


def _hashed(values: list[str | int]) -> str:
    """`records.files.fingerprint` of texts and whole numbers, whose JSON has only one form."""
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


def head(connection: Connection) -> Head:
    """The last row of the chain."""
    return _end(connection)[0]


def _end(connection: Connection) -> tuple[Head, str]:
    """The last row of the chain, and when it was written."""
    found = _LAST.rows(connection)
    if not found:
        return Head(0, START), ""
    n, hashed, at = found[0]
    return Head(n, hashed), at


def _row(event: Event, last: Head, at: str) -> dict[str, Any]:
    row = {
        "n": last.n + 1, "at": at, "user": event.user, "role": event.role, "token": event.token,
        "action": event.action, "firms": len(event.firms), "digest": digest(event.firms),
        "about": event.about, "run": event.run, "purpose": event.purpose, "previous": last.hash,
    }  # fmt: skip
    return {**row, "hash": row_hash(row)}


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
