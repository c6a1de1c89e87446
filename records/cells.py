"""Values that come as objects or types (a worksheet, a query, Parquet) as a CSV would hold them.

One spelling for all sources, so that the steps after them need to know only one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records.errors import BadInput
from records.texts import BLANKS, trimmed

ERROR = (
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!"
    r"|UNKNOWN!|EXTERNAL!|GETTING_DATA)"
)
"""What a spreadsheet shows instead of a value it cannot compute."""

UNNAMED = re.compile(r"\([0-9]+\)(?:\.[0-9]+)?")
"""How a column without a name is called: by its place, (2)."""

UNCOMPUTED, NESTED = "#UNCOMPUTED!", "#LIST!"
"""Stand before a formula that was never computed and before a list; errors, never texts."""

_FIRST, _LAST = (date.min - date(1970, 1, 1)).days, (date.max - date(1970, 1, 1)).days
EXACT = 2**53
"""Beyond this a float no longer holds every whole number, and its digits are not shown as one."""


def text(value: Any) -> str | None:
    """A cell as text; null, not-a-number and the empty text are null.

    Whole floats lose their ``.0``, dates are ISO (with their time if it is not midnight, and
    their zone if they name one), truth is ``true`` or ``false``, bytes are UTF-8 or else
    hexadecimal, lists and the like are JSON behind `#LIST!`.
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str):
        return value or None
    spell = next((spell for kinds, spell in _SPELLINGS if isinstance(value, kinds)), str)
    return spell(value)


def _number(value: float) -> str | None:
    if math.isnan(value):
        return None
    whole = value.is_integer() and abs(value) <= EXACT
    return str(int(value)) if whole else repr(value)


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, as a clock that runs on past a day shows them."""
    seconds = value.total_seconds()
    hours, rest = divmod(abs(int(seconds)), 3600)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02}:{rest % 60:02}"


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode() or None
    except UnicodeDecodeError:
        return value.hex()


def _listed(value: Any) -> str:
    return f"{NESTED} {json.dumps(value, ensure_ascii=False, default=text)}"


_SPELLINGS: tuple[tuple[Any, Callable[[Any], str | None]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, _number),
    (Decimal, lambda value: None if value.is_nan() else format(value, "f")),
    (datetime, lambda value: value.isoformat(sep=" ").removesuffix(" 00:00:00")),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, _duration),
    ((bytes, bytearray, memoryview), lambda value: _decoded(bytes(value))),
    ((dict, list, tuple), _listed),
)
"""How a value is spelled, by the first of these kinds that it is of."""


def column(values: pd.Series, zone: str | None = None) -> pa.Array:
    """A column as one Arrow array of its own type; objects are spelled, and never guessed at.

    Blanks around a text are no part of it; what is nothing but blanks is null, and so is
    not-a-number. Moments of a time zone are what the clocks of `zone` (else their own) showed.
    A list and the like is an error, see `errors`.
    """
    found = raw(values)
    kind = found.type
    if pa.types.is_floating(kind):
        found = found.cast(pa.float64())
        return pc.if_else(pc.is_nan(found), pa.scalar(None, found.type), found)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return _civil(found, zone or kind.tz)
    return trimmed(found) if _is_text(kind) else found


def raw(values: pd.Series) -> pa.Array:
    """A column as it came: its own type, or texts where that is objects, bytes or lists."""
    if values.dtype == "object":
        return pa.array([text(value) for value in values], pa.large_string())
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        naive = pa.array(values.dt.tz_convert(None), from_pandas=True)
        return naive.cast(pa.timestamp(naive.type.unit, "UTC"))
    found = pa.array(values, from_pandas=True)
    return simple(found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found)


def simple(values: pa.Array) -> pa.Array:
    """Values of a type that every step knows: bytes and lists as texts, codes as what they mean."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return simple(values.cast(kind.value_type))
    return spelled(values) if pa.types.is_nested(kind) or _is_bytes(kind) else values


def _civil(moments: pa.Array, zone: str) -> pa.Array:
    try:
        exact = moments.cast(pa.timestamp("us", zone), safe=moments.type.unit != "ns")
        return pc.local_timestamp(exact)
    except pa.ArrowInvalid:  # of no year that can be
        return spelled(moments)


def _is_bytes(kind: pa.DataType) -> bool:
    return any(
        check(kind)
        for check in (
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
            pa.types.is_binary_view,
            pa.types.is_string_view,
        )
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def spelled(values: pa.Array) -> pa.Array:
    """Values of any type as texts, the way `text` spells each."""
    kind = values.type
    if _is_text(kind):
        return values
    if pa.types.is_integer(kind) or pa.types.is_null(kind):
        return values.cast(pa.large_string())
    if pa.types.is_date32(kind):
        ends = pc.min_max(values.cast(pa.int32())).as_py()
        if ends["min"] is None or (ends["min"] >= _FIRST and ends["max"] <= _LAST):
            return values.cast(pa.large_string())
    if pa.types.is_nested(kind):
        return _one_by_one(values)
    coded = values.dictionary_encode()
    return _one_by_one(coded.dictionary).take(coded.indices)


def texts(values: pd.Series, zone: str | None = None) -> pd.Series:
    """A column as texts, see `column`."""
    return pd.Series(spelled(column(values, zone)), dtype="str")


def _one_by_one(values: pa.Array) -> pa.Array:
    try:
        given = [text(value) for value in values.to_pylist()]
    except (ValueError, OverflowError):
        given = [_spelled(value) for value in values]
    return pa.array(given, pa.large_string())


def _spelled(value: pa.Scalar) -> str | None:
    try:
        return text(value.as_py())
    except (ValueError, OverflowError):  # a moment of no year that Python knows, as its count
        return str(value.value)


def errors(values: pa.Array, *, anywhere: bool = False) -> pa.Array:
    """Which texts are an error instead of a value, or with `anywhere` hold one; else null."""
    if not _is_text(values.type):
        return pa.nulls(len(values), pa.bool_())
    near = pc.match_substring(values, "#") if anywhere else pc.starts_with(values, "#")
    if not pc.any(near).as_py():
        return near
    begin, end = ("", "") if anywhere else ("^", "$")
    return pc.match_substring_regex(values, f"{begin}(?:{ERROR}{end}|{UNCOMPUTED}|{NESTED})")


def frame(rows: Iterable[Sequence[Any]], names: Sequence[str]) -> pd.DataFrame:
    """Rows of cells as a frame of text columns; a short row ends in nulls.

    Raises
    ------
    BadInput : a text holds half a character, which no file of ours can.
    """
    width = len(names)
    columns: list[list[str | None]] = [[] for _ in names]
    for row in rows:
        for cells, value in zip(columns, row, strict=False):
            cells.append(text(value))
        for cells in columns[min(len(row), width) :]:
            cells.append(None)
    return pd.DataFrame(
        {name: _texts(name, cells) for name, cells in zip(names, columns, strict=True)}
    )


def _texts(name: str, cells: list[str | None]) -> pd.api.extensions.ExtensionArray:
    try:
        return pd.array(cells, dtype="str")
    except UnicodeEncodeError as error:
        raise BadInput(
            f"column {name}: a text holds half a character (a lone surrogate)",
            found=ascii(error.object[error.start : error.start + 20]),
            allowed="text in Unicode",
            hint="correct it at the source; nothing was stored",
        ) from error


def headings(row: Sequence[Any], file: str) -> list[str]:
    """The names of a header row.

    A name that comes again gets a number (`备注`, `备注.1`); a column without one is called by
    its place, `(2)`.

    Raises
    ------
    BadInput : no cell of the row holds a name.
    """
    names: list[str] = []
    given = [(text(cell) or "").strip(BLANKS) for cell in row]
    for place, name in enumerate(given, 1):
        times, free = 0, name or f"({place})"
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
