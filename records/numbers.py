"""Numbers, amounts of money and truths out of what bureaux write, exactly or not at all.

A number is read with its thousands apart by commas in threes; an amount may name its unit. What
a spreadsheet has rounded on the way (`1.23457E+11`), a percentage, a number in brackets and a
count of 万 are refused: they can be read in two ways, or have lost digits.

Columns come as `cells.column` gives them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow

import pyarrow as pa
import pyarrow.compute as pc

from records import cells
from records.cells import EXACT
from records.texts import plain

UNITS = {"分": 1, "元": 100, "万元": 1_000_000, "亿元": 10_000_000_000}
"""Units of money in 分, as they stand behind an amount."""

TRUTHS = {
    "true": True, "1": True, "是": True, "y": True, "yes": True,
    "false": False, "0": False, "否": False, "n": False, "no": False,
}  # fmt: skip

_WHOLE_PART = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)"
_EXPONENT = r"(?!E[+-])[eE][+-]?[0-9]{1,3}"  # as programs write it; E+11 is a spreadsheet's
_NUMBER = rf"[+-]?(?:{_WHOLE_PART}(?:\.[0-9]*)?|\.[0-9]+)(?:{_EXPONENT})?"
_DECIMAL = re.compile(_NUMBER)
_AMOUNT = re.compile(rf"(?P<sign>¥)? ?(?P<number>{_NUMBER}) ?(?P<unit>{'|'.join(UNITS)})?")
_PLAIN = r"^-?[0-9]{1,15}$"
_CONTEXT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])


def whole(values: pa.Array) -> pa.Array:
    """Whole numbers as int64; null where a value is none, is not whole or beyond 2^53."""
    return _whole(values, lambda text: _integral(decimal(text)))


def money(values: pa.Array) -> pa.Array:
    """Amounts in whole 分 as int64; null where a value is none, is no amount or no whole 分.

    A bare number counts 分; `3.5万元` and `¥1,000` are taken at their word.
    """
    return _whole(values, fen)


def real(values: pa.Array) -> pa.Array:
    """Numbers as float64, the nearest to each; null where a value is none or not finite."""
    if not pa.types.is_floating(values.type):
        return _distinct(values, pa.float64(), _real)
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))


def truths(values: pa.Array) -> pa.Array:
    """Truths as bool: true, 1, 是, Y and the like; null where a value is none of them."""
    if pa.types.is_boolean(values.type):
        return values
    return _distinct(values, pa.bool_(), lambda text: TRUTHS.get(plain(text).casefold()))


def decimal(text: str) -> Decimal | None:
    """The number that a text is, exactly, or None."""
    written = _written(text)
    return Decimal(written.replace(",", "")) if _DECIMAL.fullmatch(written) else None


def fen(text: str, unit: str | None = None) -> int | None:
    """An amount in whole 分, or None where a text is none.

    Parameters
    ----------
    unit : what the amount counts, and its own unit must agree; None takes its own, or 分.
    """
    found = _AMOUNT.fullmatch(_written(text))
    if found is None:
        return None
    own = found["unit"] or ("元" if found["sign"] else None)
    if unit is not None and own not in (None, unit):
        return None
    try:
        number = Decimal(found["number"].replace(",", ""))
        value = _CONTEXT.multiply(number, Decimal(UNITS[own or unit or "分"]))
        return int(value) if value == value.to_integral_value() and abs(value) <= EXACT else None
    except DecimalException:  # too many digits
        return None


def _written(text: str) -> str:
    return plain(text).replace("−", "-")


def _whole(given: pa.Array, read: Callable[[str], int | None]) -> pa.Array:
    kind = given.type
    if pa.types.is_integer(kind):
        wide = pa.uint64() if kind == pa.uint64() else pa.int64()
        return _small(given.cast(wide), 0 if wide == pa.uint64() else -EXACT).cast(pa.int64())
    if pa.types.is_floating(kind):
        given = _small(given, -EXACT)
        counts = pc.equal(given, pc.floor(given))
        return pc.if_else(counts, given, pa.scalar(None, given.type)).cast(pa.int64())
    if not pa.types.is_boolean(kind):
        given = cells.spelled(given)
        if pc.all(pc.match_substring_regex(given, _PLAIN)).as_py():
            return given.cast(pa.int64())
    return _distinct(given, pa.int64(), read)


def _small(given: pa.Array, least: int) -> pa.Array:
    """Numbers within the range where a float counts every one."""
    low, high = (pa.scalar(limit, given.type) for limit in (least, EXACT))
    sound = pc.and_(pc.greater_equal(given, low), pc.less_equal(given, high))
    return pc.if_else(sound, given, pa.scalar(None, given.type))


def _distinct(
    given: pa.Array, kind: pa.DataType, read: Callable[[str], float | bool | None]
) -> pa.Array:
    """Each distinct text read once; truths are no numbers."""
    if pa.types.is_boolean(given.type):
        return pa.nulls(len(given), kind)
    distinct = cells.spelled(given).dictionary_encode()
    found = [read(text) for text in distinct.dictionary.to_pylist()]
    return pa.array(found, kind).take(distinct.indices)


def _integral(number: Decimal | None) -> int | None:
    if number is None or abs(number) > EXACT or number != number.to_integral_value():
        return None
    return int(number)


def _real(text: str) -> float | None:
    number = decimal(text)
    if number is None:
        return None
    value = float(number)
    return value if math.isfinite(value) and (value != 0 or number == 0) else None
