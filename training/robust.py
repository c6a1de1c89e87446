"""A doubly robust estimate of the problem rate of all firms, beside the plain weighted one.

The mean prediction over all firms, mended by the weighted mean of what the prediction missed on
the draws (Robins, Rotnitzky and Zhao 1994; Hájek form). Right if either the weights or the
predictions are, and tighter than the weighted mean as far as the predictions are good. The
predictions are those of models that had not seen the draws they are held against.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from training.intervals import LEVEL

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A rate with its limits."""

    rate: float
    low: float
    high: float

    def plain(self) -> dict[str, float]:
        """As JSON."""
        return dict(vars(self))


def doubly_robust(
    everyone: Floats, told: Floats, labels: Floats, weights: Floats, firms: Index
) -> Estimate:
    """The problem rate of all firms.

    Parameters
    ----------
    everyone : predicted probabilities of all firms, or of a random part of them, shape (m,).
    told, labels, weights, firms : of the draws: prediction, outcome, weight, number of the firm.
    """
    _, unit = np.unique(firms, return_inverse=True)
    missed = labels - told
    gap = float((weights * missed).sum() / weights.sum())
    score = np.bincount(unit, weights * (missed - gap)) / weights.sum()
    units = len(score)
    variance = units / (units - 1) * float((score**2).sum())
    variance += float(everyone.var()) / len(everyone)
    rate = float(everyone.mean()) + gap
    reach = float(stats.t.ppf((1 + LEVEL) / 2, units - 1)) * variance**0.5
    return Estimate(rate, max(0.0, rate - reach), min(1.0, rate + reach))
