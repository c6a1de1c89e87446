"""What a visit finds. It depends on the truth and on how inspectors look.

The chance of finding a problem grows with the number of items, is lower off site, moves with
the strictness of the pair, with the class it has seen, and with a lead that says where to look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.findings import BASKET, CLEAN, CLOSED, OUTCOMES, UNREACHABLE
from records.province.parameters import Parameters
from records.province.parts import Bureau, Tier
from records.province.world import chance_at

TIERS: tuple[Tier, ...] = ("A", "B", "C", "D")
AT_MOST = 0.98
HIDDEN = -1


@dataclass(frozen=True)
class Looks:
    """How visits look; arrays of shape (n,).

    `method` is a position in `bureau.methods`, `items` how many, `strict` the pair's mean
    strictness, `seen` the class the pair knows as a position in TIERS or HIDDEN, `led` whether a
    lead says where to look.
    """

    method: Index
    items: Index
    strict: Reals
    seen: Index
    led: Flags


@dataclass(frozen=True)
class Ends:
    """Which firms have ended by the day of the visit, shape (n,): closed, or struck from the
    register as well; `fate` is a position in the parameters' fates."""

    closed: Flags
    struck: Flags
    fate: Index


def chance_found(bureau: Bureau, probability: Reals, looks: Looks) -> Reals:
    """Chance of a finding: 1 − (1 − p)^effort, times strictness, times the class seen.

    For a visit on site with as many items as the basket, by a pair that sees nothing, the effort
    is 1 and the mean strictness is 1, so that the mean chance is the true probability.
    """
    effort = np.array(list(bureau.methods.values()))[looks.method] * looks.items / len(BASKET)
    effort = np.where(looks.led, effort * bureau.lead_effort, effort)
    expected = np.array([*(bureau.seen[tier] for tier in TIERS), 1.0])[looks.seen]
    found = 1 - (1 - probability) ** effort
    chance: Reals = np.minimum(found * looks.strict * expected, AT_MOST)
    return chance


def main_result(
    parameters: Parameters, excess: Reals, problem: Flags, ends: Ends, rng: np.random.Generator
) -> Index:
    """The visits' main results, positions in OUTCOMES, of shape (n,)."""
    results, n = parameters.bureau.results, len(problem)
    away = rng.random(n) < chance_at(parameters.chances.unreachable, excess)
    codes = [OUTCOMES.index(name) for name in results]
    called = rng.choice(codes, n, p=list(results.values()))
    outcome = np.where(problem, np.where(away, UNREACHABLE, called), CLEAN)
    fates = np.array([OUTCOMES.index(name) for name in parameters.population.fates])
    return np.where(ends.struck, fates[ends.fate], np.where(ends.closed, CLOSED, outcome))
