"""Where the firms of a load stand: a shelf of their own, made beside the served one.

On SQLite a shelf is a file beside the store, `STORE.runs/LOAD.db`, never written again once it is
whole: readers attach it without a lock, and a publication keeps no other writer waiting. On
PostgreSQL it is three tables whose names end in the load's number. Either way it is filled without
anybody seeing it, and dropped in one go.

| table | a row is |
|---|---|
| firms | one firm, its ladder packed (`packing`); `n` counts them by entity_id from 0 |
| terms | one thing to search for, and which firms have it (`postings`) |
| names | the names of `CHUNK` firms, one after another |
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from serving.store.accesstables import CODE
from serving.store.database import SHELVES

PREFIXES = ("firms_", "terms_", "names_")
"""How the names of a shelf's tables begin on PostgreSQL; no migration touches them."""


@dataclass(frozen=True)
class Shelf:
    """The tables of a load."""

    firms: sa.Table
    terms: sa.Table
    names: sa.Table

    @property
    def all(self) -> list[sa.Table]:
        return [self.firms, self.terms, self.names]


@lru_cache(maxsize=64)
def tables(load: int, dialect: str, *, alone: bool = False) -> Shelf:
    """A load's tables as they are called; `alone`: in their own SQLite file, opened by itself."""
    attached = dialect == "sqlite" and not alone
    metadata = sa.MetaData(schema=f"run_{load}" if attached else None)
    end = "" if dialect == "sqlite" else f"_{load}"
    firms = sa.Table(
        f"firms{end}",
        metadata,
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entity_id", CODE, nullable=False),
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
        sa.Column("packed", sa.LargeBinary, nullable=False, comment="empty: grade only"),
    )
    terms = sa.Table(
        f"terms{end}",
        metadata,
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("term", CODE, primary_key=True),
        sa.Column("firms", sa.Integer, nullable=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
    )
    names = sa.Table(
        f"names{end}",
        metadata,
        sa.Column("chunk", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("names", sa.LargeBinary, nullable=False, comment="UTF-8, a line each"),
    )
    return Shelf(firms, terms, names)


def index(connection: Connection, shelf: Shelf) -> None:
    """Make what finds a firm by its code, once all firms are there."""
    name = shelf.firms.name
    connection.exec_driver_sql(f"CREATE UNIQUE INDEX {name}_by_code ON {name} (entity_id)")


def of(connection: Connection, load: int) -> Shelf:
    """The tables of a load, ready to be read on a connection."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        known: dict[int, None] = connection.info.setdefault(SHELVES, {})
        if load not in known:
            path = file_of(connection.engine, load)
            uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            connection.exec_driver_sql(f"ATTACH ? AS run_{int(load)}", (uri,))
            known[load] = None
    return tables(load, dialect)


def file_of(engine: Engine, load: int) -> Path:
    """The file of a load's shelf beside an SQLite store."""
    return Path(str(engine.url.database)).with_suffix(".runs") / f"{load}.db"


@contextmanager
def private(engine: Engine, load: int) -> Iterator[tuple[Connection, Shelf]]:
    """A connection on which a new shelf is filled, its tables made; committed by whoever fills."""
    if engine.dialect.name == "sqlite":
        path = file_of(engine, load)
        path.parent.mkdir(exist_ok=True)
        alone = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)
        shelf = tables(load, "sqlite", alone=True)
        with alone.connect() as connection:
            # Nobody sees the file before it is whole: it needs no journal, and no lock but ours.
            for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
                connection.exec_driver_sql(f"PRAGMA {setting}")
            shelf.firms.metadata.create_all(connection)
            connection.commit()
            yield connection, shelf
        return
    shelf = tables(load, engine.dialect.name)
    with engine.connect() as connection:
        shelf.firms.metadata.create_all(connection)
        connection.commit()
        yield connection, shelf


def settle(engine: Engine, load: int) -> None:
    """Have a filled shelf ready and on the disk before anybody is pointed at it.

    On PostgreSQL its pages are marked as seen by all, or whoever reads one first would do it.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables(load, "postgresql").all:
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {table.name}")
        return
    path = file_of(engine, load)
    for place in (path, path.parent):
        number = os.open(place, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def drop(engine: Engine, load: int) -> None:
    """Remove a load's firms; what is not there is removed already."""
    if engine.dialect.name == "sqlite":
        path = file_of(engine, load)
        for left in (path, path.with_name(f"{path.name}-journal")):
            left.unlink(missing_ok=True)
        return
    with engine.begin() as connection:
        for table in tables(load, engine.dialect.name).all:
            table.drop(connection, checkfirst=True)
