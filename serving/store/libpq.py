"""Statements on PostgreSQL by libpq itself, each prepared once on a connection.

What psycopg's cursor does around a statement costs as much as the database's answer to it. So the
few that every look needs go through its binding of libpq (`psycopg.pq`); values are adapted by its
own adapters, and its connection knows of the transaction as ever. A call waits in libpq: a thread
that is interrupted hears of it once the database has answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.engine import Connection

_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_PREPARED = "prepared"
"""Where a connection notes the names of the statements that it knows, the oldest first."""

MOST = 100
"""Statements that a connection keeps prepared; each run has some of its own."""


def rows(connection: Connection, name: str, text: str, values: Sequence[Any]) -> list[Any]:
    """All rows that a statement tells, as plain tuples; its values stand in it as $1, $2, …

    Raises
    ------
    psycopg.Error : what the database answers, or that it does not.
    """
    raw: Any = connection.connection.driver_connection
    known: dict[str, None] = connection.info.setdefault(_PREPARED, {})
    if begin := _begin(raw):
        _checked(raw, raw.pgconn.exec_(begin.encode()))
    own = name.encode()
    if name not in known:
        if len(known) >= MOST:
            oldest = next(iter(known))
            _checked(raw, raw.pgconn.exec_(f"DEALLOCATE {oldest}".encode()))
            del known[oldest]
        _checked(raw, raw.pgconn.prepare(own, text.encode()))
        known[name] = None
    adapting = Transformer(raw)
    told = adapting.dump_sequence(values, [PyFormat.TEXT] * len(values))
    result = _checked(raw, raw.pgconn.exec_prepared(own, told, adapting.formats, Format.BINARY))
    adapting.set_pgresult(result)
    return adapting.load_rows(0, result.ntuples, tuple)


def do(connection: Connection, text: str) -> None:
    """Execute a statement without values; if it is a transaction's first, together with BEGIN.

    Raises
    ------
    psycopg.Error : what the database answers, or that it does not.
    """
    raw: Any = connection.connection.driver_connection
    _checked(raw, raw.pgconn.exec_(f"{_begin(raw)}{text}".encode()))


def _begin(raw: Any) -> str:
    """What begins the transaction if it is due and was not begun yet; else nothing."""
    if raw.autocommit or raw.pgconn.transaction_status != TransactionStatus.IDLE:
        return ""
    level = raw.isolation_level  # as the engine or the connection was told
    return f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}; " if level else "BEGIN; "


def _checked(raw: Any, result: PGresult) -> PGresult:
    if result.status in _GOOD:
        return result
    if raw.pgconn.status == ConnStatus.BAD:
        raise psycopg.OperationalError(raw.pgconn.get_error_message())
    raise error_from_result(result)
