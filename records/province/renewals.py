"""What falls due: licences to renew, special equipment to inspect.

Firms at higher risk let more of it lapse. A renewal is a correction of the licence or of the
equipment's record; a lapse leaves no record, only a date that has passed.
"""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from records.province.clock import NEVER, YEAR, Days
from records.province.ledger import Index, source_ids, words
from records.province.process import World
from records.province.registry import Flags

LICENCES = ("食品经营许可", "食品生产许可", "危险化学品经营许可", "道路运输经营许可",
            "建筑业企业资质")  # fmt: skip
KIND_BY_INDUSTRY = {"C13": 1, "C14": 1, "C26": 2, "G54": 3, "E48": 4}
TERM = 5 * YEAR
GIVEN_UP = 0.3  # share of lapsed licences never renewed


def concerned(world: World, what: str) -> Flags:
    """Firms that hold licences, are sampled, … drawn once by their industry's probability."""
    industries = world.parameters.population.industries
    share = np.array([getattr(industry, what) for industry in industries])
    drawn = world.rng(f"concerned:{what}").random(len(world.firms))
    return np.asarray(drawn < share[world.firms.industry])


def fall_due(world: World, due: Days) -> Index:
    start, end = world.calendar.start[world.month : world.month + 2]
    return np.flatnonzero((due >= start) & (due < end))


class Licences:
    """One licence a firm that needs one; `due` is the day it must be renewed."""

    def __init__(self, world: World) -> None:
        firms, rng = world.firms, world.rng("licences")
        self.holder = np.flatnonzero(concerned(world, "licence"))
        industry = [i.code for i in world.parameters.population.industries]
        by_industry = np.array([KIND_BY_INDUSTRY.get(code, 0) for code in industry])
        self.kind = by_industry[firms.industry[self.holder]]
        first = firms.established[self.holder] + rng.integers(20, 60, len(self.holder))
        # Firms older than the records hold the licence of their latest renewal.
        cycles = np.maximum(0, (world.calendar.start[0] - first) // TERM)
        starts = first + cycles * TERM
        self.due = starts + TERM
        self.number = world.ledger.reserve("licences", len(self.holder))
        self._issue(world, np.arange(len(self.holder)), starts)

    def month(self, world: World) -> None:
        rng, at = world.rng("licences"), fall_due(world, self.due)
        at = at[world.operating[self.holder[at]]]
        chance = world.chance(world.parameters.chances.licence_lapses, self.holder[at])
        lapses = rng.random(len(at)) < chance
        wait = np.where(rng.random(len(at)) < GIVEN_UP, NEVER, rng.integers(90, 400, len(at)))
        self._issue(world, at[~lapses], self.due[at[~lapses]])
        self.due[at] += np.where(lapses, wait, TERM)

    def _issue(self, world: World, at: Index, starts: Days) -> None:
        number = self.number[at]
        world.ledger.add(
            "licences", self.holder[at], starts, world.quick("licences", starts),
            number=number,
            licence_no=pc.binary_join_element_wise("合成", source_ids("licences", number), ""),
            kind=words(LICENCES, self.kind[at]),
            starts_on=starts,
            expires_on=starts + TERM - 1,
            status="valid",
        )  # fmt: skip


class Equipment:
    """Lifts, boilers and cranes, each to be inspected once a year."""

    def __init__(self, world: World) -> None:
        rng = world.rng("special_equipment")
        owner = np.flatnonzero(concerned(world, "equipment"))
        self.owner = np.repeat(owner, 1 + rng.poisson(1.0, len(owner)))
        start = world.calendar.start[0]
        in_use = np.maximum(start - YEAR, world.firms.established[self.owner])
        in_use = in_use + rng.integers(30, YEAR, len(self.owner))
        self.due = in_use + YEAR
        self.number = world.ledger.reserve("special_equipment", len(self.owner))
        self._inspected(world, np.arange(len(self.owner)), in_use)

    def month(self, world: World) -> None:
        rng, at = world.rng("special_equipment"), fall_due(world, self.due)
        at = at[world.operating[self.owner[at]]]
        chance = world.chance(world.parameters.chances.check_overdue, self.owner[at])
        overdue = rng.random(len(at)) < chance
        self._inspected(world, at[~overdue], self.due[at[~overdue]])
        self.due[at] += np.where(overdue, rng.integers(30, 240, len(at)), YEAR)

    def _inspected(self, world: World, at: Index, day: Days) -> None:
        number = self.number[at]
        world.ledger.add(
            "special_equipment", self.owner[at], day, world.late("special_equipment", day),
            number=number,
            equipment_id=pc.binary_join_element_wise(
                "合成设备", source_ids("special_equipment", number), ""
            ),
            next_inspection_on=day + YEAR,
        )  # fmt: skip
