"""Licences: issued, renewed, lapsed, revoked.

Firms at higher risk let more of them lapse. A renewal and a revocation are corrections of the
licence; a lapse leaves no record, only a date that has passed.
"""

from __future__ import annotations

import numpy as np

from records.province.arrays import Flags, Index
from records.province.clock import NEVER, YEAR, Days
from records.province.rows import NOBODY
from records.province.world import World

BY_INDUSTRY = {"C13": 1, "C14": 1, "C26": 2, "G54": 3, "E48": 4, "O80": 5, "H61": 6}
SECOND_KIND = {"H61": 0, "C14": 0, "C26": 3}  # what some also hold
TERMS = np.array([5, 5, 3, 4, 5, 4, 5])  # years, by kind
VALID, REVOKED, CANCELLED = range(3)
STATUS = ("valid", "revoked", "cancelled")


def concerned(world: World, what: str) -> Flags:
    """Firms that hold licences, are sampled, … drawn once by their industry's probability."""
    industries = world.parameters.population.industries
    share = np.array([getattr(industry, what) for industry in industries])
    drawn = world.rng(f"concerned:{what}").random(len(world.firms))
    return np.asarray(drawn < share[world.firms.industry])


class Licences:
    """Licences by place, shape (licences,): `holder`, `kind`, first day of the present term
    `starts`, and `due`, the day it must be renewed. `of` is a firm's first licence or NOBODY."""

    def __init__(self, world: World) -> None:
        rng, self.numbers = world.rng("licences"), world.parameters.contents.licences
        self.holder, self.kind = self._holders(world)
        n = len(self.holder)
        first = world.firms.established[self.holder] + rng.integers(20, 60, n)
        # Firms older than the records hold the licence of their latest renewal.
        term = TERMS[self.kind] * YEAR
        self.starts = first + np.maximum(0, (world.calendar.start[0] - first) // term) * term
        self.due = self.starts + term
        self.gone = np.zeros(n, dtype=bool)
        self.number = world.ledger.reserve("licences", n)
        self.of = np.full(len(world.firms), NOBODY)
        self.of[self.holder[::-1]] = np.arange(n)[::-1]
        self._issue(world, np.arange(n))

    def month(self, world: World) -> None:
        rng, at = world.rng("licences"), world.due(self.due)
        at = at[world.operating[self.holder[at]] & ~self.gone[at]]
        lapses = world.happens("licence_lapses", self.holder[at], rng)
        never = rng.random(len(at)) < self.numbers.given_up
        wait = np.where(never, NEVER, rng.integers(90, 400, len(at)))
        renewed = at[~lapses]
        self.starts[renewed] = self.due[renewed]
        self._issue(world, renewed)
        self.due[at] += np.where(lapses, wait, TERMS[self.kind[at]] * YEAR)
        self._cancel(world)

    def revoke(self, world: World, firm: Index, day: Days) -> Index:
        """Take the firms' first licences away; their record numbers, NOBODY where none is held."""
        if not len(self.number):
            return np.full(len(firm), NOBODY)
        at = self.of[firm]
        held = (at >= 0) & ~self.gone[at] & (self.starts[at] <= day)
        _, first = np.unique(firm, return_index=True)
        held &= np.isin(np.arange(len(firm)), first)
        self._end(world, at[held], day[held], REVOKED)
        return np.where(held, self.number[at], NOBODY)

    def _cancel(self, world: World) -> None:
        """Firms struck from the register hand in their licences."""
        struck = world.due(world.struck)
        at = self.of[struck]
        keep = at >= 0
        keep[keep] &= ~self.gone[at[keep]]
        self._end(world, at[keep], world.struck[struck[keep]], CANCELLED)

    def _end(self, world: World, at: Index, day: Days, status: int) -> None:
        self.gone[at] = True
        known = world.quick("licences", day)
        self._write(world, at, known, status)

    def _issue(self, world: World, at: Index) -> None:
        self._write(world, at, world.quick("licences", self.starts[at]), VALID)

    def _write(self, world: World, at: Index, known: Days, status: int) -> None:
        starts = self.starts[at]
        world.ledger.add(
            "licences", self.holder[at], starts, known,
            number=self.number[at],
            kind=self.kind[at],
            starts_on=starts,
            expires_on=starts + TERMS[self.kind[at]] * YEAR - 1,
            status=STATUS[status],
        )  # fmt: skip

    def _holders(self, world: World) -> tuple[Index, Index]:
        """Who holds which kind of licence, firm by firm."""
        trades = world.firms.trades
        kind = np.array([BY_INDUSTRY.get(trade.code, 0) for trade in trades])
        other = np.array([SECOND_KIND.get(trade.code, NOBODY) for trade in trades])
        industry = world.firms.industry
        holds = concerned(world, "licence")
        also = holds & (other[industry] >= 0)
        also &= world.rng("licences:second").random(len(holds)) < self.numbers.second
        firm = np.r_[np.flatnonzero(holds), np.flatnonzero(also)]
        which = np.r_[kind[industry[holds]], other[industry[also]]]
        order = np.argsort(firm, kind="stable")
        return firm[order], which[order]
