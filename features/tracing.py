"""Evidence: the records behind indicators' values.

Each record table is gone through once for all indicators that rest on it. What rests on many
firms is found once; the rest by one plan, which is run again for one range of firms after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features import measures
from features.catalogue import Catalogue
from features.clocks import ROW
from features.engine import Engine, engine
from features.indicator import OF_GROUPS, Indicator
from features.known import Known
from features.reach import columns_of, registered_columns
from features.sources import WANTED, Sources
from features.spine import Spine
from records.store import Snapshot

MOST = 5
"""Records shown for a value; the newest come first."""

OF_ONE = {*measures.OF_NEWEST, *OF_GROUPS}
"""Measures of which one record is shown: all there is, or the firm's own registration."""

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
        tracing = Tracing(records, catalogue, [indicator], asked, running, most)
        wanted = asked.rows.append_column("at", pa.repeat(0, asked.rows.num_rows))
        frame: pd.DataFrame = tracing.of(wanted).to_pandas()
    return frame[[*ROW, *COLUMNS]].assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)


class Tracing:
    """The tracing of some indicators' values, for all firms and dates of a spine.

    Parameters
    ----------
    indicators : what may be asked for; one without records has no evidence.
    spine : whom may be asked about.
    running : the engine, which holds what was found once.
    most : records shown for a value.
    """

    def __init__(
        self,
        records: Snapshot,
        catalogue: Catalogue,
        indicators: Sequence[Indicator],
        spine: Spine,
        running: Engine,
        most: int = MOST,
    ) -> None:
        self.indicators, self.most, self.running = indicators, most, running
        known = Known(records, running, columns_of(catalogue))
        asked = spine.asked(running, "traced")
        if asked.everyone and known.has("enterprises"):
            known.register(asked, registered_columns(catalogue))
        self._sources = Sources(known, catalogue, asked, indicators)

    def of(self, wanted: pa.Table) -> pa.Table:
        """The newest records behind some values.

        Parameters
        ----------
        wanted : WANTED, sorted by firm.

        Returns
        -------
        WANTED and COLUMNS, sorted by firm, date, indicator and then from the newest on.
        """
        running, plan = self.running, self.plan
        if not wanted.num_rows:
            return plan.schema().to_pyarrow().empty_table()
        codes = wanted.column("entity_id")
        running.give("wanted", wanted)
        running.within(codes[0].as_py(), codes[-1].as_py())
        for name, expression in self._sources.steps:
            running.settle(name, expression)
        return running.fetch(plan)

    @cached_property
    def plan(self) -> ir.Table:
        """What is fetched for each range of firms; before it, the sources' steps are settled."""
        wanted, told = self._sources.wanted, [source.told() for source in self._sources.all]
        if not told:
            return wanted.limit(0).mutate(
                **{
                    name: ibis.null("date" if name == "event_time" else "string")
                    for name in COLUMNS
                }
            )
        rows = reduce(lambda one, other: one.union(other), told)
        rows = rows.semi_join(wanted, WANTED.names)
        newest = ibis.window(
            group_by=[rows[name] for name in WANTED.names],
            order_by=[rows.newness.desc(), rows.whose, rows.table],
        )
        ranked = rows.mutate(place=ibis.row_number().over(newest))
        lone = [at for at, one in enumerate(self.indicators) if one.measure in OF_ONE]
        shown = ranked["at"].isin(lone).ifelse(1, self.most) if lone else self.most
        shown = ranked.filter(ranked.place < shown).order_by([*WANTED.names, "place"])
        return shown.select(*WANTED.names, *COLUMNS)
