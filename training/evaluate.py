"""How good a score is on labelled draws, each figure with the count it rests on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.metrics import log_loss, roc_auc_score

from models.classifier import Calibration
from records.errors import NotPossible
from training.calibrate import calibrate

Floats = npt.NDArray[np.float64]


def metrics(
    raw: Floats, labels: Floats, weights: Floats, calibration: Calibration
) -> dict[str, float | int]:
    """Discrimination and calibration on held-out labels.

    Parameters
    ----------
    raw, labels, weights : log-odds, 0/1 outcomes and weights, shape (n,).
    calibration : made on *earlier* labels.

    Returns
    -------
    n, positives, auc, log_loss, slope (of outcome on calibrated log-odds; 1 is right),
    expected_over_observed (1 is right). All weighted.

    Raises
    ------
    NotPossible : the labels show only one outcome.
    """
    if len(set(labels.tolist())) < 2:
        raise NotPossible(
            "the last block of held-out draws shows only one outcome",
            found=f"{len(labels)} labels, {labels.sum():.0f} positive",
            hint="give more history or more draws",
        )
    probability = calibration.probability(raw)
    again = calibrate_or_flat(calibration.intercept + calibration.slope * raw, labels, weights)
    return {
        "n": len(labels),
        "positives": int(labels.sum()),
        "auc": float(roc_auc_score(labels, raw, sample_weight=weights)),
        "log_loss": float(log_loss(labels, probability, sample_weight=weights)),
        "slope": again,
        "expected_over_observed": float((weights * probability).sum() / (weights * labels).sum()),
    }


def calibrate_or_flat(raw: Floats, labels: Floats, weights: Floats) -> float:
    """The calibration slope, or 0 where a higher score meant no more problems."""
    try:
        return calibrate(raw, labels, weights).slope
    except NotPossible:
        return 0.0


def calibration_error(probability: Floats, truth: Floats, bins: int = 20) -> float:
    """Mean gap between mean probability and mean truth over equal-count bins of probability.

    `truth` may be true probabilities, where they are known, or outcomes. Each bin weighs by
    its share of the rows; ties are broken by position.
    """
    order = np.argsort(probability, kind="stable")
    gaps = [
        len(rows) * abs(probability[rows].mean() - truth[rows].mean())
        for rows in np.array_split(order, bins)
        if len(rows)
    ]
    return float(sum(gaps) / len(probability))


def auc_of_chances(raw: Floats, chances: Floats) -> float:
    """Expected AUC where each row's true probability is known: it counts as so much of each
    outcome."""
    rows = np.concatenate([raw, raw])
    outcome = np.repeat([1.0, 0.0], len(raw))
    return float(roc_auc_score(outcome, rows, sample_weight=np.concatenate([chances, 1 - chances])))
