"""A source's rows on their way: mapped, checked and put aside a part at a time.

Good rows wait typed, with the hash of their content; refused ones whole, with their reasons.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import cells, names, versions
from records.checks import Checked
from records.schema import Table

QUARANTINE = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),  # position in the file as mapped, from 1
        ("record", pa.string()),  # the whole row as JSON, see `SENT`
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


SENT = "_sent"
"""In a record, beside our columns as they came to be checked: the source's own, as it sent them."""


@dataclass(frozen=True)
class Part:
    """A part of a source, checked: `good` rows are typed and hashed, `refused` are told why.

    `refused` counts its rows from 1 within the part and does not know its file or batch yet.
    """

    read: int
    good: pa.Table
    refused: pa.Table
    repaired: int
    reasons: Counter[str]


def part(
    frame: pd.DataFrame, checked: Checked, table: Table, sent: pd.DataFrame | None = None
) -> Part:
    """Part the good rows of a frame from the refused ones.

    `sent` holds the source's own values of the same rows, where a mapping made them ours.
    """
    bad = np.zeros(len(frame), dtype=bool)
    bad[list(checked.faults)] = True
    rows = pa.table(checked.columns, schema=table.arrow)
    if bad.any():
        rows = rows.filter(pa.array(~bad))
    faults = (fault for row in checked.faults.values() for fault in row)
    return Part(
        read=len(frame),
        good=names.with_keys(rows, table).append_column("content", versions.fingerprints(rows)),
        refused=_refused(frame, checked, sent),
        repaired=checked.repaired,
        reasons=Counter(fault.problem for fault in faults),
    )


def _refused(frame: pd.DataFrame, checked: Checked, sent: pd.DataFrame | None) -> pa.Table:
    at = sorted(checked.faults)
    records = _whole(frame.iloc[at])
    if sent is not None:
        for record, own in zip(records, _whole(sent.iloc[at]), strict=True):
            record[SENT] = own
    empty = pa.nulls(len(at), pa.string())
    return pa.Table.from_pydict(
        {
            "file": empty,
            "row": [row + 1 for row in at],
            "record": [json.dumps(record, ensure_ascii=False) for record in records],
            "reasons": [[fault.as_dict() for fault in checked.faults[row]] for row in at],
            "batch": empty,
        },
        schema=QUARANTINE,
    )


def _whole(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as texts, with all that stood in them."""
    if not len(frame):
        return []
    texts = [cells.spelled(cells.raw(frame[name])).to_pylist() for name in frame]
    names = [str(name) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*texts, strict=True)]


@dataclass
class Staging:
    """The parts of one source, in files of a folder; memory holds one part at a time."""

    folder: Path
    read: int = 0
    repaired: int = 0
    quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    waiting: list[Path] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    _position: int = 0

    def add(self, given: Part) -> None:
        """Put a part behind those that are here."""
        if given.good.num_rows:
            at = np.arange(self._position, self._position + given.good.num_rows)
            rows = given.good.append_column(versions.POSITION, pa.array(at))
            self.waiting.append(self._write(rows, f"good-{len(self.waiting):06d}"))
            self._position += given.good.num_rows
        if given.refused.num_rows:
            at = pa.array(given.refused.column("row").to_numpy() + self.read)
            rows = given.refused.set_column(1, QUARANTINE.field("row"), at)
            self.aside.append(self._write(rows, f"refused-{len(self.aside):06d}"))
        self.read += given.read
        self.repaired += given.repaired
        self.quarantined += given.refused.num_rows
        self.reasons.update(given.reasons)

    def refused(self, file: str, batch: str) -> pa.RecordBatchReader:
        """The refused rows as the quarantine keeps them."""

        def batches() -> Iterator[pa.RecordBatch]:
            for path in self.aside:
                rows = pq.ParquetFile(path).read()
                for at, value in ((0, file), (4, batch)):
                    filled = pa.repeat(value, rows.num_rows)
                    rows = rows.set_column(at, QUARANTINE.field(at), filled)
                yield from rows.cast(QUARANTINE).combine_chunks().to_batches()

        return pa.RecordBatchReader.from_batches(QUARANTINE, batches())

    def _write(self, rows: pa.Table, name: str) -> Path:
        path = self.folder / f"{name}.parquet"
        pq.write_table(rows, path, compression="none", use_dictionary=False)
        return path
