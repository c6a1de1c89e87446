"""Media items: more of large firms, more often negative where the risk is higher."""

from __future__ import annotations

import numpy as np

from records.province.texts.society import MEDIA_TOPICS, OUTLETS
from records.province.world import World
from records.province.written import code

UNNAMED = 0.06  # share of items whose firm is not identified
POSITIVE = 0.3  # of those that are not negative
SURE = (8.0, 1.5)  # of the beta distribution of the confidence
QUICK = 1  # median days until the monitor has it


class Media:
    """A stream; it keeps nothing."""

    def month(self, world: World) -> None:
        firm, day = world.strikes("media")
        rng, n = world.rng("media:content"), len(firm)
        negative = world.happens("negative_media", firm, rng)
        other = np.where(rng.random(n) < POSITIVE, 2, 1)
        words = code("media_items", "sentiment", "negative", "neutral", "positive")
        named = rng.random(n) >= UNNAMED
        sure = rng.beta(*SURE, n).round(3)
        world.ledger.add(
            "media_items", firm, day, world.late("media_items", day, QUICK),
            named=named,
            outlet=rng.integers(0, len(OUTLETS), n),
            sentiment=words[np.where(negative, 0, other)],
            topic=rng.integers(0, len(MEDIA_TOPICS), n),
            confidence=np.where(named, sure, sure / 2),
        )  # fmt: skip
