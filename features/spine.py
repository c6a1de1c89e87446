"""The spine: which firms on which dates indicators are wanted for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.clocks import ROW
from features.engine import Engine
from features.known import Asked
from records.errors import BadInput

EVERYONE = 50_000
"""Firms on one date from which on records are read through rather than looked up."""

_SCHEMA = pa.schema([("entity_id", pa.string()), ("as_of", pa.date32())])


@dataclass(frozen=True)
class Spine:
    """Distinct firms and dates, sorted by firm and date."""

    rows: pa.Table

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """The rows of a frame with `entity_id` and `as_of`; repeated ones count once.

        Raises
        ------
        BadInput : a column is absent or not fully given, or there are no rows.
        """
        if not set(ROW) <= set(frame.columns):
            raise BadInput(
                "the spine lacks a column",
                found=", ".join(map(str, frame.columns)),
                allowed=" and ".join(ROW),
                hint="rename or add the column",
            )
        if frame.empty:
            raise BadInput("the spine has no rows", hint="name at least one firm and date")
        if frame[ROW].isna().any(axis=None):
            raise BadInput(
                "the spine has rows without a firm or a date",
                found=f"{int(frame[ROW].isna().any(axis=1).sum())} rows",
                hint="leave them out",
            )
        days = pd.to_datetime(frame["as_of"]).to_numpy("datetime64[D]")
        codes = pa.array(frame["entity_id"], pa.string())
        given = pa.table([codes, pa.array(days)], schema=_SCHEMA)
        if not _increasing(given):
            distinct = given.group_by(ROW).aggregate([])
            given = distinct.sort_by([(name, "ascending") for name in ROW])
        return cls(given.combine_chunks())

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the rows."""
        digest = hashlib.sha256()
        for name in ROW:
            column = self.rows.column(name).combine_chunks()
            plain = pa.concat_arrays([column])  # without offsets of a slice
            for buffer in plain.buffers()[1:]:
                digest.update(memoryview(buffer))
        return digest.hexdigest()

    @cached_property
    def days(self) -> list[date]:
        """The dates, in order."""
        found: list[date] = pc.unique(self.rows.column("as_of")).sort().to_pylist()
        return found

    @property
    def first(self) -> date:
        """The earliest date."""
        return self.days[0]

    @property
    def day(self) -> date | None:
        """The one date, or None where there are several."""
        return self.days[0] if len(self.days) == 1 else None

    def ranges(self, size: int | None) -> list[Spine]:
        """Consecutive parts of about so many rows; one firm's rows are never torn apart."""
        if size is None or self.rows.num_rows <= size:
            return [self]
        codes = self.rows.column("entity_id").combine_chunks()
        begins = pc.not_equal(codes[1:], codes[:-1]).to_numpy(zero_copy_only=False)
        starts = np.concatenate([[0], np.flatnonzero(begins) + 1])
        count = min(-(-self.rows.num_rows // size), len(starts))
        cuts = starts[np.linspace(0, len(starts), count, endpoint=False).astype(np.int64)]
        ends = [*cuts[1:].tolist(), self.rows.num_rows]
        return [
            Spine(self.rows.slice(begin, end - begin))
            for begin, end in zip(cuts.tolist(), ends, strict=True)
        ]

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last firm."""
        codes = self.rows.column("entity_id")
        return codes[0].as_py(), codes[-1].as_py()

    def asked(self, engine: Engine, name: str) -> Asked:
        """The rows on an engine."""
        rows = engine.give(f"asked_{name}", self.rows)
        return Asked(rows, self.day, self.day is not None and self.rows.num_rows >= EVERYONE)


def _increasing(rows: pa.Table) -> bool:
    """Whether each row stands after the one before it, by firm and date."""
    firm, day = (rows.column(name).combine_chunks() for name in ROW)
    later = pc.or_(
        pc.greater(firm[1:], firm[:-1]),
        pc.and_(pc.equal(firm[1:], firm[:-1]), pc.greater(day[1:], day[:-1])),
    )
    return bool(pc.all(later, min_count=0).as_py())
