"""The state of the province in one month, and the questions every stream asks of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from records.province.arrays import Flags, Index, Reals, Singles
from records.province.clock import YEAR, Calendar, Days
from records.province.ledger import Ledger
from records.province.outbreaks import Outbreaks
from records.province.parameters import Parameters
from records.province.parts import Lateness
from records.province.randomness import generator, strike
from records.province.rates import Chance, Stream
from records.province.registry import Firms


@dataclass
class World:
    """The state of the province in one month; arrays of shape (n,).

    `risk` is the log-odds; `excess` is risk above a mean firm's; `operating` firms have been
    established before the month and have not closed before it. `closed` is the day of closing,
    `struck` the day the registry changes the status, `struck_known` when that is known;
    `troubled_until` the last day on the serious list or in default of a judgment.
    """

    parameters: Parameters
    calendar: Calendar
    seed: int
    firms: Firms
    ledger: Ledger
    steady: Reals
    moving: Reals
    outbreaks: Outbreaks
    closed: Days
    struck: Days
    struck_known: Days
    fate: Index
    registered_known: Days
    troubled_until: Days
    risk: Reals = field(default_factory=lambda: np.empty(0))
    excess: Reals = field(default_factory=lambda: np.empty(0))
    operating: Flags = field(default_factory=lambda: np.empty(0, dtype=bool))
    month: int = -1
    generators: dict[str, np.random.Generator] = field(default_factory=dict)
    lasting: dict[str, Singles] = field(default_factory=dict)
    _raised: dict[float, Reals] = field(default_factory=dict)

    def enter(self, operating: Flags, risk: Reals) -> None:
        """A month begins: who operates in it, and at what risk."""
        self.operating, self.risk = operating, risk
        self.excess = risk - self.parameters.latent.base
        self._raised.clear()

    @property
    def probability(self) -> Reals:
        """Probability that a standard visit in this month would find a problem."""
        return logistic(self.risk)

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for each name, so that one stream never shifts another."""
        if name not in self.generators:
            self.generators[name] = generator(self.seed, name)
        return self.generators[name]

    def chance(self, name: str, firm: Index) -> Reals:
        """One of the parameters' chances for firms, shape (n,)."""
        chance: Chance = getattr(self.parameters.chances, name)
        certain = chance_at(chance, self.excess[firm])
        if not chance.spread:
            return certain
        return logistic(logit(certain) + chance.spread * self.own(f"chance:{name}")[firm])

    def happens(self, name: str, firm: Index, rng: np.random.Generator) -> Flags:
        """Whether what has that chance happens to each firm."""
        return np.asarray(rng.random(len(firm)) < self.chance(name, firm))

    def own(self, name: str) -> Singles:
        """Lasting differences between firms that are not risk: standard normal, shape (n,)."""
        if name not in self.lasting:
            rng = self.rng(f"own:{name}")
            self.lasting[name] = rng.standard_normal(len(self.firms), np.float32)
        return self.lasting[name]

    def rate(self, name: str, stream: Stream, slope: float | None = None) -> Reals:
        """Events a month of a stream, for every firm; zero where it does not operate."""
        if name not in self.lasting:
            own = self.rng(f"exposure:{name}").normal(0, 1, len(self.firms))
            centred = self.firms.size - self.firms.size.mean()
            exposure = np.exp(stream.spread * own + stream.size * centred)
            self.lasting[name] = exposure.astype(np.float32)
        raised = self._exponential(stream.slope if slope is None else slope)
        rate = raised * self.lasting[name]
        rate *= stream.per_year / 12 * self.covered
        return rate

    def strikes(
        self, name: str, *, times: Reals | Flags | float = 1.0, slope: float | None = None
    ) -> tuple[Index, Days]:
        """Firms that a stream of the parameters strikes this month, sorted, and the days.

        `times` multiplies the rate, shape (n,).
        """
        rng = self.rng(name)
        rate = self.rate(name, getattr(self.parameters.streams, name), slope) * times
        firm = strike(rng, rate)
        return firm, self.calendar.days_in(self.month, rng, len(firm))

    def due(self, days: Days) -> Index:
        """Places of the days, shape (n,), that lie in this month."""
        start, end = self.calendar.start[self.month : self.month + 2]
        return np.flatnonzero((days >= start) & (days < end))

    @property
    def covered(self) -> float:
        """The share of this month's records that were ever collected."""
        history = self.month < self.calendar.inspected
        return self.parameters.history_coverage if history else 1.0

    def trouble(self, firm: Index, until: Days) -> None:
        """These firms carry the risk of listed ones until the given days."""
        self.troubled_until[firm] = np.maximum(self.troubled_until[firm], until)

    def late(self, name: str, day: Days, median: float | None = None) -> Days:
        """First day the bureau could know of what happened on `day`; median 9 days by default."""
        return day + delay(self.parameters.lateness, len(day), self.rng(f"late:{name}"), median)

    def quick(self, name: str, day: Days) -> Days:
        """The same where the bureau itself keeps the register."""
        return self.late(name, day, self.parameters.lateness.quick)

    def _exponential(self, slope: float) -> Reals:
        """exp(slope × excess) of operating firms, zero of others; made once a month and slope."""
        if slope not in self._raised:
            self._raised[slope] = np.exp(slope * self.excess) * self.operating
        return self._raised[slope]


def logistic(log_odds: Reals) -> Reals:
    odds: Reals = np.exp(log_odds)
    return odds / (1 + odds)


def logit(chance: Reals) -> Reals:
    log_odds: Reals = np.log(chance / (1 - chance))
    return log_odds


def chance_at(chance: Chance, excess: Reals) -> Reals:
    """A chance that grows with a firm's log-odds of risk above a mean firm's."""
    return logistic(math.log(chance.at_mean / (1 - chance.at_mean)) + chance.slope * excess)


def delay(
    lateness: Lateness, size: int, rng: np.random.Generator, median: float | None = None
) -> Days:
    """Days until a bureau knows, at least one; lognormal about the median."""
    middle = np.log(lateness.median if median is None else median)
    wait = np.exp(rng.normal(middle, lateness.sigma, size))
    return np.maximum(1, np.minimum(wait, 2 * YEAR)).astype(np.int64)
