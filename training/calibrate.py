"""Calibration: raw log-odds become probabilities that are true for all firms.

Logistic calibration (Platt 1999) on held-out draws, weighted by inverse inclusion probability.
Two parameters, so that a few hundred draws are enough and the order never changes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.classifier import Calibration
from records.errors import NotPossible

Floats = npt.NDArray[np.float64]


def calibrate(raw: Floats, labels: Floats, weights: Floats) -> Calibration:
    """Slope and intercept by weighted maximum likelihood.

    Raises
    ------
    NotPossible : only one outcome was seen, or a higher score did not mean more problems.
    """
    if len(set(labels.tolist())) < 2:
        raise NotPossible(
            "the held-out labels show only one outcome",
            found=f"{len(labels)} labels, {labels.sum():.0f} positive",
            hint="give more history or more draws",
        )
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(raw.reshape(-1, 1), labels, sample_weight=weights)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope <= 0:
        raise NotPossible(
            "a higher score did not mean more problems on the held-out draws",
            found=f"slope {slope:.2f}",
            hint="the indicators do not separate risk here; see the report",
        )
    return Calibration(slope, intercept)
