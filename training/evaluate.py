"""How good a score is on labelled draws, each figure with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import Calibration
from records.errors import NotPossible
from training.curves import lines
from training.intervals import LEVEL, limits, resampled

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Figures = dict[str, float | int]

REPLICATES = 200


@dataclass(frozen=True)
class Draws:
    """Labelled draws to judge on: all arrays of shape (n,).

    `raw` log-odds; `labels` 0.0 or 1.0; `weights` inverse inclusion probabilities; `firms` a
    number for each firm; `rivals` other probabilities of the same draws, made on earlier ones.
    """

    raw: Floats
    labels: Floats
    weights: Floats
    firms: Index
    rivals: Mapping[str, Floats]


def measured(draws: Draws, calibration: Calibration, seed: int) -> tuple[Figures, Figures, Figures]:
    """Figures of held-out draws, and their lower and upper limits by bootstrap over firms.

    `calibration` was made on *earlier* labels. Figures: n and positives; auc; log_loss; brier;
    slope (of outcome on calibrated log-odds) and expected_over_observed, 1 being right;
    `skill_over_X`: the share of rival X's Brier score that is saved. All weighted.

    Raises
    ------
    NotPossible : the labels show only one outcome.
    """
    if len(set(draws.labels.tolist())) < 2:
        raise NotPossible(
            "the last block of held-out draws shows only one outcome",
            found=f"{len(draws.labels)} labels, {draws.labels.sum():.0f} positive",
            hint="give more history or more draws",
        )
    again = resampled(draws.weights, draws.firms, REPLICATES, seed)
    found = _figures(draws, calibration, draws.weights[None])
    spread = _figures(draws, calibration, again)
    counts = {"n": len(draws.labels), "positives": int(draws.labels.sum())}
    low, high = ({}, {})
    for name, values in spread.items():
        low[name], high[name] = (float(limit) for limit in limits(values, LEVEL))
    return counts | {name: float(value[0]) for name, value in found.items()}, low, high


def metrics(raw: Floats, labels: Floats, weights: Floats, calibration: Calibration) -> Figures:
    """Those figures of `measured` that need no rival, without limits."""
    draws = Draws(raw, labels, weights, np.arange(len(raw)), {})
    if len(set(labels.tolist())) < 2:
        return measured(draws, calibration, 0)[0]  # which says why it cannot be
    found = _figures(draws, calibration, weights[None])
    counts: Figures = {"n": len(labels), "positives": int(labels.sum())}
    return counts | {name: float(value[0]) for name, value in found.items()}


def _figures(draws: Draws, calibration: Calibration, weights: Floats) -> dict[str, Floats]:
    """Figures under each row of weights, shape (rows,)."""
    odds = calibration.log_odds(draws.raw)
    probability = calibration.probability(draws.raw)
    total = weights.sum(-1)
    brier = weights @ (probability - draws.labels) ** 2 / total
    fitted = lines(odds, draws.labels, weights)
    figures = {
        "auc": auc(draws.raw, draws.labels, weights),
        "log_loss": weights @ losses(probability, draws.labels) / total,
        "brier": brier,
        "slope": np.nan_to_num(fitted[..., 1]),
        "expected_over_observed": (weights @ probability) / (weights @ draws.labels),
    }
    for name, rival in draws.rivals.items():
        theirs = weights @ (rival - draws.labels) ** 2 / total
        figures[f"skill_over_{name}"] = 1 - brier / theirs
    return figures


def losses(probability: Floats, labels: Floats) -> Floats:
    """Log-loss of each row; probabilities lie strictly between 0 and 1."""
    told: Floats = -np.where(labels > 0, np.log(probability), np.log1p(-probability))
    return told


def auc(raw: Floats, labels: Floats, weights: Floats) -> Floats:
    """Weighted area under the ROC curve for each row of weights, ties counted half.

    Parameters
    ----------
    raw : shape (n,). labels : 0 to 1, shape (n,); a true probability counts as so much of each
        outcome. weights : shape (..., n).
    """
    order = np.argsort(raw, kind="stable")
    at = np.flatnonzero(np.concatenate([[True], np.diff(raw[order]) > 0]))
    positive = np.add.reduceat((weights * labels)[..., order], at, axis=-1)
    negative = np.add.reduceat((weights * (1 - labels))[..., order], at, axis=-1)
    below = np.cumsum(negative, axis=-1) - negative / 2
    with np.errstate(invalid="ignore"):
        area = (positive * below).sum(-1) / (positive.sum(-1) * negative.sum(-1))
    return np.asarray(area, np.float64)


def auc_gain(
    one: Floats, other: Floats, labels: Floats, weights: Floats, firms: Index, seed: int
) -> dict[str, float]:
    """AUC of one score and of another on the same draws, and how much the first is above.

    Returns
    -------
    `auc`, `other_auc`, `gain`, and its limits `low` and `high` by bootstrap over firms.
    """
    both = np.vstack([weights[None], resampled(weights, firms, REPLICATES, seed)])
    ours, theirs = auc(one, labels, both), auc(other, labels, both)
    low, high = limits((ours - theirs)[1:])
    told = {"auc": ours[0], "other_auc": theirs[0], "gain": ours[0] - theirs[0],
            "low": low, "high": high}  # fmt: skip
    return {name: float(value) for name, value in told.items()}


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
    """Expected AUC where each row's true probability is known."""
    return float(auc(raw, chances, np.ones(len(raw))))
