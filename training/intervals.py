"""Intervals that hold: of weighted rates, also rare ones, and of anything else by bootstrap.

A rate's interval is Korn and Graubard's (1998) for rare events in complex surveys: Clopper and
Pearson's beta limits at the effective sample size, with the mid-P correction (Lancaster 1961)
that takes away their excess of coverage. Firms are the sampling units: a firm visited twice
counts once, however often it was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """A weighted rate with its limits, and what it rests on.

    `n` rows and `positives` of them, unweighted; `effective` is the number of independent rows
    that would tell the rate as well. Without rows the rate is NaN and the limits 0 and 1.
    """

    rate: float
    low: float
    high: float
    n: int
    positives: int
    effective: float

    def plain(self) -> dict[str, float | int | None]:
        """As JSON; a rate that nothing tells is null."""
        told = vars(self) | {"rate": None if np.isnan(self.rate) else self.rate}
        return dict(told)


def kish(weights: Floats) -> float:
    """Effective sample size of weighted rows, (Σw)² / Σw² (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def rate(labels: Floats, weights: Floats, firms: Index, level: float = LEVEL) -> Rate:
    """Hájek's estimate of a problem rate, Σwy / Σw, with its interval.

    Parameters
    ----------
    labels, weights : 0/1 outcomes and weights > 0, shape (n,).
    firms : a number for each firm, shape (n,); rows of one firm are not independent.
    """
    n, positives = len(labels), int(labels.sum())
    if not n:
        return Rate(np.nan, 0.0, 1.0, 0, 0, 0.0)
    found = float((weights * labels).sum() / weights.sum())
    units, effective = _effective(labels, weights, firms, found)
    low, high = _mid_p(found, effective, units, 1 - level)
    return Rate(found, low, high, n, positives, effective)


def _effective(labels: Floats, weights: Floats, firms: Index, found: float) -> tuple[int, float]:
    """Number of firms, and the sample size at which a plain rate would vary as this one does."""
    _, unit = np.unique(firms, return_inverse=True)
    units = int(unit.max()) + 1
    mass = np.bincount(unit, weights).astype(np.float64)
    if units < 2 or not 0 < found < 1:
        return units, kish(mass)
    score = np.bincount(unit, weights * (labels - found)) / mass.sum()
    variance = units / (units - 1) * float((score**2).sum())
    return units, min(found * (1 - found) / variance, float(len(labels)))


def _mid_p(found: float, effective: float, units: int, alpha: float) -> tuple[float, float]:
    """Limits p at which half the chance of the found count, and all beyond, is alpha / 2."""
    if units > 1:  # fewer degrees of freedom than the normal law has
        wide = stats.norm.ppf(alpha / 2) / stats.t.ppf(alpha / 2, units - 1)
        effective = effective * float(wide) ** 2
    x = found * effective

    def tail(p: float) -> float:
        """P(more) + ½ P(found), continued to counts between whole numbers by the beta law."""
        beyond = special.betainc(x + 1, effective - x, p) if effective > x else 0.0
        reached = special.betainc(x, effective - x + 1, p) if x > 0 else 1.0
        return float(beyond + reached) / 2

    least, most = 1e-12, 1 - 1e-12
    below, above = alpha / 2, 1 - alpha / 2
    if found <= 0 or tail(least) >= below:  # too few to tell it from 0, or from 1
        low = 0.0
    else:
        low = optimize.brentq(lambda p: tail(p) - below, least, most)
    if found >= 1 or tail(most) <= above:
        high = 1.0
    else:
        high = optimize.brentq(lambda p: tail(p) - above, least, most)
    return float(low), float(high)


def resampled(weights: Floats, firms: Index, replicates: int, seed: int) -> Floats:
    """Bootstrap weights, shape (replicates, n): firms drawn with replacement, with all rows."""
    _, unit = np.unique(firms, return_inverse=True)
    units = int(unit.max()) + 1
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x600D]))
    counts = rng.multinomial(units, np.full(units, 1 / units), size=replicates)
    again: Floats = counts[:, unit] * weights
    return again


def limits(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Percentile limits over the first axis; replicates that tell nothing (NaN) are left out.

    The limits are the (R + 1)α-th of R ordered replicates (Davison and Hinkley 1997), without
    which few replicates cover too little.
    """
    alpha = (1 - level) / 2
    low, high = np.nanquantile(values, [alpha, 1 - alpha], axis=0, method="weibull")
    return np.asarray(low), np.asarray(high)
