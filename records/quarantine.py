"""Refused rows: listed, sent back to their source, and tried again once they are mended.

    STORE/_quarantine/<table>    every refusal, for ever: the row whole, with all its reasons
    STORE/_resolved/<table>      what became of each row that was tried again

A refused row is *open* until a retry has taken it: then it was `accepted`, or refused `again`,
which is a new refusal that leads back to the first. A retry is an ingest of its own: its file
holds the rows as mended, and read = stored + duplicate + quarantined holds for it. Its file is
named by its content and its refusals count only once it is on record, so that a retry that was
killed is completed by doing it again.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from records.errors import NotFound, NotPossible
from records.files import fingerprint, write_parquet
from records.intake import Report, ingest
from records.mapping import Mapping
from records.schema import declared
from records.store import Store

RESOLVED = pa.schema(
    [
        ("batch", pa.string()),  # with `row`, the refusal that was tried again
        ("row", pa.int64()),
        ("retry", pa.string()),  # the retry's file; its refusals carry that name
        ("retry_row", pa.int64()),  # the row's position in it, from 1
        ("outcome", pa.string()),  # accepted | again
    ]
)


@dataclass(frozen=True)
class Refusal:
    """A refused row. `file` and `row` are where its source wrote it, however often it was tried.

    `record` is the row as mapped, by our column names; `reasons` are its faults as
    `records.checks.Fault` has them; (`batch`, `at`) names the refusal.
    """

    batch: str
    at: int
    file: str
    row: int
    record: Mapped[str, Any]
    reasons: tuple[Mapped[str, str], ...]
    resolved: bool

    @property
    def key(self) -> str:
        """What names the refusal in a report that is sent out."""
        return f"{self.batch[:12]}-{self.at}"


def refusals(store: Store, table: str) -> list[Refusal]:
    """Every refusal of a table, open or resolved, in a fixed order."""
    declared(table)
    kept = store.refused(table)
    tried = store.resolved(table)
    resolved = [] if tried is None else tried.to_pylist()
    by_retry = {(row["retry"], row["retry_row"]): (row["batch"], row["row"]) for row in resolved}
    done = {(row["batch"], row["row"]) for row in resolved}
    known = {row["retry"] for row in resolved}
    rows = [] if kept is None else kept.to_pylist()
    # What a retry refused counts once the retry is on record; before that its rows are still open.
    rows = [row for row in rows if not _is_retry(row["file"]) or row["file"] in known]
    origin: dict[tuple[str, int], tuple[str, int]] = {}
    for row in sorted(rows, key=lambda row: _is_retry(row["file"])):
        origin[row["batch"], row["row"]] = (row["file"], row["row"])
    at = {(row["file"], row["row"]): (row["batch"], row["row"]) for row in rows}

    def first(file: str, row: int) -> tuple[str, int]:
        while (file, row) in by_retry:
            file, row = origin[by_retry[file, row]]
        return file, row

    del at
    found = []
    for row in rows:
        file, number = first(row["file"], row["row"])
        found.append(
            Refusal(
                batch=row["batch"],
                at=row["row"],
                file=file,
                row=number,
                record=json.loads(row["record"]),
                reasons=tuple(row["reasons"]),
                resolved=(row["batch"], row["row"]) in done,
            )
        )
    return sorted(found, key=lambda one: (one.file, one.row, one.batch, one.at))
