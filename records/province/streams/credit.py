"""The public credit score: it sees a part of the risk, and things that are not risk."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.clock import Days
from records.province.parts import Listed
from records.province.streams.courts import Courts
from records.province.streams.listings import Listings
from records.province.world import World

GRADES = ("A", "B", "C", "D", "E")
CUTS = (850, 790, 730, 670)  # lowest score of A, B, C, D (domain.md §0)
BEFORE = 8  # months of grades before the first inspection
LAG = 2  # months until the platform has seen a risk
PUBLISHED_WITHIN = 27


class Credit:
    """`grade` is each firm's latest grade as a position in GRADES, -1 where it has none."""

    def __init__(self, world: World, listings: Listings, courts: Courts) -> None:
        self.listings, self.courts = listings, courts
        n, rng = len(world.firms), world.rng("credit:firm")
        self.lasting = rng.normal(0, 1, n)
        self.past: list[Reals] = []
        self.grade = np.full(n, -1, dtype=np.int64)

    def month(self, world: World) -> None:
        self.past = [*self.past[-LAG:], world.excess]
        evaluated = world.calendar.year_month(world.month)[1] in world.parameters.credit.months
        if not evaluated or world.month < world.calendar.inspected - BEFORE:
            return
        start = world.calendar.start[world.month]
        firm = np.flatnonzero((world.registered_known < start) & (world.struck >= start))
        score = self._scores(world, firm)
        self.grade[firm] = np.searchsorted(-np.array(CUTS), -score, side="left")
        event = np.full(len(firm), start)
        known = np.minimum(world.late("public_grades", event), start + PUBLISHED_WITHIN)
        world.ledger.add("public_grades", firm, event, known,
                         score=score, grade=self.grade[firm])  # fmt: skip

    def _scores(self, world: World, firm: Index) -> Index:
        """Scores of shape (n,): the rank of what the platform sees, laid on its curve."""
        credit, rng = world.parameters.credit, world.rng("credit")
        start = int(world.calendar.start[world.month])
        seen = self.past[0][firm]
        index = credit.sees * (seen - seen.mean()) / max(float(seen.std()), 1e-9)
        index += credit.lasting * self.lasting[firm]
        index += credit.passing * rng.normal(0, 1, len(firm))
        for name, listed in self._listed(start).items():
            index += credit.listed.get(name, 0) * listed[firm]
        rank = (np.argsort(np.argsort(-index)) + 0.5) / len(firm)
        share, score = np.array(credit.curve).T
        return np.asarray(np.interp(rank, share, score).round(), dtype=np.int64)

    def _listed(self, day: int) -> dict[Listed, Flags]:
        until: dict[Listed, Days] = {
            "abnormal": self.listings.abnormal_until,
            "serious": self.listings.serious_until,
            "defaulter": self.courts.defaulter_until,
        }
        return {name: days > day for name, days in until.items()}
