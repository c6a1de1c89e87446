"""Keeping a store: what it holds, how it came to be, and its files in good order.

Compaction rewrites a table into few files clustered by `entity_id`; migration does the same with
the columns declared since, empty. Each is one Delta commit under the table's writer's place. It
carries the table's head on, since rows are neither added nor lost: snapshot ids stay, and a
snapshot taken before is told where the same content now lies. Files that no snapshot names go
once they have been out of use for some days, so that whoever still reads them is not disturbed.

A table's schema version counts its migrations from 1; it stands in the commits that made them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake

from records.errors import NotFound, NotPossible
from records.files import write_json
from records.schema import TABLES, Column, declared
from records.store import KEPT_LOG, OWN, Store, head

ROW_GROUP = 131_072  # rows; small enough that one firm's rows touch few of them


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

    Keys: `version`, `at` (UTC), `what` (batch | compact | migrate), `batch`, `head`, `rows`.
    Delta's own bookkeeping commits are left out.
    """
    commits = [commit for commit in _existing(store, name).history() if "head" in commit]
    return [
        {
            "version": commit["version"],
            "at": datetime.fromtimestamp(commit["timestamp"] / 1000, UTC).isoformat(" ", "seconds"),
            "what": commit.get("rewrite", "batch"),
            "batch": commit.get("batch", ""),
            "head": commit["head"],
            "rows": commit["operationMetrics"].get("num_added_rows"),
        }
        for commit in reversed(commits)
    ]


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
        return _rewritten(store, name, table, columns, {"rewrite": "compact"}, keep_days)


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
            _rewritten(store, name, table, _columns(name), meta, keep_days=7)
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
    return pa.schema([*declared(name).arrow, *OWN])


def _column(name: str, column: str) -> Column:
    return declared(name).by_name[column]


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


def _rewritten(
    store: Store,
    name: str,
    table: DeltaTable,
    columns: pa.Schema,
    meta: dict[str, str],
    keep_days: int,
) -> Done:
    before = sorted(table.file_uris())
    unmoved = head(store.path / name, table.version())
    if table.metadata().configuration.get(*KEPT_LOG) is None:  # a table from before it was set
        table.alter.set_table_properties(KEPT_LOG)
    with _spill(store.path / "_spill" / name) as spill:
        write_deltalake(
            str(store.path / name),
            pa.RecordBatchReader.from_batches(columns, _clustered(before, columns, spill)),
            mode="overwrite",
            schema_mode="overwrite",
            writer_properties=WriterProperties(max_row_group_size=ROW_GROUP, compression="ZSTD"),
            commit_properties=CommitProperties(custom_metadata={**meta, "head": unmoved}),
        )
    table = _existing(store, name)
    kept = _point_here(store, name, table.version(), unmoved)
    freed = table.vacuum(
        retention_hours=24 * keep_days,
        dry_run=False,
        enforce_retention_duration=False,
        keep_versions=kept,
    )
    after = _status(name, table)
    return Done(after.rows, len(before), after.files, len(freed))


@contextmanager
def _spill(folder: Path) -> Iterator[Path]:
    """An empty folder for the length of the block; what a killed run left there goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _clustered(files: list[str], columns: pa.Schema, spill: Path) -> Iterator[pa.RecordBatch]:
    """All rows by firm, day and arrival; what memory does not hold goes to `spill`."""
    with closing(duckdb.connect()) as engine:
        engine.execute("set temp_directory = ?", [str(spill)])
        rows = engine.read_parquet(files, union_by_name=True)
        ordered = rows.order("entity_id nulls first, event_time, sequence")
        for batch in ordered.to_arrow_reader(ROW_GROUP):
            yield pa.RecordBatch.from_arrays(
                [
                    batch.column(part.name).cast(part.type)
                    if part.name in batch.schema.names
                    else pa.nulls(batch.num_rows, part.type)
                    for part in columns
                ],
                schema=columns,
            )


def _point_here(store: Store, name: str, version: int, unmoved: str) -> list[int]:
    """Lead snapshots of the same head to the new version; returns the versions still named."""
    named = {version}
    for path in sorted((store.path / "_snapshots").glob("*.json")):
        state = json.loads(path.read_bytes())
        at = state.get(name)
        if at is None:
            continue
        if at["head"] == unmoved and at["version"] != version:
            write_json(path, state | {name: {"version": version, "head": unmoved}})
            at = {"version": version}
        named.add(at["version"])
    return sorted(named)
