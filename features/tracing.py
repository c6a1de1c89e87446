"""Evidence: the records behind an indicator's value."""

from __future__ import annotations

from dataclasses import replace

import ibis
import ibis.expr.types as ir
import pandas as pd

from features import measures
from features.catalogue import Catalogue, parts_of
from features.clocks import ROW
from features.custom import custom
from features.engine import engine
from features.indicator import OF_GROUPS, OF_TIES, Indicator
from features.known import Asked, Known
from features.reach import needs
from features.relations import Relations
from features.spine import Spine
from records.store import Snapshot

MOST = 5
"""Records shown for a value; the newest come first."""

COLUMNS = ["table", "source", "source_id", "event_time", "whose"]


def evidence(
    records: Snapshot,
    catalogue: Catalogue,
    indicator: Indicator,
    spine: pd.DataFrame,
    most: int = MOST,
) -> pd.DataFrame:
    """The newest records that an indicator's value rests on, for each row of a spine.

    A latest value or a day rests on one record. What is said of related firms rests on their
    records, `whose` names them; a group's rate rests on the firm's own registration, which
    places it there, and on more records than could be shown.

    Returns
    -------
    frame of `entity_id`, `as_of` and COLUMNS, at most `most` rows a firm and date, newest
    first; empty where nothing counted, or the table has no records.
    """
    asked = Spine.of(spine)
    with engine() as running:
        known = Known(records, running)
        if not all(known.has(need.table) for need in needs(indicator, catalogue)):
            return pd.DataFrame(columns=[*ROW, *COLUMNS])
        looked_up = replace(asked.asked(running, "evidence"), everyone=False)
        rows = _behind(known, catalogue, indicator, looked_up)
        newest = ibis.window(
            group_by=[rows[name] for name in ROW], order_by=[rows.newness.desc(), rows.whose]
        )
        ranked = rows.mutate(place=ibis.row_number().over(newest))
        shown = ranked.filter(ranked.place < _shown(indicator, most))
        frame: pd.DataFrame = running.fetch(shown.order_by([*ROW, "place"])).to_pandas()
        return frame[[*ROW, *COLUMNS]].assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)


def _shown(indicator: Indicator, most: int) -> int:
    one = indicator.measure in measures.OF_NEWEST or indicator.measure in OF_GROUPS
    return 1 if one else most


def _behind(known: Known, catalogue: Catalogue, one: Indicator, asked: Asked) -> ir.Table:
    """Every record that a value rests on: ROW, the clocks of the record, and COLUMNS."""
    if one.measure in OF_GROUPS:
        return _told(known.rows("enterprises", asked), "enterprises")
    if one.measure == "python":
        table = next(iter(custom(str(one.function)).reads))
        return _told(known.rows(table, asked), table)
    if one.measure == "quotient":
        named = dict.fromkeys(parts_of(one).values())
        parts = [_behind(known, catalogue, catalogue[name], asked) for name in named]
        return parts[0].union(*parts[1:]) if parts[1:] else parts[0]
    if one.measure in OF_TIES:
        return _of_others(known, catalogue, one, asked)
    rows = known.rows(str(one.table), asked)
    return _told(rows.filter(measures.behind(rows, one)), str(one.table))


def _of_others(known: Known, catalogue: Catalogue, one: Indicator, asked: Asked) -> ir.Table:
    """The records of tied firms on which something rests, under the firm that is tied to them."""
    relations = Relations(known, catalogue, asked, [one])
    if one.measure == "pointed_at":
        pointing = relations.pointing(one)
        return _told(pointing.mutate(own=pointing[one.columns[0]]), str(one.table), own="own")
    pairs = relations.pairs(one)
    others = pairs.select(entity_id="other", as_of="as_of").distinct()
    theirs = asked.only(known.engine.settle("others", others))
    if one.indicator is not None:
        found = _behind(known, catalogue, catalogue[one.indicator], theirs)
    else:
        found = _told(known.rows("enterprises", theirs), "enterprises")
    on = [pairs.other == found.entity_id, pairs.as_of == found.as_of]
    mine = pairs.join(found, on)
    more = [found[name] for name in found.columns if name not in ROW]
    return mine.select(pairs.entity_id, pairs.as_of, *more)


def _told(rows: ir.Table, table: str, own: str = "entity_id") -> ir.Table:
    return rows.select(
        "as_of", "source", "source_id", "event_time", "newness",
        entity_id=rows[own], whose=rows.entity_id, table=ibis.literal(table),
    )  # fmt: skip
