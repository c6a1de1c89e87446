"""Statements that are executed a thousand times a second: compiled once, run by the driver itself.

What SQLAlchemy does around a statement costs many times what an embedded database needs to answer
it. So the few that every look at a firm needs, of tokens, of the served run, of firms and of the
audit, are written as SQLAlchemy statements like all others, and executed without it, on PostgreSQL
by `libpq`. Values come as the driver gives them; errors are SQLAlchemy's, so that whoever catches
those catches these.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.base import Executable

_NUMBERS = itertools.count(1)
_Compiled = tuple[str, list[str], dict[str, Any]]


class Quick:
    """One statement; `columns` are those that rows of `each` have."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._name = f"xinfen_{next(_NUMBERS)}"
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, given: Mapping[str, Any] = {}) -> list[Any]:
        """All rows, as plain tuples; in the connection's transaction, begun if there is none."""
        text, names, defaults = self._of(connection)
        told = {**defaults, **given}
        values = [told[name] for name in names]
        with errors(connection):
            if connection.dialect.name == "postgresql":
                from serving.store import libpq  # psycopg is an extra

                return libpq.rows(connection, self._name, text, values)
            cursor: Any = connection.connection.cursor()
            cursor.execute(text, values)
            rows: list[Any] = cursor.fetchall()
            cursor.close()
            return rows

    def each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each row, on SQLite."""
        text, names, _ = self._of(connection)
        with errors(connection):
            cursor = connection.connection.cursor()
            cursor.executemany(text, [[row[name] for name in names] for row in rows])
            cursor.close()

    def _of(self, connection: Connection) -> _Compiled:
        """Its text on a database, the names of its values in their places, and defaults."""
        dialect: Any = connection.dialect
        if (found := self._compiled.get(dialect.name)) is None:
            if dialect.name == "postgresql":
                dialect = type(dialect)(paramstyle="numeric_dollar")
            compiled: Any = self._statement.compile(  # type: ignore[attr-defined]
                dialect=dialect, column_keys=self._columns
            )
            found = str(compiled), compiled.positiontup or [], dict(compiled.params)
            self._compiled[dialect.name] = found
        return found


class Put:
    """Adds rows to tables, on PostgreSQL to all of them by one statement."""

    def __init__(self, *tables: sa.Table) -> None:
        self._names = [table.name for table in tables]
        self._each = [
            Quick(sa.insert(table), [column.name for column in table.c]) for table in tables
        ]
        *others, last = map(_given, tables)
        self._all = Quick(last.add_cte(*(one.cte(f"put_{n}") for n, one in enumerate(others))))

    def rows(self, connection: Connection, *rows: Sequence[Mapping[str, Any]]) -> None:
        """Add to each table, in their order, its rows; each has a value for every column."""
        if connection.dialect.name == "postgresql":
            told = (orjson.dumps(theirs).decode() for theirs in rows)
            self._all.rows(connection, dict(zip(self._names, told, strict=True)))
            return
        for each, theirs in zip(self._each, rows, strict=True):
            each.each(connection, theirs)


def _given(table: sa.Table) -> Any:
    """The statement that adds to a table the rows of a JSON text that is bound by its name."""
    text = sa.bindparam(table.name, type_=sa.String)
    own = (sa.column(column.name, column.type) for column in table.c)
    given = sa.func.json_to_recordset(sa.cast(text, sa.JSON)).table_valued(*own)
    told = sa.select(given.render_derived(with_types=True))
    return sa.insert(table).from_select([column.name for column in table.c], told)


@contextmanager
def errors(connection: Connection) -> Iterator[None]:
    """In the connection's transaction; the driver's errors become SQLAlchemy's."""
    if not connection.in_transaction():
        connection.begin()
    dbapi: Any = connection.dialect.dbapi
    try:
        yield
    except dbapi.Error as error:
        raw: Any = connection.connection.dbapi_connection
        lost = connection.dialect.is_disconnect(error, raw, None)
        told = sa.exc.DBAPIError.instance(
            None, None, error, dbapi.Error, hide_parameters=True, dialect=connection.dialect,
            connection_invalidated=lost,
        )  # fmt: skip
        if lost:
            connection.invalidate(error)
        raise told from error
