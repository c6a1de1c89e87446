"""What firms file with the registry: registration, changes, the end of the business term.

A registration is one record a firm. Every change of what it says is a correction of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.arrays import Index
from records.province.clock import NEVER, NO_DAY, YEAR, Days
from records.province.names import PICKS
from records.province.streams.holders import Holders
from records.province.texts.registration import SCOPES
from records.province.world import World
from records.province.written import code

CHANGES = ("legal_rep", "address", "name", "scope", "capital", "equity")
WAN = 10_000 * 100  # 分


class Filings:
    """The registry's books. `people` and `places` are the next unused person and address;
    `sold` the day a firm is sold as a whole, `scope` the version of what it may do."""

    def __init__(self, world: World) -> None:
        firms, self.numbers = world.firms, world.parameters.contents.filings
        n = len(firms)
        self.people, self.places = 10 * n, 2 * n
        own = ~firms.of_type("2", "72")  # a branch has its head's name and capital
        self.able = {"name": own, "capital": own, "equity": firms.company}
        self.scope = world.rng("scope").integers(0, SCOPES, n)
        self.sold = self._sold(world)
        self.due = self._terms(world)
        self._registration(world, np.arange(n), firms.established, world.registered_known)
        self.holders = Holders(world)

    def month(self, world: World) -> None:
        for item in CHANGES:
            firm, day = world.strikes(item, times=self.able.get(item, 1.0))
            _, first = np.unique(firm, return_index=True)
            self._change(world, item, firm[first], day[first])
        self._sell(world)
        self._prolong(world)
        self._strike_off(world)

    def _change(self, world: World, item: str, firm: Index, day: Days) -> None:
        """A change known with its day; what the registration says of it is corrected."""
        if not len(firm):
            return
        known = world.quick("changes", day)
        change = {
            "legal_rep": self._new_rep,
            "address": self._new_address,
            "name": self._new_name,
            "scope": self._new_scope,
            "capital": self._new_capital,
            "equity": self._new_holder,
        }[item]
        told = change(world, firm, day, known)
        world.ledger.add("changes", firm, day, known, item=item, **told)
        if item != "equity":
            self._registration(world, firm, day, known, number=firm)

    def _new_rep(self, world: World, firm: Index, day: Days, known: Days) -> dict[str, Any]:
        before, after = world.firms.rep[firm], self._persons(len(firm))
        self.holders.replace_rep(world, firm, day, known, after)
        return {"before": before, "after": after}

    def _new_address(self, world: World, firm: Index, _day: Days, _known: Days) -> dict[str, Any]:
        before = world.firms.address[firm]
        world.firms.address[firm] = after = self.places + np.arange(len(firm))
        self.places += len(firm)
        return {"before": before, "after": after}

    def _new_name(self, world: World, firm: Index, _day: Days, _known: Days) -> dict[str, Any]:
        before = world.firms.name[firm]
        step = world.rng("changes:name:content").integers(1, PICKS, len(firm))
        world.firms.name[firm] = after = (before + step) % PICKS
        return {"before": before, "after": after}

    def _new_scope(self, world: World, firm: Index, _day: Days, _known: Days) -> dict[str, Any]:
        before = self.scope[firm]
        step = world.rng("changes:scope:content").integers(1, SCOPES, len(firm))
        self.scope[firm] = after = (before + step) % SCOPES
        return {"before": before, "after": after}

    def _new_capital(self, world: World, firm: Index, _day: Days, known: Days) -> dict[str, Any]:
        """Mostly a moderate rise; at times, and more often at risk, a jump or a deep cut."""
        rng, n = world.rng("changes:capital:content"), len(firm)
        before = world.firms.capital[firm]
        factor = np.exp(np.abs(rng.normal(0.3, 0.5, n)))
        cut, jump = rng.uniform(*self.numbers.cut, n), rng.uniform(*self.numbers.jump, n)
        extreme = np.where(rng.random(n) < self.numbers.cuts, cut, jump)
        factor = np.where(world.happens("capital_jumps", firm, rng), extreme, factor)
        after = np.maximum(1, (before * factor / WAN).round()).astype(np.int64) * WAN
        after = np.where(after == before, before + WAN, after)
        world.firms.capital[firm] = after
        self.holders.subscribe(world, firm, known)
        told = np.zeros(n, np.int64)
        return {"before": told, "after": told, "amount_before": before, "amount_after": after}

    def _new_holder(self, world: World, firm: Index, day: Days, known: Days) -> dict[str, Any]:
        after = self._persons(len(firm))
        before = self.holders.replace_holder(world, firm, day, known, after)
        return {"before": before, "after": after}

    def _persons(self, size: int) -> Index:
        """Persons nobody has seen before."""
        new = self.people + np.arange(size)
        self.people += size
        return new

    def _sold(self, world: World) -> Days:
        """Some shells are set up to be sold: all people and shares change within weeks."""
        rng, firms = world.rng("sold"), world.firms
        sold = firms.shell & (rng.random(len(firms)) < world.parameters.population.shells.sold)
        wait = rng.uniform(*self.numbers.sold_days, len(firms)).astype(np.int64)
        return np.where(sold, firms.established + wait, NEVER)

    def _sell(self, world: World) -> None:
        firm = world.due(self.sold)
        day = self.sold[firm]
        known = world.quick("changes", day)
        after = self._persons(len(firm))
        before = world.firms.rep[firm]
        self.holders.replace_rep(world, firm, day, known, after)
        leaving = self.holders.replace_all(world, firm, day, known, after)
        self._registration(world, firm, day, known, number=firm)
        for item, old in (("legal_rep", before), ("equity", leaving)):
            world.ledger.add("changes", firm, day, known, item=item, before=old, after=after)

    def _terms(self, world: World) -> Days:
        """Days on which business terms end; what ended before the records has been prolonged."""
        term, start = world.firms.traits.term, world.calendar.start[0]
        more = self.numbers.prolonged_years * YEAR
        behind = np.where(term == NO_DAY, 0, np.maximum(0, -((term - start) // more)))
        world.firms.traits.term = np.where(term == NO_DAY, NO_DAY, term + behind * more)
        return np.where(term == NO_DAY, NEVER, world.firms.traits.term)

    def _prolong(self, world: World) -> None:
        """Terms that end this month are prolonged, or lapse for a while or for good."""
        rng, firm = world.rng("terms"), world.due(self.due)
        firm = firm[world.operating[firm]]
        day, lapses = self.due[firm], world.happens("term_lapses", firm, rng)
        never = rng.random(len(firm)) < self.numbers.given_up
        wait = np.where(never, NEVER, rng.integers(60, 500, len(firm)))
        self.due[firm[lapses]] = (day + wait)[lapses]
        firm, day = firm[~lapses], day[~lapses]
        before = world.firms.traits.term[firm]
        after = day + self.numbers.prolonged_years * YEAR
        world.firms.traits.term[firm] = self.due[firm] = after
        known = world.quick("changes", day)
        world.ledger.add("changes", firm, day, known, item="other", before=before, after=after)
        self._registration(world, firm, day, known, number=firm)

    def _strike_off(self, world: World) -> None:
        firm = world.due(world.struck)
        status = code("enterprises", "status", *world.parameters.population.fates)
        self._registration(world, firm, world.struck[firm], world.struck_known[firm],
                           number=firm, status=status[world.fate[firm]])  # fmt: skip

    def _registration(
        self,
        world: World,
        firm: Index,
        event: Days,
        known: Days,
        *,
        number: Index | None = None,
        status: Index | str = "live",
    ) -> None:
        """Write the registration of firms as it stands now."""
        firms = world.firms
        world.ledger.add(
            "enterprises", firm, event, known,
            number=number,
            name=firms.name[firm],
            address=firms.address[firm],
            legal_rep=firms.rep[firm],
            registered_capital=firms.capital[firm],
            term_ends_on=firms.traits.term[firm],
            scope=self.scope[firm],
            status=status,
        )  # fmt: skip
