"""Relations: firms that share a person, a place or an agent, and what is known of them.

A tie's *circle* lists every firm that holds, on a date, a key which some firm asked for holds
then; all else follows from circles. Answers do not depend on who else is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, reduce

import ibis.expr.types as ir

from features.catalogue import Catalogue, Tie
from features.clocks import ROW
from features.conditions import every
from features.indicator import Indicator
from features.known import Asked, Known
from features.reach import registered_columns

Built = Callable[[Sequence[Indicator], Asked], ir.Table]
"""Indicators of firms' own records, for the firms and dates of another question."""


class Relations:
    """The ties of some indicators among the firms asked for."""

    def __init__(
        self, known: Known, catalogue: Catalogue, asked: Asked, indicators: Iterable[Indicator]
    ) -> None:
        self.known, self.asked = known, asked
        self._ties = {
            name: catalogue.ties[name]
            for name in dict.fromkeys(name for one in indicators for name in one.ties)
        }
        self._catalogue = catalogue
        self._circles: dict[str, ir.Table] = {}

    @cached_property
    def firms(self) -> ir.Table:
        """The firms asked for as they are registered, by all that ties and groups go by."""
        return self._registered("firms", self.asked)

    def sharing(self, indicator: Indicator) -> ir.Table:
        """Live firms that hold the same key; of a firm's several keys, the one with the most.

        A key that nobody shares is in no circle: its holder is alone, if it lives.
        """
        sized = []
        for name in indicator.ties:
            circle = self.circle(name)
            sizes = circle.group_by(["as_of", "key"]).agg(firms=circle.count(where=circle.live))
            held = circle.join(sizes, ["as_of", "key"])
            sized.append(held.select(circle.entity_id, circle.as_of, sizes.firms))
        most = _union(sized)
        most = most.group_by(ROW).agg(firms=most.firms.max())
        holders = _union([self._own(name).select(*ROW) for name in indicator.ties]).distinct()
        both = holders.join(self.firms, ROW).left_join(most, ROW)
        alone = (self.firms.status == "live").ifelse(1, 0)
        return both.select(holders.entity_id, holders.as_of, value=most.firms.fill_null(alone))

    def related(self, indicators: Sequence[Indicator], built: Built) -> list[ir.Table]:
        """Counts and shares of the related firms of which another indicator is above 0.

        Indicators of the same ties and bound are found together.
        """
        tables = []
        for name in dict.fromkeys(_bond(one) for one in indicators):
            few = [one for one in indicators if _bond(one) == name]
            pairs = self.pairs(few[0])
            others = pairs.select(entity_id=pairs.other, as_of=pairs.as_of).distinct()
            asked = self.asked.only(self.known.engine.settle(f"others_{name}", others))
            named = dict.fromkeys(str(one.indicator) for one in few)
            theirs = built([self._catalogue[one] for one in named], asked)
            on = [pairs.other == theirs.entity_id, pairs.as_of == theirs.as_of]
            met = pairs.left_join(theirs, on).select(
                pairs.entity_id,
                pairs.as_of,
                **{one: (theirs[one] > 0).fill_null(False) for one in named},
            )
            tables.append(met.group_by(ROW).agg(**{one.id: _related(met, one) for one in few}))
        return tables

    def pointed_at(self, indicator: Indicator) -> ir.Table:
        """How many firms point to each firm that any points to."""
        pointing = self.pointing(indicator)
        firm = pointing[indicator.columns[0]]
        return pointing.group_by(entity_id=firm, as_of=pointing.as_of).agg(
            value=pointing.entity_id.nunique()
        )

    def pointing(self, indicator: Indicator) -> ir.Table:
        """Records that name a firm asked for in a column, as an investor or a head office."""
        (column,) = indicator.columns
        table = str(indicator.table)
        keys = self.asked.rows.select("as_of", key=self.asked.rows.entity_id)
        rows = self.known.holders(table, column, keys)
        if table != "enterprises":
            return rows.filter(every(rows, indicator.where))
        firms = self.known.profile(
            self.asked.only(rows.select(*ROW).distinct()), [column], indicator.where
        )
        newest = [rows[name] == firms[name] for name in (*ROW, column)]
        return rows.semi_join(firms, newest)

    def pairs(self, indicator: Indicator) -> ir.Table:
        """Each firm asked for with each other firm tied to it, once: ROW and `other`.

        A key of more than `most` firms binds nobody: it is an agent's desk or a wrong entry.
        """
        found = []
        for name in indicator.ties:
            circle = self.circle(name)
            sizes = circle.group_by(["as_of", "key"]).agg(firms=circle.count())
            small = sizes.filter(sizes.firms <= indicator.most)
            held = circle.semi_join(small, ["as_of", "key"])
            own = held if self.asked.everyone else held.semi_join(self.asked.rows, ROW)
            other = held.select("as_of", "key", other=held.entity_id).view()
            both = own.join(other, ["as_of", "key"])
            found.append(both.filter(both.entity_id != both.other).select(*ROW, "other"))
        return self.known.engine.settle(f"pairs_{_bond(indicator)}", _union(found).distinct())

    def circle(self, name: str) -> ir.Table:
        """Rows of `entity_id`, `as_of`, `key` and `live` of all firms that share somebody's key."""
        if name not in self._circles:
            asked, firms = (self.asked, self.firms) if self.asked.everyone else self._near
            held = self._held(self._ties[name], asked, firms)
            if not self.asked.everyone:
                held = held.semi_join(self._own(name), ["as_of", "key"])
            often = held.group_by(["as_of", "key"]).agg(times=held.count())
            shared = often.filter(often.times > 1)  # or held twice by one firm, which does no harm
            circle = held.semi_join(shared, ["as_of", "key"]).distinct()
            joined = circle.join(firms, ROW).select(circle, live=firms.status == "live")
            self._circles[name] = self.known.engine.settle(f"circle_{name}", joined)
        return self._circles[name]

    @cached_property
    def _near(self) -> tuple[Asked, ir.Table]:
        """Whoever holds a key of a firm asked for, found by the key, and as they are registered."""
        found = []
        for name, tie in self._ties.items():
            keys = self._own(name).select("key", "as_of").distinct()
            found.append(self.known.holders(tie.table, tie.column, keys).select(*ROW))
        asked = self.asked.only(self.known.engine.settle("near", _union(found).distinct()))
        return asked, self._registered("near_firms", asked)

    def _own(self, name: str) -> ir.Table:
        """The keys of the firms asked for: ROW and `key`."""
        return self._held(self._ties[name], self.asked, self.firms)

    def _held(self, tie: Tie, asked: Asked, firms: ir.Table) -> ir.Table:
        """Keys that firms hold: ROW and `key`; one may be held twice."""
        rows = firms if tie.table == "enterprises" else self.known.rows(tie.table, asked)
        held = rows.filter(every(rows, tie.where), rows[tie.column].notnull())
        return held.select(*ROW, key=held[tie.column])

    def _registered(self, name: str, asked: Asked) -> ir.Table:
        firms = self.known.profile(asked, registered_columns(self._catalogue))
        return firms if asked.everyone else self.known.engine.settle(name, firms)


def _related(met: ir.Table, indicator: Indicator) -> ir.Value:
    hit = met.count(where=met[str(indicator.indicator)]).cast("float64")
    return hit if indicator.measure == "related_count" else hit / met.count()


def _union(tables: Sequence[ir.Table]) -> ir.Table:
    return reduce(lambda a, b: a.union(b), tables)


def _bond(indicator: Indicator) -> str:
    """A name for what relates firms in an indicator."""
    return f"{'_'.join(indicator.ties)}_{indicator.most}"
