"""Measures over many firms: who shares a person or an address, and the rate of a group.

They look at every record known on a date, so a firm's value does not depend on which other
firms are asked for.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.catalogue import Indicator
from features.clocks import ROW
from features.measures import counts, numerator


def value_by_group(
    indicator: Indicator, firms: ir.Table, rows: ir.Table, spine: ir.Table
) -> ir.Table:
    """The indicator for each row of the spine; null where the firm has no group.

    Parameters
    ----------
    firms : each firm's newest registration as known, on every date of the spine.
    rows : all firms' records as known on every date of the spine, with `repaired`.
    """
    by = firms[indicator.by]
    groups = (
        _firms(firms, indicator)
        if indicator.measure == "firms_sharing"
        else _records(indicator, firms, rows)
    )
    own = firms.filter(by.notnull()).select(*ROW, group=by)
    own = own.join(spine, ROW).select(own)
    joined = own.left_join(groups, [own.as_of == groups.as_of, own.group == groups.group])
    return joined.select(own.entity_id, own.as_of, **{indicator.id: groups.value})


def _firms(firms: ir.Table, indicator: Indicator) -> ir.Table:
    live = firms.filter(firms.status == "live")
    return live.group_by(as_of=live.as_of, group=live[indicator.by]).agg(
        value=live.entity_id.nunique()
    )


def _records(indicator: Indicator, firms: ir.Table, rows: ir.Table) -> ir.Table:
    """Counts or smoothed rates of a group's records, (k + prior·overall) / (n + prior)."""
    if indicator.by in rows.columns:
        grouped = rows.mutate(group=rows[indicator.by])
    else:
        place = firms.select(*ROW, group=firms[indicator.by])
        grouped = rows.join(place, ROW)
    met = counts(grouped, indicator)
    tally = grouped.group_by(["as_of", "group"]).agg(
        n=met.sum(), k=numerator(grouped, indicator, met).sum()
    )
    if indicator.measure == "group_count":
        return tally.select("as_of", "group", value=tally.n)
    whole = ibis.window(group_by=tally.as_of)
    overall = tally.k.sum().over(whole) / tally.n.sum().over(whole).nullif(0)
    rate = (tally.k + indicator.prior * overall) / (tally.n + indicator.prior)
    return tally.select("as_of", "group", value=rate)
