"""Who may ask: bearer tokens, browser sessions, and what each role may do.

A token or a cookie is a random secret that only its holder has; the database holds its SHA-256.
A session lives no longer than the token it was opened with.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records.errors import BadInput
from serving.database import reading, sessions, tokens, writing

Role = Literal["inspector", "batch"]
Action = Literal["run", "class", "explanation", "batch", "search", "pages"]

MAY: dict[Role, frozenset[Action]] = {
    "inspector": frozenset(get_args(Action)),
    "batch": frozenset(("run", "class", "explanation", "batch")),
}
"""The policy: what a role may do. Searching and reading pages is for people."""

SESSION_SECONDS = 12 * 3600
"""A browser session lasts a working day."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who showed a valid token."""

    user: str
    role: Role

    def may(self, action: Action) -> bool:
        return action in MAY[self.role]


def issue(engine: Engine, user: str, role: str, *, days: int, now: float | None = None) -> str:
    """A new token for `user`, valid for `days`; it is told once and cannot be read again.

    Raises
    ------
    BadInput : no user, an unknown role, or no day of validity.
    """
    if not user.strip():
        raise BadInput("a token needs a user", hint="name the person or the system")
    if role not in MAY:
        raise BadInput("unknown role", found=role, allowed=", ".join(sorted(MAY)))
    if days < 1:
        raise BadInput("a token is valid for at least a day", found=str(days), allowed="1 or more")
    token = "xf_" + secrets.token_urlsafe(32)
    row = {"hash": _hash(token), "user": user.strip(), "role": role}
    with writing(engine) as connection:
        connection.execute(sa.insert(tokens).values(**row, expires=_now(now) + days * 86_400))
    return token


def any_token(engine: Engine) -> bool:
    """Whether a token that has not expired exists."""
    with reading(engine) as connection:
        found = sa.select(tokens.c.hash).where(tokens.c.expires > _now(None)).limit(1)
        return connection.scalar(found) is not None


def check(engine: Engine, token: str, *, now: float | None = None) -> Caller | None:
    """The holder of a token; None if it is unknown or has expired."""
    return _caller(engine, tokens.c.hash == _hash(token), now)


def open_session(engine: Engine, token: str, *, now: float | None = None) -> str | None:
    """A new session's secret for the cookie; None if the token does not hold."""
    if check(engine, token, now=now) is None:
        return None
    secret = secrets.token_urlsafe(32)
    expires = _now(now) + SESSION_SECONDS
    with writing(engine) as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.expires <= _now(now)))
        connection.execute(
            sa.insert(sessions).values(hash=_hash(secret), token=_hash(token), expires=expires)
        )
    return secret


def check_session(engine: Engine, secret: str, *, now: float | None = None) -> Caller | None:
    """The holder of a session; None if it is unknown, ended or expired."""
    opened = sa.select(sessions.c.token).where(
        sessions.c.hash == _hash(secret), sessions.c.expires > _now(now)
    )
    return _caller(engine, tokens.c.hash.in_(opened), now)


def close_session(engine: Engine, secret: str) -> None:
    """End a session; an unknown one is ended already."""
    with writing(engine) as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.hash == _hash(secret)))


def _caller(engine: Engine, holds: sa.ColumnElement[bool], now: float | None) -> Caller | None:
    with reading(engine) as connection:
        row = connection.execute(
            sa.select(tokens.c.user, tokens.c.role).where(holds, tokens.c.expires > _now(now))
        ).first()
    return None if row is None else Caller(row.user, row.role)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _now(now: float | None) -> int:
    return int(time.time() if now is None else now)
