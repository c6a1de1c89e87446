"""Keeping a store: what it holds, how it came to be, and its files in good order.

Compaction rewrites a table into few files clustered by `entity_id`; migration does the same with
the columns declared since, empty. Files that no snapshot names go once they have been out of use
for some days, so that whoever still reads them is not disturbed.

A table's schema version counts its migrations from 1; it stands in the commits that made them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from records.errors import NotFound, NotPossible
from records.rewriting import rewrite
from records.schema import TABLES, Column, declared
from records.store import OWN, Store


@dataclass(frozen=True)
class Status:
    """What a table holds: `rows` counts every version of every record, `size` is in bytes.

    `schema` is the schema version; `due` names declared columns that a migration would add.
    """

    version: int
    rows: int
    first_known: date | None
    last_known: date | None
    files: int
    size: int
    schema: int
    due: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """What a rewrite did to a table's files; `freed` counts files that were removed for good."""

    rows: int
    files_before: int
    files: int
    freed: int


def status(store: Store) -> dict[str, Status]:
    """Every table's state, from the Delta log alone: no record is read."""
    return {name: _status(name, table) for name, table in _tables(store)}


def history(store: Store, name: str) -> list[dict[str, Any]]:
    """A table's commits, the oldest first: batches with the head they led to, and rewrites.

    Keys: `version`, `at` (UTC), `what` (batch | compact | migrate), `batch`, `head`, `rows`,
    `given` (what whoever ingested said of the file). Delta's own bookkeeping commits are left
    out.
    """
    commits = [commit for commit in _existing(store, name).history() if "head" in commit]
    return [
        {
            "version": commit["version"],
            "at": datetime.fromtimestamp(commit["timestamp"] / 1000, UTC).isoformat(" ", "seconds"),
            "what": commit.get("rewrite", "batch"),
            "batch": commit.get("batch", ""),
            "head": commit["head"],
            "rows": _rows(commit),
            "given": json.loads(commit.get("given", "{}")),
        }
        for commit in reversed(commits)
    ]


def _rows(commit: dict[str, Any]) -> int:
    """Rows that a commit wrote: a batch states them, Delta's own writer counts them."""
    stated = commit.get("rows", commit.get("operationMetrics", {}).get("num_added_rows", 0))
    return int(stated)


def compact(store: Store, name: str, *, keep_days: int = 7) -> Done:
    """Rewrite a table clustered by firm, then free the files that nobody needs any more.

    Parameters
    ----------
    keep_days : how long files out of use stay for those who still read them; a file of a
        named snapshot stays however old it is.

    Raises
    ------
    NotFound : the table holds no records.
    NotPossible : the table has columns that are not declared.
    """
    with store.writing(name):
        table = _existing(store, name)
        _refuse_strangers(name, table)
        there = {part.name for part in table.schema().fields}
        columns = pa.schema([part for part in _columns(name) if part.name in there])
        before = len(table.file_uris())
        freed = rewrite(store, name, table, columns, {"rewrite": "compact"}, keep_days)
        after = _status(name, _existing(store, name))
        return Done(after.rows, before, after.files, freed)


def migrate(store: Store, name: str) -> tuple[str, ...]:
    """Give a table the columns declared since it was written; returns their names.

    Nothing happens where none is due.

    Raises
    ------
    NotFound : the table holds no records.
    NotPossible : a column is no longer declared, has another type, or is new and may not be
        empty; the table is left as it is.
    """
    with store.writing(name):
        table = _existing(store, name)
        _refuse_strangers(name, table)
        due = _due(name, table)
        required = [column for column in due if declared(name).requires(_column(name, column))]
        if required:
            raise NotPossible(
                f"{name} cannot be given columns that may not be empty",
                found=", ".join(required),
                allowed="new columns that are not required",
                hint="ingest the sources again into a new store",
            )
        if due:
            meta = {"rewrite": "migrate", "schema_version": str(_schema_version(table) + 1)}
            rewrite(store, name, table, _columns(name), meta, keep_days=7)
        return due


def _status(name: str, table: DeltaTable) -> Status:
    files = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    first = [file["min.known_time"] for file in files if file.get("min.known_time")]
    last = [file["max.known_time"] for file in files if file.get("max.known_time")]
    return Status(
        version=table.version(),
        rows=sum(file["num_records"] for file in files),
        first_known=min(first, default=None),
        last_known=max(last, default=None),
        files=len(files),
        size=sum(file["size_bytes"] for file in files),
        schema=_schema_version(table),
        due=_due(name, table),
    )


def _tables(store: Store) -> Iterator[tuple[str, DeltaTable]]:
    for name in TABLES:
        table = store.table(name)
        if table is not None:
            yield name, table


def _existing(store: Store, name: str) -> DeltaTable:
    declared(name)
    table = store.table(name)
    if table is None:
        raise NotFound(f"{name} holds no records in {store.path}", hint="`xinfen store status`")
    return table


def _columns(name: str) -> pa.Schema:
    return pa.schema([*declared(name).kept, *OWN])


def _column(name: str, column: str) -> Column:
    return declared(name).known[column]


def _due(name: str, table: DeltaTable) -> tuple[str, ...]:
    there = {part.name for part in table.schema().fields}
    return tuple(column for column in _columns(name).names if column not in there)


def _schema_version(table: DeltaTable) -> int:
    for commit in table.history():
        if "schema_version" in commit:
            return int(commit["schema_version"])
    return 1


def _refuse_strangers(name: str, table: DeltaTable) -> None:
    wanted, there = _columns(name), pa.schema(table.schema().to_arrow())
    wrong = [
        f"{part.name} ({'not declared' if part.name not in wanted.names else part.type})"
        for part in there
        if part.name not in wanted.names or not _same(part.type, wanted.field(part.name).type)
    ]
    if wrong:
        raise NotPossible(
            f"{name} has columns that its declaration does not know so",
            found=", ".join(wrong),
            allowed="columns may be added to a declaration, not renamed, removed or retyped",
            hint="restore the declaration, or ingest the sources again into a new store",
        )


def _same(stored: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether types agree, however long or viewed a stored text is."""
    texts = (pa.string(), pa.large_string(), pa.string_view())
    return stored == wanted or (stored in texts and wanted in texts)
