"""References between records: which of them lead to a record that is here, and which do not yet.

A record may arrive before the one it speaks of, so an unresolved reference is never a fault. It
is counted instead, where people look: in the quality report of an ingest and by
`xinfen store references`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from records.columns import Column, Reference, Table
from records.schema import TABLES, declared
from records.store import Store

EXAMPLES = 3
HELD = 2_000_000
"""Distinct references that are held before they are counted together."""
MEMORY = "1GB"


@dataclass(frozen=True)
class Resolved:
    """A column's references to one table: of how many rows, how many lead nowhere yet, which."""

    table: str
    column: str
    target: str
    rows: int
    unresolved: int
    examples: tuple[str, ...]


def references(table: Table) -> Iterator[tuple[Column, Reference]]:
    """The columns of a table that refer to records; not a firm's own registration to itself."""
    for column in table.columns:
        refers = column.refers
        if refers is not None and (refers.table, refers.column) != (table.name, column.name):
            yield column, refers


class Referred:
    """The references of accepted rows as intake shows them, chunk by chunk.

    Memory grows with the number of distinct values referred to, some 60 MB for every firm of a
    large province.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._held: dict[str, list[pa.Table]] = {c.name: [] for c, _ in references(table)}

    def __call__(self, rows: pa.Table) -> None:
        """Count a chunk of typed rows with the table's columns."""
        for column, refers in references(self.table):
            held = self._held[column.name]
            held.append(_counted(rows, column, refers))
            if sum(part.num_rows for part in held) > HELD:
                held[:] = [_together(held)]

    def resolved(self, store: Store) -> list[Resolved]:
        """Where they lead in the store as it stands, with the last ingest in it."""
        found = []
        with _database() as db:
            for name, held in self._held.items():
                if held:
                    db.register("referred", _together(held))
                    found += _resolved(db, store, self.table.name, name)
                    db.unregister("referred")
        return found


def survey(store: Store, table: str | None = None) -> list[Resolved]:
    """The references of the newest versions of all records in a store, or of one table of it.

    Raises
    ------
    NotFound : no such table.
    """
    found = []
    for name in TABLES if table is None else (declared(table).name,):
        files = store.files(name)
        for column, refers in references(TABLES[name]) if files else ():
            with _database() as db:
                db.read_parquet(files, union_by_name=True).create_view("records")
                if column.name in db.view("records").columns:  # else declared since, all null
                    db.execute(_newest(column, refers))
                    found += _resolved(db, store, name, column.name)
    return found


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB within a fixed memory; beyond it, it works in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="xinfen-") as scratch,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": scratch}) as db,
    ):
        yield db


def _newest(column: Column, refers: Reference) -> str:
    """SQL of the references of each record's newest version: target, value, within, rows."""
    target = f'"{refers.named_by}"' if refers.named_by else f"'{refers.table}'"
    within = f'"{refers.within}"' if refers.within else "''"
    only = ""
    if refers.only is not None:
        codes = ", ".join(f"'{code}'" for code in refers.only.codes)
        only = f'and "{refers.only.column}" in ({codes})'
    return f"""
        create temp table referred as
        with corrected as (select corrects as sequence from records where corrects is not null)
        select {target} as target, "{column.name}" as value, {within} as within, count(*) as rows
        from records anti join corrected using (sequence)
        where "{column.name}" is not null {only}
        group by all
    """  # noqa: S608 - our own names


def _counted(rows: pa.Table, column: Column, refers: Reference) -> pa.Table:
    """The references of some rows: target, value, within, rows."""
    if refers.only is not None:
        rows = rows.filter(pc.is_in(rows[refers.only.column], pa.array(refers.only.codes)))
    size, values = rows.num_rows, rows[column.name]
    told = pa.table(
        {
            "target": rows[refers.named_by] if refers.named_by else pa.repeat(refers.table, size),
            "value": values,
            "within": rows[refers.within] if refers.within else pa.repeat("", size),
            "rows": pa.repeat(1, size),
        }
    )
    return _together([told.filter(pc.is_valid(values))])


def _together(parts: list[pa.Table]) -> pa.Table:
    keys = ["target", "value", "within"]
    whole = pa.concat_tables(parts).group_by(keys).aggregate([("rows", "sum")])
    return whole.rename_columns([*keys, "rows"])


def _resolved(
    db: duckdb.DuckDBPyConnection, store: Store, table: str, column: str
) -> list[Resolved]:
    refers = next(refers for own, refers in references(TABLES[table]) if own.name == column)
    found = []
    for (target,) in db.sql("select distinct target from referred order by all").fetchall():
        files = store.files(target)
        there = "select null as value, null as within where false"
        if files:
            db.read_parquet(files, union_by_name=True).create_view("there", replace=True)
            within = f'"{refers.within}"' if refers.within else "''"
            there = f'select distinct "{refers.column}" as value, {within} as within from there'  # noqa: S608
        rows, unresolved, examples = db.execute(
            f"""
            with held as ({there})
            select sum(rows), coalesce(sum(rows) filter (held.value is null), 0),
                   min(referred.value, {EXAMPLES}) filter (held.value is null)
            from referred left join held using (value, within) where target = ?
            """,  # noqa: S608
            [target],
        ).fetchall()[0]
        found.append(Resolved(table, column, target, rows, unresolved, tuple(examples or ())))
    return found
