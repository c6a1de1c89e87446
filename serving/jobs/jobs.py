"""Long work as rows of the store: asked by one, taken by any worker, told to nobody but the asker.

    waiting → running → done | failed

A worker gives a sign as it goes on. One that died gives none: whoever asks for the job after `LOST`
seconds has it taken up again, from its beginning, and after `TRIES` it is failed. A result is
written whole with its state, so that none is ever half there. A job belongs to its user in the
scope it was asked in; to anybody else it does not exist. After `KEPT` it is gone.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from records.errors import NotPossible
from serving.access.caller import Caller
from serving.access.scope import Scope
from serving.store.database import reading, writing
from serving.store.jobtables import jobs

KEPT = 24 * 3600
"""Seconds that a job and its result stay."""
LOST = 60.0
"""Seconds without a sign after which a worker counts as dead."""
TRIES = 2
OPEN = 5
"""Jobs that one user may have under way."""
MOST = 500
"""Jobs of all users that the store keeps."""

_TOLD = [
    jobs.c[name]
    for name in (
        "id", "kind", "state", "user", "scope", "purpose", "asked", "run", "total", "done",
        "tries", "worker", "beat", "made", "expires", "problem",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A job without what it works on and what came of it; times in Unix seconds."""

    id: str
    kind: str
    state: str
    user: str
    scope: Scope
    purpose: str
    asked: dict[str, Any]
    run: str
    total: int
    done: int
    tries: int
    worker: str
    beat: float
    made: int
    expires: int
    problem: dict[str, Any] | None

    def waits(self, now: float | None = None) -> bool:
        """Whether somebody must take it up: nobody did, or whoever did gives no sign."""
        lost = (time.time() if now is None else now) - self.beat > LOST
        return self.state == "waiting" or (self.state == "running" and lost)


def put(
    engine: Engine, caller: Caller, kind: str, asked: Mapping[str, Any], given: bytes,
    *, total: int, purpose: str,
) -> Job:  # fmt: skip
    """Line up a job.

    Raises
    ------
    NotPossible : the user, or all users together, have too many.
    """
    now, id_ = time.time(), secrets.token_hex(16)
    row = {
        "id": id_, "kind": kind, "state": "waiting", "user": caller.user,
        "role": caller.role, "token": caller.token, "scope": caller.scope.as_json(),
        "purpose": purpose, "asked": dict(asked), "given": given, "run": "", "total": total,
        "done": 0, "tries": 0, "worker": "", "beat": now, "made": int(now),
        "expires": int(now) + KEPT,
    }  # fmt: skip
    under_way = jobs.c.state.in_(("waiting", "running"))
    with writing(engine) as connection:
        connection.execute(sa.delete(jobs).where(jobs.c.expires <= int(now)))
        counted = sa.select(sa.func.count()).select_from(jobs)
        own = connection.scalar(counted.where(jobs.c.user == caller.user, under_way)) or 0
        if own >= OPEN or (connection.scalar(counted) or 0) >= MOST:
            raise NotPossible(
                "too many jobs are under way", found=str(own), allowed=f"{OPEN} at a time",
                hint="wait for one, or delete it",
            )  # fmt: skip
        connection.execute(sa.insert(jobs), row)
        return _one(connection, id_)


def of(engine: Engine, caller: Caller, id_: str) -> Job | None:
    """A job of the caller's, asked in the same scope; None: there is none."""
    with reading(engine) as connection:
        row = connection.execute(_own(caller).where(jobs.c.id == id_)).mappings().first()
    return None if row is None else _job(row)


def listed(engine: Engine, caller: Caller) -> list[Job]:
    """The caller's jobs, the newest first."""
    with reading(engine) as connection:
        rows = connection.execute(_own(caller).order_by(jobs.c.made.desc(), jobs.c.id).limit(100))
        return [_job(row) for row in rows.mappings()]


def drop(engine: Engine, caller: Caller, id_: str) -> bool:
    """Delete a job of the caller's, whatever its state; whoever works on it stops."""
    if of(engine, caller, id_) is None:
        return False
    with writing(engine) as connection:
        connection.execute(sa.delete(jobs).where(jobs.c.id == id_))
    return True


def result(engine: Engine, id_: str) -> bytes | None:
    """What came of a job; None: nothing yet."""
    with reading(engine) as connection:
        return connection.scalar(sa.select(jobs.c.result).where(jobs.c.id == id_))


def counts(engine: Engine) -> dict[str, int]:
    """Jobs by state."""
    counted = sa.select(jobs.c.state, sa.func.count().label("n")).group_by(jobs.c.state)
    with reading(engine) as connection:
        return {row.state: int(row.n) for row in connection.execute(counted)}


def _own(caller: Caller) -> sa.Select[Any]:
    # The scope is compared as it is read: databases spell JSON in their own ways.
    wanted = sa.select(*_TOLD).where(jobs.c.user == caller.user, jobs.c.expires > int(time.time()))
    same = sa.cast(jobs.c.scope, sa.String) == sa.cast(
        sa.literal(caller.scope.as_json(), sa.JSON), sa.String
    )
    return wanted.where(same)


def _one(connection: Connection, id_: str) -> Job:
    return _job(connection.execute(sa.select(*_TOLD).where(jobs.c.id == id_)).mappings().one())


def _job(row: sa.RowMapping) -> Job:
    scope = Scope.of(row["scope"]["regions"], row["scope"]["fields"])
    return Job(**{**row, "scope": scope})
