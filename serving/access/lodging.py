"""The audit's head, lodged outside: what makes a chain written anew, or a cut tail, show.

    {"at":"2026-04-01T00:05:00+00:00","hash":"…","n":48211}

one line a day, added to a file on another machine's disk or sent to an address by POST. Whoever
keeps it need not be trusted with anything: a head tells nothing of what was read.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from records.errors import BadInput, NotFound, NotPossible, XinfenError
from records.files import canonical
from serving.access import chain
from serving.access.caller import Caller, terminal
from serving.access.chain import Event, Head
from serving.access.scope import WHOLE
from serving.access.servicesettings import Lodge, secret_of
from serving.store.accesstables import audit
from serving.store.database import reading, writing

ACTION, FAILED = "audit.lodge", "audit.lodge_failed"
EVERY = {ACTION: timedelta(hours=24), FAILED: timedelta(minutes=10)}
"""After how long the service lodges again, by how the last time went."""

LOOK = 60.0
"""Seconds between two looks whether it is due."""

SECONDS = 30
"""How long an address may take to answer."""

_LOG = logging.getLogger(__name__)
_LOCAL = ("127.0.0.1", "localhost", "::1")


def lodge(engine: Engine, where: Lodge, *, by: Caller | None = None) -> Head:
    """Lodge the head of the chain, a row that says so included.

    Raises
    ------
    BadInput : nothing is set, or it is neither a file nor an http(s) address.
    NotPossible : the address did not take it, or the file's last head is not in the chain.
    """
    check(where)
    with writing(engine) as connection:
        if not _address(where):
            _still_there(connection, Path(where.to))
        now = chain.record(connection, [_event(where, by)])
    _send_or_note(engine, where, now, by)
    return now


def lodge_if_due(engine: Engine, where: Lodge, *, by: Caller | None = None) -> Head | None:
    """Lodge the head if that was not tried for a day; of several workers one does.

    Raises
    ------
    BadInput, NotPossible : as for `lodge`.
    """
    check(where)
    with reading(engine) as connection:
        if not _due(connection):
            return None
    with writing(engine) as connection:
        chain.record(connection, [])  # nobody else decides meanwhile
        if not _due(connection):
            return None
        now = chain.record(connection, [_event(where, by)])
    _send_or_note(engine, where, now, by)
    return now


async def keep(engine: Engine, where: Lodge) -> None:
    """Lodge daily for as long as the service runs; a failure is told, noted and tried again."""
    by = Caller("service", "auditor", WHOLE)
    while True:
        try:
            await run_in_threadpool(lodge_if_due, engine, where, by=by)
        except (XinfenError, OSError, SQLAlchemyError) as error:
            _LOG.warning("the audit's head was not lodged: %s", type(error).__name__)
        await asyncio.sleep(LOOK)


def lodged(path: Path) -> list[Head]:
    """The heads of a lodged file.

    Raises
    ------
    NotFound : there is no such file.
    BadInput : a line is not a head; it is named.
    """
    if not path.is_file():
        raise NotFound(f"no lodged file {path}", hint="fetch it from where heads are lodged")
    heads: list[Head] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            told = json.loads(line)
            head = Head(told["n"], told["hash"])
            if type(head.n) is not int or head.n < 0 or len(head.hash) != 64:
                raise ValueError("no head")
        except (ValueError, TypeError, KeyError):
            raise BadInput(
                f"{path}, line {number}: not a lodged head",
                found=line[:80].decode("utf-8", "replace"), allowed='{"at":…,"hash":…,"n":…}',
            ) from None  # fmt: skip
        heads.append(head)
    return heads


def last(engine: Engine) -> str:
    """When a head was last lodged, UTC in ISO 8601; empty: never."""
    with reading(engine) as connection:
        return _last(connection)


def check(where: Lodge) -> None:
    """Whether heads can be lodged there at all; nothing is asked of it.

    Raises
    ------
    BadInput : it is neither a file nor an http(s) address, or a token would travel in the clear.
    """
    try:
        parts = urlsplit(where.to)
        known = not parts.scheme or (_address(where) and parts.hostname and parts.port != 0)
    except ValueError:  # of its brackets or its port
        known = False
    if not where.to or not known:
        raise BadInput(
            "no place to lodge the head", found=where.to, allowed="a file, or an http(s) address",
            hint="set lodge: {to: …} in the settings, or say --to",
        )  # fmt: skip
    if where.token_file and parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise BadInput("a token is only sent encrypted", found=where.to, allowed="https://…")


def _address(where: Lodge) -> bool:
    return where.to.startswith(("http://", "https://"))


def _event(where: Lodge, by: Caller | None, action: str = ACTION) -> Event:
    place = urlsplit(where.to).hostname if _address(where) else where.to
    return Event.of(by or terminal("auditor"), action, about=f"to {place}")


def _send_or_note(engine: Engine, where: Lodge, head: Head, by: Caller | None) -> None:
    try:
        _send(where, head)
    except (XinfenError, OSError):
        with writing(engine) as connection:
            chain.record(connection, [_event(where, by, FAILED)])
        raise


def _send(where: Lodge, head: Head) -> None:
    told = {"n": head.n, "hash": head.hash, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    if _address(where):
        _post(where, canonical(told))
    else:
        _add(Path(where.to), canonical(told) + b"\n")


def _still_there(connection: Connection, path: Path) -> None:
    """Before another head covers it up: the last one lodged must be in the chain."""
    heads = lodged(path) if path.is_file() else []
    if heads and heads[-1].n:
        found = sa.select(audit.c.hash).where(audit.c.n == heads[-1].n)
        if connection.scalar(found) != heads[-1].hash:
            raise NotPossible(
                f"row {heads[-1].n} is not the row whose hash was lodged in {path}",
                hint="`xinfen audit verify --lodged` says more; do not lodge over it",
            )


def _add(path: Path, line: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.write(line)
        handle.flush()
        os.fsync(handle.fileno())


def _post(where: Lodge, body: bytes) -> None:
    parts = urlsplit(where.to)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Content-Type": "application/json"}
    if token := secret_of(where.token_file):
        headers["Authorization"] = f"Bearer {token}"
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path or "/", body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError) as error:  # also a name that is no host's
        raise NotPossible(f"the head could not be lodged at {where.to}", found=str(error)) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotPossible(
            f"the head could not be lodged at {where.to}", found=str(status), allowed="2xx"
        )


def _last(connection: Connection) -> str:
    told = sa.select(sa.func.max(audit.c.at)).where(audit.c.action == ACTION)
    return connection.scalar(told) or ""


def _due(connection: Connection) -> bool:
    tried = sa.select(audit.c.action, audit.c.at).where(audit.c.action.in_(EVERY))
    before = connection.execute(tried.order_by(audit.c.n.desc()).limit(1)).first()
    if before is None:
        return True
    return datetime.now(UTC) - datetime.fromisoformat(before.at) >= EVERY[before.action]
