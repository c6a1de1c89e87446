"""Conditions on a record's columns: what `where` and `of` of an indicator may say.

status: valid                       equal to a word, a number or a flag
result: [unreachable, obstructed]   equal to one of several
violation: {except: [other]}        none of these; what is not given is none of them
removed_on: open                    a date not reached yet, or never set; `past`: reached
expires_on: {within: 30d}           a date from now on, less than so far away
net_profit: {below: 0}              a number under a bound; `above`: over it
listed_market: {given: true}        set at all; `false`: not set
industry: {starts_with: [C13, H62]} a text that begins so
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
import ibis.expr.types as ir
from pydantic import BaseModel, ConfigDict, Field, model_validator

from records.declarations import Entry, wrong
from records.schema import Column

STATES = ("open", "past")

Value = bool | int | float | str

_FITS = {
    "within": ("date",),
    "below": ("int", "fen", "float"),
    "above": ("int", "fen", "float"),
    "starts_with": ("text",),
}


class Condition(BaseModel):
    """What one column must be; exactly one thing is said."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    among: tuple[Value, ...] | None = None
    other_than: tuple[Value, ...] | None = Field(default=None, alias="except")
    within: str | None = Field(default=None, pattern=r"^[1-9][0-9]*[dmy]$")
    below: int | float | None = None
    above: int | float | None = None
    given: bool | None = None
    starts_with: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, said: Any) -> Any:
        if isinstance(said, dict):
            return said
        return {"among": said if isinstance(said, list) else [said]}

    @model_validator(mode="after")
    def _one_thing(self) -> Condition:
        said = self.model_dump(exclude_none=True, by_alias=True)
        if len(said) != 1:
            forms = tuple(field.alias or name for name, field in type(self).model_fields.items())
            raise wrong("a condition says exactly one thing", ", ".join(said), forms)
        return self

    def check(self, column: Column, at: Entry, *, dated: bool = True) -> None:
        """Refuse what the column can never be, or what its kind cannot be asked.

        Parameters
        ----------
        at : the entry that the condition is, within what is validated.
        dated : whether conditions that turn with the date can be asked.

        Raises
        ------
        PydanticCustomError : names the value, what is allowed and the nearest of it.
        """
        allowed = STATES if column.kind == "date" else column.allowed
        for value in (*(self.among or ()), *(self.other_than or ())):
            if allowed and value not in allowed:
                raise wrong(f"no value of {column.name}", value, allowed, at)
        for said, fits in _FITS.items():
            if getattr(self, said) is not None and column.kind not in fits:
                what = f"{column.name} is {column.kind}, to which `{said}` does not apply"
                raise wrong(what, column.kind, fits, at)
        if column.kind == "date" and self.given is None and not dated:
            raise wrong("a group's records are counted for all dates at once", "a date",
                        ("given: true", "given: false"), at)  # fmt: skip

    def holds(self, column: ir.Column, as_of: ir.DateValue) -> ir.BooleanValue:
        """Whether a column's value meets the condition on the date; null counts as not given."""
        met: ir.BooleanValue
        if self.given is not None:
            met = column.notnull() if self.given else column.isnull()
        elif self.within is not None:
            met = (column >= as_of) & (column < later(as_of, self.within))
        elif self.below is not None:
            met = column < self.below
        elif self.above is not None:
            met = column > self.above
        elif self.starts_with is not None:
            met = reduce(or_, [column.startswith(text) for text in self.starts_with])
        elif self.other_than is not None:
            met = column.isnull() | ~column.isin(self.other_than)
        elif column.type().is_date():
            met = reduce(or_, [_state(column, as_of, word) for word in self.among or ()])
        else:
            met = column.isin(self.among)
        return met.fill_null(False)


def every(
    rows: ir.Table, conditions: dict[str, Condition], *more: ir.BooleanValue
) -> ir.BooleanValue:
    """Whether a row meets all conditions on its columns, and whatever else is asked."""
    parts = [asked.holds(rows[name], rows.as_of) for name, asked in conditions.items()]
    return reduce(and_, [*parts, *more], ibis.literal(True))


def later(day: ir.DateValue, span: str) -> ir.DateValue:
    """A day so much later, such as ``30d``, ``6m`` or ``3y``."""
    return _civil(day + _interval(span))


def earlier(day: ir.DateValue, span: str) -> ir.DateValue:
    """A day so much earlier; the last of a month where that day does not exist."""
    return _civil(day - _interval(span))


def _civil(moment: ir.TemporalValue) -> ir.DateValue:
    """A day again: DuckDB makes a timestamp of a date and an interval, and Ibis does not know."""
    return moment.cast("timestamp").cast("date")


def _interval(span: str) -> ir.IntervalScalar:
    return ibis.interval(int(span[:-1]), unit={"d": "D", "m": "M", "y": "Y"}[span[-1]])


def _state(day: ir.Column, as_of: ir.DateValue, word: Value) -> ir.BooleanValue:
    """`open`: not ended by the date, or without end; `past`: ended before it."""
    if word == "open":
        return day.isnull() | (day >= as_of)
    return day < as_of
