"""Many draws against what is stated of them, by chi-squares that know how draws hang together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NOTHING = 1e-9
"""Below it, a variance is none: sizes that are exact leave directions in which nothing moves."""


@dataclass(frozen=True)
class Tested:
    """A chi-square, its degrees of freedom, its p-value, and the most that stood still moved."""

    statistic: float
    freedom: int
    p: float
    still: float = 0.0

    def __str__(self) -> str:
        return f"χ² {self.statistic:.0f} on {self.freedom}, p = {self.p:.3f}"


def against(drawn: Flags, chance: Floats, pairs: Floats) -> Tested:
    """Means of draws against stated chances, with the covariance that the joint chances state.

    Parameters
    ----------
    drawn : shape (draws, n).
    chance : of each, shape (n,).
    pairs : of every two together, shape (n, n), the chances themselves on the diagonal.
    """
    off = len(drawn) * (drawn.mean(axis=0) - chance)
    return moved([(off, len(drawn) * (pairs - np.outer(chance, chance)))], len(drawn))


def moved(parts: Iterable[tuple[Floats, Floats]], draws: int = 1) -> Tested:
    """Sums that should be 0 against their covariance, in parts that do not hang together.

    Parameters
    ----------
    parts : sums, shape (n,), and their covariance, shape (n, n), of so many draws.
    """
    statistic, freedom, still = 0.0, 0, 0.0
    for off, covariance in parts:
        values, vectors = np.linalg.eigh(covariance / draws)
        turned = vectors.T @ off / draws
        free = values > NOTHING
        statistic += float(draws * (turned[free] ** 2 / values[free]).sum())
        freedom += int(free.sum())
        still = max(still, float(np.abs(turned[~free]).max(initial=0.0)))
    return Tested(statistic, freedom, float(stats.chi2.sf(statistic, freedom)), still)


def by_firm(off: Floats, variance: Floats, enough: float = 5.0) -> Tested:
    """Sums by firm of what was drawn less its chance, against their stated variance, shape (n,).

    Firms of one stratum hang together a little (their sum is fixed), which leaves the mean of the
    statistic as it is. Firms that are hardly ever drawn tell nothing of a normal law.
    """
    often = variance >= enough
    statistic, freedom = float((off[often] ** 2 / variance[often]).sum()), int(often.sum())
    return Tested(statistic, freedom, float(stats.chi2.sf(statistic, freedom)))


def together(one: Flags, other: Flags, stated: Floats) -> Tested:
    """Pairs that share no firm: how often both were drawn, against the stated chances, (pairs,)."""
    draws = len(one)
    counted = (one & other).sum(axis=0)
    some = stated > 0
    z = (counted - draws * stated)[some] / np.sqrt(draws * (stated * (1 - stated))[some])
    statistic, freedom = float((z**2).sum()), int(some.sum())
    return Tested(statistic, freedom, float(stats.chi2.sf(statistic, freedom)))
