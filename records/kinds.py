"""Columns of raw values as columns of their kind: what cannot be read is told, never guessed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from records import cells, dates, numbers, wordings
from records.columns import ARROW, Column, Kind
from records.wordings import Said

Mask = npt.NDArray[np.bool_]

ALLOWED: dict[Kind, Said] = {
    "date": wordings.A_DATE(),
    "int": wordings.A_WHOLE_NUMBER(),
    "fen": wordings.AN_AMOUNT(),
    "float": wordings.A_NUMBER(),
    "flag": wordings.A_TRUTH(),
    "text": wordings.A_TEXT(),
}
"""What a value of each kind is, in words."""


def typed(
    raw: pa.Array, column: Column, formats: Sequence[str] = (), zone: str | None = None
) -> tuple[pa.Array, Mask]:
    """Values of the column's kind (null where none is given), and which could not be read.

    Parameters
    ----------
    raw : a column as `cells.column` gives it.
    formats, zone : of days, see `dates.days`.
    """
    match column.kind:
        case "date":
            values = dates.days(raw, formats, zone)
        case "int":
            values = numbers.whole(raw)
        case "fen":
            values = numbers.money(raw)
        case "float":
            values = numbers.real(raw)
        case "flag":
            values = numbers.truths(raw)
        case "text":
            values = cells.spelled(raw)
    values = values.cast(ARROW[column.kind])
    if values.null_count == raw.null_count:  # a null never becomes a value
        return values, np.zeros(len(values), dtype=bool)
    return values, np.asarray(pc.and_(pc.is_null(values), pc.is_valid(raw)), dtype=bool)
