"""How firms end: notices of liquidation, bankruptcies, suspensions, and who is barred after.

Links between codes are told here too: old numbers, branches, firms that follow others.
"""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index
from records.province.clock import NEVER, YEAR, Days
from records.province.randomness import lognormal
from records.province.rows import NOBODY
from records.province.texts.registration import OLD_NUMBERS_UNTIL
from records.province.texts.society import BARRED
from records.province.world import World
from records.province.written import code, drawn

OLD_CODE, HEAD, FOLLOWS = 0, 1, 2  # of texts.registration.BASES
CONFIRMED = 0.8
OLD_CODES_CHANGED = (OLD_NUMBERS_UNTIL, OLD_NUMBERS_UNTIL + 2 * YEAR)


class Endings:
    """Notices and links. `deregisters` is the place of that fate, −1 where there is none."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.endings
        fates = list(world.parameters.population.fates)
        self.deregisters, self.revokes = (
            fates.index(fate) if fate in fates else NOBODY for fate in ("deregistered", "revoked")
        )
        self._old_codes(world)
        self._branches(world)

    def month(self, world: World) -> None:
        self._notices(world)
        self._suspended(world, *world.strikes("suspensions"))
        self._insolvent(world, *world.strikes("insolvencies"))
        self._followers(world)
        self._barred(world)

    def _notices(self, world: World) -> None:
        """Firms that close in good order give notice before they are struck off."""
        rng, firm = world.rng("liquidations"), world.due(world.closed)
        kind = drawn("liquidations", "kind", self.numbers.notices, len(firm), rng)
        told = (world.fate[firm] == self.deregisters) & (kind >= 0)
        firm, kind = firm[told], kind[told]
        span = world.struck[firm] - world.closed[firm]
        day = world.closed[firm] + (rng.random(len(firm)) * span).astype(np.int64)
        known = world.quick("liquidations", day)
        number = world.ledger.add("liquidations", firm, day, known, kind=kind)
        ended = world.struck[firm]
        world.ledger.add("liquidations", firm, day, world.quick("liquidations", ended),
                         number=number, kind=kind, ended_on=ended)  # fmt: skip

    def _suspended(self, world: World, firm: Index, day: Days) -> None:
        kind = np.repeat(code("liquidations", "kind", "suspension"), len(firm))
        self._passing(world, firm, day, kind, self.numbers.suspended_days)

    def _insolvent(self, world: World, firm: Index, day: Days) -> None:
        rng = world.rng("insolvencies:content")
        kind = drawn("liquidations", "kind", self.numbers.insolvencies, len(firm), rng)
        self._passing(world, firm, day, kind, self.numbers.insolvent_days)

    def _passing(self, world: World, firm: Index, day: Days, kind: Index, lasts: float) -> None:
        """What a firm may live through."""
        rng = world.rng("liquidations:ends")
        known = world.late("liquidations", day)
        number = world.ledger.add("liquidations", firm, day, known, kind=kind)
        ends = day + lognormal(lasts, 0.6, len(firm), rng).astype(np.int64)
        out = rng.random(len(firm)) < self.numbers.ended
        world.ledger.add(
            "liquidations", firm[out], day[out], world.late("liquidations", ends[out]),
            number=number[out], kind=kind[out], ended_on=ends[out],
        )  # fmt: skip

    def _old_codes(self, world: World) -> None:
        """Firms of before the credit code: the old number, linked when it was exchanged."""
        firms, rng = world.firms, world.rng("links")
        firm = np.flatnonzero(firms.established < OLD_NUMBERS_UNTIL)
        day = rng.integers(*OLD_CODES_CHANGED, len(firm))
        self._link(world, firm, day, world.quick("links", day), "old_code", NOBODY, OLD_CODE)

    def _branches(self, world: World) -> None:
        firms = world.firms
        branch = np.flatnonzero(firms.traits.head >= 0)
        head, day = firms.traits.head[branch], firms.established[branch]
        known = world.registered_known[branch]
        self._link(world, head, day, known, "branch", branch, HEAD)

    def _followers(self, world: World) -> None:
        """New firms that take over the business of closing self-employed people."""
        rng, firms = world.rng("followers"), world.firms
        closing = world.due(np.where(firms.of_type("9500"), world.closed, NEVER))
        closing = closing[rng.random(len(closing)) < self.numbers.followed]
        new = world.due(np.where(firms.company & ~firms.shell, firms.established, NEVER))
        size = min(len(closing), len(new))
        new = rng.choice(new, size, replace=False) if size else new[:0]
        old, day = closing[:size], firms.established[new]
        known = np.maximum(world.registered_known[new], world.closed[old])
        self._link(world, new, day, known, "predecessor", old, FOLLOWS)
        self._link(world, old, day, known, "successor", new, FOLLOWS)

    def _link(
        self, world: World, firm: Index, day: Days, known: Days, kind: str,
        other: Index | int, basis: int,
    ) -> None:  # fmt: skip
        confirmed = world.rng("links:confirmed").random(len(firm)) < CONFIRMED
        world.ledger.add("entity_links", firm, day, known, kind=kind, linked_id=other,
                         basis=basis, confirmed_by=np.where(confirmed, 0, NOBODY))  # fmt: skip

    def _barred(self, world: World) -> None:
        """Who led a firm whose licence was revoked is barred: a push to the other firms led."""
        firms, struck = world.firms, world.due(world.struck)
        revoked = struck[world.fate[struck] == self.revokes]
        if not len(revoked):
            return
        order = revoked[np.argsort(firms.rep[revoked], kind="stable")]
        person, first = np.unique(firms.rep[order], return_index=True)
        at = np.minimum(np.searchsorted(person, firms.rep), len(person) - 1)
        led = (person[at] == firms.rep) & world.operating & (world.struck == NEVER)
        other = np.flatnonzero(led)
        day = world.struck[order[first]][at[other]]
        world.ledger.add(
            "external_signals", other, day, world.late("external_signals", day),
            valid_to=day + self.numbers.barred_years * YEAR,
            kind=BARRED, value=firms.rep[other], confidence=1.0, amount=None,
        )  # fmt: skip
