"""Measures of a group's records: how often an industry's or a county's firms show something.

A record belongs to the group in which its firm was registered when the record became known,
and counts there on a span of dates: from the day after it became known until it is corrected,
its influence ends, or it falls out of the window. The spans of all records, added up by their
first and last days, give every date's rate in one pass. Repairs do not undo a group's past.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from features import clocks
from features.conditions import every, later
from features.indicator import Indicator
from features.known import Asked, Known, newest


def values_of(
    indicators: Sequence[Indicator], known: Known, asked: Asked, firms: ir.Table
) -> Iterator[tuple[Indicator, ir.Table]]:
    """Each indicator's value for the firms and dates asked for whose group has records.

    A rate is (k + prior · overall) / (n + prior): a group with few records is drawn towards the
    rate of all groups on that date. Indicators of the same records are found together.

    Parameters
    ----------
    firms : the firms asked for as they are registered.
    """
    alike: dict[str, list[Indicator]] = {}
    for one in indicators:
        alike.setdefault(repr((one.table, one.where, one.of, one.window)), []).append(one)
    for few in alike.values():
        name = "_".join(one.id for one in few)
        spans = known.engine.settle(
            f"spans_{name}", _placed(_spans(few[0], known, asked), few, known)
        )
        for one in few:
            rates = known.engine.settle(f"group_{one.id}", _rates(spans, one, firms))
            on = [firms.as_of == rates.as_of, firms[str(one.by)] == rates.group]
            yield one, firms.join(rates, on).select(firms.entity_id, firms.as_of, rates.value)


def _rates(spans: ir.Table, one: Indicator, firms: ir.Table) -> ir.Table:
    """Rows of `as_of`, `group` and `value`, for the groups and dates that firms ask for."""
    deltas = _deltas(spans, str(one.by))
    asked = firms.select("as_of", group=firms[str(one.by)])
    tally = _by_then(deltas, asked.filter(asked.group.notnull()).distinct(), ["group"])
    tally = tally.filter(tally.n > 0)
    if one.measure == "group_count":
        return tally.mutate(value=tally.n)
    days = deltas.group_by("day").agg(n=deltas.n.sum(), k=deltas.k.sum())
    whole = _by_then(days, asked.select("as_of").distinct(), [])
    overall = whole.k / whole.n.nullif(0)
    return tally.join(whole, "as_of").select(
        tally.as_of,
        tally.group,
        value=(tally.k + one.prior * overall) / (tally.n + one.prior),
    )


def _by_then(deltas: ir.Table, asked: ir.Table, keys: list[str]) -> ir.Table:
    """What counts on the dates asked for: all that began and ended by then, added up in order.

    Dates take their places among the days of change, so that one pass finds the sums of all.
    """
    zero = ibis.literal(0, "int64")
    changes = deltas.select(
        *keys, "day", n=deltas.n.cast("int64"), k=deltas.k.cast("int64"), asked=ibis.literal(False)
    )
    dates = asked.select(*keys, day=asked.as_of, n=zero, k=zero, asked=ibis.literal(True))
    both = changes.union(dates)
    so_far = ibis.cumulative_window(
        group_by=[both[name] for name in keys], order_by=[both.day, both.asked]
    )
    summed = both.mutate(n=both.n.sum().over(so_far), k=both.k.sum().over(so_far))
    return summed.filter(summed.asked).select(*keys, "n", "k", as_of=summed.day)


def _spans(one: Indicator, known: Known, asked: Asked) -> ir.Table:
    """Each record with its first (`as_of`) and last date of counting, and whether it is a `hit`."""
    versions = known.versions(str(one.table))
    corrected = known.corrected(str(one.table))
    rows = versions.left_join(corrected, versions.sequence == corrected.superseded)
    rows = rows.select(versions, corrected.superseded_on)
    rows = rows.mutate(as_of=later(rows.known_time, "1d"))
    rows = rows.filter(every(rows, one.where)).mutate(hit=every(rows, one.of))
    ends = [rows.superseded_on, rows.valid_to]
    last = clocks.until(rows.event_time, one.window)
    ends += [] if last is None else [last]
    never = ibis.date("9999-12-30")
    rows = rows.mutate(last=ibis.least(*(end.fill_null(never) for end in ends)))
    if asked.day is not None:  # what does not count on the one day need not be placed
        return rows.filter(rows.as_of <= asked.day, rows["last"] >= asked.day)
    return rows.filter(rows["last"] >= rows.as_of)


def _placed(rows: ir.Table, few: Sequence[Indicator], known: Known) -> ir.Table:
    """Records with the group of each indicator, under the name of its column."""
    wanted = {str(one.by) for one in few}
    kept = ["sequence", "as_of", "last", "hit"]
    own = sorted(wanted & set(rows.columns))
    theirs = sorted(wanted - set(own))
    if not theirs:
        return rows.select(*kept, *own)
    firms = known.versions("enterprises")
    corrected = known.corrected("enterprises")
    firms = firms.left_join(corrected, firms.sequence == corrected.superseded).select(
        "entity_id", "known_time", "newness", "superseded_on", *theirs
    )
    by_then = rows.join(
        firms,
        [
            rows.entity_id == firms.entity_id,
            firms.known_time < rows.as_of,
            firms.superseded_on.isnull() | (firms.superseded_on >= rows.as_of),
        ],
    ).select(
        *(rows[name] for name in (*kept, *own)),
        *(firms[name] for name in ("newness", *theirs)),
    )
    return by_then.group_by([*kept, *own]).agg(
        **{name: newest(by_then, by_then[name]) for name in theirs}
    )


def _deltas(spans: ir.Table, by: str) -> ir.Table:
    """What begins and ends to count in each group on each day."""
    counted = spans.filter(spans[by].notnull())
    counted = counted.mutate(group=counted[by], k=counted.hit.ifelse(1, 0))
    begins = counted.select("group", day=counted.as_of, n=ibis.literal(1), k=counted.k)
    ends = counted.select(
        "group", day=later(counted["last"], "1d"), n=ibis.literal(-1), k=-counted.k
    )
    moved = begins.union(ends)
    return moved.group_by(["group", "day"]).agg(n=moved.n.sum(), k=moved.k.sum())
