"""Measures of a group's records: how often an industry's or a county's firms show something.

A record belongs to the group in which its firm was registered when the record became known,
and counts there on a span of dates: from the day after it became known until it is corrected,
its influence ends, or it falls out of the window. The spans of all records, added up by their
first and last days, give every date's rate in one pass. Repairs do not undo a group's past.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features import clocks
from features.conditions import every, later
from features.indicator import Indicator
from features.known import Asked, Known, newest


def value_of(indicator: Indicator, known: Known, asked: Asked, firms: ir.Table) -> ir.Table:
    """The indicator for each firm and date asked for whose group has records.

    A rate is (k + prior · overall) / (n + prior): a group with few records is drawn towards the
    rate of all groups on that date.

    Parameters
    ----------
    firms : the firms asked for as they are registered.
    """
    spans = _spans(indicator, known)
    deltas = _deltas(spans)
    dates = asked.rows.select("as_of").distinct()
    counted = dates.join(deltas, deltas.day <= dates.as_of)
    tally = counted.group_by(["as_of", "group"]).agg(n=counted.n.sum(), k=counted.k.sum())
    tally = tally.filter(tally.n > 0)
    if indicator.measure == "group_count":
        rates = tally.mutate(value=tally.n)
    else:
        whole = ibis.window(group_by=tally.as_of)
        overall = tally.k.sum().over(whole) / tally.n.sum().over(whole)
        rates = tally.mutate(
            value=(tally.k + indicator.prior * overall) / (tally.n + indicator.prior)
        )
    rates = known.engine.settle(f"group_{indicator.id}", rates)
    on = [firms.as_of == rates.as_of, firms[str(indicator.by)] == rates.group]
    return firms.join(rates, on).select(firms.entity_id, firms.as_of, rates.value)


def _spans(indicator: Indicator, known: Known) -> ir.Table:
    """Each record's `group`, first and last `as_of` on which it counts, and whether it is `of`."""
    versions = known.versions(str(indicator.table))
    corrected = clocks.superseding(versions)
    rows = versions.left_join(corrected, versions.sequence == corrected.superseded)
    rows = rows.select(versions, corrected.superseded_on)
    # Conditions on dates would ask for each date anew: `of` and `where` see the first day.
    rows = rows.mutate(as_of=later(rows.known_time, "1d"))
    rows = rows.filter(every(rows, indicator.where)).mutate(hit=every(rows, indicator.of))
    ends = [rows.superseded_on, rows.valid_to]
    last = clocks.until(rows.event_time, indicator.window)
    ends += [] if last is None else [last]
    never = ibis.date("9999-12-30")
    rows = rows.mutate(last=ibis.least(*(end.fill_null(never) for end in ends)))
    rows = rows.filter(rows["last"] >= rows.as_of)
    return _grouped(rows, indicator, known)


def _grouped(rows: ir.Table, indicator: Indicator, known: Known) -> ir.Table:
    by = str(indicator.by)
    kept = ["as_of", "last", "hit"]
    if by in rows.columns:
        return rows.filter(rows[by].notnull()).select(*kept, group=rows[by])
    firms = known.versions("enterprises")
    corrected = clocks.superseding(firms)
    firms = firms.left_join(corrected, firms.sequence == corrected.superseded).select(
        "entity_id", "known_time", "newness", by, "superseded_on"
    )
    by_then = rows.join(
        firms,
        [
            rows.entity_id == firms.entity_id,
            firms.known_time < rows.as_of,
            firms.superseded_on.isnull() | (firms.superseded_on >= rows.as_of),
        ],
    ).select(
        rows.sequence,
        *(rows[name] for name in kept),
        place=firms[by],
        newness=firms.newness,
    )
    found = by_then.group_by(["sequence", *kept]).agg(group=newest(by_then, by_then.place))
    return found.filter(found.group.notnull())


def _deltas(spans: ir.Table) -> ir.Table:
    """What begins and ends to count in each group on each day."""
    counted = spans.mutate(k=spans.hit.ifelse(1, 0))
    begins = counted.select("group", day=counted.as_of, n=ibis.literal(1), k=counted.k)
    ends = counted.select(
        "group", day=later(counted["last"], "1d"), n=ibis.literal(-1), k=-counted.k
    )
    moved = begins.union(ends)
    return moved.group_by(["group", "day"]).agg(n=moved.n.sum(), k=moved.k.sum())
