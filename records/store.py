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
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import yaml
from deltalake import DeltaTable

from records import delta
from records.errors import BadDefinition, BadInput, NotFound, NotPossible
from records.files import fingerprint, write_bytes, write_json
from records.schema import TABLES

OWN = pa.schema(
    [
        ("content", pa.binary()),  # hash of everything but the clock of knowing
        ("sequence", pa.int64()),  # order of arrival within the table, from 0
        ("corrects", pa.int64()),  # sequence of the version it corrects; null: a record's first
        ("newness", pa.int64()),  # orders a firm's records, see `versions.newness`
        ("recorded_at", pa.timestamp("us", tz="UTC")),  # when we took it in; never a feature
    ]
)


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

    def past(self, asked: date | None = None) -> date:
        """A date that has come where the store is; today, where none is asked for.

        A store of a synthetic province has no other calendar: no record is taken in before the
        day on which it is known.

        Raises
        ------
        NotPossible : see `past`.
        """
        return past(asked or self.today(), self.today())

    def table(self, name: str) -> DeltaTable | None:
        """A record table, or None while it has no records."""
        return delta.opened(self.path / name)

    def files(self, name: str) -> list[str]:
        """The Parquet files of a record table as it stands, in order."""
        table = self.table(name)
        return [] if table is None else sorted(table.file_uris())

    def rows(self, name: str, columns: list[str]) -> pa.Table | None:
        """Columns of every stored version of every record, or None while there are none."""
        return delta.rows_of(self.table(name), columns)

    def refused(self, name: str) -> pa.Table | None:
        """The quarantined rows of a record table with their reasons, or None if there are none."""
        return delta.rows_of(delta.opened(self.path / "_quarantine" / name), None)

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

    def append(
        self,
        name: str,
        rows: pa.Table | pa.RecordBatchReader,
        batch: str,
        given: Mapping[str, str] | None = None,
    ) -> None:
        """Add a batch to a record table in one commit; its log keeps the values that were given.

        The rows are those that `versions.sort_out` found new: a batch that comes again has
        none, unless the store can now take rows that it refused before.

        Raises
        ------
        NotPossible : columns were declared since the table was written; it must be migrated.
        """
        delta.append(self.path / name, rows, batch, given)

    def append_quarantine(
        self,
        name: str,
        rows: pa.Table | pa.RecordBatchReader,
        batch: str,
        given: Mapping[str, str] | None = None,
    ) -> None:
        """Add a batch's refused rows in one commit; a batch already there is left alone."""
        path = self.path / "_quarantine" / name
        table = delta.opened(path)
        if table is None or table.transaction_version(batch) is None:
            delta.append(path, rows, batch, given)

    def resolved(self, name: str) -> pa.Table | None:
        """What became of quarantined rows that were tried again, or None if none were."""
        return delta.rows_of(delta.opened(self.path / "_resolved" / name), None)

    def append_resolved(self, name: str, rows: pa.Table, batch: str) -> None:
        """Add what became of a retry's rows in one commit; a retry already there is left alone."""
        path = self.path / "_resolved" / name
        table = delta.opened(path)
        if table is None or table.transaction_version(batch) is None:
            delta.append(path, rows, batch)

    def snapshot(self) -> Snapshot:
        """Fix the present state of all tables under one id."""
        state, files = {}, {}
        for name in TABLES:
            table = self.table(name)
            if table is not None:
                state[name] = {
                    "version": table.version(),
                    "head": delta.head(self.path / name, table.version()),
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
            found = delta.head(self.path / name, at["version"])
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


def past(asked: date, today: date) -> date:
    """A date, if it has come: what is told or taken in on a day cannot be had before it.

    Raises
    ------
    NotPossible : the date is later than today.
    """
    if asked > today:
        raise NotPossible(
            f"{asked} lies in the future", found=str(asked), allowed=f"up to {today}",
            hint="name a day that has come; for the next ones, ask again then",
        )  # fmt: skip
    return asked
