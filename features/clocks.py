"""Clocks: which version of which record was known, and still counted, on a date.

A record counts on `as_of` if some version of it has `known_time < as_of`; of its versions the
one that no version known by then corrects speaks. An influence that has ended
(`valid_to < as_of`) no longer counts, nor does a record that was repaired by then, unless the
indicator keeps it. `recorded_at` is never asked: a first backfill must not erase history.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.conditions import earlier, later

ROW = ["entity_id", "as_of"]


def superseding(versions: ir.Table) -> ir.Table:
    """The `sequence` of every version that was corrected, and `superseded_on`, when that was known.

    A version is corrected once at most: corrections form a chain.
    """
    corrections = versions.filter(versions.corrects.notnull())
    return corrections.select(superseded=corrections.corrects, superseded_on=corrections.known_time)


def in_force(dated: ir.Table, corrected: ir.Table) -> ir.Table:
    """The versions that speak on their `as_of`.

    Parameters
    ----------
    dated : versions with `as_of`.
    corrected : what `superseding` tells of the same table.
    """
    known = dated.filter(
        dated.known_time < dated.as_of,
        dated.valid_to.isnull() | (dated.valid_to >= dated.as_of),
    )
    by_then = [
        known.sequence == corrected.superseded,
        corrected.superseded_on < known.as_of,
    ]
    return known.anti_join(corrected, by_then)


def with_repairs(rows: ir.Table, standing: ir.Table) -> ir.Table:
    """Rows with `repaired`: whether a repair of the record stood on `as_of`.

    `standing` are the repairs in force, with `as_of`, of the rows' table.
    """
    mended = standing.select(
        *ROW, source_id=standing.repaired_source_id, mended=ibis.literal(True)
    ).distinct()
    on = [*ROW, "source_id"]
    joined = rows.left_join(mended, on)
    return joined.select(rows, repaired=joined.mended.fill_null(False))


def since(as_of: ir.DateValue, window: str) -> ir.DateValue | None:
    """First day that a look-back window such as ``90d``, ``6m`` or ``3y`` holds; None: all."""
    return None if window == "all" else earlier(as_of, window)


def until(day: ir.DateValue, window: str) -> ir.DateValue | None:
    """Last `as_of` on which a look-back window still holds a day: the inverse of `since`.

    A month that lacks the day gives its place to the first of the next (31 January stays in a
    window of one month until the end of February); None: without end.
    """
    if window == "all":
        return None
    next_day = later(day, "1d")
    reached = later(next_day, window)
    before = earlier(reached, "1d")
    return before if window[-1] == "d" else (reached.day() < next_day.day()).ifelse(reached, before)
