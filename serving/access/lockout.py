"""Failed sign-ins cost time: for the address they come from and the token they try.

After some free failures each further one doubles the wait. A sign-in is counted as failed before
it is checked and taken back when it succeeds, in the database, so that neither many at once nor
many workers nor a restart give more tries. Keys are hashed: no address is kept.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from serving.access.access import hashed, shown
from serving.access.servicesettings import Lockout
from serving.store.accesstables import failures
from serving.store.database import alone, writing

_LOCK = 0x5846_4C4F_434B_5354
"""PostgreSQL's advisory lock of the counts."""


def keys(address: str, token: str) -> tuple[str, str]:
    """Under which an attempt is counted: its address and the token's prefix."""
    return hashed(f"address {address}"), hashed(f"prefix {shown(token)}")


def begin(
    engine: Engine, counted: tuple[str, ...], rule: Lockout, *, now: float | None = None
) -> float:
    """Count an attempt as failed until `succeeded`; 0, or the seconds to wait before the next."""
    at = time.time() if now is None else now
    with writing(engine) as connection:
        alone(connection, _LOCK)
        connection.execute(sa.delete(failures).where(failures.c.last <= at - rule.forget))
        kept = _kept(connection, counted)
        wait = max((row["until"] - at for row in kept.values()), default=0.0)
        if wait > 0:
            return wait
        for key in counted:
            count = kept[key]["count"] + 1 if key in kept else 1
            over = count - rule.free
            until = at + min(rule.longest, 2.0 ** min(over - 1, 60)) if over > 0 else at
            values = {"count": count, "last": at, "until": until}
            if key in kept:
                connection.execute(sa.update(failures).where(failures.c.key == key), values)
            else:
                connection.execute(sa.insert(failures), {"key": key, **values})
    return 0.0


def succeeded(engine: Engine, address: str, prefix: str) -> None:
    """Take an attempt back: the prefix is clear, the address has one failure less.

    It is not cleared, or whoever holds one good token could try others between.
    """
    with writing(engine) as connection:
        alone(connection, _LOCK)
        connection.execute(sa.delete(failures).where(failures.c.key == prefix))
        change = sa.update(failures).where(failures.c.key == address, failures.c.count > 0)
        connection.execute(change.values(count=failures.c.count - 1, until=0))


def _kept(connection: Connection, counted: tuple[str, ...]) -> dict[str, sa.RowMapping]:
    wanted = sa.select(failures).where(failures.c.key.in_(counted))
    return {row["key"]: row for row in connection.execute(wanted).mappings()}
