"""Conditions on the firms of a run: class, grade, place, industry, or any column by comparison.

    probability>=0.3    public_score<600    previous_class=A,B    industry~H6    division!=230102
    previous_class=null

`=` and `!=` take several values, `~` is "begins with", `null` is no value. Values are compared as
the column holds them; nothing that is given is ever run.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from records.errors import BadInput, NotFound
from serving.runs.runfolder import CLASSES

COLUMNS = {field.name: field.type for field in CLASSES if not pa.types.is_nested(field.type)}
"""What can be asked of a firm."""

_FORM = re.compile(r"\s*([a-z_]+)\s*(>=|<=|!=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_WHAT = "column, comparison (=, !=, >=, <=, >, <, ~), value, such as probability>=0.3"

_LETTERS = {"risk_class": "ABCD", "public_grade": "ABCDE"}


def condition(
    *,
    classes: str = "",
    grades: str = "",
    divisions: str = "",
    industries: str = "",
    where: Sequence[str] = (),
) -> pc.Expression:
    """All conditions as one; with none given, every firm.

    Parameters
    ----------
    classes, grades : letters, with commas.
    divisions, industries : starts of codes, with commas.
    where : comparisons, see the module.

    Raises
    ------
    BadInput, NotFound : a condition cannot be read, or names no column; it is told with it.
    """
    parts: list[pc.Expression] = []
    for column, given in (("risk_class", classes), ("public_grade", grades)):
        if given:
            parts.append(_among(column, _letters(column, given)))
    for column, given in (("division", divisions), ("industry", industries)):
        if given:
            parts.append(_begins(column, _split(given)))
    parts += [_comparison(text) for text in where]
    return reduce(operator.and_, parts, pc.scalar(True))


def _letters(column: str, given: str) -> list[str]:
    letters = _split(given.upper())
    wrong = [letter for letter in letters if letter not in list(_LETTERS[column])]
    if wrong or not letters:
        raise BadInput(
            f"unknown {column}", found=given, allowed=", ".join(_LETTERS[column]),
            hint="several with commas: C,D",
        )  # fmt: skip
    return letters


def _comparison(text: str) -> pc.Expression:
    found = _FORM.fullmatch(text)
    if not found:
        raise BadInput("a condition cannot be read", found=text, allowed=_WHAT)
    name, sign, value = found.groups()
    if name not in COLUMNS:
        raise NotFound.among("column", name, COLUMNS, hint=f"in the condition {text}")
    if sign == "~":
        if not pa.types.is_string(COLUMNS[name]):
            raise BadInput(f"{name} is no text", found=text, allowed="=, !=, >=, <=, >, <")
        return _begins(name, _split(value))
    if sign in _ORDERED:
        return _ORDERED[sign](pc.field(name), pc.scalar(_typed(name, value, text)))
    if value == "null":
        empty = pc.field(name).is_null()
        return empty if sign == "=" else ~empty
    among = _among(name, [_typed(name, one, text) for one in _split(value)])
    return among if sign == "=" else ~among


def _typed(name: str, value: str, text: str) -> Any:
    kind = COLUMNS[name]
    try:
        if pa.types.is_date(kind):
            return date.fromisoformat(value)
        if pa.types.is_integer(kind):
            return int(value)
        if pa.types.is_floating(kind):
            number = float(value)
            if number != number:
                raise ValueError
            return number
    except ValueError:
        raise BadInput(f"not a value of {name}", found=text, allowed=f"a {kind}") from None
    return value


def _among(name: str, values: Sequence[Any]) -> pc.Expression:
    return pc.field(name).isin(pa.array(values, COLUMNS[name]))


def _begins(name: str, starts: Iterable[str]) -> pc.Expression:
    parts = [pc.starts_with(pc.field(name), start) for start in starts]
    if not parts:
        raise BadInput(f"no value for {name}", allowed="the start of a code, such as 2301")
    return reduce(operator.or_, parts)


def _split(text: str) -> list[str]:
    return [part for part in (one.strip() for one in re.split("[,，]", text)) if part]
