"""Intake: read → map → check → quarantine → sort out → store, every row accounted for.

read = stored + duplicate + quarantined; corrected is the part of stored that is a new
version of a known record.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from records import checks, readers, versions
from records.errors import NotFound
from records.files import file_hash, fingerprint
from records.mapping import Mapping, find, straight
from records.schema import Table, declared
from records.store import OWN, Store

QUARANTINE = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),  # position in the file as mapped, from 1
        ("record", pa.string()),  # the whole row as JSON
        (
            "reasons",
            pa.list_(
                pa.struct(
                    [
                        ("field", pa.string()),
                        ("found", pa.string()),
                        ("problem", pa.string()),
                        ("allowed", pa.string()),
                        ("hint", pa.string()),
                    ]
                )
            ),
        ),
        ("batch", pa.string()),
    ]
)


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
    file: Path,
    mapping: Path | None = None,
    *,
    seen: Seen | None = None,
) -> Report:
    """Bring a file's rows into a table of the store.

    The batch is named by the file's and the mapping's content, so that doing it again stores
    nothing new. Refused rows are kept before the good ones are committed.

    Raises
    ------
    NotFound : unknown table, or no such file.
    BadInput : the file cannot be read, is empty, or lacks required columns; nothing is stored.
    """
    rules_of = declared(table)
    mapping = find(mapping) if mapping is not None else None
    frame = readers.read(file)
    formats = list(checks.DATE_FORMATS)
    if mapping is None:
        frame = straight(frame, rules_of, file.name)
    else:
        rules = Mapping.load(mapping)
        if rules.table != table:
            raise NotFound(
                f"{mapping.name} maps to {rules.table}, not to {table}",
                hint=f"ingest it into {rules.table}",
            )
        formats = rules.dates + formats
        frame = rules.apply(frame, rules.others(file.parent))
    checked = checks.check(
        frame, rules_of, id_scheme=store.id_scheme, today=store.today(), date_formats=formats
    )
    batch = fingerprint([table, file_hash(file), file_hash(mapping) if mapping else ""])
    with store.writing(table):
        return _commit(store, rules_of, file, frame, checked, batch, seen)


def _commit(
    store: Store,
    table: Table,
    file: Path,
    frame: pd.DataFrame,
    checked: checks.Checked,
    batch: str,
    seen: Seen | None,
) -> Report:
    if checked.faults:
        store.append_quarantine(table.name, _refused(file, frame, checked, batch), batch)
    good = [row for row in range(len(frame)) if row not in checked.faults]
    rows = pa.table(checked.columns, schema=table.arrow).take(pa.array(good, pa.int64()))
    if seen is not None:
        seen(rows)
    outcome = versions.sort_out(rows, _stored(store, table.name), store.today())
    if outcome.rows.num_rows:
        now = pa.array([datetime.now(UTC)] * outcome.rows.num_rows, OWN.field("recorded_at").type)
        complete = outcome.rows.append_column("recorded_at", now)
        store.append(table.name, complete.select([*table.arrow.names, *OWN.names]), batch)
    reasons: dict[str, int] = {}
    for fault in (fault for row in checked.faults.values() for fault in row):
        reasons[fault.problem] = reasons.get(fault.problem, 0) + 1
    return Report(
        table=table.name,
        file=file.name,
        read=len(frame),
        stored=outcome.rows.num_rows,
        duplicate=outcome.duplicate,
        corrected=outcome.corrected,
        quarantined=len(checked.faults),
        repaired=checked.repaired,
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )


def _stored(store: Store, name: str) -> pd.DataFrame:
    columns = [*versions.KEY, "content", versions.CLOCK, "revision"]
    rows = store.rows(name, columns)
    if rows is None:
        return pd.DataFrame(columns=columns).astype({"revision": "int64"})
    frame: pd.DataFrame = rows.to_pandas()
    return frame


def _refused(file: Path, frame: pd.DataFrame, checked: checks.Checked, batch: str) -> pa.Table:
    at = sorted(checked.faults)
    whole = frame.iloc[at].astype("object").where(frame.iloc[at].notna(), None)
    return pa.Table.from_pydict(
        {
            "file": [file.name] * len(at),
            "row": [row + 1 for row in at],
            "record": [
                json.dumps(row, ensure_ascii=False, default=str) for row in whole.to_dict("records")
            ],
            "reasons": [[asdict(fault) for fault in checked.faults[row]] for row in at],
            "batch": [batch] * len(at),
        },
        schema=QUARANTINE,
    )
