"""Intake: read → map → check → quarantine → sort out → store, every row accounted for.

read = stored + duplicate + quarantined; corrected is the part of stored that is a new
version of a known record.

A source flows through a part at a time and waits in the store's staging folder; then its
refused rows are committed, then its good ones, each in one commit. Killed at any point, a batch
is wholly in or wholly out, and doing it again completes it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pandas as pd
import pyarrow as pa

from records import absences, checks, given, readers, versions
from records.errors import BadInput, NotFound
from records.files import file_hash, fingerprint
from records.given import NOTHING, Values
from records.mapping import Mapping, find
from records.queries import Query
from records.readers import Source
from records.schema import Table, declared
from records.staging import Part, Staging, part
from records.store import OWN, Store
from records.translate import straight, translated

WORKERS = 2
"""Parts that are mapped and checked at a time, while the next one is read."""


@dataclass(frozen=True)
class Report:
    """What became of a file's rows; `repaired` counts codes mended on the way in."""

    table: str
    file: str
    read: int
    stored: int
    duplicate: int
    corrected: int
    quarantined: int
    repaired: int
    reasons: dict[str, int]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


Seen = Callable[[pa.Table], None]
"""Is shown the accepted rows, typed, before they are told apart into new and known ones."""


def ingest(
    store: Store,
    table: str,
    source: Source,
    mapping: Path | None = None,
    *,
    values: Values = NOTHING,
    seen: Seen = lambda _: None,
) -> Report:
    """Bring a file's or a query's rows into a table of the store.

    The batch is named by the content of the file (or of the rows) and of the mapping, and by
    the given `values`, so that doing it again stores nothing new. Refused rows are kept before
    the good ones are committed.

    Raises
    ------
    NotFound : unknown table, no such file, or a value that the mapping does not ask for.
    BadInput : the file cannot be read, is empty, or lacks required columns, or a value is not
        allowed; nothing is stored.
    """
    rules_of = declared(table)
    mapping = find(mapping) if mapping is not None else None
    content = _Content()
    rules, values = _rules(store, rules_of, mapping, values)
    prepare = _preparation(store, rules_of, source, rules, values)
    frames = readers.batches(source, header=rules.header if rules else 1)
    if isinstance(source, Query):
        frames = content.watch(frames)
    parts = _ahead(prepare, _numbered(frames))
    first = next(parts)  # what is wrong from the start leaves no store behind
    with store.writing(table) as folder:
        staging = Staging(folder)
        for one in chain([first], parts):
            seen(one.good.select(rules_of.arrow.names))
            staging.add(one)
        rows = content.hash() if isinstance(source, Query) else file_hash(source)
        named = [table, rows, file_hash(mapping) if mapping else "", *([values] if values else [])]
        return _commit(store, rules_of, source.name, staging, fingerprint(named), values)


def _rules(
    store: Store, table: Table, mapping: Path | None, values: Values
) -> tuple[Mapping | None, dict[str, str]]:
    """The mapping, and the given values as its table's checks allow them."""
    if mapping is None:
        if values:
            raise BadInput(
                "values are given, and no mapping says what they fill",
                found=", ".join(values),
                hint="name the mapping with --mapping; nothing was stored",
            )
        return None, {}
    rules = Mapping.load(mapping)
    if rules.table != table.name:
        raise NotFound(
            f"{mapping.name} maps to {rules.table}, not to {table.name}",
            hint=f"ingest it into {rules.table}",
        )
    given.known(values, rules.given, f"{mapping.name} asks for no such value")
    return rules, given.accepted(
        values,
        rules.given,
        table,
        id_scheme=store.id_scheme,
        today=store.today(),
        date_formats=rules.dates,
        time_zone=store.time_zone,
    )


def _preparation(
    store: Store, table: Table, source: Source, rules: Mapping | None, values: Values
) -> Callable[[pd.DataFrame, int], Part]:
    """What is done to each part: map it and check it."""
    today, zone = store.today(), store.time_zone
    formats = [] if rules is None else rules.dates
    folder = source.file.parent if isinstance(source, Query) else source.parent
    others = {} if rules is None else rules.others(folder, zone)

    def prepare(frame: pd.DataFrame, first: int) -> Part:
        sent = None
        if rules is None:
            frame = straight(frame, table, source.name)
        else:
            frame, sent = translated(rules, frame, others, first, zone, values)
        checked = checks.check(
            frame, table, id_scheme=store.id_scheme, today=today, date_formats=formats,
            time_zone=zone,
        )  # fmt: skip
        if rules is not None:
            absences.explain(checked, rules.follows(), given.unfilled(values, rules.given))
        return part(frame, checked, table, sent)

    return prepare


def _numbered(frames: Iterable[pd.DataFrame]) -> Iterator[tuple[pd.DataFrame, int]]:
    """Each part with the number of its first row."""
    first = 0
    for frame in frames:
        yield frame, first
        first += len(frame)


def _ahead(
    prepare: Callable[[pd.DataFrame, int], Part], given: Iterable[tuple[pd.DataFrame, int]]
) -> Iterator[Part]:
    """Prepared parts in order, a few of them at a time."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running: deque[Future[Part]] = deque()
        try:
            for frame, first in given:
                running.append(pool.submit(prepare, frame, first))
                if len(running) > WORKERS:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for left in running:
                left.cancel()


class _Content:
    """The hash of rows whatever their order, for sources that have no bytes of their own."""

    def __init__(self) -> None:
        self._sum = 0

    def watch(self, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            names = "\x1f".join(frame.columns)
            for row in frame.itertuples(index=False, name=None):
                digest = hashlib.sha256(f"{names}\x1e{row!r}".encode()).digest()
                self._sum = (self._sum + int.from_bytes(digest)) % 2**256
            yield frame

    def hash(self) -> str:
        return f"{self._sum:064x}"


def _commit(
    store: Store, table: Table, file: str, staging: Staging, batch: str, values: Values
) -> Report:
    if staging.quarantined:
        store.append_quarantine(table.name, staging.refused(file, batch), batch, values)
    outcome = versions.sort_out(staging.waiting, store.files(table.name), store.today())
    if outcome.stored:
        store.append(table.name, _completed(table, staging, outcome), batch, values)
    return Report(
        table=table.name,
        file=file,
        read=staging.read,
        stored=outcome.stored,
        duplicate=outcome.duplicate,
        corrected=outcome.corrected,
        quarantined=staging.quarantined,
        repaired=staging.repaired,
        reasons=dict(sorted(staging.reasons.items(), key=lambda item: (-item[1], item[0]))),
    )


def _completed(table: Table, staging: Staging, outcome: versions.Sorted) -> pa.RecordBatchReader:
    """The rows that are stored, with the store's own columns."""
    schema = pa.schema([*table.kept, *OWN])
    now = pa.scalar(datetime.now(UTC), OWN.field("recorded_at").type)

    def batches() -> Iterator[pa.RecordBatch]:
        for rows in versions.complete(staging.waiting, outcome):
            whole = rows.append_column("recorded_at", pa.repeat(now, rows.num_rows))
            yield from whole.select(schema.names).cast(schema).combine_chunks().to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())
