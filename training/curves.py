"""The three shapes of a calibration, each fitted with weights to held-out draws.

logistic     Platt (1999): a straight line in log-odds, by weighted maximum likelihood
isotonic     weighted pool-adjacent-violators, joined through the middles of its blocks (centred
             isotonic regression, Oron and Flournoy 2017), so that it rises everywhere
venn_abers   the inductive Venn–Abers predictor (Vovk, Petej and Fedorova 2015): isotonic with the
             new firm added once as clean and once as a problem, p = p1 / (1 − p0 + p1)

Draws have unequal chances, so all three take weights; the new firm weighs one mean draw. The
`venn-abers` package and MAPIE take none, which is why the few lines stand here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from models.calibration import Calibration, Method
from training.intervals import kish

Floats = npt.NDArray[np.float64]

STEPS = 60
CLOSE, SETTLED = 1e-9, 1e-6
GRID = 200
"""Venn–Abers works on so many bins of equal weight; each bin is told by its mean."""


def lines(raw: Floats, labels: Floats, weights: Floats, offset: Floats | float = 0.0) -> Floats:
    """Intercepts and slopes of weighted logistic regressions, shape (..., 2), by Newton's method.

    Parameters
    ----------
    raw : shape (n,). labels : 0 or 1, or true probabilities, shape (n,).
    weights : shape (..., n); each row gives one fit. offset : log-odds known besides, shape (n,).

    A fit whose outcomes are parted by the score, or are all alike, is NaN.
    """
    weights = np.asarray(weights, np.float64)
    every = weights.reshape(-1, weights.shape[-1])
    # Replicates lie near the fit to their sum: from there few steps are left.
    mean = np.average(raw, weights=every.sum(0))
    x, start = raw - mean, np.zeros((1, 2))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if len(every) > 1:
            start = _newton(x, labels, every.sum(0)[None], offset, start)
        fitted = _newton(x, labels, every, offset, np.repeat(start, len(every), axis=0))
    fitted[:, 0] -= fitted[:, 1] * mean
    return np.asarray(fitted.reshape(*weights.shape[:-1], 2), np.float64)


def _newton(
    x: Floats, labels: Floats, weights: Floats, offset: Floats | float, start: Floats
) -> Floats:
    """Rows of (intercept, slope) for rows of weights; NaN where it does not settle."""
    level, slope = start.T
    step = np.full((2, len(weights)), np.inf)
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-(level[:, None] + slope[:, None] * x + offset)))
        miss, spread = weights * (labels - told), weights * told * (1 - told)
        g0, g1 = miss.sum(-1), (miss * x).sum(-1)
        h0, h1, h2 = spread.sum(-1), (spread * x).sum(-1), (spread * x * x).sum(-1)
        det = h0 * h2 - h1 * h1
        step = np.stack([(h2 * g0 - h1 * g1) / det, (h0 * g1 - h1 * g0) / det])
        level, slope = level + np.clip(step[0], -2, 2), slope + np.clip(step[1], -2, 2)
        if not (np.abs(step) > CLOSE).any():
            break
    fitted = np.stack([level, slope], axis=-1)
    fitted[~(np.abs(step) < SETTLED).all(axis=0)] = np.nan
    return fitted


def logistic(
    raw: Floats, labels: Floats, weights: Floats, offset: Floats | float = 0.0
) -> Calibration:
    """The straight line; its slope may be 0, below or NaN, which is for the caller to refuse."""
    intercept, slope = lines(raw, labels, weights, offset)
    return Calibration(float(slope), float(intercept))


def isotonic(raw: Floats, labels: Floats, weights: Floats) -> Calibration:
    """The rising line through the middles of isotonic blocks; as `logistic` beyond them."""
    order = np.argsort(raw, kind="stable")
    x, y, w = _tied(raw[order], labels[order], weights[order])
    straight = logistic(raw, labels, weights)
    told = isotonic_regression(y, weights=w).x
    return _through(x, told, w, straight, "isotonic", _least(weights))


def venn_abers(raw: Floats, labels: Floats, weights: Floats) -> Calibration:
    """Venn–Abers on a grid of scores, as a rising line; as `logistic` beyond it."""
    order = np.argsort(raw, kind="stable")
    x, y, w = _binned(*_tied(raw[order], labels[order], weights[order]))
    unit = float(weights.mean())
    p0, p1 = (_added(y, w, new, unit) for new in (0.0, 1.0))
    told = p1 / (1 - p0 + p1)
    straight = logistic(raw, labels, weights)
    return _through(x, told, w, straight, "venn_abers", _least(weights))


def _added(y: Floats, w: Floats, new: float, unit: float) -> Floats:
    """At each score, the isotonic value there once a point of that score was added."""
    values = np.empty(len(y))
    for at in range(len(y)):
        total = w[at] + unit
        mixed, heavy = y.copy(), w.copy()
        mixed[at], heavy[at] = (w[at] * y[at] + unit * new) / total, total
        values[at] = isotonic_regression(mixed, weights=heavy).x[at]
    return values


def _through(
    x: Floats, told: Floats, w: Floats, straight: Calibration, method: Method, least: float
) -> Calibration:
    """Knots at the weighted middle of each stretch of equal value."""
    block = np.concatenate([[0], np.cumsum(np.diff(told) > 1e-6)])
    mass = np.bincount(block, w)
    at = np.bincount(block, w * x) / mass
    value = np.clip(np.bincount(block, w * told) / mass, least, 1 - least)
    odds = np.log(value / (1 - value))
    rising = np.concatenate([[True], np.diff(odds) > 0])  # clipped ends may be level
    knots = tuple(zip(at[rising].tolist(), odds[rising].tolist(), strict=True))
    return Calibration(straight.slope, straight.intercept, method, knots)


def _least(weights: Floats) -> float:
    """No rate is told as 0 or 1: as if half a positive draw and half a clean one were added."""
    return 0.5 / (kish(weights) + 1)


def _tied(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows of the same score as one, of their weighted mean outcome."""
    at, group = np.unique(x, return_inverse=True)
    mass = np.bincount(group, w).astype(np.float64)
    return at, np.bincount(group, w * y) / mass, mass


def _binned(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    if len(x) <= GRID:
        return x, y, w
    share = (np.cumsum(w) - w / 2) / w.sum()
    _, bin_ = np.unique((share * GRID).astype(np.int64), return_inverse=True)
    mass = np.bincount(bin_, w).astype(np.float64)
    return np.bincount(bin_, w * x) / mass, np.bincount(bin_, w * y) / mass, mass


FITTERS = {"logistic": logistic, "isotonic": isotonic, "venn_abers": venn_abers}
