"""Engines: where indicator expressions run. One definition, in Ibis; each engine only runs it.

`embedded` is DuckDB in this process; `features.spark` runs the same expressions on PySpark.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from records.errors import NotFound
from records.files import replacing

MEMORY = "5GB"
"""What DuckDB may hold; what does not fit is worked on in a scratch folder."""

ENGINES = ("duckdb", "spark")


class Engine(Protocol):
    """Reads tables, runs expressions, writes their rows.

    `parts` tells whether work is cut into ranges of firms, so that memory stays bounded; an
    engine that spreads its work by itself takes everything at once.
    """

    parts: bool

    def read(self, name: str, files: Sequence[str]) -> ir.Table:
        """A record table of a snapshot, from its Parquet files and nothing else."""
        ...

    def give(self, name: str, rows: pa.Table) -> ir.Table:
        """Rows of ours as a table of the engine's, in place of an earlier one of the name."""
        ...

    def settle(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression once, for those that go on from it."""
        ...

    def write(self, expression: ir.Table, path: Path, about: Mapping[str, str]) -> None:
        """Write an ordered expression as one Parquet file, atomically, with facts about it."""
        ...

    def close(self) -> None:
        """Let go of what the engine holds."""
        ...


@contextmanager
def engine(name: str) -> Iterator[Engine]:
    """An engine for the length of the block: ``duckdb`` or ``spark``.

    Raises
    ------
    NotFound : there is no such engine.
    NotPossible : Spark or its Java is not installed here.
    """
    running: Engine
    if name == "duckdb":
        running = DuckDB()
    elif name == "spark":
        from features.spark import Spark

        running = Spark()
    else:
        raise NotFound.among("engine", name, ENGINES)
    try:
        yield running
    finally:
        running.close()


class DuckDB:
    """DuckDB in this process; it never fetches an extension."""

    parts = True

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="xinfen-features-")
        self._ibis = ibis.duckdb.connect(
            autoinstall_known_extensions="false",
            autoload_known_extensions="false",
            memory_limit=MEMORY,
            temp_directory=self._scratch.name,
        )

    def read(self, name: str, files: Sequence[str]) -> ir.Table:
        return self._ibis.read_parquet(files, table_name=f"records_{name}", union_by_name=True)

    def give(self, name: str, rows: pa.Table) -> ir.Table:
        self._run(f"drop table if exists {_quoted(name)}")
        connection: Any = self._ibis.con
        connection.register("given", rows)
        self._run(f"create temp table {_quoted(name)} as from given")
        connection.unregister("given")
        return self._ibis.table(name)

    def settle(self, name: str, expression: ir.Table) -> ir.Table:
        sql = ibis.to_sql(expression, dialect="duckdb")
        self._run(f"create or replace temp table {_quoted(name)} as {sql}")
        return self._ibis.table(name)

    def write(self, expression: ir.Table, path: Path, about: Mapping[str, str]) -> None:
        facts = ", ".join(f"{_quoted(name)}: {_text(value)}" for name, value in about.items())
        sql = ibis.to_sql(expression, dialect="duckdb")
        with replacing(path) as temporary:
            self._run(
                f"copy ({sql}) to {_text(str(temporary))} (format parquet, compression zstd, "
                f"kv_metadata {{{facts}}})"
            )

    def close(self) -> None:
        self._ibis.disconnect()
        self._scratch.cleanup()

    def _run(self, sql: str) -> None:
        self._ibis.con.execute(sql)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
