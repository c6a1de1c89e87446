"""The result store's tables, declared once, and the two ways to open a transaction on them.

The firms of a load stand in tables of their own (`serving.results.shelves`). The tables here change
by migrations (`upgrades`), and only when asked; a store of another version is refused.

| table | a row is |
|---|---|
| loads | one run, loaded or being loaded |
| current | the one load that is served |
| frozen | one file of a load's frozen model, or the run's word lists |
| tallies | how many firms of one class a load has in a division, an industry, a public grade |
| history | what one load made of one firm; stays when the load's firms are dropped |

Who may ask and who did is in `accesstables`, long work in `jobtables`, what is to be corrected in
`correctiontables`, plans and their visits in `plantables`, on the same metadata.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.pool import ConnectionPoolEntry

from records import places
from records.errors import BadInput, NotPossible
from serving.store import (  # noqa: F401 - their tables are on the metadata
    correctiontables,
    jobtables,
    plantables,
)
from serving.store.accesstables import CODE, metadata
from serving.store.quick import errors

loads = sa.Table(
    "loads",
    metadata,
    sa.Column("load", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(64), nullable=False, comment="SHA-256 of the run folder"),
    sa.Column("whole", sa.Boolean, nullable=False, comment="false while rows still come in"),
    sa.Column("held", sa.Boolean, nullable=False, comment="false: only its history is left"),
    sa.Column("as_of", sa.String(10), nullable=False, comment="civil date, ISO 8601"),
    sa.Column("published", sa.String(32), comment="UTC, ISO 8601; null: not yet"),
    sa.Column("about", sa.JSON, nullable=False, comment="what GET /v1/run answers"),
    sqlite_autoincrement=True,  # a load's number is never used twice
)

current = sa.Table(
    "current",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("load", sa.Integer, nullable=False),
    sa.CheckConstraint("one = 1", name="only_one"),
)

frozen = sa.Table(
    "frozen",
    metadata,
    sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), primary_key=True, comment="division, industry, grade"),
    sa.Column("value", CODE, primary_key=True, comment="empty: not known"),
    sa.Column("risk_class", sa.String(1), primary_key=True, comment="empty: not classified"),
    sa.Column("firms", sa.Integer, nullable=False),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity_id", CODE, primary_key=True),
    sa.Column("risk_class", sa.String(1), comment="null: not classified by the model"),
    sa.Column("model_class", sa.String(1)),
    sa.Column("public_grade", sa.String(1), comment="null: none received"),
    sa.Column("probability", sa.Float),
    sa.Column("previous_class", sa.String(1), comment="null: no earlier run"),
    sa.Column("cause", sa.String(16), comment="of moves.parquet; null: the class did not change"),
    sa.Column("rule", sa.String, comment="the direct rule that began or ended"),
    sa.Column("indicators", sa.LargeBinary, comment="JSON, what moved the score most"),
    sqlite_with_rowid=False,
)

HEAD = "0004"
"""The newest revision in `serving/store/migrations`, which these tables are."""


def connect(url: str | None = None) -> Engine:
    """An engine on the result store; an SQLite store that does not exist yet is made.

    Parameters
    ----------
    url : SQLAlchemy URL; by default `records.places.results_db()`.

    Raises
    ------
    NotPossible : the store has not the version of this program.
    """
    engine = opened(url)
    with writing(engine) as connection:
        found = version(connection)
        if found is None and engine.dialect.name == "sqlite" and not _tables(connection):
            metadata.create_all(connection)
            stamp(connection)
            found = HEAD
    if found != HEAD:
        engine.dispose()
        raise NotPossible(
            f"the result store {engine.url.render_as_string()} is not of this program's version",
            found=found or "no version", allowed=HEAD,
            hint="back it up, then run `xinfen db upgrade`",
        )  # fmt: skip
    return engine


def opened(url: str | None = None) -> Engine:
    """An engine on the result store, whatever its version.

    Raises
    ------
    BadInput : a URL of another database, or of one that lives in memory only.
    """
    given = url or places.results_db()
    made = sa.make_url(given)
    if made.drivername in ("postgresql", "postgres"):
        made = made.set(drivername="postgresql+psycopg")
    backend = made.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise BadInput("unknown kind of result store", found=backend, allowed="sqlite, postgresql")
    if backend == "sqlite":
        if made.database in (None, "", ":memory:"):
            raise BadInput(
                "a result store in memory is lost", found=given, allowed="sqlite:///FILE"
            )
        Path(str(made.database)).parent.mkdir(parents=True, exist_ok=True)
    # Where psycopg prepares by itself, it forgets all when a table is dropped, `libpq`'s as well.
    unprepared = {"prepare_threshold": None} if backend == "postgresql" else {}
    # No names or codes in a log; the connection used last, whose caches are warm, is used next.
    engine = sa.create_engine(
        made, hide_parameters=True, pool_use_lifo=True, connect_args=unprepared
    )
    if backend == "postgresql":
        event.listen(engine, "checkin", _rest)
        event.listen(engine, "checkout", partial(_rested, engine.dialect))
    else:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _let_go)
    return engine


_versions = sa.table("alembic_version", sa.column("version_num"))


def version(connection: Connection) -> str | None:
    """The store's revision; null: none yet, or it was made before there were any."""
    if "alembic_version" not in _tables(connection):
        return None
    return connection.scalar(sa.select(_versions.c.version_num))


def stamp(connection: Connection) -> None:
    """Note that the tables, just made from `metadata`, are those of HEAD."""
    made = sa.MetaData()
    sa.Table("alembic_version", made, sa.Column("version_num", sa.String(32), primary_key=True))
    made.create_all(connection)
    connection.execute(sa.insert(_versions).values(version_num=HEAD))


def _tables(connection: Connection) -> list[str]:
    return sa.inspect(connection).get_table_names()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, undone on any error.

    On SQLite those who write take turns by a lock of their own beside the store: its own is polled,
    so that somebody may wait for seconds while others pass. There is none inside another.
    """
    with _turn(engine), engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one consistent state and never waits for a writer."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """Reads that need not see one state: each statement sees the moment in which it is executed."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # a transaction's ends are round trips of their own
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """The turn to write; whoever waits for it holds the door, so that the last cannot be next."""
    if engine.dialect.name != "sqlite":
        yield
        return
    door = _hold(f"{engine.url.database}.door")
    try:
        mine = _hold(f"{engine.url.database}.turn")
    finally:
        os.close(door)
    try:
        yield
    finally:
        os.close(mine)


def _hold(path: str) -> int:
    """A handle that holds a file's lock until it is closed or its process ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except BaseException:
        os.close(handle)
        raise
    return handle


def among(column: sa.ColumnElement[str], name: str, dialect: str) -> sa.ColumnElement[bool]:
    """That a column is one of the texts bound as `name`, see `texts`.

    One statement for any number of them, so that it is compiled and planned once.
    """
    if dialect == "postgresql":
        given: Any = sa.bindparam(name, type_=postgresql.ARRAY(sa.String))
        return column == sa.any_(given)
    each = sa.func.json_each(sa.bindparam(name, type_=sa.String)).table_valued("value")
    return column.in_(sa.select(each.c.value))


def texts(values: Iterable[str], dialect: str) -> Any:
    """Texts as they are bound for `among`."""
    return [*values] if dialect == "postgresql" else json.dumps([*values])


def alone(connection: Connection, what: int) -> None:
    """Hold off others who do the same until this transaction ends.

    On SQLite a transaction that writes is alone anyway; `what` is PostgreSQL's number for it.
    """
    if connection.dialect.name == "postgresql":
        from serving.store import libpq  # psycopg is an extra

        with errors(connection):
            libpq.do(connection, f"SELECT pg_advisory_xact_lock({what:d})")


def _prepare_sqlite(raw: sa.engine.interfaces.DBAPIConnection, _: ConnectionPoolEntry) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    cursor = raw.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")  # readers and one writer side by side
    cursor.execute("PRAGMA synchronous = FULL")  # an audit row is on disk before the answer
    cursor.close()


FRESH = 1.0
"""Seconds for which a connection is taken to live because it did."""
_RESTING = "resting"
"""Where a connection notes since when nobody uses it."""


def _rest(_: object, entry: ConnectionPoolEntry) -> None:
    entry.info[_RESTING] = time.monotonic()


def _rested(
    dialect: Dialect,
    raw: sa.engine.interfaces.DBAPIConnection,
    entry: ConnectionPoolEntry,
    _: object,
) -> None:
    """Ask a connection that was not used for a while whether it lives; if not, it is made anew."""
    since = entry.info.get(_RESTING)
    if since is None or time.monotonic() - since < FRESH:
        return
    try:
        lives = dialect.do_ping(raw)
    except dialect.loaded_dbapi.Error as error:
        lives = not dialect.is_disconnect(error, raw, None)
    if not lives:
        raise sa.exc.InvalidatePoolError


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: upgraded later, it would fail, not wait.
    writes = connection.get_execution_options().get("writes", False)
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


SHELVES = "shelves"
"""Where a connection notes the loads whose files it has attached (`serving.results.shelves`)."""
_ATTACHED = 6  # SQLite takes ten


def _let_go(raw: sa.engine.interfaces.DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Detach the oldest loads from a connection that has many."""
    known: dict[int, None] = entry.info.get(SHELVES, {})
    while len(known) > _ATTACHED:
        load = next(iter(known))
        raw.cursor().execute(f"DETACH run_{load}")
        del known[load]
