"""Class cuts: the model's classes begin where the public score's boundaries carry equal risk.

With the bridge {A,B}|C|D|E ↔ A|B|C|D the problem rate at scores 790, 730 and 670 is estimated on
weighted draws, monotone in the score, and the model's probability is cut at those rates
(equal-risk equating). Where the score does not separate risk, shares are used and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.classifier import Calibration
from models.settings import Cuts

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Boundaries:
    """Raw log-odds where B, C and D begin, shape (3,), and how they were found."""

    raw: Floats
    rates: Floats
    method: str


def boundaries(
    cuts: Cuts,
    calibration: Calibration,
    *,
    scores: Floats,
    labels: Floats,
    weights: Floats,
    population: Floats,
) -> Boundaries:
    """Cut the model's log-odds.

    Parameters
    ----------
    scores, labels, weights : public score (NaN: none), outcome and weight of reference draws.
    population : raw log-odds of the firms that shares are taken of.
    """
    if cuts.method == "equal_risk":
        rates = _rates(np.array(cuts.scores, np.float64), scores, labels, weights)
        if rates is not None:
            return Boundaries(calibration.raw_at(rates), rates, "equal_risk")
    below = np.cumsum(cuts.shares)[:3]
    raw = np.quantile(population, below)
    method = "share" if cuts.method == "share" else "share, for the score does not separate risk"
    return Boundaries(raw, calibration.probability(raw), method)


def _rates(at: Floats, scores: Floats, labels: Floats, weights: Floats) -> Floats | None:
    """Problem rate at given public scores by weighted logistic regression; None if not falling."""
    given = ~np.isnan(scores)
    if given.sum() < 50 or len(set(labels[given].tolist())) < 2:
        return None
    # In hundreds of points from the middle boundary, so that the fit is well conditioned.
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(_scaled(scores[given]), labels[given], sample_weight=weights[given])
    if model.coef_[0, 0] >= 0:
        return None
    return np.asarray(model.predict_proba(_scaled(at))[:, 1], np.float64)


def _scaled(scores: Floats) -> Floats:
    return ((scores - 730) / 100).reshape(-1, 1)
