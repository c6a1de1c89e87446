"""Who read which class: rows that are only ever added, each chained to the one before.

A row's hash is the SHA-256 of the canonical JSON of its fields and of the hash before it, so an
edit, a deletion or a reorder inside the chain is found and named. A cut tail or a chain written
anew is found by comparing with a head that was lodged elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from records.files import fingerprint
from serving.access import Action, Caller
from serving.database import audit, reading, writing

START = "0" * 64
"""The hash before the first row."""

TRIES = 100
"""Times to try for the next number among processes that write at once."""

_HASHED = ("n", "at", "user", "role", "action", "entity_id", "run", "purpose", "previous")


@dataclass(frozen=True, slots=True)
class Head:
    """The last row: its number (0 = none yet) and its hash. Lodge it outside, compare later."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found; `fault` is empty for a chain that holds."""

    head: Head
    fault: str

    @property
    def holds(self) -> bool:
        return not self.fault


def append(
    engine: Engine,
    caller: Caller,
    action: Action,
    entity_ids: Sequence[str],
    *,
    run: str,
    purpose: str = "",
    at: datetime | None = None,
) -> None:
    """Record that `caller` is about to be told these firms' classes; on disk when it returns.

    Parameters
    ----------
    entity_ids : a row each; none writes nothing.
    run : SHA-256 of the run they were read from.
    purpose : why, as the caller gave it.
    """
    if not entity_ids:
        return
    told = {
        "at": (at or datetime.now(UTC)).isoformat(timespec="milliseconds"),
        "user": caller.user, "role": caller.role, "action": action,
        "run": run, "purpose": purpose,
    }  # fmt: skip
    for tries_left in reversed(range(TRIES)):
        try:
            _extend(engine, told, entity_ids)
            break
        except IntegrityError:  # another process took the same number; SQLite locks instead
            if not tries_left:
                raise


def head(engine: Engine) -> Head:
    """The last row of the chain."""
    with reading(engine) as connection:
        return _head(connection)


def verify(engine: Engine, lodged: Head | None = None) -> Verdict:
    """Walk the whole chain; with a `lodged` head, that it still stands in the chain."""
    last = Head(0, START)
    seen = lodged is None or lodged.n == 0
    with reading(engine) as connection:
        for row in connection.execute(sa.select(audit).order_by(audit.c.n)).mappings():
            if fault := _fault(row, last):
                return Verdict(last, fault)
            last = Head(row["n"], row["hash"])
            if last == lodged:
                seen = True
    if not seen and lodged is not None:
        return Verdict(last, f"row {lodged.n} is not the row whose hash was lodged")
    return Verdict(last, "")


def _fault(row: sa.RowMapping, last: Head) -> str:
    if row["n"] != last.n + 1:
        return f"row {last.n + 1} is missing"
    if row["previous"] != last.hash:
        return f"row {row['n']} does not follow row {last.n}"
    if row["hash"] != _hash(row):
        return f"row {row['n']} was changed"
    return ""


def _extend(engine: Engine, told: dict[str, str], entity_ids: Sequence[str]) -> None:
    with writing(engine) as connection:
        last = _head(connection)
        rows: list[dict[str, Any]] = []
        for entity_id in entity_ids:
            row = {**told, "n": last.n + 1, "entity_id": entity_id, "previous": last.hash}
            last = Head(last.n + 1, _hash(row))
            rows.append({**row, "hash": last.hash})
        connection.execute(sa.insert(audit), rows)


def _head(connection: sa.Connection) -> Head:
    row = connection.execute(
        sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
    ).first()
    return Head(0, START) if row is None else Head(row.n, row.hash)


def _hash(row: sa.RowMapping | dict[str, Any]) -> str:
    return fingerprint([row[name] for name in _HASHED])
