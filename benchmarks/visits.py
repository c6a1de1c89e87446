"""What an order of visits is worth: how early problems are met, with intervals.

The two measures of the published Chicago comparison (`days_earlier`, `first_half`), the area
under the ROC curve, that area within strata, and by how much two ways of scoring differ in it.
Rows come in the order in which the visits were made; equal scores keep that order, so a constant
score changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training import evaluate
from training.intervals import limits, resampled

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Visits:
    """Visits of shape (n,) in the order they were made.

    `day` is the day of each visit as a number, never falling; `found` whether a problem was
    found; `stratum` whose visits are to be compared with each other only, and `firm` whom they
    were made to, as integer codes.
    """

    day: Codes
    found: Flags
    stratum: Codes
    firm: Codes

    def take(self, rows: Codes) -> Visits:
        return Visits(self.day[rows], self.found[rows], self.stratum[rows], self.firm[rows])


Metric = Callable[[Visits, Numbers], float]


def days_earlier(visits: Visits, score: Numbers) -> float:
    """Mean over the problems found of (original day − day when visited in order of score).

    The days themselves stay: the highest score is visited on the first of them, and as many
    visits are made on each as were made.
    """
    order = _order(score)
    earlier = visits.day[order] - np.sort(visits.day)
    return float(earlier[visits.found[order]].mean())


def first_half(visits: Visits, score: Numbers) -> float:
    """Share of the problems found that lie in the n // 2 visits of the highest scores."""
    found = visits.found[_order(score)]
    return float(found[: len(found) // 2].sum() / found.sum())


def auc(visits: Visits, score: Numbers) -> float:
    """Probability that a visit with a problem scores above one without; a tie counts one half."""
    return _concordant(visits.found, score) / _pairs(visits.found)


def auc_within(visits: Visits, score: Numbers) -> float:
    """The same over pairs of visits of one stratum only, all such pairs alike.

    Pairs of one inspector compare the firms; pairs of two inspectors compare the inspectors too.
    """
    inside = [visits.stratum == code for code in np.unique(visits.stratum)]
    pairs = sum(_pairs(visits.found[rows]) for rows in inside)
    return sum(_concordant(visits.found[rows], score[rows]) for rows in inside) / pairs


METRICS: dict[str, Metric] = {
    "auc": auc,
    "auc_within": auc_within,
    "days_earlier": days_earlier,
    "first_half": first_half,
}


@dataclass(frozen=True)
class Block:
    """Visits ordered among themselves, and their scores, shape (n,), one array a seed."""

    visits: Visits
    scores: list[Numbers]


@dataclass(frozen=True)
class Estimate:
    """The mean over seeds, and the ends of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def estimate(metric: Metric, blocks: Sequence[Block], draws: int, seed: int) -> Estimate:
    """The mean of a metric over the model's seeds and over blocks, each block by its visits.

    Parameters
    ----------
    draws : resamples of every block's visits, with replacement; all seeds score the same ones.
    seed : of the resampling.
    """
    random = np.random.default_rng(seed)
    drawn = [_mean(metric, [_resampled(block, random) for block in blocks]) for _ in range(draws)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(_mean(metric, blocks), float(low), float(high))


@dataclass(frozen=True)
class Gain:
    """The AUC of two ways of scoring, by block and in all, and by how much the first is above.

    `auc` and `other` are means over seeds, `by_block` those of each block.
    """

    auc: float
    other: float
    difference: Estimate
    by_block: list[tuple[float, float]]


def auc_gain(ours: Sequence[Block], theirs: Sequence[Block], draws: int, seed: int) -> Gain:
    """The AUC of two ways of scoring the same blocks, paired, with a bootstrap over firms.

    Visits are compared with those of their own block, and blocks weigh by their visits. A firm
    is drawn, with replacement, with all its visits of all blocks, for both ways alike.

    Parameters
    ----------
    draws : resamples of the firms. seed : of the resampling.
    """
    firms = np.concatenate([block.visits.firm for block in ours])
    once = np.ones(len(firms))
    weights = np.vstack([once[None], resampled(once, firms, draws, seed)])
    ends = np.cumsum([len(block.visits.firm) for block in ours])[:-1]
    parts = np.split(weights, ends, axis=1)
    areas = np.array([[_areas(*pair) for pair in zip(way, parts, strict=True)]
                      for way in (ours, theirs)])  # fmt: skip
    mean = np.average(areas, axis=1, weights=[part.shape[1] for part in parts])
    difference = mean[0] - mean[1]
    low, high = limits(difference[1:])
    return Gain(
        float(mean[0, 0]),
        float(mean[1, 0]),
        Estimate(float(difference[0]), float(low), float(high)),
        [(float(one), float(other)) for one, other in areas[:, :, 0].T],
    )


def _areas(block: Block, weights: Numbers) -> Numbers:
    """The AUC of a block under each row of weights, mean over seeds."""
    found = block.visits.found.astype(np.float64)
    areas = [evaluate.auc(score, found, weights) for score in block.scores]
    return np.asarray(np.mean(areas, axis=0), np.float64)


def _mean(metric: Metric, blocks: Sequence[Block]) -> float:
    figures = [np.mean([metric(block.visits, s) for s in block.scores]) for block in blocks]
    return float(np.average(figures, weights=[len(block.visits.day) for block in blocks]))


def _resampled(block: Block, random: np.random.Generator) -> Block:
    n = len(block.visits.day)
    rows = np.sort(random.integers(n, size=n))  # sorted: days must not fall
    return Block(block.visits.take(rows), [score[rows] for score in block.scores])


def _order(score: Numbers) -> npt.NDArray[np.int64]:
    return np.argsort(-score, kind="stable")


def _pairs(found: Flags) -> float:
    return float(found.sum()) * float((~found).sum())


def _concordant(found: Flags, score: Numbers) -> float:
    """Pairs (problem, none) in which the problem scores higher; a tie is half a pair."""
    without = np.sort(score[~found])
    below = np.searchsorted(without, score[found], "left")
    not_above = np.searchsorted(without, score[found], "right")
    return float((below + not_above).sum()) / 2
