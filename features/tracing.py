"""Evidence: the records behind an indicator's value."""

from __future__ import annotations

import ibis
import pandas as pd

from features import measures
from features.catalogue import Indicator
from features.clocks import ROW
from features.known import Known
from records.store import Snapshot

MOST = 5
"""Records shown for a value; the newest come first."""

COLUMNS = ["table", "source", "source_id", "event_time"]


def evidence(
    records: Snapshot, indicator: Indicator, spine: pd.DataFrame, most: int = MOST
) -> pd.DataFrame:
    """The newest records that counted towards an indicator, for each row of a spine.

    A latest value or a day rests on one record. A group's rate or a shared address rests on
    other firms' records; the firm's own registration, which places it in the group, is shown.

    Returns
    -------
    frame of `entity_id`, `as_of` and COLUMNS, at most `most` rows a firm and date, newest
    first; empty where the table has no records.
    """
    of_group = indicator.measure in measures.OF_GROUPS
    name = "enterprises" if of_group else indicator.table
    known = Known(records, spine)
    if not known.has(name):
        return pd.DataFrame(columns=[*ROW, *COLUMNS])
    rows = known.of_spine(name)
    met = rows if of_group else rows.filter(measures.behind(rows, indicator))
    shown = 1 if of_group or indicator.measure in measures.OF_NEWEST else most
    visit = [met.event_time.desc(), met.known_time.desc(), met.source, met.source_id]
    place = ibis.row_number().over(ibis.window(group_by=[met[k] for k in ROW], order_by=visit))
    ranked = met.mutate(place=place, table=ibis.literal(name))
    ranked = ranked.filter(ranked.place < shown).order_by([*ROW, "place"])
    frame: pd.DataFrame = ranked.select(*ROW, *COLUMNS).to_pandas()
    return frame
