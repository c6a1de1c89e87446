"""Signals from outside: departments, utilities, associations, platforms, national pushes."""

from __future__ import annotations

import numpy as np

from records.province.clock import YEAR
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
FEN = 100  # in one yuan, the unit of what is owed
SURE = (12.0, 1.2)  # of the beta distribution of the confidence
BUILDERS = ("E48", "E50")


class Signals:
    """`exposed` says, for streams that not all are exposed to, how much each firm is."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.signals
        trades, industry = world.firms.trades, world.firms.industry
        consumer = np.array([0.1 + 2 * trade.consumer for trade in trades])
        builds = np.array([5.0 if trade.code in BUILDERS else 0.5 for trade in trades])
        self.exposed = {"platform": consumer[industry], "wage_arrears": builds[industry]}

        self.owed = {
            "social_arrears": self.numbers.social,
            "tax_arrears": self.numbers.taxes,
            "wage_arrears": self.numbers.wages,
            "utility_arrears": self.numbers.utilities,
        }

    def month(self, world: World) -> None:
        for stream, (first, last) in STREAMS.items():
            firm, day = world.strikes(stream, times=self.exposed.get(stream, 1.0))
            rng, n = world.rng(f"{stream}:content"), len(firm)
            kind = rng.integers(first, last, n)
            units = np.array([each.unit for each in SIGNALS])[kind]
            owed = (lognormal(self.owed.get(stream, FEN), 1.0, n, rng) / FEN).round()
            amount = np.where(units == "元", owed, 1.0 + rng.poisson(2.0, n))
            world.ledger.add(
                "external_signals", firm, day, world.late("external_signals", day),
                valid_to=day + self.numbers.years * YEAR,
                kind=kind,
                amount=np.where(units == "", np.nan, amount),
                confidence=rng.beta(*SURE, n).round(3),
            )  # fmt: skip
