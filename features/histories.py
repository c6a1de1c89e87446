"""Measures that look at a firm's records in their order: runs, and time on a list.

Each gives a table of its own: `entity_id`, `as_of` and `value`.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from features.clocks import ROW, since
from features.conditions import every
from features.indicator import Indicator
from features.measures import counts


def value_of(rows: ir.Table, indicator: Indicator) -> ir.Table:
    """The indicator of each firm and date that has records which count."""
    return HISTORIES[indicator.measure](rows, indicator)


def _streak(rows: ir.Table, indicator: Indicator) -> ir.Table:
    """Distinct values of the column since the newest record that breaks the run."""
    counted = rows.filter(counts(rows, indicator))
    breaks = every(counted, indicator.of)
    firm = ibis.window(group_by=[counted[name] for name in ROW])
    dated = counted.mutate(broken_on=counted.event_time.max(where=breaks).over(firm))
    unbroken = dated.broken_on.isnull() | (dated.event_time > dated.broken_on)
    return dated.group_by(ROW).agg(value=dated[indicator.columns[0]].nunique(where=unbroken))


def _days_listed(rows: ir.Table, indicator: Indicator) -> ir.Table:
    """Days in the window on which at least one listing stood; two at a time count once.

    A listing holds from its `event_time` to the day before its end, or to the day before `as_of`.
    """
    end = rows[indicator.columns[0]]
    start = since(rows.as_of, indicator.window)
    begins = rows.event_time if start is None else ibis.greatest(rows.event_time, start)
    unrepaired = [~rows.repaired] if indicator.after_repair == "drop" else []
    spans = rows.filter(every(rows, indicator.where, *unrepaired)).mutate(
        begins=begins, ends=ibis.least(end.fill_null(rows.as_of), rows.as_of)
    )
    earlier = ibis.window(
        group_by=[spans[name] for name in ROW],
        order_by=[spans.begins, spans.ends, spans.newness],
        preceding=(None, 1),
    )
    held = spans.mutate(covered=spans.ends.max().over(earlier).fill_null(spans.begins))
    own = held.ends.delta(ibis.greatest(held.begins, held.covered), unit="day")
    return held.group_by(ROW).agg(value=ibis.greatest(own, 0).sum())


HISTORIES: dict[str, Callable[[ir.Table, Indicator], ir.Table]] = {
    "streak": _streak,
    "days_listed": _days_listed,
}
