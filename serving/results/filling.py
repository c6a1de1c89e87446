"""Many rows into the store at once: SQLite by bound rows, PostgreSQL by binary COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.results.loading import Batch

T = TypeVar("T")


def bulk(connection: Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows, their values in the order of the table's columns; part of the transaction."""
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
        return
    name = connection.dialect.identifier_preparer.format_table(table)
    marks = ", ".join("?" * len(table.columns))
    given = [*rows]
    if given:
        connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", given)  # noqa: S608


def _copy(connection: Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    name = connection.dialect.identifier_preparer.format_table(table)
    types = [_TYPES[type(column.type)] for column in table.columns]
    if not connection.in_transaction():
        connection.begin()  # what follows goes past SQLAlchemy
    raw = connection.connection.driver_connection
    if raw is None:
        raise RuntimeError("the connection is closed")
    with raw.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


_TYPES: dict[type[Any], str] = {
    sa.Integer: "int4", sa.String: "text", sa.Float: "float8", sa.LargeBinary: "bytea",
}  # fmt: skip


def rows_of(batch: Batch) -> Iterator[tuple[Any, ...]]:
    """A batch as rows of a shelf's `firms`."""
    numbers = range(batch.first, batch.first + batch.rows.num_rows)
    return zip(numbers, *values(batch.rows), batch.packed.to_pylist(), strict=True)


def values(table: pa.Table) -> list[list[Any]]:
    """A table's columns as plain values."""
    return [column.to_pylist() for column in table.columns]


def ahead(source: Iterator[T]) -> Iterator[T]:
    """The same values, the next one made in a thread of its own while one is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, source, None)
        while (one := coming.result()) is not None:
            coming = pool.submit(next, source, None)
            yield one
