"""Signals from outside: departments, utilities, associations, platforms, national pushes."""

from __future__ import annotations

import numpy as np

from records.province.randomness import lognormal
from records.province.texts.society import (
    ASSOCIATIONS,
    NATIONAL,
    PLATFORMS,
    SIGNALS,
    SOCIAL,
    TAXES,
    UTILITIES,
    WAGES,
)
from records.province.world import World

STREAMS = {
    "social_arrears": (SOCIAL, SOCIAL + 1),
    "tax_arrears": (TAXES, TAXES + 1),
    "wage_arrears": (WAGES, WAGES + 1),
    "utility_arrears": UTILITIES,
    "association": ASSOCIATIONS,
    "platform": PLATFORMS,
    "national": NATIONAL,
}
OWED = {"social_arrears": 20_000, "tax_arrears": 40_000, "wage_arrears": 60_000}  # median, 元
UTILITY_OWED = 6_000
SURE = (12.0, 1.2)
YEARS = 2  # of influence
BUILDERS = ("E48", "E50")


class Signals:
    """`exposed` says, for streams that not all are exposed to, how much each firm is."""

    def __init__(self, world: World) -> None:
        trades, industry = world.firms.trades, world.firms.industry
        consumer = np.array([0.1 + 2 * trade.consumer for trade in trades])
        builds = np.array([5.0 if trade.code in BUILDERS else 0.5 for trade in trades])
        self.exposed = {"platform": consumer[industry], "wage_arrears": builds[industry]}

    def month(self, world: World) -> None:
        for stream, (first, last) in STREAMS.items():
            firm, day = world.strikes(stream, times=self.exposed.get(stream, 1.0))
            rng, n = world.rng(f"{stream}:content"), len(firm)
            kind = rng.integers(first, last, n)
            units = np.array([each.unit for each in SIGNALS])[kind]
            owed = lognormal(OWED.get(stream, UTILITY_OWED), 1.0, n, rng).round()
            amount = np.where(units == "元", owed, 1.0 + rng.poisson(2.0, n))
            world.ledger.add(
                "external_signals", firm, day, world.late("external_signals", day),
                valid_to=day + YEARS * 365,
                kind=kind,
                amount=np.where(units == "", np.nan, amount),
                confidence=rng.beta(*SURE, n).round(3),
            )  # fmt: skip
