"""The result store's tables, declared once, and the two ways to open a transaction on them.

| table | a row is |
|---|---|
| loads | one run, loaded or being loaded |
| firms | one firm in one load, its ladder ready to send |
| current | the one load that is served |
| tokens, sessions | who may ask (only hashes of secrets) |
| audit | one read of one firm's class, chained to the row before |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import ConnectionPoolEntry

from records import places

metadata = sa.MetaData()

loads = sa.Table(
    "loads",
    metadata,
    sa.Column("load", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(64), nullable=False, comment="SHA-256 of the run folder"),
    sa.Column("whole", sa.Boolean, nullable=False, comment="false while rows still come in"),
    sa.Column("about", sa.JSON, nullable=False, comment="what GET /v1/run answers"),
    sqlite_autoincrement=True,  # a load's number is never used twice
)

firms = sa.Table(
    "firms",
    metadata,
    sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("division", sa.String),
    sa.Column("industry", sa.String),
    sa.Column("entity_type", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("scope", sa.String(16), nullable=False),
    sa.Column("risk_class", sa.String(1), comment="null: not classified by the model"),
    sa.Column("model_class", sa.String(1)),
    sa.Column("previous_class", sa.String(1), comment="null: no earlier run"),
    sa.Column("public_grade", sa.String(1), comment="null: none received"),
    sa.Column("public_score", sa.Integer),
    sa.Column("probability", sa.Float),
    sa.Column("ladder_zh", sa.LargeBinary, nullable=False, comment="JSON, ready to send"),
    sa.Column("ladder_en", sa.LargeBinary, nullable=False),
    sa.Index("firms_by_class", "load", "risk_class", "entity_id"),
    sa.Index("firms_by_division", "load", "division", "entity_id"),
    sa.Index("firms_by_industry", "load", "industry", "entity_id"),
)

current = sa.Table(
    "current",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("load", sa.Integer, nullable=False),
    sa.CheckConstraint("one = 1"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True, comment="SHA-256 of the token"),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("expires", sa.Integer, nullable=False, comment="Unix seconds"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True, comment="SHA-256 of the cookie"),
    sa.Column("token", sa.String(64), nullable=False, comment="the token it was opened with"),
    sa.Column("expires", sa.Integer, nullable=False, comment="Unix seconds"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 …"),
    sa.Column("at", sa.String(32), nullable=False, comment="UTC, ISO 8601"),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("entity_id", sa.String(64), nullable=False, index=True),
    sa.Column("run", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String, nullable=False, comment="as given; empty if not"),
    sa.Column("previous", sa.String(64), nullable=False, comment="hash of row n − 1"),
    sa.Column("hash", sa.String(64), nullable=False),
)


def connect(url: str | None = None) -> Engine:
    """An engine on the result store, its tables made where they are missing.

    Parameters
    ----------
    url : SQLAlchemy URL; by default `records.places.results_db()`.
    """
    url = url or places.results_db()
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite" and made.database:
        Path(made.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with writing(engine) as connection:
        metadata.create_all(connection)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, undone on any error."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one consistent state and never waits for a writer."""
    with engine.connect() as connection:
        yield connection


def _prepare_sqlite(raw: sa.engine.interfaces.DBAPIConnection, _: ConnectionPoolEntry) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    cursor = raw.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")  # readers and one writer side by side
    cursor.execute("PRAGMA synchronous = FULL")  # an audit row is on disk before the answer
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: upgraded later, it would fail, not wait.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
