"""Delta tables: opened, read file by file, and appended to one atomic batch at a time.

A batch carries its id in the table's log; the head is a hash chain over a table's batches.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.transaction import AddAction, create_table_with_add_actions

from records.errors import NotPossible
from records.files import fingerprint

KEPT_LOG = {"delta.enableExpiredLogCleanup": "false"}
"""The log is never thinned out: heads, batch ids and named snapshots live in it."""

FILE_ROWS = 2_000_000
"""Rows of one Parquet file, some 100 MB."""


def opened(path: Path) -> DeltaTable | None:
    """The table in a folder, or None while there is none."""
    return DeltaTable(str(path)) if DeltaTable.is_deltatable(str(path)) else None


def rows_of(table: DeltaTable | None, columns: list[str] | None) -> pa.Table | None:
    """Columns of all rows (None: every column), or None where there is no table."""
    # File by file: Arrow's dataset reader over Delta's own file system can abort at exit.
    if table is None:
        return None
    files = sorted(table.file_uris())
    return pa.concat_tables(
        [pq.ParquetFile(file).read(columns) for file in files], promote_options="permissive"
    )


def head(path: Path, version: int) -> str:
    """The hash chain over a table's batches up to a version; empty before the first."""
    # From the log itself: Delta's own history lists what came after the version, too.
    for at in range(version, -1, -1):
        for line in (path / "_delta_log" / f"{at:020}.json").read_text("utf-8").splitlines():
            stated = json.loads(line).get("commitInfo", {}).get("head")
            if stated is not None:
                return str(stated)
    return ""


def append(
    path: Path,
    rows: pa.Table | pa.RecordBatchReader,
    batch: str,
    given: Mapping[str, str] | None = None,
) -> None:
    """Write a batch's files, then commit them; until then they are nobody's.

    The files are named by the batch, so that the rerun of a killed one writes over what it
    left, and hold its rows in their order (Delta's own writer deals them out as it likes).
    """
    table = opened(path)
    times = 0 if table is None else table.transaction_version(batch) or 0
    before = "" if table is None else head(path, table.version())
    link = [before, batch, *([times] if times else [])]
    _fits(path, table, rows.schema)
    adds = _written(path, rows, f"{batch}-{times}")
    count = sum(json.loads(add.stats)["numRecords"] for add in adds)
    said = {"given": json.dumps(dict(given), ensure_ascii=False)} if given else {}
    properties = CommitProperties(
        custom_metadata={"batch": batch, "head": fingerprint(link), "rows": str(count), **said},
        app_transactions=[Transaction(app_id=batch, version=times + 1)],
    )
    schema = Schema.from_arrow(rows.schema)
    if table is None:
        create_table_with_add_actions(
            str(path), schema, adds, configuration=KEPT_LOG, commit_properties=properties
        )
    else:
        table.create_write_transaction(adds, "append", schema, commit_properties=properties)


def _fits(path: Path, table: DeltaTable | None, schema: pa.Schema) -> None:
    there = schema.names if table is None else [field.name for field in table.schema().fields]
    if set(schema.names) != set(there):
        raise NotPossible(
            f"the table {path.name} of the store has other columns",
            found=", ".join(sorted(set(schema.names) ^ set(there))),
            hint="`xinfen store migrate` brings the store up to date",
        )


def _written(path: Path, rows: pa.Table | pa.RecordBatchReader, name: str) -> list[AddAction]:
    """A batch's rows in Parquet files of at most some `FILE_ROWS` rows, on disk for good."""
    path.mkdir(parents=True, exist_ok=True)
    batches = iter(rows.to_batches() if isinstance(rows, pa.Table) else rows)
    adds: list[AddAction] = []
    head = next(batches, None)
    while head is not None:
        file, seen = path / f"{name}-{len(adds):04d}.parquet", _Seen()
        with pq.ParquetWriter(file, rows.schema, compression="zstd") as writer:
            while head is not None and seen.rows < FILE_ROWS:
                writer.write_batch(head)
                seen.add(head)
                head = next(batches, None)
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        about = file.stat()
        modified = int(about.st_mtime * 1000)
        adds.append(AddAction(file.name, about.st_size, {}, modified, True, seen.stats()))
    return adds


class _Seen:
    """What Delta's log says of a file: its rows and the days on which they became known."""

    def __init__(self) -> None:
        self.rows = 0
        self._days: list[date] = []

    def add(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        if "known_time" in batch.schema.names:
            ends = pc.min_max(batch.column("known_time")).as_py()
            self._days += [day for day in ends.values() if day is not None]

    def stats(self) -> str:
        told: dict[str, object] = {"numRecords": self.rows}
        if self._days:
            told["minValues"] = {"known_time": str(min(self._days))}
            told["maxValues"] = {"known_time": str(max(self._days))}
            told["nullCount"] = {"known_time": 0}
        return json.dumps(told)
