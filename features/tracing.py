"""Evidence: the records behind indicators' values.

Each record table is gone through once for all indicators that rest on it. What rests on many
firms is found once; the rest by one plan, which is run again for one range of firms after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features import measures
from features.catalogue import Catalogue, parts_of
from features.clocks import ROW
from features.custom import custom
from features.engine import FIRST, LAST, Engine, engine, settled
from features.indicator import OF_GROUPS, OF_TIES, Indicator
from features.known import Known
from features.reach import columns_of, needs, registered_columns
from features.relations import Relations
from features.spine import Spine
from records.store import Snapshot

MOST = 5
"""Records shown for a value; the newest come first."""

COLUMNS = ["table", "source", "source_id", "event_time", "whose"]

WANTED = pa.schema([("entity_id", pa.string()), ("as_of", pa.date32()), ("at", pa.int64())])
"""Of which firm and date, and of which indicator by its place among those traced."""


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


@dataclass(frozen=True)
class Source:
    """Records that values rest on, and which of them each indicator's value does.

    `rows` has ROW, what a record holds, and `whose`; `met` the condition of each indicator.
    """

    table: str
    rows: ir.Table
    met: dict[int, ir.BooleanValue] = field(default_factory=dict)

    def told(self) -> ir.Table:
        """A row a record and indicator that rests on it."""
        rows = self.rows
        places = [met.ifelse(ibis.literal(at, "int64"), ibis.null("int64"))
                  for at, met in self.met.items()]  # fmt: skip
        found = rows.select(
            *ROW, "source", "source_id", "event_time", "newness", "whose",
            table=ibis.literal(self.table), at=ibis.array(places).unnest(),
        )  # fmt: skip
        return found.filter(found["at"].notnull())


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
        self.known = Known(records, running, columns_of(catalogue))
        self.catalogue, self.indicators, self.most = catalogue, indicators, most
        self.asked = spine.asked(running, "traced")
        if self.asked.everyone and self.known.has("enterprises"):
            self.known.register(self.asked, registered_columns(catalogue))
        wanted = ibis.table(WANTED, name="wanted")
        self._wanted = wanted
        self._part = replace(self.asked, rows=wanted.select(*ROW).distinct(), between=(FIRST, LAST))
        self._steps: list[tuple[str, ir.Table]] = []
        self._sources: dict[str, Source] = {}

    def of(self, wanted: pa.Table) -> pa.Table:
        """The newest records behind some values.

        Parameters
        ----------
        wanted : WANTED, sorted by firm.

        Returns
        -------
        WANTED and COLUMNS, sorted by firm, date, indicator and then from the newest on.
        """
        running, plan = self.known.engine, self.plan
        if not wanted.num_rows:
            return plan.schema().to_pyarrow().empty_table()
        codes = wanted.column("entity_id")
        running.give("wanted", wanted)
        running.within(codes[0].as_py(), codes[-1].as_py())
        for name, expression in self._steps:
            running.settle(name, expression)
        return running.fetch(plan)

    @cached_property
    def plan(self) -> ir.Table:
        """What is fetched for each range of firms; before it, `_steps` are settled."""
        lone = []
        for at, one in enumerate(self.indicators):
            if one.measure in measures.OF_NEWEST or one.measure in OF_GROUPS:
                lone.append(at)
            if all(self.known.has(need.table) for need in needs(one, self.catalogue)):
                for root in self._roots(one):
                    self._rest(at, root)
        if not self._sources:
            return self._wanted.limit(0).mutate(
                **{name: ibis.null("string") for name in COLUMNS}, event_time=ibis.null("date")
            )
        told = [source.told() for source in self._sources.values()]
        rows = reduce(lambda one, other: one.union(other), told)
        rows = rows.semi_join(self._wanted, WANTED.names)
        newest = ibis.window(
            group_by=[rows[name] for name in WANTED.names],
            order_by=[rows.newness.desc(), rows.whose, rows.table],
        )
        ranked = rows.mutate(place=ibis.row_number().over(newest))
        shown = ranked["at"].isin(lone).ifelse(1, self.most) if lone else self.most
        shown = ranked.filter(ranked.place < shown).order_by([*WANTED.names, "place"])
        return shown.select(*WANTED.names, *COLUMNS)

    def _roots(self, one: Indicator) -> Iterator[Indicator]:
        """The indicators of records that one is made of; mostly itself."""
        if one.measure != "quotient":
            yield one
            return
        for name in dict.fromkeys(parts_of(one).values()):
            yield from self._roots(self.catalogue[name])

    def _rest(self, at: int, one: Indicator) -> None:
        """Let the indicator at a place rest on the records of one that is no quotient."""
        if one.measure == "pointed_at":
            source, met = self._pointing(one), ibis.literal(True)
        elif one.measure in OF_TIES:
            inner = None if one.indicator is None else self.catalogue[one.indicator]
            source = self._of_others(one, "enterprises" if inner is None else _table_of(inner))
            met = ibis.literal(True) if inner is None else _behind(source.rows, inner)
        else:
            source = self._own(_table_of(one))
            met = _behind(source.rows, one)
        source.met[at] = reduce(or_, [*([source.met[at]] if at in source.met else []), met])

    def _own(self, table: str) -> Source:
        """The firms' own records."""
        if table not in self._sources:
            rows = self.known.rows(table, self._part)
            self._sources[table] = Source(table, rows.mutate(whose=rows.entity_id))
        return self._sources[table]

    def _pointing(self, one: Indicator) -> Source:
        """Records of others that point to a firm."""
        if one.id not in self._sources:
            rows = self._relations.pointing(one)
            rows = rows.mutate(whose=rows.entity_id, entity_id=rows[one.columns[0]])
            rows = self.known.engine.settle(f"pointing_{one.id}", rows)
            rows = rows.filter(rows.entity_id.between(FIRST, LAST))
            self._sources[one.id] = Source(str(one.table), rows)
        return self._sources[one.id]

    def _of_others(self, one: Indicator, table: str) -> Source:
        """The records of firms tied to one, under the firm that they are tied to."""
        bond = f"{'_'.join(one.ties)}_{one.most}"
        if (name := f"{bond}_{table}") not in self._sources:
            if bond not in self._pairs:
                pairs = self._relations.pairs(one)
                self._pairs[bond] = pairs.filter(pairs.entity_id.between(FIRST, LAST))
            pairs = self._pairs[bond].semi_join(self._wanted_of_bond(one), ROW)
            others = pairs.select(entity_id="other", as_of="as_of").distinct()
            self._steps.append((f"others_{name}", others))
            theirs = self.known.rows(table, self.asked.only(settled(f"others_{name}", others)))
            on = [pairs.other == theirs.entity_id, pairs.as_of == theirs.as_of]
            more = [theirs[column] for column in theirs.columns if column not in ROW]
            rows = pairs.join(theirs, on).select(
                pairs.entity_id, pairs.as_of, *more, whose=pairs.other
            )
            self._sources[name] = Source(table, rows)
        return self._sources[name]

    def _wanted_of_bond(self, one: Indicator) -> ir.Table:
        """Those who ask for any indicator of the same bond."""
        alike = [
            at
            for at, other in enumerate(self.indicators)
            for root in self._roots(other)
            if (root.ties, root.most) == (one.ties, one.most)
        ]
        return self._wanted.filter(self._wanted["at"].isin(alike))

    @cached_property
    def _pairs(self) -> dict[str, ir.Table]:
        return {}

    @cached_property
    def _relations(self) -> Relations:
        roots = [root for one in self.indicators for root in self._roots(one)]
        return Relations(self.known, self.catalogue, self.asked, roots)


def _table_of(one: Indicator) -> str:
    """The table of the records that a value of a firm's own rests on."""
    if one.measure in OF_GROUPS:
        return "enterprises"
    if one.measure == "python":
        return next(iter(custom(str(one.function)).reads))
    return str(one.table)


def _behind(rows: ir.Table, one: Indicator) -> ir.BooleanValue:
    """Which records of a firm a value rests on."""
    if one.measure in OF_GROUPS or one.measure == "python":
        return ibis.literal(True)
    return measures.behind(rows, one)
