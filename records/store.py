"""The store: one Delta Lake table a record table, and snapshots that fix all of them at once.

    STORE/store.yaml                 id_scheme, time_zone
    STORE/<table>/                   Delta table: the declared columns and four of the store's own
    STORE/_quarantine/<table>/       Delta table: refused rows, whole, with all their reasons
    STORE/_resolved/<table>/         Delta table: what became of rows tried again
    STORE/_snapshots/<id>.json       {table: {version, head}}
    STORE/_staging/<table>/          a writer's work in progress; whatever a killed one left is
                                     swept by the next

A batch is one atomic commit and carries its id in the table's log; it exists there or not at
all. The head is a hash chain over a table's batches. A snapshot's id is the hash of the heads
alone: it names content, so that compaction, which only moves rows to other files and Delta
versions, leaves it as it is. The versions in the file say where that content lies.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.transaction import AddAction, create_table_with_add_actions

from records.errors import BadDefinition, BadInput, NotFound, NotPossible
from records.files import fingerprint, write_bytes, write_json
from records.schema import TABLES

KEPT_LOG = {"delta.enableExpiredLogCleanup": "false"}
"""The log is never thinned out: heads, batch ids and named snapshots live in it."""

OWN = pa.schema(
    [
        ("content", pa.string()),  # hash of everything but the clocks of knowing
        ("sequence", pa.int64()),  # order of arrival within the table
        ("revision", pa.int64()),  # 0 for a record's first version
        ("recorded_at", pa.timestamp("us", tz="UTC")),  # when we took it in; never a feature
    ]
)

FILE_ROWS = 2_000_000
"""Rows of one Parquet file, some 100 MB."""


@dataclass(frozen=True)
class Snapshot:
    """All tables as they stood at one moment.

    `id` is the SHA-256 of the tables' heads; `tables` lists each table's
    Parquet files; a table without records is absent.
    """

    id: str
    tables: dict[str, list[str]]


@dataclass(frozen=True)
class Store:
    """A folder of record tables with one writer a table and any number of readers."""

    path: Path
    id_scheme: str
    time_zone: str

    @classmethod
    def create(
        cls, path: Path, *, id_scheme: str | None = None, time_zone: str | None = None
    ) -> Self:
        """Open the store that is there, or one that comes to be with its first batch.

        Parameters
        ----------
        id_scheme : ``uscc`` (the default of a new store) or ``opaque``.
        time_zone : IANA name; a new store is in Asia/Shanghai by default.

        Raises
        ------
        BadInput : the store that is there has other settings than those given.
        """
        if not (path / "store.yaml").exists():
            return cls._checked(path, id_scheme or "uscc", time_zone or "Asia/Shanghai")
        store = cls.open(path)
        for given, there in ((id_scheme, store.id_scheme), (time_zone, store.time_zone)):
            if given not in (None, there):
                raise BadInput(
                    f"the store {path} has other settings",
                    found=str(given),
                    allowed=there,
                    hint="leave the option out, or name another store",
                )
        return store

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a store; its settings are read from `store.yaml`."""
        settings = path / "store.yaml"
        if not settings.is_file():
            raise NotFound(f"no store at {path}", hint="`xinfen ingest` makes one")
        given = yaml.safe_load(settings.read_text("utf-8")) or {}
        return cls._checked(path, given.get("id_scheme"), given.get("time_zone"))

    @classmethod
    def _checked(cls, path: Path, id_scheme: object, zone: object) -> Self:
        settings = path / "store.yaml"
        if id_scheme not in ("uscc", "opaque"):
            raise BadDefinition(
                f"{settings}, id_scheme", found=str(id_scheme), allowed="uscc, opaque"
            )
        try:
            ZoneInfo(str(zone))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadDefinition(
                f"{settings}, time_zone",
                found=str(zone),
                allowed="an IANA zone such as Asia/Shanghai",
            ) from error
        return cls(path, id_scheme, str(zone))

    def today(self) -> date:
        """The civil date in the store's time zone."""
        return datetime.now(ZoneInfo(self.time_zone)).date()

    def day(self, asked: date) -> date:
        """A date to look from, which may be tomorrow (today's records count) and no later.

        Raises
        ------
        NotPossible : the date lies in the future; nothing can be known of it yet.
        """
        if asked > self.today() + timedelta(days=1):
            raise NotPossible(
                f"{asked} lies in the future",
                found=str(asked),
                allowed=f"up to {self.today() + timedelta(days=1)}",
                hint="choose a date that records can already speak of",
            )
        return asked

    def table(self, name: str) -> DeltaTable | None:
        """A record table, or None while it has no records."""
        return _delta(self.path / name)

    def files(self, name: str) -> list[str]:
        """The Parquet files of a record table as it stands, in order."""
        table = self.table(name)
        return [] if table is None else sorted(table.file_uris())

    def rows(self, name: str, columns: list[str]) -> pa.Table | None:
        """Columns of every stored version of every record, or None while there are none."""
        return _rows(self.table(name), columns)

    def refused(self, name: str) -> pa.Table | None:
        """The quarantined rows of a record table with their reasons, or None if there are none."""
        return _rows(_delta(self.path / "_quarantine" / name), None)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Hold the table's one writer's place; a second writer waits.

        Gives an empty folder for work in progress, which is gone afterwards.
        """
        lock = self.path / "_locks" / name
        lock.parent.mkdir(parents=True, exist_ok=True)
        settings = self.path / "store.yaml"
        if not settings.exists():
            text = yaml.safe_dump({"id_scheme": self.id_scheme, "time_zone": self.time_zone})
            write_bytes(settings, text.encode())
        with lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            staging = self.path / "_staging" / name
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True)
            try:
                yield staging
            finally:
                shutil.rmtree(staging)

    def append(self, name: str, rows: pa.Table | pa.RecordBatchReader, batch: str) -> None:
        """Add a batch to a record table in one commit.

        The rows are those that `versions.sort_out` found new: a batch that comes again has
        none, unless the store can now take rows that it refused before.

        Raises
        ------
        NotPossible : columns were declared since the table was written; it must be migrated.
        """
        _append(self.path / name, rows, batch)

    def append_quarantine(
        self, name: str, rows: pa.Table | pa.RecordBatchReader, batch: str
    ) -> None:
        """Add a batch's refused rows in one commit; a batch already there is left alone."""
        path = self.path / "_quarantine" / name
        table = _delta(path)
        if table is None or table.transaction_version(batch) is None:
            _append(path, rows, batch)

    def resolved(self, name: str) -> pa.Table | None:
        """What became of quarantined rows that were tried again, or None if none were."""
        return _rows(_delta(self.path / "_resolved" / name), None)

    def append_resolved(self, name: str, rows: pa.Table, batch: str) -> None:
        """Add what became of a retry's rows in one commit; a retry already there is left alone."""
        path = self.path / "_resolved" / name
        table = _delta(path)
        if table is None or table.transaction_version(batch) is None:
            _append(path, rows, batch)

    def snapshot(self) -> Snapshot:
        """Fix the present state of all tables under one id."""
        state, files = {}, {}
        for name in TABLES:
            table = self.table(name)
            if table is not None:
                state[name] = {
                    "version": table.version(),
                    "head": head(self.path / name, table.version()),
                }
                files[name] = sorted(table.file_uris())
        if not files:
            raise NotFound(
                f"the store {self.path} holds no records", hint="`xinfen ingest` brings some in"
            )
        heads = {name: at["head"] for name, at in state.items()}
        snapshot = Snapshot(fingerprint(heads), files)
        named = self.path / "_snapshots" / f"{snapshot.id}.json"
        if not named.exists():
            write_json(named, state)
        return snapshot

    def named(self, snapshot: str) -> Snapshot:
        """A snapshot taken earlier, by its id.

        Raises
        ------
        NotFound : no snapshot of this store has the id.
        NotPossible : its tables no longer hold what they held; the folder was changed by hand.
        """
        folder = self.path / "_snapshots"
        if not (folder / f"{snapshot}.json").is_file():
            raise NotFound.among(
                "snapshot", snapshot, (path.stem for path in folder.glob("*.json"))
            )
        state = json.loads((folder / f"{snapshot}.json").read_bytes())
        files = {}
        for name, at in state.items():
            found = head(self.path / name, at["version"])
            if found != at["head"]:
                raise NotPossible(
                    f"{name} is not what snapshot {snapshot} names",
                    found=found or "no head",
                    allowed=at["head"],
                    hint="restore the store's folder from a backup",
                )
            table = DeltaTable(str(self.path / name), version=at["version"])
            files[name] = sorted(table.file_uris())
        return Snapshot(snapshot, files)


def _delta(path: Path) -> DeltaTable | None:
    return DeltaTable(str(path)) if DeltaTable.is_deltatable(str(path)) else None


def _rows(table: DeltaTable | None, columns: list[str] | None) -> pa.Table | None:
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


def _append(path: Path, rows: pa.Table | pa.RecordBatchReader, batch: str) -> None:
    """Write a batch's files, then commit them; until then they are nobody's.

    The files are named by the batch, so that the rerun of a killed one writes over what it
    left, and hold its rows in their order (Delta's own writer deals them out as it likes).
    """
    table = _delta(path)
    times = 0 if table is None else table.transaction_version(batch) or 0
    before = "" if table is None else head(path, table.version())
    link = [before, batch, *([times] if times else [])]
    _fits(path, table, rows.schema)
    adds = _written(path, rows, f"{batch}-{times}")
    count = sum(json.loads(add.stats)["numRecords"] for add in adds)
    properties = CommitProperties(
        custom_metadata={"batch": batch, "head": fingerprint(link), "rows": str(count)},
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
