"""What oracles know of the firms in a month: how much of what is missed is luck, draw or ignorance.

All have the slice of Xinfen's plan, as many visits, class A's visits to class A, and visit nobody
twice in a calendar year. Beyond that they choose by

    oracle          every firm's true probability
    best records    what records tell at best: learned from the truth itself of *other* firms
    from records    the probability that Xinfen's model tells
    best ratios     the true rate of each class, who of a class by lot: the best that ratios can do
    within ratios   the truth, but every class as often as in the plan
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.loop_choices import Visited, oracle

Floats = npt.NDArray[np.float64]

ORACLES = ("oracle", "within ratios", "best ratios", "from records", "best records")

FOLDS = 5
SETTINGS = {
    "objective": "regression", "num_leaves": 15, "learning_rate": 0.05, "min_child_samples": 30,
    "feature_fraction": 0.7, "lambda_l2": 5.0, "seed": 0, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
ROUNDS = 200


def known(firms: pd.DataFrame, run: pd.DataFrame, values: Floats, seed: int) -> dict[str, Floats]:
    """What each oracle chooses by, a score a firm; NaN is never chosen.

    Parameters
    ----------
    firms : as `loop_world.World.firms`, and `group`.
    run : their classes, as `loop_models.classes`.
    values : what records tell of the firms that have a probability, shape (n, k).
    """
    truth = firms["true"].to_numpy(np.float64)
    told = run["probability"].to_numpy(np.float64)
    scored = ~np.isnan(told)
    best = np.full(len(firms), np.nan)
    best[scored] = learned(values, truth[scored])
    by_group = firms.groupby("group")["true"].transform("mean").to_numpy(np.float64)
    day: date = firms["as_of"].iloc[0]
    return {
        "oracle": truth,
        "within ratios": truth,
        "best ratios": shuffled(by_group, seed, day),
        "from records": by_grade(told, run["public_grade"]),
        "best records": by_grade(best, run["public_grade"]),
    }


def visits(
    name: str,
    firms: pd.DataFrame,
    drawn: pd.DataFrame,
    score: Floats,
    visited: Visited,
    day: date,
) -> pd.DataFrame:
    """The visits of an oracle beside the slice of the plan: `loop_months.VISITS`, as far as known.

    Parameters
    ----------
    firms : as in `known`; `drawn` is the draw of the plan, row for row.
    visited : whom this oracle has visited this year; it is kept up.
    """
    sliced = drawn["drawn_by"].eq("slice").to_numpy()
    planned = drawn.loc[drawn["drawn_by"].notna() & ~sliced, "group"]
    counts = {str(group): int(n) for group, n in planned.value_counts().sort_index().items()}
    floors = counts if name == "within ratios" else {"class A": counts.get("class A", 0)}
    rest = len(planned) - sum(floors.values())
    entity = oracle(firms.assign(sliced=sliced), score, visited, floors, rest, day)
    both = pd.concat([firms.loc[sliced, "entity_id"], entity], ignore_index=True)
    by = ["slice"] * int(sliced.sum()) + ["plan"] * len(entity)
    told = {"entity_id": both, "drawn_by": by, "chance": np.nan, "problem": np.nan}
    return pd.DataFrame(told)


def learned(values: Floats, true: Floats) -> Floats:
    """True log-odds of firms, each told by what the truth of the others says of its indicators.

    Parameters
    ----------
    values : indicators, shape (n, k); true : probabilities, NaN where the firm has closed.
    """
    import lightgbm as lgb

    fold = np.arange(len(true)) % FOLDS  # firms are in the order of codes that say nothing
    living = ~np.isnan(true)
    log_odds = np.log(true / (1 - true))
    told = np.empty(len(true))
    for number in range(FOLDS):
        others = living & (fold != number)
        fitted = lgb.train(SETTINGS, lgb.Dataset(values[others], log_odds[others]), ROUNDS)
        told[fold == number] = fitted.predict(values[fold == number])
    return told


def by_grade(score: Floats, grade: pd.Series[str]) -> Floats:
    """Scores, and for firms without one the mean of those of their public grade."""
    scores = pd.Series(score, index=grade.index)
    mean = grade.map(scores.groupby(grade).mean()).fillna(float(np.nanmean(score)))
    return np.where(np.isnan(score), mean.to_numpy(np.float64), score)


def shuffled(score: Floats, seed: int, day: date) -> Floats:
    """Scores whose ties are broken by lot."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x30, day.toordinal()]))
    return score + 1e-9 * rng.random(len(score))
