"""Clocks: what of a table was known, and still counted, on each date of a spine.

A record counts on `as_of` if some version of it has `known_time < as_of`; of its versions the
newest known one speaks. An influence that has ended (`valid_to < as_of`) and a record that was
repaired by then no longer count.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

ROW = ["entity_id", "as_of"]


def with_supersession(table: ir.Table) -> ir.Table:
    """Each version with `superseded_on`, the day a newer version became known (null: never)."""
    order = [table.known_time, table.sequence]
    record = ibis.window(group_by=[table.source, table.source_id], order_by=order)
    return table.mutate(superseded_on=table.known_time.lead().over(record))


def known(versions: ir.Table, dates: ir.Table, keys: list[str]) -> ir.Table:
    """Versions as known on each date.

    Parameters
    ----------
    versions : a table with `superseded_on`.
    dates : rows with `as_of` and the columns in `keys`.
    keys : columns to join on besides the clocks; empty means every record for every date.
    """
    on = [
        *(versions[key] == dates[key] for key in keys),
        versions.known_time < dates.as_of,
        versions.superseded_on.isnull() | (versions.superseded_on >= dates.as_of),
        versions.valid_to.isnull() | (versions.valid_to >= dates.as_of),
    ]
    return versions.join(dates, on).select(versions, as_of=dates.as_of)


def with_repairs(rows: ir.Table, repairs: ir.Table | None, table: str) -> ir.Table:
    """Rows with `repaired`: whether a repair of the record was known, and stood, on `as_of`.

    `repairs` has `superseded_on`, so that a repair that was itself corrected counts as known then.
    """
    if repairs is None or table == "repairs":
        return rows.mutate(repaired=ibis.literal(False))
    standing = repairs.filter(repairs.repaired_table == table)
    by_then = [
        rows.entity_id == standing.entity_id,
        rows.source_id == standing.repaired_source_id,
        standing.known_time < rows.as_of,
        standing.superseded_on.isnull() | (standing.superseded_on >= rows.as_of),
    ]
    mended = rows.semi_join(standing, by_then).mutate(repaired=ibis.literal(True))
    return mended.union(rows.anti_join(standing, by_then).mutate(repaired=ibis.literal(False)))


def since(as_of: ir.DateValue, window: str) -> ir.DateValue | None:
    """First day of a look-back window such as ``90d``, ``6m`` or ``3y``; None for all time."""
    if window in ("all", "last"):
        return None
    unit = {"d": "D", "m": "M", "y": "Y"}[window[-1]]
    return (as_of - ibis.interval(int(window[:-1]), unit=unit)).cast("date")
