"""Sources: the records that values rest on, each table or tie once for all indicators.

What rests on many firms is found once. The rest are expressions about those firms that are
`wanted` within a range, which stand until the engine is told the next range.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import or_

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features import measures
from features.catalogue import Catalogue, parts_of
from features.clocks import ROW
from features.custom import custom
from features.engine import FIRST, LAST, settled
from features.indicator import OF_GROUPS, OF_TIES, Indicator
from features.known import Asked, Known
from features.reach import needs
from features.relations import Relations

WANTED = pa.schema([("entity_id", pa.string()), ("as_of", pa.date32()), ("at", pa.int64())])
"""Of which firm and date, and of which indicator by its place among those traced."""


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


class Sources:
    """The sources of some indicators' values.

    Parameters
    ----------
    asked : whom may be asked about.
    indicators : what may be asked for; one without records has no source.

    Attributes
    ----------
    wanted : the table, WANTED, of what is asked for within a range.
    steps : what is settled for each range, before the sources are read.
    """

    def __init__(
        self, known: Known, catalogue: Catalogue, asked: Asked, indicators: Sequence[Indicator]
    ) -> None:
        self.known, self.catalogue, self.asked = known, catalogue, asked
        self.indicators = indicators
        self.wanted = ibis.table(WANTED, name="wanted")
        self.steps: list[tuple[str, ir.Table]] = []
        self._part = replace(asked, rows=self.wanted.select(*ROW).distinct(), between=(FIRST, LAST))
        self._found: dict[str, Source] = {}
        self._pairs: dict[str, ir.Table] = {}

    @cached_property
    def all(self) -> list[Source]:
        """Every source of any of the indicators."""
        for at, one in enumerate(self.indicators):
            if self._known(one):
                for root in self._roots(one):
                    self._rest(at, root)
        return list(self._found.values())

    def _known(self, one: Indicator) -> bool:
        """Whether all tables that an indicator needs are there."""
        return all(self.known.has(need.table) for need in needs(one, self.catalogue))

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
        source.met[at] = or_(source.met[at], met) if at in source.met else met

    def _own(self, table: str) -> Source:
        """The firms' own records."""
        if table not in self._found:
            rows = self.known.rows(table, self._part)
            self._found[table] = Source(table, rows.mutate(whose=rows.entity_id))
        return self._found[table]

    def _pointing(self, one: Indicator) -> Source:
        """Records of others that point to a firm."""
        if one.id not in self._found:
            rows = self._relations.pointing(one)
            rows = rows.mutate(whose=rows.entity_id, entity_id=rows[one.columns[0]])
            rows = self.known.engine.settle(f"pointing_{one.id}", rows)
            rows = rows.filter(rows.entity_id.between(FIRST, LAST))
            self._found[one.id] = Source(str(one.table), rows)
        return self._found[one.id]

    def _of_others(self, one: Indicator, table: str) -> Source:
        """The records of firms tied to one, under the firm that they are tied to."""
        bond = f"{'_'.join(one.ties)}_{one.most}"
        if (name := f"{bond}_{table}") not in self._found:
            if bond not in self._pairs:
                pairs = self._relations.pairs(one)
                self._pairs[bond] = pairs.filter(pairs.entity_id.between(FIRST, LAST))
            pairs = self._pairs[bond].semi_join(self._asking(one), ROW)
            others = pairs.select(entity_id="other", as_of="as_of").distinct()
            self.steps.append((f"others_{name}", others))
            theirs = self.known.rows(table, self.asked.only(settled(f"others_{name}", others)))
            on = [pairs.other == theirs.entity_id, pairs.as_of == theirs.as_of]
            more = [theirs[column] for column in theirs.columns if column not in ROW]
            rows = pairs.join(theirs, on).select(
                pairs.entity_id, pairs.as_of, *more, whose=pairs.other
            )
            self._found[name] = Source(table, rows)
        return self._found[name]

    def _asking(self, one: Indicator) -> ir.Table:
        """Those who ask for any indicator of the same bond."""
        alike = [
            at
            for at, other in enumerate(self.indicators)
            for root in self._roots(other)
            if (root.ties, root.most) == (one.ties, one.most)
        ]
        return self.wanted.filter(self.wanted["at"].isin(alike))

    @cached_property
    def _relations(self) -> Relations:
        known = [one for one in self.indicators if self._known(one)]
        roots = [root for one in known for root in self._roots(one)]
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
