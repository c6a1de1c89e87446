"""Bearer tokens: given once, kept as hashes, narrowed to a role and a scope, ended by day or hand.

    xf_k7wq2nta_9Zb…      xf_ and eight letters are the prefix, shown in lists; the rest is secret

A token is 256 bits of chance, so a plain SHA-256 of it can stand in the database: there is nothing
to guess from, and a look-up costs one read. Giving and taking a token stands in the audit.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from records.errors import BadInput, NotFound, NotPossible
from serving.access import chain
from serving.access.caller import TERMINAL, Caller, terminal
from serving.access.roles import MAY, Role
from serving.access.scope import WHOLE, Scope
from serving.store.accesstables import sessions, tokens
from serving.store.database import among, reading, texts, writing
from serving.store.quick import Quick

DAY = 86_400
LONGEST = 400
"""Days a token may be valid; who works on longer gets a new one."""

USED_STEP = 300
"""Seconds between two writes of a token's last use, so that a read costs no write of its own."""

_NOTHING = sa.select(sa.null()).scalar_subquery()
_NOTED: dict[str, int] = {}
_NOTING = Lock()
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is read as another


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as lists show it; times in Unix seconds."""

    prefix: str
    user: str
    role: Role
    scope: Scope
    purpose: str
    issued: int
    expires: int
    revoked: int | None
    last_used: int | None

    def holds(self, now: float | None = None) -> bool:
        return self.revoked is None and self.expires > clock(now)

    @property
    def caller(self) -> Caller:
        """Its holder, as one who asks."""
        return Caller(self.user, self.role, self.scope, self.prefix)


def issue(
    engine: Engine,
    user: str,
    role: str,
    *,
    days: int,
    scope: Scope = WHOLE,
    purpose: str = "",
    by: Caller | None = None,
    now: float | None = None,
) -> str:
    """A new token for `user`, valid for `days`; it is told once and cannot be read again.

    Parameters
    ----------
    scope : how far its holder sees.
    purpose : why it is given.
    by : who gives it; by default whoever is at the terminal.

    Raises
    ------
    BadInput : no user, an unknown role, or not between one day and `LONGEST`.
    """
    if not user.strip() or not user.isprintable() or user.strip().startswith(TERMINAL):
        raise BadInput(
            "a token needs a user", found=user,
            allowed=f"a name that can be printed and does not begin with {TERMINAL}",
            hint="name the person or the system",
        )  # fmt: skip
    if role not in MAY:
        raise BadInput("unknown role", found=role, allowed=", ".join(sorted(MAY)))
    if not 1 <= days <= LONGEST:
        raise BadInput(
            "a token is valid for at least a day", found=str(days), allowed=f"1 to {LONGEST}"
        )
    begin = clock(now)
    with writing(engine) as connection:
        return give(
            connection, user.strip(), role, begin + days * DAY, scope=scope,
            purpose=purpose, by=by or terminal("administrator"), now=now,
        )  # fmt: skip


def give(
    connection: Connection,
    user: str,
    role: str,
    expires: int,
    *,
    scope: Scope,
    purpose: str,
    by: Caller,
    now: float | None = None,
) -> str:
    """Write a token and its audit row in the caller's transaction, and return the secret."""
    prefix = "xf_" + "".join(secrets.choice(_LETTERS) for _ in range(8))
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = {"hash": hashed(token), "prefix": prefix, "user": user, "role": role, "purpose": purpose}
    times = {"issued": clock(now), "expires": expires}
    connection.execute(sa.insert(tokens), {**row, **scope.as_json(), **times})
    about = f"{prefix} for {user} as {role}; {scope}; until {expires}"
    chain.record(connection, [chain.Event.of(by, "token.issue", about=about, purpose=purpose)])
    return token


def revoke(
    engine: Engine,
    prefix: str,
    *,
    purpose: str = "",
    by: Caller | None = None,
    now: float | None = None,
) -> Issued:
    """End a token and every session opened with it, at once.

    Raises
    ------
    NotFound : no token begins so.
    NotPossible : it was revoked before.
    """
    with writing(engine) as connection:
        wanted = sa.select(tokens).where(tokens.c.prefix == shown(prefix))
        row = connection.execute(wanted).mappings().first()
        if row is None:
            raise NotFound(
                f"no token {shown(prefix)!r}", hint="`xinfen token list` shows the prefixes"
            )
        if row["revoked"] is not None:
            raise NotPossible(f"token {row['prefix']} is revoked already")
        change = sa.update(tokens).where(tokens.c.hash == row["hash"]).values(revoked=clock(now))
        connection.execute(change)
        connection.execute(sa.delete(sessions).where(sessions.c.token == row["hash"]))
        about = f"{row['prefix']} of {row['user']}"
        event = chain.Event.of(
            by or terminal("administrator"), "token.revoke", about=about, purpose=purpose
        )
        chain.record(connection, [event])
        return _issued(connection.execute(wanted).mappings().one())


def listed(engine: Engine) -> list[Issued]:
    """Every token that was ever given, the newest last; no secret is among it."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(tokens).order_by(tokens.c.issued, tokens.c.prefix))
        return [_issued(row) for row in rows.mappings()]


def any_token(engine: Engine) -> bool:
    """Whether a token that holds exists."""
    with reading(engine) as connection:
        holding = sa.select(tokens.c.hash).where(
            tokens.c.expires > clock(None), tokens.c.revoked.is_(None)
        )
        return connection.scalar(holding.limit(1)) is not None


def check(engine: Engine, token: str, *, now: float | None = None) -> Caller | None:
    """The holder of a token; None if it is unknown, revoked or has expired."""
    with reading(engine) as connection:
        found = holders(connection, {token}, now=now)[0].values()
    note_use(engine, found, now=now)
    return next((one.caller for one in found), None)


def caller_of(
    engine: Engine, wanted: sa.Select[Any], given: dict[str, Any], now: float | None = None
) -> Caller | None:
    """The holder of the token that a query finds, if it is valid; its use is noted.

    Asked anew for every request, so that a token that ends has ended everywhere at once.
    """
    with reading(engine) as connection:
        row = connection.execute(wanted, given).mappings().first()
    if row is None:
        return None
    found = _issued(row)
    if not found.holds(now):
        return None
    note_use(engine, [found], now=now)
    return found.caller


def holders(
    connection: Connection,
    secret_ones: Set[str],
    beside: sa.ScalarSelect[Any] = _NOTHING,
    *,
    now: float | None = None,
) -> tuple[dict[str, Issued], Any]:
    """Those of the tokens that are valid, by themselves; then `note_use`.

    Parameters
    ----------
    beside : what is asked for in the same read; told of no token it is null.
    """
    by_hash = {hashed(token): token for token in secret_ones}
    dialect = connection.dialect.name
    found = _by_hashes(dialect, beside).rows(connection, {"hashes": texts(by_hash, dialect)})
    rows = (dict(zip(_COLUMNS, row, strict=False)) for row in found)
    issued = {by_hash[row["hash"]]: _issued(_plain(row)) for row in rows}
    valid = {token: one for token, one in issued.items() if one.holds(now)}
    return valid, found[0][-1] if found else None


_COLUMNS = tuple(column.name for column in tokens.c)


@lru_cache(maxsize=8)
def _by_hashes(dialect: str, beside: sa.ScalarSelect[Any]) -> Quick:
    return Quick(sa.select(tokens, beside).where(among(tokens.c.hash, "hashes", dialect)))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the driver gives it, its JSON read where the database keeps that as text."""
    for name in ("regions", "fields"):
        if isinstance(row[name], str):
            row[name] = json.loads(row[name])
    return row


def note_use(engine: Engine, used: Iterable[Issued], *, now: float | None = None) -> None:
    """Note that tokens were used, those that were not noted lately, in a transaction of its own."""
    due = [one.prefix for one in used if _due(one.prefix, one.last_used or 0, clock(now))]
    if due:
        noted = sa.update(tokens).where(tokens.c.prefix.in_(due)).values(last_used=clock(now))
        with writing(engine) as connection:
            connection.execute(noted)


def _due(kept: str, last_used: int, now: int) -> bool:
    """Whether a use is to be noted; of many at once the first does it."""
    with _NOTING:
        if now - max(last_used, _NOTED.get(kept, 0)) < USED_STEP:
            return False
        _NOTED[kept] = now
        return True


def shown(token: str) -> str:
    """The part of a token that may be shown: `xf_` and the eight letters after it."""
    return token.strip()[:11]


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def clock(now: float | None) -> int:
    """Unix seconds; `now` where a test says it."""
    return int(time.time() if now is None else now)


def _issued(told: Mapping[Any, Any]) -> Issued:
    """A row of `tokens`; a scope that cannot be read is an error, not the whole province."""
    kept = ("prefix", "user", "role", "purpose", "issued", "expires", "revoked", "last_used")
    scope = Scope.of(told["regions"], told["fields"])
    return Issued(scope=scope, **{name: told[name] for name in kept})
