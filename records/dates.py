"""Days out of what bureaux write: read in spellings that mean one day only, never guessed.

A text is a day where it reads back as it was written: `202411` is none (1 January? November?),
and `01/02/2024` is one only where the mapping says which of its numbers is the month.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from records import cells
from records.texts import plain

_DAY = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)|年(\d{1,2})月(\d{1,2})日)", re.ASCII
)
"""Always understood; a time of day may follow, and after it an offset from UTC."""

EXCEL = "excel"
"""Among a mapping's dates: bare numbers are Excel's days (45658 is 1 January 2025)."""

DIRECTIVES = frozenset("YmdHMSIpbB%")
"""What a mapping's date format may hold; a year of two digits is not among them."""

_ISO = r"^\d{4}-\d{2}-\d{2}$"
_MOMENT = re.compile(
    r"(?P<day>\S.*?)(?:[T ]|(?<=日))"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_EPOCH, _EXCEL_EPOCH = date(1970, 1, 1), date(1899, 12, 30)
_EXCEL_DAYS = range(61, 2_958_466)  # before, Excel counts a 29 February 1900
_FIRST, _LAST = (date.min - _EPOCH).days, (date.max - _EPOCH).days
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def days(values: pa.Array, formats: Sequence[str] = (), zone: str | None = None) -> pa.Array:
    """Days as date32; null where a value is none or cannot be read.

    Parameters
    ----------
    values : a column as `cells.column` gives it; a number is read as its digits.
    formats : further spellings (of `strptime`, or `excel`), tried before those always understood.
    zone : civil time zone of texts that name an offset; None takes the day that they show.
    """
    kind = values.type
    if pa.types.is_date32(kind):
        return _within(values.cast(pa.int32()))
    if pa.types.is_date64(kind):
        return _within(_divided(values.cast(pa.int64()), _PER_DAY["ms"]))
    if pa.types.is_timestamp(kind):
        return _within(_divided(values.cast(pa.int64()), _PER_DAY[kind.unit]))
    if pa.types.is_boolean(kind):
        return pa.nulls(len(values), pa.date32())
    return _read(cells.spelled(values), tuple(formats), zone)


def _within(numbers: pa.Array) -> pa.Array:
    """Days since 1970 as dates, null outside the years 1 to 9999."""
    sound = pc.and_(pc.greater_equal(numbers, _FIRST), pc.less_equal(numbers, _LAST))
    kept = pc.if_else(sound, numbers, pa.scalar(None, numbers.type))
    return kept.cast(pa.int32()).cast(pa.date32())


def _divided(numbers: pa.Array, by: int) -> pa.Array:
    """Whole quotients, rounded down."""
    towards_zero = pc.divide(numbers, by)
    above = pc.greater(pc.multiply(towards_zero, by), numbers)
    return pc.subtract(towards_zero, above.cast(pa.int64()))


def _read(texts: pa.Array, formats: tuple[str, ...], zone: str | None) -> pa.Array:
    if not formats and pc.all(pc.match_substring_regex(texts, _ISO)).as_py():
        try:
            return _within(texts.cast(pa.date32()).cast(pa.int32()))
        except pa.ArrowInvalid:
            pass  # a 31 February is among them
    distinct = texts.dictionary_encode()
    found = [day(text, formats, zone) for text in distinct.dictionary.to_pylist()]
    return pa.array(found, pa.date32()).take(distinct.indices)


def day(text: str, formats: tuple[str, ...] = (), zone: str | None = None) -> date | None:
    """The one day that a text means, or None."""
    written = plain(text)
    found = _whole(written, formats)
    if found is not None:
        return found
    moment = _MOMENT.fullmatch(written)
    if moment is None or (found := _whole(moment["day"], formats)) is None:
        return None
    try:
        clock = time(int(moment["hour"]), int(moment["minute"]), int(moment["second"] or 0))
        if moment["offset"] is None or zone is None:
            return found
        told = datetime.combine(found, clock, _offset(moment["offset"]))
        return told.astimezone(ZoneInfo(zone)).date()
    except (ValueError, OverflowError):  # no such time of day; a day before or after all years
        return None


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


@lru_cache(maxsize=1 << 16)
def _whole(text: str, formats: tuple[str, ...]) -> date | None:
    if "年" in text:
        text = text.replace(" ", "")
    for spelling in formats:
        found = _excel(text) if spelling == EXCEL else _by(text, spelling)
        if found is not None:
            return found
    parts = _DAY.fullmatch(text)
    if parts is None:
        return None
    year, month, day_of_month = (int(part) for part in parts.group(1, 3, 4, 5, 6, 7, 8) if part)
    return _real(year, month, day_of_month)


def _real(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


def _by(text: str, spelling: str) -> date | None:
    try:
        found = datetime.strptime(text, spelling)  # noqa: DTZ007 - a civil day has no zone
    except ValueError:
        return None
    back = found.strftime(spelling)
    return found.date() if _loose(back) == _loose(text) else None


def _loose(text: str) -> str:
    """A spelling that does not tell 5 from 05, nor JAN from Jan."""
    return _ZEROS.sub("", text).casefold()


def _excel(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) not in _EXCEL_DAYS:
        return None
    return _EXCEL_EPOCH + timedelta(days=int(text))
