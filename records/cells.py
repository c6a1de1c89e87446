"""Cells that come as Python objects (a worksheet, a query) as the text a CSV would hold.

One spelling for all sources, so that the checks after them need to know only one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from records.errors import BadInput

EXACT = 2**53
"""Beyond this a float no longer holds every whole number, and its digits are not shown as one."""


def text(value: Any) -> str | None:
    """A cell as text; null and the empty text are null.

    Whole floats lose their ``.0``, dates are ISO (with their time if it is not midnight),
    truth is ``true`` or ``false``, bytes are UTF-8 or else hexadecimal.
    """
    match value:
        case None | "":
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case Decimal():
            return None if value.is_nan() else format(value, "f")
        case datetime():
            spelled = value.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
            return spelled.removesuffix(" 00:00:00")
        case date():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return _decoded(bytes(value))
    return str(value)


def _number(value: float) -> str | None:
    if math.isnan(value):
        return None
    whole = value.is_integer() and abs(value) <= EXACT
    return str(int(value)) if whole else repr(value)


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode() or None
    except UnicodeDecodeError:
        return value.hex()


def frame(rows: Iterable[Sequence[Any]], names: Sequence[str]) -> pd.DataFrame:
    """Rows of cells as a frame of text columns; a short row ends in nulls."""
    width = len(names)
    columns: list[list[str | None]] = [[] for _ in names]
    for row in rows:
        for column, value in zip(columns, row, strict=False):
            column.append(text(value))
        for column in columns[min(len(row), width) :]:
            column.append(None)
    return pd.DataFrame(
        {name: pd.array(column, dtype="str") for name, column in zip(names, columns, strict=True)}
    )


def headings(row: Sequence[Any], file: str) -> list[str]:
    """The names of a header row; a name that comes again gets a number: `备注`, `备注.1`.

    Raises
    ------
    BadInput : no cell of the row holds a name.
    """
    names: list[str] = []
    given = [(text(cell) or "").strip() for cell in row]
    for name in given:
        times, free = 0, name
        while free in names:
            times += 1
            free = f"{name}.{times}"
        names.append(free)
    if not any(given):
        raise BadInput(
            f"{file} has no header",
            allowed="the names of the columns in the first row",
            hint="put the header first; nothing was stored",
        )
    return names
