"""Measures written in Python, for what YAML cannot say; a catalogue names them by `function`.

A measure is a function of the records as known and of what is asked. It builds one Ibis
expression, so that it runs on every engine:

    @measure("years_without_report", reads={"annual_reports": ["year"], "enterprises": []})
    def years_without_report(known: Known, asked: Asked) -> ir.Table:
        ...rows of `entity_id`, `as_of` and `value`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis.expr.types as ir

from features.clocks import ROW
from features.known import Asked, Known

Function = Callable[[Known, Asked], ir.Table]


@dataclass(frozen=True)
class Custom:
    """A registered measure, and the columns it reads of record tables.

    It is about the first of the tables.
    """

    function: Function
    reads: Mapping[str, Sequence[str]]


_REGISTERED: dict[str, Custom] = {}


def measure(name: str, *, reads: Mapping[str, Sequence[str]]) -> Callable[[Function], Function]:
    """Register a measure by name."""

    def register(function: Function) -> Function:
        _REGISTERED[name] = Custom(function, reads)
        return function

    return register


def custom(name: str) -> Custom:
    """A registered measure."""
    return _REGISTERED[name]


def registered() -> list[str]:
    """The names that a catalogue may use."""
    return sorted(_REGISTERED)


@measure(
    "missed_annual_reports",
    reads={"annual_reports": ["year"], "enterprises": ["established_on", "status"]},
)
def missed_annual_reports(known: Known, asked: Asked) -> ir.Table:
    """Of the last three annual reports due by the date, how many were not filed.

    The report of a year is due from every firm established in it or before, by 30 June of the
    next year (企业信息公示暂行条例, art. 8). A firm that is not live owes nothing.
    """
    firms = known.profile(asked, ["established_on", "status"])
    firms = firms.filter(firms.status == "live", firms.established_on.notnull())
    reports = known.rows("annual_reports", asked)
    years = [_newest_due(reports.as_of) - back for back in range(3)]
    filed = reports.group_by(ROW).agg(
        **{f"filed_{back}": (reports.year == year).any() for back, year in enumerate(years)}
    )
    both = firms.left_join(filed, ROW)
    missed = [
        (
            (firms.established_on.year() <= _newest_due(firms.as_of) - back)
            & ~filed[f"filed_{back}"].fill_null(False)
        ).ifelse(1, 0)
        for back in range(3)
    ]
    return both.select(firms.entity_id, firms.as_of, value=reduce(add, missed))


def _newest_due(as_of: ir.DateValue) -> ir.IntegerValue:
    """The newest year whose annual report is due."""
    return as_of.year() - (as_of.month() > 6).ifelse(1, 2)
