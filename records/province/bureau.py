"""The bureau: whom it visits. Its choices make the labels selected.

Each month it draws a blind slice from all live firms, then a plan with higher ratios for
riskier tiers, and it reacts to complaints and leads. Drawn visits carry the probability of
their own draw, given the history that led there; targeted ones have none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.clock import Days
from records.province.detection import TIERS
from records.province.streams.complaints import Complaints
from records.province.streams.credit import Credit
from records.province.world import World

SLICE, PLAN, TARGETED = 0, 1, 2
TIER_OF_GRADE = np.array([0, 0, 1, 2, 3, 0])  # {A, B}, C, D, E; no grade yet is A
VISITED_WITHIN = 50  # days after the plan's publication
PUBLISHED_AFTER = 5
RECENT = 12  # months: a problem found raises the tier, a planned firm is not drawn again


@dataclass(frozen=True)
class Draw:
    """Firms chosen in one way with one probability; NaN where it is not a draw."""

    firm: Index
    way: int
    chance: float


@dataclass(frozen=True)
class Visits:
    """Visits to make; arrays of shape (n,). `chance` is NaN for targeted visits."""

    firm: Index
    day: Days
    way: Index
    tier: Index
    chance: Reals
    run: Days

    def at(self, rows: Flags | Index) -> Visits:
        return Visits(*(getattr(self, name)[rows] for name in Visits.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: list[Visits]) -> Visits:
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class Bureau:
    """`problem` and `planned` are the months of the last problem found and the last plan draw."""

    def __init__(self, world: World, credit: Credit, complaints: Complaints) -> None:
        self.credit, self.complaints = credit, complaints
        long_ago = np.full(len(world.firms), -10 * RECENT)
        self.problem, self.planned = long_ago, long_ago.copy()

    def choose(self, world: World) -> Visits:
        """The visits this month's class run leads to, before anything else happens in it."""
        start = world.calendar.start[world.month]
        live = (world.registered_known < start) & (world.struck_known >= start)
        tier = self._tiers(world)
        blind = self._slice(world, live)
        draws = [blind, *self._plan(world, live, tier, blind)]
        free = live.copy()
        free[np.concatenate([draw.firm for draw in draws])] = False
        draws.append(self._targets(world, free, int(live.sum())))
        return self._visits(world, draws, tier)

    def _tiers(self, world: World) -> Index:
        """A tier like a class: from the public grade, one higher after a recent problem."""
        recent = world.month - self.problem <= RECENT
        raised: Index = TIER_OF_GRADE[self.credit.grade] + recent
        return np.minimum(raised, len(TIERS) - 1)

    def _slice(self, world: World, live: Flags) -> Draw:
        firm = np.flatnonzero(live)
        size = round(len(firm) * world.parameters.bureau.slice_per_year / 12)
        chosen = world.rng("slice").choice(firm, size, replace=False)
        return Draw(chosen, SLICE, size / len(firm))

    def _plan(self, world: World, live: Flags, tier: Index, blind: Draw) -> list[Draw]:
        """Equal probability within tiers, among those not in the slice and not lately planned."""
        rng, ratios = world.rng("plan"), world.parameters.bureau.plan_per_year
        eligible = live & (world.month - self.planned > RECENT)
        eligible[blind.firm] = False
        draws = []
        for position, name in enumerate(TIERS):
            stratum = np.flatnonzero(eligible & (tier == position))
            size = min(len(stratum), round(len(stratum) * ratios[name] / 12))
            chosen = rng.choice(stratum, size, replace=False)
            self.planned[chosen] = world.month
            chance = (1 - blind.chance) * size / max(1, len(stratum))
            draws.append(Draw(chosen, PLAN, chance))
        return draws

    def _targets(self, world: World, free: Flags, live: int) -> Draw:
        """Firms with recent complaints, or of which an officer has heard something."""
        bureau = world.parameters.bureau
        pull = bureau.complaint_pull * np.log1p(self.complaints.complained)
        pull = pull + bureau.lead_pull * world.excess
        # Adding Gumbel noise and taking the largest samples by exp(pull) without replacement.
        score = np.where(free, pull + world.rng("targets").gumbel(size=len(free)), -np.inf)
        size = min(int(free.sum()), round(live * bureau.targeted_per_year / 12))
        chosen = np.sort(np.argsort(-score, kind="stable")[:size])
        return Draw(chosen, TARGETED, math.nan)

    def _visits(self, world: World, draws: list[Draw], tier: Index) -> Visits:
        firm = np.concatenate([draw.firm for draw in draws])
        sizes = [len(draw.firm) for draw in draws]
        way = np.repeat([draw.way for draw in draws], sizes)
        start, rng = world.calendar.start[world.month], world.rng("visit days")
        wait = PUBLISHED_AFTER + rng.integers(0, VISITED_WITHIN, len(firm))
        wait = np.where(way == TARGETED, rng.integers(0, 30, len(firm)), wait)
        return Visits(
            firm=firm,
            day=start + wait,
            way=way,
            tier=tier[firm],
            chance=np.repeat([draw.chance for draw in draws], sizes),
            run=np.full(len(firm), start),
        )
