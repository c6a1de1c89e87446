"""The hidden process: each firm's risk from month to month, its birth and its end.

The log-odds that a standard visit finds a problem are a sum: industry, county, age, size,
network and filing agent, a part that never changes, a part that moves (AR(1)), an outbreak in the
firm's county and industry, and the trouble of firms on the serious list or in default of a
judgment. A standard visit is on site, with the five items of the fixed basket, by a pair that
does not know the class, drawn at random from the county's inspectors.
"""

from __future__ import annotations

import math

import numpy as np

from records.province.arrays import Reals
from records.province.clock import NEVER, NO_DAY, YEAR, Calendar
from records.province.ledger import Ledger
from records.province.names import counties
from records.province.outbreaks import Outbreaks
from records.province.parameters import Parameters
from records.province.parts import Latent
from records.province.randomness import generator, strike
from records.province.rates import Stream
from records.province.registry import Firms, register
from records.province.spill import Spill
from records.province.world import World


def found(parameters: Parameters, calendar: Calendar, n: int, seed: int, spill: Spill) -> World:
    """A province of `n` firms before its first month."""
    firms = register(parameters, calendar, n, generator(seed, "registry"), seed)
    rng = generator(seed, "latent")
    moving = rng.normal(0, parameters.latent.moving, n)
    never = np.full(n, NEVER)
    world = World(
        parameters=parameters,
        calendar=calendar,
        seed=seed,
        firms=firms,
        ledger=Ledger(firms, spill),
        steady=_steady(parameters, firms, rng),
        moving=moving,
        outbreaks=Outbreaks(parameters.latent.outbreaks, firms, generator(seed, "outbreaks")),
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
    operating = (world.firms.established < start) & (world.closed >= start)
    if world.month:
        world.moving = _moved(world)
    latent, age = world.parameters.latent, (start - world.firms.established) / YEAR
    young = latent.young * np.exp(-np.maximum(age, 0) / latent.young_years)
    troubled = np.where(world.troubled_until > start, latent.listed, 0.0)
    risk = world.steady + world.moving + young + troubled + world.outbreaks.month()
    world.enter(operating, risk)
    if world.calendar.inspected <= world.month < world.calendar.end:
        _close_some(world)


def _steady(parameters: Parameters, firms: Firms, rng: np.random.Generator) -> Reals:
    latent, people, n = parameters.latent, parameters.population, len(firms)
    industry = np.array([i.risk for i in people.industries])
    agent = rng.normal(0, people.agents.spread, int(firms.agent.max()) + 1)
    county = rng.normal(0, latent.county, len(counties()))
    shared = rng.normal(0, people.families.spread, int(firms.network.max()) + 2)[firms.network]
    steady: Reals = (
        latent.base
        + _permanent(latent, firms, rng.normal(0, latent.permanent, n))
        + industry[firms.industry]
        + county[firms.county]
        + agent[firms.agent]
        + latent.size * (firms.size - firms.size.mean())
        + np.where(firms.shell, people.shells.risk, np.where(firms.network < 0, 0, shared))
    )
    return steady


def _permanent(latent: Latent, firms: Firms, own: Reals) -> Reals:
    """The part that never changes; a branch has some of its head's, with the same variance."""
    head = firms.traits.head
    mixed = math.sqrt(latent.head) * own[head] + math.sqrt(1 - latent.head) * own
    return np.where(head >= 0, mixed, own)


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
