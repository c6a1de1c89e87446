"""Measures of a firm's own records: a declaration becomes one Ibis expression in a GROUP BY.

Counts and sums are over integers, and quotients are taken once at the end, so that no result
depends on the order of rows. What meets a decimal fraction is a float64 first: to Spark a
written fraction is a decimal, and a whole number divided by it would be cut short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, or_

import ibis
import ibis.expr.types as ir

from features.clocks import since
from features.conditions import earlier, every
from features.indicator import Indicator
from features.known import newest

DAYS_A_YEAR = 365.25

MILLIONTHS = 1_000_000
"""Shares are added up in whole millionths: sums of floats depend on their order."""


def counts(rows: ir.Table, indicator: Indicator) -> ir.BooleanValue:
    """Which rows count towards an indicator: its conditions, its window, repairs."""
    more = []
    start = since(rows.as_of, indicator.window)
    if start is not None:
        more.append(rows.event_time >= start)
    if indicator.after_repair == "drop":
        more.append(~rows.repaired)
    return every(rows, indicator.where, *more)


def wanted(rows: ir.Table, few: Sequence[Indicator]) -> ir.Table:
    """The rows that any of some indicators may count: what all of them ask for, looked back on
    as far as one of them does. Others need not be grouped."""
    first, *others = few
    common = {
        name: condition
        for name, condition in first.where.items()
        if all(one.where.get(name) == condition for one in others)
    }
    starts = [start for one in few if (start := _start(rows, one)) is not None]
    reached = [rows.event_time >= reduce(ibis.least, starts)] if len(starts) == len(few) else []
    return rows.filter(every(rows, common, *reached)) if common or reached else rows


def _start(rows: ir.Table, indicator: Indicator) -> ir.DateValue | None:
    """The first day an indicator looks back to; None: all."""
    start = since(rows.as_of, indicator.window)
    two = start is not None and indicator.measure in OF_TWO_WINDOWS
    return earlier(start, indicator.window) if two else start


def behind(rows: ir.Table, indicator: Indicator) -> ir.BooleanValue:
    """Which rows a value rests on: those that count and give what is measured."""
    met = counts(rows, indicator)
    if indicator.measure in OF_TWO_WINDOWS:
        met = met | _before(rows, indicator)
    named = [*indicator.columns, *([indicator.per] if indicator.per else [])]
    if named:
        met = met & reduce(or_, [rows[name].notnull() for name in named])
    return met


def value(rows: ir.Table, indicator: Indicator) -> ir.Value:
    """The aggregate over the rows of one firm and date; null where nothing counts."""
    return OWN[indicator.measure](rows, indicator, counts(rows, indicator))


def number(rows: ir.Table, indicator: Indicator) -> ir.Column:
    """What is measured of a row: a number, several added up, or what a word counts."""
    if indicator.values:
        return _counted(rows[indicator.columns[0]], indicator.values)
    given = [rows[name] for name in indicator.columns]
    parts = [part.cast("int64") if part.type().is_boolean() else part for part in given]
    if len(parts) == 1:
        return parts[0]
    whole = reduce(add, [part.fill_null(0) for part in parts])
    return reduce(or_, [part.notnull() for part in parts]).ifelse(whole, ibis.null("int64"))


def _counted(words: ir.StringColumn, values: dict[str, int]) -> ir.Column:
    """What each word counts; one that ends in * stands for all that begin so, `*` for the rest."""
    branches = [
        (words.startswith(word[:-1]) if word.endswith("*") else words == word, value)
        for word, value in values.items()
    ]
    return ibis.cases(*branches, else_=ibis.null("int64")).cast("int64")


def _count(rows: ir.Table, _: Indicator, met: ir.BooleanValue) -> ir.Value:
    return rows.count(where=met).nullif(0)


def _any(_: ir.Table, __: Indicator, met: ir.BooleanValue) -> ir.Value:
    return met.any().ifelse(1, ibis.null("int64"))


def _sum(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    measured = number(rows, indicator)
    if measured.type().is_floating():
        return (measured * MILLIONTHS).round().cast("int64").sum(where=met) / MILLIONTHS
    return measured.sum(where=met)


def _mean(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    measured = number(rows, indicator)
    return measured.sum(where=met) / measured.count(where=met).nullif(0)


def _highest(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    return number(rows, indicator).max(where=met)


def _distinct(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    return rows[indicator.columns[0]].nunique(where=met).nullif(0)


def _repeats(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """Records beyond the first of each kind."""
    kind = rows[indicator.columns[0]]
    counted = kind.count(where=met)
    return _if(counted > 0, counted - kind.nunique(where=met))


def _share(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """Of rows, or of distinct values of the column (visits rather than their items).

    With `prior` and `toward` it is (k + prior · toward) / (n + prior): a share of few is drawn
    towards what is usual.
    """
    of = met & every(rows, indicator.of)
    if indicator.columns:
        column = rows[indicator.columns[0]]
        k, n = column.nunique(where=of), column.nunique(where=met)
    else:
        k, n = rows.count(where=of), rows.count(where=met)
    if not indicator.prior:
        return k / n.nullif(0)
    usual = indicator.prior * (indicator.toward or 0.0)
    return (k.cast("float64") + usual) / (n.nullif(0) + indicator.prior)


def _growth(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """The window's count against that of the same window before: (a − b) / (b + prior)."""
    now = rows.count(where=met)
    before = rows.count(where=_before(rows, indicator))
    return _if(now + before > 0, (now - before) / (before + indicator.prior).nullif(0))


def _change(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """The window's newest value against that of the same window before, by the latter's size.

    Null where one of them is not given, or the value before is 0.
    """
    measured = number(rows, indicator)
    now = newest(rows, measured, met)
    before = newest(rows, measured, _before(rows, indicator))
    return (now - before) / before.abs().nullif(0)


def _before(rows: ir.Table, indicator: Indicator) -> ir.BooleanValue:
    """Which rows count in the window before an indicator's own."""
    start = earlier(rows.as_of, indicator.window)
    unrepaired = [~rows.repaired] if indicator.after_repair == "drop" else []
    within = (rows.event_time < start) & (rows.event_time >= earlier(start, indicator.window))
    return every(rows, indicator.where, within, *unrepaired)


def _latest(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    return newest(rows, number(rows, indicator), met)


def _newest_is(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """1 where the newest record is such as `of` says, 0 where it is not."""
    return newest(rows, every(rows, indicator.of).ifelse(1, 0), met)


def _ratio(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    """The newest record's quotient of two columns; null while the divisor is 0 or not given."""
    quotient = number(rows, indicator).cast("float64") / rows[indicator.per].nullif(0)
    return newest(rows, quotient, met)


def _days_since(rows: ir.Table, _: Indicator, met: ir.BooleanValue) -> ir.Value:
    return rows.as_of.max().delta(rows.event_time.max(where=met), unit="day")


def _years_since(rows: ir.Table, indicator: Indicator, met: ir.BooleanValue) -> ir.Value:
    day = newest(rows, rows[indicator.columns[0]], met)
    return rows.as_of.max().delta(day, unit="day").cast("float64") / DAYS_A_YEAR


def _if(met: ir.BooleanValue, value: ir.Value) -> ir.Value:
    return met.ifelse(value, ibis.null(value.type()))


OWN: dict[str, Callable[[ir.Table, Indicator, ir.BooleanValue], ir.Value]] = {
    "count": _count,
    "any": _any,
    "sum": _sum,
    "mean": _mean,
    "highest": _highest,
    "distinct": _distinct,
    "repeats": _repeats,
    "share": _share,
    "growth": _growth,
    "change": _change,
    "latest": _latest,
    "newest_is": _newest_is,
    "ratio": _ratio,
    "days_since": _days_since,
    "years_since": _years_since,
}
"""The measures of a firm's own records that one GROUP BY computes."""

OF_TWO_WINDOWS = frozenset({"growth", "change"})
"""Measures that hold a window against the same window before."""

OF_NEWEST = frozenset({"latest", "newest_is", "ratio", "years_since"})
"""Measures that rest on one record, the newest that says something."""
