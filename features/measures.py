"""Measures: an indicator's declaration becomes one Ibis expression over the rows as known.

Counts and sums are over integers, and ratios are taken once at the end, so that no result
depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from features.catalogue import Indicator
from features.clocks import ROW, since

OF_GROUPS = frozenset({"firms_sharing", "group_rate", "group_count"})
"""Measures over many firms; `features.groups` computes them."""

OF_NEWEST = frozenset({"latest", "ratio", "days_since", "years_since", "month"})
"""Measures that rest on one record, the newest that says something."""


def counts(rows: ir.Table, indicator: Indicator) -> ir.BooleanValue:
    """Which rows count towards an indicator: its filter, its window, repairs."""
    parts = [_equals(rows, name, values) for name, values in indicator.where.items()]
    start = since(rows.as_of, indicator.window)
    if start is not None:
        parts.append(rows.event_time >= start)
    if indicator.after_repair == "drop":
        parts.append(~rows.repaired)
    met = reduce(lambda a, b: a & b, parts, ibis.literal(True))
    if indicator.window == "last":
        newest = met.ifelse(rows.event_time, ibis.null("date")).max()
        met = met & (rows.event_time == newest.over(group_by=[rows[name] for name in ROW]))
    return met.fill_null(False)


def numerator(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.BooleanValue:
    """Which of the counting rows are of the kind a share or rate asks for."""
    parts = [_equals(rows, name, values) for name, values in indicator.of.items()]
    return reduce(lambda a, b: a & b, parts, met).fill_null(False)


def behind(rows: ir.Table, indicator: Indicator) -> ir.BooleanValue:
    """Which rows a value rests on: those that count and give what is measured."""
    met = counts(rows, indicator)
    given = [rows[name].notnull() for name in (indicator.column, indicator.per) if name]
    return reduce(lambda a, b: a & b, given, met)


def value(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """The aggregate of the rows of one firm and date; null where nothing counts."""
    return _MEASURES[indicator.measure](rows, indicator, met)


def _count(_: ir.Table, __: Indicator, met: ir.BooleanValue) -> ir.Value:
    return met.sum().nullif(0)


def _any(_: ir.Table, __: Indicator, met: ir.BooleanValue) -> ir.Value:
    return met.any().ifelse(1, ibis.null("int64"))


def _distinct(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    return rows[indicator.column].nunique(where=met).nullif(0)


def _sum(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    return rows[indicator.column].sum(where=met)


def _mean(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    column = rows[indicator.column]
    return column.sum(where=met) / column.count(where=met).nullif(0)


def _share(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """Of rows, or of distinct values of the column (visits rather than their items)."""
    of = numerator(rows, indicator, met)
    if indicator.column is None:
        return of.sum() / met.sum().nullif(0)
    column = rows[indicator.column]
    return column.nunique(where=of) / column.nunique(where=met).nullif(0)


def _latest(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """The newest value that was given."""
    number = rows[indicator.column].cast("int64")
    return number.last(where=met & number.notnull(), order_by=_newest(rows))


def _ratio(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """The newest record's quotient of two columns; null while the divisor is 0 or not given."""
    quotient = rows[indicator.column].cast("float64") / rows[indicator.per].nullif(0)
    return quotient.last(where=met & quotient.notnull(), order_by=_newest(rows))


def _days_since(rows: ir.Table, _: Indicator, met: ir.BooleanValue) -> ir.Value:
    return rows.as_of.max().delta(rows.event_time.max(where=met), unit="day")


def _years_since(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    column = rows[indicator.column]
    day = column.last(where=met & column.notnull(), order_by=_newest(rows))
    return rows.as_of.max().delta(day, unit="day") / 365.25


def _month(rows: ir.Table, _: Indicator, __: ir.BooleanValue) -> ir.Value:
    return rows.as_of.max().month()


_MEASURES: dict[str, Callable[[ir.Table, Indicator, ir.BooleanValue], ir.Value]] = {
    "count": _count,
    "any": _any,
    "distinct": _distinct,
    "sum": _sum,
    "mean": _mean,
    "share": _share,
    "latest": _latest,
    "ratio": _ratio,
    "days_since": _days_since,
    "years_since": _years_since,
    "month": _month,
}


def _newest(rows: ir.Table) -> list[ir.Value]:
    return [rows.event_time, rows.known_time, rows.sequence]


def _equals(rows: ir.Table, name: str, values: list[Any]) -> ir.BooleanValue:
    column = rows[name]
    if column.type().is_date():
        return reduce(lambda a, b: a | b, [_state(rows, column, word) for word in values])
    return column.isin(values)


def _state(rows: ir.Table, day: ir.DateValue, word: str) -> ir.BooleanValue:
    """`open`: not ended by the date (or without end); `past`: ended before it."""
    if word == "open":
        return day.isnull() | (day >= rows.as_of)
    return (day < rows.as_of).fill_null(False)
