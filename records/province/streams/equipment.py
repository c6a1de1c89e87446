"""Special equipment: lifts, boilers and cranes, each to be inspected once a year.

Firms at higher risk let more of it fall overdue and keep more hazards. An inspection is a
correction of the equipment's record; an accident is a record of a professional field.
"""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index
from records.province.clock import NO_DAY, YEAR, Days
from records.province.streams.licences import concerned
from records.province.texts.society import ACCIDENT
from records.province.world import World
from records.province.written import code, drawn


class Equipment:
    """Equipment by place, shape (devices,): its `owner`, when it is `due`, its record `number`;
    `gone` once it is scrapped."""

    def __init__(self, world: World) -> None:
        rng, self.numbers = world.rng("special_equipment"), world.parameters.contents.equipment
        owner = np.flatnonzero(concerned(world, "equipment"))
        self.owner = np.repeat(owner, 1 + rng.poisson(1.0, len(owner)))
        n = len(self.owner)
        kinds = world.rng("special_equipment:kinds")
        self.kind = drawn("special_equipment", "kind", self.numbers.kinds, n, kinds)
        start = world.calendar.start[0]
        in_use = np.maximum(start - YEAR, world.firms.established[self.owner])
        in_use = in_use + rng.integers(30, YEAR, n)
        self.due = in_use + YEAR
        self.gone = np.zeros(n, dtype=bool)
        self.number = world.ledger.reserve("special_equipment", n)
        self.owns = np.bincount(self.owner, minlength=len(world.firms)).astype(np.float64)
        self._inspected(world, np.arange(n), in_use)

    def month(self, world: World) -> None:
        rng, at = world.rng("special_equipment"), world.due(self.due)
        at = at[world.operating[self.owner[at]] & ~self.gone[at]]
        overdue = world.happens("check_overdue", self.owner[at], rng)
        self._inspected(world, at[~overdue], self.due[at[~overdue]])
        self.due[at] += np.where(overdue, rng.integers(30, 240, len(at)), YEAR)
        self._accidents(world)

    def _inspected(self, world: World, at: Index, day: Days) -> None:
        rng, owner = world.rng("special_equipment:found"), self.owner[at]
        in_use, scrap = code("special_equipment", "status", "in_use", "scrapped")
        state = drawn("special_equipment", "status", self.numbers.states, len(at), rng)
        state = np.where(world.month >= 0, state, in_use)
        scrapped = state == scrap
        self.gone[at] |= scrapped
        hazards = np.zeros(len(at))
        if world.month >= 0:
            some = world.happens("hazards", owner, rng)
            hazards = np.where(some & ~scrapped, 1 + rng.poisson(0.7, len(at)), 0)
        world.ledger.add(
            "special_equipment", owner, day, world.late("special_equipment", day),
            number=self.number[at],
            next_inspection_on=np.where(scrapped, NO_DAY, day + YEAR),
            kind=self.kind[at],
            status=state,
            hazards=hazards,
        )  # fmt: skip

    def _accidents(self, world: World) -> None:
        firm, day = world.strikes("accidents", times=self.owns)
        if not len(firm):
            return
        device = self.number[np.searchsorted(self.owner, firm)]
        injured = world.rng("accidents:content").poisson(self.numbers.injured, len(firm))
        world.ledger.add(
            "field_records", firm, day, world.late("field_records", day),
            kind=ACCIDENT, value=device, amount=injured,
        )  # fmt: skip
