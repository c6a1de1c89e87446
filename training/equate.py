"""Class cuts: where B, C and D begin.

equal_risk   at the problem rates that weighted draws showed at the public score's boundaries, so
             that a model's class begins where that score's does in risk (equal-risk equating).
             With the bridge {A,B}|C|D|E ↔ A|B|C|D these are the scores 790, 730 and 670; the rate
             falls with the score on a straight line in log-odds.
share        so that the classes hold given shares of all firms
capacity     so that B, C and D hold at most so many firms
fixed        at given probabilities

Where equal risk cannot be had, shares are used, and the verdict says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.calibration import Calibration
from models.policy import CLASSES
from models.settings import Cuts
from training.curves import lines
from training.intervals import LEVEL, limits

Floats = npt.NDArray[np.float64]

FEWEST = 50
"""Draws with a public score that equating needs, and the share of draws that must have one."""
MOST_LACKING = 0.5

NEEDED = (
    f"equal risk needs a public score for at least {FEWEST} draws and {MOST_LACKING:.0%} of them, "
    "one that separates risk; ingest public_grades, or choose another `method` under `cuts`"
)


@dataclass(frozen=True)
class Boundaries:
    """Raw log-odds where B, C and D begin, shape (3,), and how they were found.

    `rates` are the calibrated probabilities there, `low` and `high` their limits by bootstrap
    (null where the cuts do not follow from draws); `shares` of all firms in A–D by the model
    alone; `verdict` says what, if anything, stood against the method asked for.
    """

    raw: Floats
    rates: Floats
    low: Floats | None
    high: Floats | None
    shares: Floats
    method: str
    verdict: str

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        ends = {name: getattr(self, name) for name in ("rates", "low", "high", "shares")}
        told = {name: None if end is None else end.tolist() for name, end in ends.items()}
        return {"method": self.method, "verdict": self.verdict, **told}


@dataclass(frozen=True)
class Scored:
    """Reference draws with their public score: arrays of shape (n,), NaN where there is none.

    `again` are bootstrap weights, shape (replicates, n).
    """

    scores: Floats
    labels: Floats
    weights: Floats
    again: Floats

    @property
    def given(self) -> npt.NDArray[np.bool_]:
        return ~np.isnan(self.scores)


def boundaries(
    cuts: Cuts, calibration: Calibration, draws: Scored, population: Floats, firms: int
) -> Boundaries:
    """Cut the model's log-odds.

    Parameters
    ----------
    population : raw log-odds of all firms, or of a random part of them, shape (m,).
    firms : how many firms that part stands for.
    """
    if cuts.method == "capacity" and cuts.capacity is not None:
        return _at_capacity(cuts.capacity, calibration, population, firms)
    if cuts.method == "fixed" and cuts.fixed is not None:
        rates = np.array(cuts.fixed)
        return _cut(calibration.raw_at(rates), rates, population, "fixed")
    if cuts.method == "equal_risk":
        found, against = _equal_risk(cuts, calibration, draws, population)
        if found is not None:
            return found
        return _by_share(cuts, calibration, population, against)
    return _by_share(cuts, calibration, population, "")


def _equal_risk(
    cuts: Cuts, calibration: Calibration, draws: Scored, population: Floats
) -> tuple[Boundaries | None, str]:
    """Cuts at the score's rates, or what stands against it."""
    given = draws.given
    if given.sum() < FEWEST or given.mean() < MOST_LACKING:
        return None, f"only {int(given.sum())} of {len(given)} draws have a public score"
    x = _scaled(draws.scores[given])
    line = lines(x, draws.labels[given], draws.weights[given])
    spread = lines(x, draws.labels[given], draws.again[:, given])
    falls = limits(spread[:, 1], LEVEL)[1] < 0
    if not (line[1] < 0 and falls):
        return None, "the public score does not separate risk on the draws"
    at = _scaled(np.array(cuts.scores, np.float64))
    rates = _chance(line[0] + line[1] * at)
    low, high = limits(_chance(spread[:, :1] + spread[:, 1:] * at), LEVEL)
    found = _cut(calibration.raw_at(rates), rates, population, "equal_risk", low, high)
    least = int(found.shares.argmin())
    if found.shares[least] < cuts.least_share:
        held = f"class {CLASSES[least]} would hold {found.shares[least]:.2%} of the firms"
        return None, f"{held}, less than {cuts.least_share:.2%}"
    return found, ""


def _at_capacity(
    capacity: tuple[int, int, int], calibration: Calibration, population: Floats, firms: int
) -> Boundaries:
    """From the riskiest down: D, then C, then B hold at most so many firms."""
    held = np.cumsum(capacity[::-1])[::-1]  # B and above, C and above, D
    raw = np.quantile(population, np.clip(1 - held / firms, 0, 1))
    return _cut(raw, calibration.probability(raw), population, "capacity")


def _by_share(cuts: Cuts, calibration: Calibration, population: Floats, against: str) -> Boundaries:
    raw = np.quantile(population, np.cumsum(cuts.shares)[:3])
    method = f"share, for {against}" if against else "share"
    verdict = f"{against}; {NEEDED}" if against else ""
    return _cut(raw, calibration.probability(raw), population, method, verdict=verdict)


def _cut(
    raw: Floats,
    rates: Floats,
    population: Floats,
    method: str,
    low: Floats | None = None,
    high: Floats | None = None,
    verdict: str = "",
) -> Boundaries:
    level = np.searchsorted(raw, population, side="right")
    shares = np.bincount(level, minlength=4) / len(population)
    return Boundaries(raw, rates, low, high, shares, method, verdict)


def _scaled(scores: Floats) -> Floats:
    """In hundreds of points from the middle boundary, so that the fit is well conditioned."""
    return (scores - 730) / 100


def _chance(odds: Floats) -> Floats:
    told: Floats = 1 / (1 + np.exp(-odds))
    return told
