"""Where nobody knows with what chance a firm was inspected: an estimate, and what it cannot say.

The weight of a visit is how much rarer firms like it are among the visited than among all firms,
odds of a classifier that tells the two apart, fitted on other firms than those it is asked of.
It mends what the indicators show. What inspectors knew besides stays in the labels, so that
bounds are told with it: how far a rate could move if the true weights were wrong by a factor
(marginal sensitivity model, Tan 2006), and if nothing is assumed of firms nobody visited
(Manski 1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from training.evaluate import auc
from training.intervals import kish

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

FOLDS = 5
TRIMMED = 0.99
"""Weights above this quantile are brought down to it: a few visits must not speak for most."""
FACTORS = (1.25, 1.5, 2.0, 3.0)
SETTINGS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 8, "max_depth": 4,
    "min_child_samples": 100, "lambda_l2": 20.0, "feature_fraction": 0.5,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
ROUNDS = 100


@dataclass(frozen=True)
class Propensity:
    """Weights of the visited, shape (n,), mean 1, and how well they could be told.

    `apart` is the AUC with which visited firms can be told from all: .5 says that they are like
    any; `trimmed` the share of weights that were brought down; `left` the largest difference of
    an indicator's mean that the weights leave, in standard deviations, and `before` without them.
    """

    weights: Floats
    apart: float
    trimmed: float
    before: float
    left: float

    def plain(self) -> dict[str, float]:
        """As JSON."""
        told = {name: value for name, value in vars(self).items() if name != "weights"}
        return told | {"effective": kish(self.weights)}


def propensity(
    visited: Floats, visited_firms: Index, everyone: Floats, firms: Index, seed: int
) -> Propensity:
    """Estimate the weights of visits that make them look like all firms.

    Parameters
    ----------
    visited, everyone : indicators of visits and of firms, shape (n, k) and (m, k).
    visited_firms, firms : a number for each firm, shared by the two, shape (n,) and (m,).
    """
    values = np.vstack([visited, everyone])
    chosen = np.repeat([1.0, 0.0], [len(visited), len(everyone)])
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x9209]))
    named = np.concatenate([visited_firms, firms])
    fold = rng.integers(0, FOLDS, int(named.max()) + 1)[named]
    odds = np.empty(len(values))
    for part in range(FOLDS):
        learned, asked = fold != part, fold == part
        if not asked.any():
            continue
        data = lgb.Dataset(values[learned], chosen[learned])
        booster = lgb.train(SETTINGS | {"seed": seed}, data, ROUNDS)
        odds[asked] = booster.predict(values[asked], raw_score=True)
    weights = np.exp(-odds[: len(visited)])
    most = np.quantile(weights, TRIMMED)
    cut = np.minimum(weights, most)
    cut = cut / cut.mean()
    return Propensity(
        weights=cut,
        apart=float(auc(odds, chosen, np.ones(len(odds)))),
        trimmed=float((weights > most).mean()),
        before=_difference(visited, np.ones(len(visited)), everyone),
        left=_difference(visited, cut, everyone),
    )


def _difference(visited: Floats, weights: Floats, everyone: Floats) -> float:
    """The largest difference of means in standard deviations of everyone; unknown counts as 0."""
    one, all_ = np.nan_to_num(visited), np.nan_to_num(everyone)
    spread = all_.std(axis=0)
    told = spread > 0
    mean = np.average(one[:, told], axis=0, weights=weights)
    apart = np.abs(mean - all_[:, told].mean(axis=0)) / spread[told]
    return float(apart.max()) if told.any() else 0.0


def bounds(labels: Floats, weights: Floats, covered: float) -> list[dict[str, Any]]:
    """How far a weighted rate could be from the truth.

    Parameters
    ----------
    labels, weights : 0/1 outcomes and estimated weights, shape (n,).
    covered : the share of all firms that was visited at all.

    Returns
    -------
    a row for each factor by which any true weight may differ from its estimate, with the least
    and the greatest rate; the last row assumes nothing of the firms nobody visited.
    """
    problem, clean = float((weights * labels).sum()), float((weights * (1 - labels)).sum())
    rows: list[dict[str, Any]] = []
    for factor in FACTORS:
        low = problem / factor / (problem / factor + clean * factor)
        high = problem * factor / (problem * factor + clean / factor)
        rows.append({"factor": factor, "low": low, "high": high})
    seen = float(labels.mean()) * covered
    return [*rows, {"factor": None, "low": seen, "high": seen + 1 - covered}]
