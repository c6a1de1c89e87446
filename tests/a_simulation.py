"""A small world whose truth is known, for intervals to be held against.

Firms have a known score x and something the score does not see, u; the chance of a problem is
logistic(-2.2 + 0.9 x + 0.6 u). A bureau draws twice, and each draw's chance is known: a firm of
high x is drawn four times as often. Some firms are drawn in both. A public score falls with
the firm's risk, and noise; the model's raw log-odds is too steep and too low: -1.5 + 1.3 x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

FIRMS = 40_000
RARE = -1.0
"""Firms of a score below it are the rare cell: one in six, of which about 4 % have a problem."""


@dataclass(frozen=True)
class World:
    """All firms, arrays of shape (FIRMS,)."""

    x: Floats
    chance: Floats
    score: Floats
    draw: Floats

    @property
    def raw(self) -> Floats:
        return -1.5 + 1.3 * self.x


@dataclass(frozen=True)
class Drawn:
    """Draws: position of the firm, outcome, weight; arrays of shape (n,)."""

    firm: Index
    labels: Floats
    weights: Floats


def world(seed: int = 0, share: float = 0.02) -> World:
    """The firms; `share` is the chance of a firm of low x to be in one draw."""
    rng = np.random.default_rng(seed)
    x, u = rng.normal(0, 1, (2, FIRMS))
    chance = 1 / (1 + np.exp(-(-2.2 + 0.9 * x + 0.6 * u)))
    score = 790 - 55 * (0.9 * x + 0.6 * u) + rng.normal(0, 40, FIRMS)
    return World(x, chance, score, np.where(x > 1, 4 * share, share))


def drawn(firms: World, rng: np.random.Generator) -> Drawn:
    """Two draws, and what the visits found."""
    firm = np.concatenate([np.flatnonzero(rng.random(FIRMS) < firms.draw) for _ in range(2)])
    labels = (rng.random(len(firm)) < firms.chance[firm]).astype(np.float64)
    return Drawn(firm, labels, 1 / firms.draw[firm])
