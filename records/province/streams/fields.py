"""Professional fields: what is found wanting, what is in order, and intellectual property.

Recalls and accidents are told where they happen: `samples`, `equipment`.
"""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index
from records.province.clock import YEAR, Days
from records.province.randomness import pick
from records.province.texts.society import FIELDS, FOUND_FIELDS, KEPT_FIELDS, RIGHTS
from records.province.world import World

FOUND_SHARES = (0.30, 0.18, 0.05, 0.12, 0.06, 0.05, 0.06, 0.02, 0.06, 0.10)
KEPT_SHARES = (0.4, 0.4, 0.2)


class Fields:
    """Rights by place, shape (rights,): the `holder`, the `kind`, how many, the record number."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.fields
        held = (self.numbers.trademarks, self.numbers.patents, self.numbers.software)
        rng, holders = world.rng("rights"), np.flatnonzero(world.firms.traits.inventor)
        parts = [holders[rng.random(len(holders)) < each.share] for each in held]
        self.holder = np.concatenate(parts)
        self.kind = np.repeat(np.arange(len(held)), [len(part) for part in parts])
        mean = np.array([max(each.mean - 1, 0.0) for each in held])
        self.count = 1 + rng.poisson(mean[self.kind])
        self.number = world.ledger.reserve("field_records", len(self.holder))
        since = np.maximum(world.firms.established[self.holder], world.calendar.start[0] - YEAR)
        self._count(world, np.arange(len(self.holder)), since + rng.integers(30, 300, len(since)))

    def month(self, world: World) -> None:
        self._told(world, "findings", FOUND_FIELDS.start, FOUND_SHARES)
        self._told(world, "certificates", KEPT_FIELDS.start, KEPT_SHARES)
        rng = world.rng("rights")
        grows = np.flatnonzero(rng.random(len(self.holder)) < self.numbers.grows / 12)
        grows = grows[world.operating[self.holder[grows]]]
        self.count[grows] += 1 + rng.poisson(0.5, len(grows))
        self._count(world, grows, world.calendar.days_in(world.month, rng, len(grows)))

    def _told(self, world: World, stream: str, first: int, shares: tuple[float, ...]) -> None:
        firm, day = world.strikes(stream)
        rng, n = world.rng(f"{stream}:content"), len(firm)
        kind = first + pick(shares, n, rng)
        units = np.array([bool(each.unit) for each in FIELDS])[kind]
        days = np.array([each.unit == "天" for each in FIELDS])[kind]
        amount = np.where(
            days, 1 + rng.exponential(self.numbers.late_days, n).round(), 1 + rng.poisson(0.5, n)
        )
        world.ledger.add(
            "field_records", firm, day, world.late("field_records", day),
            valid_to=day + self.numbers.valid_years * YEAR,
            kind=kind, amount=np.where(units, amount, np.nan),
        )  # fmt: skip

    def _count(self, world: World, at: Index, day: Days) -> None:
        """How many rights a firm holds, as of a day."""
        world.ledger.add(
            "field_records", self.holder[at], day, world.late("field_records", day),
            number=self.number[at], kind=RIGHTS.start + self.kind[at], amount=self.count[at],
        )  # fmt: skip
