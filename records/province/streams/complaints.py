"""Complaints and reports: of risk, in waves, and from the drift month on an easier way in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records.province.arrays import Index, Reals
from records.province.clock import Days
from records.province.randomness import lognormal, pick, strike
from records.province.texts.society import TOPICS
from records.province.world import World
from records.province.written import code

OUTCOMES = ("confirmed", "unconfirmed", "mediated", "mediation_failed", "pending")
CONFIRMED, UNCONFIRMED, MEDIATED, FAILED, PENDING = range(5)
COMPLAINT, REPORT = range(2)
CHANNEL_SHARES = (0.45, 0.25, 0.18, 0.03, 0.04, 0.05)  # of texts.society.CHANNELS


@dataclass(frozen=True)
class Received:
    """Complaints of a month; arrays of shape (n,). `well_founded` is the chance that one is
    confirmed, `filer` whose hand it is from."""

    firm: Index
    day: Days
    well_founded: Reals
    filer: Index


class Complaints:
    """`complained` counts each firm's complaints of this month and the last; `filers` is the next
    hand that nobody has seen before."""

    def __init__(self, world: World) -> None:
        self.numbers, n = world.parameters.contents.complaints, len(world.firms)
        consumer = np.array([i.consumer for i in world.firms.trades])
        self.consumer = 0.4 + 2 * consumer[world.firms.industry]
        self.this_month, self.last_month = np.zeros(n), np.zeros(n)
        self.filers = n  # a firm's own number is that of its usual complainant

    @property
    def complained(self) -> Reals:
        return self.this_month + self.last_month

    def month(self, world: World) -> None:
        stream, drift = world.parameters.streams.complaints, world.parameters.drift
        drifted = world.month >= world.calendar.end - drift.months_before_end
        slope = stream.slope * (drift.slope if drifted else 1)
        times = self.consumer * (drift.rate if drifted else 1)
        firm, day = world.strikes("complaints", times=times, slope=slope)
        usual = world.rng("complaints:hands").random(len(firm)) < self.numbers.again
        filer = np.where(usual, firm, self._hands(len(firm)))
        single = Received(firm, day, world.chance("confirmed", firm), filer)
        wave = self._waves(world)
        every = Received(*(
            np.concatenate([getattr(part, name) for part in (single, wave)])
            for name in Received.__dataclass_fields__
        ))  # fmt: skip
        self.last_month = self.this_month
        self.this_month = np.bincount(every.firm, minlength=len(self.consumer)).astype(np.float64)
        self._write(world, every)

    def _waves(self, world: World) -> Received:
        """Bursts within a fortnight: half are well founded, half are professional claimants."""
        rng, bursts = world.rng("bursts"), world.parameters.bursts
        weight = np.where(rng.random(len(world.firms)) < 0.5, np.exp(world.excess), 1.0)
        hit = strike(rng, np.where(world.operating, weight * bursts.per_year / 12, 0))
        size = 4 + rng.poisson(bursts.mean_size - 4, len(hit))
        first = np.repeat(world.calendar.days_in(world.month, rng, len(hit)), size)
        unfounded = np.repeat(rng.random(len(hit)) < 0.5, size)
        last = world.calendar.start[world.month + 1] - 1
        day = np.minimum(first + rng.integers(0, 14, len(first)), last)
        hands = self.numbers.hands
        few = self._hands(hands * len(hit)).reshape(-1, hands)[np.repeat(np.arange(len(hit)), size)]
        hand = world.rng("bursts:hands").integers(0, hands, len(first))
        filer = np.where(unfounded, few[np.arange(len(first)), hand], self._hands(len(first)))
        return Received(np.repeat(hit, size), day, np.where(unfounded, 0.05, 0.6), filer)

    def _hands(self, size: int) -> Index:
        new = self.filers + np.arange(size)
        self.filers += size
        return new

    def _write(self, world: World, given: Received) -> None:
        rng, n, firm = world.rng("complaints:content"), len(given.firm), given.firm
        kind = (rng.random(n) < self.numbers.reports).astype(np.int64)
        outcome = self._outcomes(world, given, kind)
        pending = rng.random(n) < self.numbers.pending_first
        known = world.quick("complaints", given.day)
        amount = lognormal(self.numbers.amount, 1.3, n, rng).round(-2)
        content = {
            "named": rng.random(n) >= world.parameters.complaints_without_firm,
            "kind": kind,
            "topic": rng.integers(0, len(TOPICS), n),
            "address": np.where(rng.random(n) < self.numbers.placed, world.firms.address[firm], -1),
            "channel": pick(CHANNEL_SHARES, n, rng),
            "amount": np.where(kind == REPORT, np.nan, amount),
            "filer": given.filer,
        }
        words = code("complaints", "outcome", *OUTCOMES)
        settled = given.day + (rng.random(n) * (known - given.day)).astype(np.int64)
        number = world.ledger.reserve("complaints", n)
        for rows, told, day, heard in (
            (~pending, outcome, settled, known),
            (pending, np.full(n, PENDING), None, known),
            (pending, outcome, *self._later(rng, known)),
        ):
            world.ledger.add(
                "complaints", firm[rows], given.day[rows], heard[rows], number=number[rows],
                outcome=words[told[rows]],
                settled_on=None if day is None else day[rows],
                **{name: values[rows] for name, values in content.items()},
            )  # fmt: skip

    def _later(self, rng: np.random.Generator, known: Days) -> tuple[Days, Days]:
        """The days on which what was pending is settled and on which that is known."""
        settled = known + rng.integers(6, self.numbers.settled_days, len(known))
        return settled, settled + rng.integers(1, 10, len(known))

    def _outcomes(self, world: World, given: Received, kind: Index) -> Index:
        """Reports are confirmed or not; complaints may also be mediated, well or in vain."""
        rng, n = world.rng("complaints:outcomes"), len(given.firm)
        confirmed = rng.random(n) < given.well_founded
        mediated = (kind == COMPLAINT) & (rng.random(n) < self.numbers.mediated)
        fails = world.happens("mediation_fails", given.firm, rng)
        unconfirmed = np.where(mediated, np.where(fails, FAILED, MEDIATED), UNCONFIRMED)
        return np.where(confirmed, CONFIRMED, unconfirmed)
