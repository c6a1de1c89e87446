"""Samples of food and products, and recalls of what has already been sold."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index
from records.province.clock import Days
from records.province.randomness import lognormal
from records.province.streams.licences import concerned
from records.province.texts.oversight import FAILED, FOODS, LABORATORIES, PRODUCTS
from records.province.texts.society import RECALLED
from records.province.world import World
from records.province.written import code

FOOD_TRADES = ("C13", "C14", "F52", "H62")


class Samples:
    """`sampled` are the firms whose goods are sampled, `food` those whose goods are food."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.goods
        self.sampled = concerned(world, "sample")
        food = np.array([trade.code in FOOD_TRADES for trade in world.firms.trades])
        self.food = food[world.firms.industry].astype(np.int64)

    def month(self, world: World) -> None:
        firm, day = world.strikes("samples", times=self.sampled)
        rng, n, food = world.rng("samples:content"), len(firm), self.food[firm]
        fails = world.happens("sample_fails", firm, rng)
        others = len(PRODUCTS) - FOODS
        own = rng.random(n) < self.numbers.own_make
        item = rng.integers(0, len(FAILED) // 2, n)
        world.ledger.add(
            "product_samples", firm, day, world.late("product_samples", day),
            field=code("product_samples", "field", "product", "food")[food],
            result=code("product_samples", "result", "pass", "fail")[fails.astype(np.int64)],
            product=np.where(food, rng.integers(0, FOODS, n), FOODS + rng.integers(0, others, n)),
            maker=np.where(own, firm, rng.integers(0, len(world.firms), n)),
            agency=rng.integers(0, len(LABORATORIES), n),
            failed_items=np.where(fails, item + (1 - food) * (len(FAILED) // 2), -1),
        )  # fmt: skip
        self._recall(world, *world.strikes("recalls", times=self.sampled))

    def _recall(self, world: World, firm: Index, day: Days) -> None:
        sold = lognormal(
            self.numbers.recalled, 1.2, len(firm), world.rng("recalls:content")
        ).round()
        world.ledger.add(
            "field_records", firm, day, world.late("field_records", day),
            kind=np.array(RECALLED)[self.food[firm]], amount=sold,
        )  # fmt: skip
