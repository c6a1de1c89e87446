"""Many rows into the store at once: SQLite by bound rows, PostgreSQL by binary COPY."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from queue import Full, Queue
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.loading import Batch

T = TypeVar("T")

_AHEAD = 2
"""Batches made while another is written."""


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
    """The same values, made in a thread of their own while those before are used."""
    made: Queue[tuple[T | None, BaseException | None]] = Queue(_AHEAD)
    stopped = threading.Event()

    def put(one: T | None, error: BaseException | None) -> None:
        while not stopped.is_set():
            try:
                made.put((one, error), timeout=0.1)
                return
            except Full:
                continue

    def work() -> None:
        try:
            for one in source:
                put(one, None)
                if stopped.is_set():
                    return
            put(None, None)
        except BaseException as error:  # noqa: BLE001 - raised again where the values are used
            put(None, error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            one, error = made.get()
            if error is not None:
                raise error
            if one is None:
                return
            yield one
    finally:
        stopped.set()
        thread.join()
