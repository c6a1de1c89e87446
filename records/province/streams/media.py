"""Media items: more of large firms, more often negative where the risk is higher."""

from __future__ import annotations

import numpy as np

from records.province.texts.society import MEDIA_TOPICS, OUTLETS
from records.province.world import World
from records.province.written import code, drawn

SURE = (8.0, 1.5)  # of the beta distribution of the confidence


class Media:
    """A stream of items; those that are not negative are mostly neutral."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.media

    def month(self, world: World) -> None:
        firm, day = world.strikes("media")
        rng, n = world.rng("media:content"), len(firm)
        negative = world.happens("negative_media", firm, rng)
        other = drawn("media_items", "sentiment", self.numbers.others, n, rng)
        named = rng.random(n) >= self.numbers.unnamed
        sure = rng.beta(*SURE, n).round(3)
        world.ledger.add(
            "media_items", firm, day, world.late("media_items", day, self.numbers.known_days),
            named=named,
            outlet=rng.integers(0, len(OUTLETS), n),
            sentiment=np.where(negative, code("media_items", "sentiment", "negative"), other),
            topic=rng.integers(0, len(MEDIA_TOPICS), n),
            confidence=np.where(named, sure, sure / 2),
        )  # fmt: skip
