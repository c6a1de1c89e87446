"""The people of firms: representatives, shareholders, officers, contacts.

A role that ends is a correction of its record. Shells share their people, honest firms at times
a filing agent's clerk and telephone.
"""

from __future__ import annotations

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.clock import Days
from records.province.randomness import pick
from records.province.rows import NOBODY
from records.province.texts.registration import TITLES
from records.province.world import World, chance_at
from records.province.written import code

MAIN, SECOND, CORPORATE = range(3)
SLOTS = 3
FORM_SHARES = (0.88, 0.06, 0.04, 0.02)  # of texts.registration.CONTRIBUTIONS


class Holders:
    """Who holds which share of each firm; arrays of shape (SLOTS, n).

    `record` are the record numbers, NOBODY where a slot is empty; `person` the natural persons,
    NOBODY for a corporate shareholder; `share` and `since` their shares and first days. `paid` is
    the part of the capital that has been paid in, shape (n,).
    """

    def __init__(self, world: World) -> None:
        firms, self.numbers = world.firms, world.parameters.contents.holders
        n = len(firms)
        self.rep_since = firms.established.copy()
        self.rep_record = self._appoint(world, np.arange(n), "legal_rep", firms.rep)
        self._contacts(world)
        self._officers(world)
        self.type = self._types(world)
        self.paid = self._paid(world)
        self.record = np.full((SLOTS, n), NOBODY)
        self.person = np.full((SLOTS, n), NOBODY)
        self.since = np.tile(firms.established, (SLOTS, 1))
        self.share = self._shares(world)
        self.form = pick(FORM_SHARES, n, world.rng("holders:forms"))
        company = np.flatnonzero(firms.company)
        self.person[MAIN] = firms.rep
        second = np.where(firms.shell, 9 * n + firms.network, 9 * n + np.arange(n))
        self.person[SECOND] = second
        for slot in range(SLOTS):
            firm = company[self.share[slot, company] > 0]
            self._enter(world, slot, firm, firms.established[firm], world.registered_known[firm])

    def replace_rep(self, world: World, firm: Index, day: Days, known: Days, person: Index) -> None:
        """Other persons become legal representatives."""
        firms = world.firms
        world.ledger.add(
            "persons", firm, self.rep_since[firm], known, number=self.rep_record[firm],
            role="legal_rep", person_id=firms.rep[firm],
            left_on=np.maximum(day, self.rep_since[firm]),
        )  # fmt: skip
        firms.rep[firm], self.rep_since[firm] = person, day
        self.rep_record[firm] = world.ledger.add(
            "persons", firm, day, known, role="legal_rep", person_id=person
        )

    def replace_holder(
        self, world: World, firm: Index, day: Days, known: Days, person: Index
    ) -> Index:
        """The second shareholder, or else the first, sells to another person; who left."""
        slot = np.where(self.record[SECOND, firm] >= 0, SECOND, MAIN)
        left: Index = self.person[slot, firm]
        for one in (MAIN, SECOND):
            rows = slot == one
            self._leave(world, one, firm[rows], day[rows], known[rows])
            self.person[one, firm[rows]] = person[rows]
            self._enter(world, one, firm[rows], day[rows], known[rows])
        return left

    def replace_all(
        self, world: World, firm: Index, day: Days, known: Days, person: Index
    ) -> Index:
        """One person buys a whole firm; who was its first shareholder."""
        left: Index = self.person[MAIN, firm]
        for slot in range(SLOTS):
            rows = self.record[slot, firm] >= 0
            self._leave(world, slot, firm[rows], day[rows], known[rows])
            self.record[slot, firm] = NOBODY
        self.person[MAIN, firm], self.share[MAIN, firm] = person, 1.0
        self._enter(world, MAIN, firm, day, known)
        return left

    def subscribe(self, world: World, firm: Index, known: Days) -> None:
        """The capital has changed, and with it what each shareholder has subscribed."""
        for slot in range(SLOTS):
            rows = self.record[slot, firm] >= 0
            self._write(world, slot, firm[rows], known[rows])

    def _leave(self, world: World, slot: int, firm: Index, day: Days, known: Days) -> None:
        self._write(world, slot, firm, known, np.maximum(day, self.since[slot, firm]))

    def _enter(self, world: World, slot: int, firm: Index, day: Days, known: Days) -> None:
        self.since[slot, firm] = day
        self.record[slot, firm] = world.ledger.reserve("persons", len(firm))
        self._write(world, slot, firm, known)

    def _write(
        self, world: World, slot: int, firm: Index, known: Days, left: Days | None = None
    ) -> None:
        """A shareholder's record as it stands."""
        share = self.share[slot, firm]
        subscribed = (share * world.firms.capital[firm]).round()
        owner = world.firms.traits.owner[firm] if slot == CORPORATE else NOBODY
        kind = code("persons", "investor_type", "corporate")[0]
        world.ledger.add(
            "persons", firm, self.since[slot, firm], known,
            number=self.record[slot, firm],
            role="shareholder",
            person_id=0 if slot == CORPORATE else self.person[slot, firm],
            investor_id=owner,
            investor_type=kind if slot == CORPORATE else self.type[firm],
            share=share,
            left_on=left,
            subscribed=subscribed,
            paid_in=(subscribed * self.paid[firm]).round(),
            contribution=self.form[firm],
        )  # fmt: skip

    def _appoint(
        self, world: World, firm: Index, role: str, person: Index,
        title: Index | None = None, phone: Index | None = None,
    ) -> Index:  # fmt: skip
        event = world.firms.established[firm]
        known = world.registered_known[firm]
        return world.ledger.add("persons", firm, event, known, role=role, person_id=person,
                                title=title, phone=phone)  # fmt: skip

    def _contacts(self, world: World) -> None:
        """Shells have one contact a network; some firms leave it to their filing agent."""
        firms, rng = world.firms, world.rng("contacts")
        n, everyone = len(firms), np.arange(len(firms))
        by_agent = rng.random(n) < self.numbers.by_agent
        person = np.where(by_agent, 4 * n + firms.agent, firms.rep)
        phone = np.where(by_agent, 4 * n + firms.agent, everyone)
        shared = 8 * n + firms.network
        person, phone = (np.where(firms.shell, shared, own) for own in (person, phone))
        self._appoint(world, everyone, "contact", person, phone=phone)

    def _officers(self, world: World) -> None:
        firms, rng = world.firms, world.rng("officers")
        n, drawn = len(firms), rng.random(len(firms))
        officers = world.parameters.population.holders.officers
        for title, share in (("监事", officers), ("经理", self.numbers.managers)):
            firm = np.flatnonzero(firms.company & (drawn < share))
            place = TITLES.index(title)
            own = (6 + place) * n + np.where(firms.shell, firms.network, np.arange(n))
            self._appoint(world, firm, "officer", own[firm], title=np.full(len(firm), place))

    def _types(self, world: World) -> Index:
        """Kinds of the first shareholder: the state, abroad, or a natural person."""
        natural, state, foreign = code("persons", "investor_type", "natural", "state", "foreign")
        firms = world.firms
        kind: Index = np.where(firms.of_type("111"), state, natural)
        kind[firms.of_type("5")] = foreign
        return kind

    def _paid(self, world: World) -> Reals:
        rng, n = world.rng("paid in"), len(world.firms)
        excess = world.steady - world.parameters.latent.base
        nothing = rng.random(n) < chance_at(world.parameters.chances.nothing_paid_in, excess)
        full = rng.random(n) < self.numbers.paid_in_full
        part = np.where(full, 1.0, rng.uniform(0.05, 0.95, n).round(2))
        return np.where(nothing, 0.0, part)

    def _shares(self, world: World) -> Reals:
        """Shares of the slots, shape (SLOTS, n); they add up to 1."""
        rng, firms, n = world.rng("shares"), world.firms, len(world.firms)
        owned: Flags = firms.traits.owner >= 0
        corporate = np.where(owned, rng.integers(5, 90, n) / 100, 0.0)
        several = rng.random(n) < world.parameters.population.holders.second
        second = np.where(several, rng.integers(5, 50, n) / 100, 0.0) * (1 - corporate)
        second = second.round(4)
        return np.stack([(1 - corporate - second).round(4), second, corporate])
