"""Calibration: the shape that tells held-out draws best, fitted to all of them.

Logistic, isotonic and Venn–Abers (`training.curves`) are each fitted to all blocks of time but
one and judged on that one by weighted log-loss. The least loss wins; the straight line stays
where no other is better by more than one standard error, so that chance does not choose a shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import Band, Calibration
from records.errors import NotPossible
from training.curves import FITTERS, lines, logistic
from training.evaluate import losses
from training.intervals import LEVEL, limits

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

BAND_POINTS = 25


@dataclass(frozen=True)
class Choice:
    """The calibration chosen, and the weighted held-out log-loss of each shape."""

    calibration: Calibration
    losses: dict[str, float]


def calibrate(raw: Floats, labels: Floats, weights: Floats) -> Calibration:
    """The straight line, by weighted maximum likelihood.

    Raises
    ------
    NotPossible : only one outcome was seen, the score parts the two without an error, or a higher
        score did not mean more problems.
    """
    if len(set(labels.tolist())) < 2:
        raise NotPossible(
            "the held-out labels show only one outcome",
            found=f"{len(labels)} labels, {labels.sum():.0f} positive",
            hint="give more history or more draws",
        )
    found = logistic(raw, labels, weights)
    if np.isnan(found.slope):
        raise NotPossible(
            "the score parts the held-out outcomes without an error",
            found=f"{len(labels)} labels, {labels.sum():.0f} positive",
            hint="an indicator has seen the outcome it should foretell: look at `known_time`",
        )
    if not found.slope > 0:
        raise NotPossible(
            "a higher score did not mean more problems on the held-out draws",
            found=f"slope {found.slope:.2f}",
            hint="the indicators do not separate risk here; see the report",
        )
    return found


def choose(raw: Floats, labels: Floats, weights: Floats, blocks: Index) -> Choice:
    """The shape that tells other blocks of time best; `blocks` numbers them, shape (n,).

    Raises
    ------
    NotPossible : as `calibrate`.
    """
    straight = calibrate(raw, labels, weights)
    parts = [blocks == block for block in np.unique(blocks)]
    if len(parts) < 2 or any(len(set(labels[~part].tolist())) < 2 for part in parts):
        return Choice(straight, {})
    lost = {name: np.empty(len(raw)) for name in FITTERS}
    for part in parts:
        for name, fitter in FITTERS.items():
            made = fitter(raw[~part], labels[~part], weights[~part])
            if not made.slope > 0:
                return Choice(straight, {})
            lost[name][part] = losses(made.probability(raw[part]), labels[part])
    mean = {name: float(np.average(loss, weights=weights)) for name, loss in lost.items()}
    best = min(mean, key=lambda name: mean[name])
    gain = weights * (lost["logistic"] - lost[best]) / weights.sum()
    if gain.sum() <= np.sqrt(len(gain)) * gain.std():
        return Choice(straight, mean)
    return Choice(FITTERS[best](raw, labels, weights), mean)


def band(
    calibration: Calibration,
    raw: Floats,
    labels: Floats,
    again: Floats,
    everyone: Floats,
    drift: float = 0.0,
) -> Band:
    """Bootstrap limits of the rate of firms by their score, on a grid of scores of all firms.

    The draws are drawn again (`again`, shape (replicates, n)) and a straight line is fitted to
    each; its deviations from the line of all draws are laid around the calibration. `drift`, by
    how many log-odds all firms are told above the draws, widens the side on which the truth lies
    if it is the indicators and not the risk that have moved.
    """
    at = np.unique(np.quantile(everyone, np.linspace(0, 1, BAND_POINTS)))
    fitted = lines(raw, labels, again)
    told = fitted[:, :1] + fitted[:, 1:] * at
    low, high = limits(told - (calibration.intercept + calibration.slope * at), LEVEL)
    centre = calibration.log_odds(at)
    wide = (low - max(drift, 0.0), high - min(drift, 0.0))
    ends = (1 / (1 + np.exp(-(centre + part))) for part in wide)
    knots = tuple(zip(at.tolist(), *(end.tolist() for end in ends), strict=True))
    return Band(LEVEL, len(again), knots)
