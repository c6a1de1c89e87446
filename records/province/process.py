"""The hidden process: each firm's risk from month to month, its birth and its end.

The log-odds that a standard visit finds a problem are a sum: industry, county, age, size,
network and filing agent, a part that never changes, a part that moves (AR(1)), and the trouble of
firms on the serious list or in default of a judgment.
A standard visit is on site, with the five items of the fixed basket, by a pair that does not
know the class, drawn at random from the county's inspectors.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field

import numpy as np

from records.province.clock import NEVER, NO_DAY, YEAR, Calendar, Days
from records.province.ledger import Index, Ledger
from records.province.names import counties
from records.province.parameters import Parameters
from records.province.parts import Chance, Lateness, Latent, Stream
from records.province.registry import Firms, Flags, Reals, register
from records.province.spill import Spill


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
    closed: Days
    struck: Days
    struck_known: Days
    fate: Index
    registered_known: Days
    troubled_until: Days
    risk: Reals = field(default_factory=lambda: np.empty(0))
    operating: Flags = field(default_factory=lambda: np.empty(0, dtype=bool))
    month: int = -1
    generators: dict[str, np.random.Generator] = field(default_factory=dict)
    exposures: dict[str, Reals] = field(default_factory=dict)

    @property
    def excess(self) -> Reals:
        return self.risk - self.parameters.latent.base

    @property
    def probability(self) -> Reals:
        """Probability that a standard visit in this month would find a problem."""
        return logistic(self.risk)

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for each name, so that one stream never shifts another."""
        if name not in self.generators:
            self.generators[name] = generator(self.seed, name)
        return self.generators[name]

    def chance(self, chance: Chance, firm: Index) -> Reals:
        return chance_at(chance, self.excess[firm])

    def rate(self, name: str, stream: Stream, slope: float | None = None) -> Reals:
        """Events a month of a stream, for every firm; zero where it does not operate."""
        if name not in self.exposures:
            own = self.rng(f"exposure:{name}").normal(0, 1, len(self.firms))
            centred = self.firms.size - self.firms.size.mean()
            self.exposures[name] = np.exp(stream.spread * own + stream.size * centred)
        steep = stream.slope if slope is None else slope
        hazard = stream.per_year / 12 * self.exposures[name] * np.exp(steep * self.excess)
        covered = self.parameters.history_coverage if self.month < self.calendar.inspected else 1
        return np.where(self.operating, hazard * covered, 0.0)

    def trouble(self, firm: Index, until: Days) -> None:
        """These firms carry the risk of listed ones until the given days."""
        self.troubled_until[firm] = np.maximum(self.troubled_until[firm], until)

    def late(self, name: str, day: Days, median: float | None = None) -> Days:
        """First day the bureau could know of what happened on `day`; median 9 days by default."""
        return day + delay(self.parameters.lateness, len(day), self.rng(f"late:{name}"), median)

    def quick(self, name: str, day: Days) -> Days:
        """The same where the bureau keeps the register itself."""
        return self.late(name, day, self.parameters.lateness.quick)


def found(parameters: Parameters, calendar: Calendar, n: int, seed: int, spill: Spill) -> World:
    """A province of `n` firms before its first month."""
    firms = register(parameters, calendar, n, generator(seed, "registry"))
    rng = generator(seed, "latent")
    moving = rng.normal(0, parameters.latent.moving, n)
    never = np.full(n, NEVER)
    world = World(
        parameters=parameters,
        calendar=calendar,
        seed=seed,
        firms=firms,
        ledger=Ledger(firms.codes, spill),
        steady=_steady(parameters, firms, rng),
        moving=moving,
        closed=never.copy(),
        struck=never.copy(),
        struck_known=never.copy(),
        fate=np.zeros(n, dtype=np.int64),
        registered_known=never.copy(),
        troubled_until=np.full(n, NO_DAY),
    )
    world.registered_known = world.quick("enterprises", firms.established)
    return world


def advance(world: World) -> None:
    """Go to the next month: firms are born, risk moves, some firms close."""
    world.month += 1
    start = world.calendar.start[world.month]
    world.operating = (world.firms.established < start) & (world.closed >= start)
    if world.month:
        world.moving = _moved(world)
    latent, age = world.parameters.latent, (start - world.firms.established) / YEAR
    young = latent.young * np.exp(-np.maximum(age, 0) / latent.young_years)
    troubled = np.where(world.troubled_until > start, latent.listed, 0.0)
    world.risk = world.steady + world.moving + young + troubled
    if world.calendar.inspected <= world.month < world.calendar.end:
        _close_some(world)


def strike(rng: np.random.Generator, rate: Reals) -> Index:
    """Firms struck by a Poisson process, sorted, once for each event; `rate` of shape (n,)."""
    edges = np.cumsum(rate)
    total = edges[-1]
    events = rng.random(rng.poisson(total)) * total
    return np.minimum(np.searchsorted(edges, np.sort(events), side="right"), len(rate) - 1)


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


def generator(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _steady(parameters: Parameters, firms: Firms, rng: np.random.Generator) -> Reals:
    latent, people, n = parameters.latent, parameters.population, len(firms)
    industry = np.array([i.risk for i in people.industries])
    agent = rng.normal(0, people.agents.spread, int(firms.agent.max()) + 1)
    county = rng.normal(0, latent.county, len(counties()))
    shared = rng.normal(0, people.families.spread, int(firms.network.max()) + 2)[firms.network]
    steady: Reals = (
        latent.base
        + rng.normal(0, latent.permanent, n)
        + industry[firms.industry]
        + county[firms.county]
        + agent[firms.agent]
        + latent.size * (firms.size - firms.size.mean())
        + np.where(firms.shell, people.shells.risk, np.where(firms.network < 0, 0, shared))
    )
    return steady


def _moved(world: World) -> Reals:
    """One AR(1) step with unchanged variance; firms of a shell network share shocks."""
    latent, firms, rng = world.parameters.latent, world.firms, world.rng("moving")
    own = rng.normal(0, 1, len(firms))
    common = rng.normal(0, 1, int(firms.network.max()) + 2)[firms.network]
    mixed = np.sqrt(1 - latent.shared) * own + np.sqrt(latent.shared) * common
    shock = np.where(firms.shell, mixed, own)
    return _step(latent, world.moving, shock)


def _step(latent: Latent, state: Reals, shock: Reals) -> Reals:
    scale = latent.moving * math.sqrt(1 - latent.persistence**2)
    return latent.persistence * state + scale * shock


def _close_some(world: World) -> None:
    """Some firms close; the registry learns of it late, and the bureau later still."""
    people, rng = world.parameters.population, world.rng("closing")
    rate = Stream(per_year=people.closures_per_year, slope=people.closure_slope, spread=0, size=0)
    firm = np.unique(strike(rng, np.where(world.closed < NEVER, 0, world.rate("closing", rate))))
    world.closed[firm] = world.calendar.days_in(world.month, rng, len(firm))
    wait = np.exp(rng.normal(np.log(people.unregistered_close_days), 0.8, len(firm)))
    world.struck[firm] = world.closed[firm] + wait.astype(np.int64)
    world.struck_known[firm] = world.quick("enterprises", world.struck[firm])
    world.fate[firm] = rng.choice(len(people.fates), len(firm), p=list(people.fates.values()))
