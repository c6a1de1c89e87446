"""Intervals of rates that hold for rare cells too, many at once.

Clopper and Pearson's beta limits at an effective sample size (Korn and Graubard 1998), with the
mid-P correction (Lancaster 1961) that takes away their excess of coverage, and Student's t where
few visits tell the variance. `training.intervals` has the same limits for one rate; this room
imports nothing of ours, and a test holds the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
LEVEL = 0.95
_HALVINGS = 60


class Limits(NamedTuple):
    """Lower and upper limits, in the shape of the rates."""

    low: Floats
    high: Floats


def mid_p(
    rate: npt.ArrayLike, effective: npt.ArrayLike, freedom: npt.ArrayLike, level: float = LEVEL
) -> Limits:
    """Limits of rates.

    Parameters
    ----------
    rate : shares in [0, 1]; NaN where nothing was seen.
    effective : independent visits that would tell the rate as well, at least 0; infinite where
        everybody was seen.
    freedom : degrees of freedom of the variance; below 1 the normal law is used.

    Returns
    -------
    Limits p at which half the chance of the count found, and all beyond it, is (1 - level) / 2:
    0 and 1 where nothing was seen, the rate itself where everybody was.
    """
    share, size, free = np.broadcast_arrays(
        *(np.asarray(a, float) for a in (rate, effective, freedom))
    )
    alpha = 1 - level
    seen, whole = (size > 0) & ~np.isnan(share), np.isinf(size)
    told = seen & ~whole
    count = np.where(told, size, 1.0) * _shrink(free, alpha)
    found = np.where(told, share, 0.5) * count
    ends = [_solve(found, count, at) for at in (alpha / 2, 1 - alpha / 2)]
    low = np.where(whole, share, np.where(told & (share > 0), ends[0], 0.0))
    high = np.where(whole, share, np.where(told & (share < 1), ends[1], 1.0))
    return Limits(np.asarray(low), np.asarray(high))


def difference(one: tuple[float, float, float], other: tuple[float, float, float]) -> Limits:
    """Limits of the difference of two independent rates, each (rate, low, high).

    The recovery of variances from the limits of each (Zou and Donner 2008), which keeps their
    skewness where a rate is rare.
    """
    (p, low_p, high_p), (q, low_q, high_q) = one, other
    low = p - q - np.hypot(p - low_p, high_q - q)
    high = p - q + np.hypot(high_p - p, q - low_q)
    return Limits(np.asarray(low), np.asarray(high))


def _shrink(freedom: Floats, alpha: float) -> Floats:
    """What Student's wider limits take off a sample size: (z / t)² (Korn and Graubard 1998)."""
    wide = special.stdtrit(np.maximum(freedom, 1.0), alpha / 2)
    factor: Floats = np.where(freedom < 1, 1.0, (special.ndtri(alpha / 2) / wide) ** 2)
    return factor


def _solve(found: Floats, count: Floats, at: float) -> Floats:
    """The p at which P(more than found) + ½ P(found) is `at`, by halving; it rises with p.

    Counts between whole numbers are continued by the beta law.
    """
    left = np.maximum(count - found, 0.0)
    low, high = np.zeros_like(found), np.ones_like(found)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = np.where(left > 0, special.betainc(found + 1, np.maximum(left, 1e-9), middle), 0)
        reached = np.where(found > 0, special.betainc(np.maximum(found, 1e-9), left + 1, middle), 1)
        short = (beyond + reached) / 2 < at
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    solved: Floats = (low + high) / 2
    return solved
