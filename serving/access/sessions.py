"""Browser sessions: a cookie's secret stands for the token it was opened with.

A session lasts a working day and never longer than its token: each look joins both, so a token
that ends takes its sessions along at once.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from serving.access.access import caller_of, check, clock, hashed
from serving.access.caller import Caller
from serving.store.accesstables import sessions, tokens
from serving.store.database import writing

SESSION_SECONDS = 12 * 3600
"""A browser session lasts a working day."""

_OPENED = (
    sa.select(tokens)
    .join(sessions, sessions.c.token == tokens.c.hash)
    .where(sessions.c.hash == sa.bindparam("hash"), sessions.c.expires > sa.bindparam("now"))
)


def open_session(engine: Engine, token: str, *, now: float | None = None) -> str | None:
    """A new session's secret for the cookie; None if the token does not hold."""
    if check(engine, token, now=now) is None:
        return None
    secret = secrets.token_urlsafe(32)
    expires = clock(now) + SESSION_SECONDS
    with writing(engine) as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.expires <= clock(now)))
        connection.execute(
            sa.insert(sessions).values(hash=hashed(secret), token=hashed(token), expires=expires)
        )
    return secret


def check_session(engine: Engine, secret: str, *, now: float | None = None) -> Caller | None:
    """The holder of a session; None if it is unknown, ended or expired, or its token is."""
    return caller_of(engine, _OPENED, {"hash": hashed(secret), "now": clock(now)}, now)


def close_session(engine: Engine, secret: str) -> None:
    """End a session; an unknown one is ended already."""
    with writing(engine) as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.hash == hashed(secret)))
