"""A table's files written anew: the same rows by firm, under the same head.

One Delta commit replaces all files. The head is carried on, since rows are neither added nor
lost: snapshot ids stay, and a snapshot taken before is told where the same content now lies.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake

from records import names
from records.delta import KEPT_LOG, head
from records.files import write_json
from records.schema import Table, declared
from records.store import Store

ROW_GROUP = 131_072  # rows; small enough that one firm's rows touch few of them
MEMORY = "4GB"  # of sorting; the rest spills to disk


def rewrite(
    store: Store,
    name: str,
    table: DeltaTable,
    columns: pa.Schema,
    meta: dict[str, str],
    keep_days: int,
) -> int:
    """Replace a table's files in one commit, then free those nobody needs; returns how many.

    Parameters
    ----------
    table : the newest version; the caller holds the table's writer's place.
    columns : of the new files; one that the old files lack is null.
    meta : what the commit says of itself, beside the head that it carries on.
    keep_days : how long files out of use stay, unless a snapshot names them.
    """
    before = sorted(table.file_uris())
    unmoved = head(store.path / name, table.version())
    if table.metadata().configuration.get(*KEPT_LOG) is None:  # a table from before it was set
        table.alter.set_table_properties(KEPT_LOG)
    with _spill(store.path / "_spill" / name) as spill:
        write_deltalake(
            str(store.path / name),
            pa.RecordBatchReader.from_batches(
                columns, _clustered(before, columns, declared(name), spill)
            ),
            mode="overwrite",
            schema_mode="overwrite",
            writer_properties=WriterProperties(max_row_group_size=ROW_GROUP, compression="ZSTD"),
            commit_properties=CommitProperties(custom_metadata={**meta, "head": unmoved}),
        )
    table = DeltaTable(str(store.path / name))
    kept = _point_here(store, name, table.version(), unmoved)
    freed: list[str] = table.vacuum(
        retention_hours=24 * keep_days,
        dry_run=False,
        enforce_retention_duration=False,
        keep_versions=kept,
    )
    return len(freed)


@contextmanager
def _spill(folder: Path) -> Iterator[Path]:
    """An empty folder for the length of the block; what a killed run left there goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _clustered(
    files: list[str], columns: pa.Schema, table: Table, spill: Path
) -> Iterator[pa.RecordBatch]:
    """All rows by firm, day and arrival; what memory does not hold goes to `spill`."""
    with closing(duckdb.connect()) as engine:
        engine.execute("set temp_directory = ?", [str(spill)])
        engine.execute(f"set memory_limit = '{MEMORY}'")
        rows = engine.read_parquet(files, union_by_name=True)
        ordered = rows.order("entity_id nulls first, event_time, sequence")
        for batch in ordered.to_arrow_reader(ROW_GROUP):
            yield from _with(columns, pa.Table.from_batches([batch]), table).to_batches()


def _with(columns: pa.Schema, rows: pa.Table, table: Table) -> pa.Table:
    """Rows with the columns of a schema; what they lack is null, or made of what they have."""
    if not {column.name for column in table.matched} <= set(rows.column_names):
        rows = names.with_keys(rows, table)
    lacking = [part for part in columns if part.name not in rows.column_names]
    for part in lacking:
        rows = rows.append_column(part, pa.nulls(rows.num_rows, part.type))
    return rows.select(columns.names).cast(columns).combine_chunks()


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
