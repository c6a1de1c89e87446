"""Calibration: from the trees' raw log-odds to a probability that is true for all firms.

One strictly rising line in log-odds: straight (logistic), or bent at knots (isotonic,
Venn–Abers); beyond the outermost knots it goes on with the straight line's slope. Rising
everywhere, so that a calibration never changes the order of two firms and can be read backwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Method = Literal["logistic", "isotonic", "venn_abers"]


@dataclass(frozen=True)
class Calibration:
    """`slope` > 0 and `intercept` in log-odds; `knots` are (raw, calibrated log-odds), rising."""

    slope: float
    intercept: float
    method: Method = "logistic"
    knots: tuple[tuple[float, float], ...] = ()

    def log_odds(self, raw: Floats) -> Floats:
        """Calibrated log-odds of raw log-odds, any shape."""
        if not self.knots:
            return np.asarray(self.intercept + self.slope * raw, np.float64)
        at, told = self._knots()
        return np.asarray(_bent(raw, at, told, self.slope), np.float64)

    def probability(self, raw: Floats) -> Floats:
        """Calibrated probability, strictly between 0 and 1."""
        odds: Floats = 1 / (1 + np.exp(-self.log_odds(raw)))
        return odds

    def raw_at(self, probability: Floats) -> Floats:
        """The raw log-odds whose calibrated probability is given."""
        wanted = np.log(probability / (1 - probability))
        if not self.knots:
            return np.asarray((wanted - self.intercept) / self.slope, np.float64)
        at, told = self._knots()
        return np.asarray(_bent(wanted, told, at, 1 / self.slope), np.float64)

    def plain(self) -> dict[str, Any]:
        """As JSON; `read` is its inverse."""
        knots = [list(knot) for knot in self.knots]
        straight = {"slope": self.slope, "intercept": self.intercept}
        return straight | ({"method": self.method, "knots": knots} if knots else {})

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Self:
        knots = tuple((float(raw), float(told)) for raw, told in plain.get("knots", []))
        return cls(plain["slope"], plain["intercept"], plain.get("method", "logistic"), knots)

    def _knots(self) -> tuple[Floats, Floats]:
        both = np.array(self.knots, np.float64)
        return both[:, 0], both[:, 1]


def _bent(x: Floats, at: Floats, told: Floats, slope: float) -> Floats:
    """Straight between knots, with a slope of its own below the first and above the last."""
    inside = np.interp(x, at, told)
    outside = np.minimum(x - at[0], 0) + np.maximum(x - at[-1], 0)
    bent: Floats = inside + slope * outside
    return bent


@dataclass(frozen=True)
class Band:
    """Where the problem rate of firms with a raw score lies: bootstrap limits, interpolated.

    `knots` are (raw, low, high), low and high being probabilities. It tells how well the rate of
    *firms of this score* is known from the draws; it is not about a firm of its own.
    """

    level: float
    replicates: int
    knots: tuple[tuple[float, float, float], ...]

    def of(self, raw: Floats) -> tuple[Floats, Floats]:
        """Low and high, each of the shape of `raw`; beyond the knots those of the nearest."""
        at, low, high = np.array(self.knots, np.float64).T
        return np.interp(raw, at, low), np.interp(raw, at, high)

    def plain(self) -> dict[str, Any]:
        """As JSON; `read` is its inverse."""
        knots = [list(knot) for knot in self.knots]
        return {"level": self.level, "replicates": self.replicates, "knots": knots}

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Self:
        knots = tuple((float(a), float(b), float(c)) for a, b, c in plain["knots"])
        return cls(plain["level"], plain["replicates"], knots)
