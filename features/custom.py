"""Measures written in Python, for what YAML cannot say; a catalogue names them by `function`.

A measure is a function of the records as known and of what is asked. It builds one Ibis
expression, so that it runs on every engine:

    @measure("years_without_report", reads=("enterprises", "annual_reports"))
    def years_without_report(known: Known, asked: Asked) -> ir.Table:
        ...rows of `entity_id`, `as_of` and `value`
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from features.clocks import ROW
from features.known import Asked, Known

Function = Callable[[Known, Asked], ir.Table]


@dataclass(frozen=True)
class Custom:
    """A registered measure and the record tables it reads, the first of which it is about."""

    function: Function
    reads: tuple[str, ...]


_REGISTERED: dict[str, Custom] = {}


def measure(name: str, *, reads: tuple[str, ...]) -> Callable[[Function], Function]:
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


@measure("missed_annual_reports", reads=("annual_reports", "enterprises"))
def missed_annual_reports(known: Known, asked: Asked) -> ir.Table:
    """Of the last three annual reports due by the date, how many were not filed.

    The report of a year is due from every firm established in it or before, by 30 June of the
    next year (企业信息公示暂行条例, art. 8). A firm that is not live owes nothing.
    """
    firms = known.profile(asked, ["established_on", "status"])
    firms = firms.filter(firms.status == "live", firms.established_on.notnull())
    last = firms.as_of.year() - (firms.as_of.month() > 6).ifelse(1, 2)
    due = firms.select(*ROW, last=last, first=ibis.greatest(firms.established_on.year(), last - 2))
    reports = known.rows("annual_reports", asked)
    filed = reports.select(*ROW, "year").distinct()
    on = [
        due.entity_id == filed.entity_id,
        due.as_of == filed.as_of,
        filed.year.between(due["first"], due["last"]),
    ]
    held = due.left_join(filed, on).select(due, filed.year)
    counted = held.group_by([*ROW, "first", "last"]).agg(filed=held.year.count())
    owed = ibis.greatest(counted["last"] - counted["first"] + 1, 0)
    return counted.select(*ROW, value=owed - counted.filed)
