"""How strict inspectors are: problems found beside those expected of the firms they were drawn for.

Firms and pairs are drawn by chance, so that colleagues of a bureau see alike firms; what one finds
beyond the others is strictness, leniency, or luck. A pair's visit is both inspectors': it finds a
problem with chance e (d_1 + d_2) / 2, e the expected one and d each one's ratio, spread around 1.
The ratios are estimated together (multiple membership, Browne et al. 2001), drawn towards 1 as
far as their own visits leave doubt (empirical Bayes), and nobody is ranked by a raw rate. Who
differs beyond chance is told by an exact test that takes partners as they are, with the share
of false alarms held (Benjamini and Hochberg 1995). A flag is a question, not a verdict.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, special

from supervision.errors import PlanError
from supervision.intervals import LEVEL, Floats
from supervision.sample import DONE, Index

STRICTNESS = (
    "inspector", "visits", "problems", "expected", "observed_ratio", "ratio", "low", "high",
    "p_value", "q_value", "flag",
)  # fmt: skip
FALSE_ALARMS = 0.05
"""The share of the flags that may be mere chance. [guess]"""
PRIOR = 5.0
"""Expected problems at which a bureau's own level counts as much as that of all. [guess]"""
_CELL = ("risk_class", "public_grade", "method", "drawn_by")


def expected(visits: pd.DataFrame) -> pd.Series[float]:
    """The chance of a problem that each visit would have with an average pair of its bureau.

    Where the visits carry a `probability` (the model's, as it was when they were drawn) it is
    scaled to what the visits of the same class, method and way found; else that rate is taken. A
    bureau's own level comes on top, as far as its visits tell it, so that inspectors are held
    against colleagues who drew from the same firms.
    """
    label = visits["label"].astype(float)
    start = label.groupby([visits[name].fillna("") for name in _CELL if name in visits])
    rate = start.transform("mean")
    if "probability" in visits:
        given = visits["probability"].astype(float)
        mean = given.groupby([visits[name].fillna("") for name in _CELL if name in visits])
        scaled = given * (rate / mean.transform("mean"))
        rate = scaled.where(scaled.notna(), rate)
    bureau = visits["bureau"].fillna("")
    level = (label.groupby(bureau).transform("sum") + PRIOR) / (
        rate.groupby(bureau).transform("sum") + PRIOR
    )
    return (rate * level).clip(1e-6, 1 - 1e-6)


def strictness(
    visits: pd.DataFrame, false_alarms: float = FALSE_ALARMS, level: float = LEVEL
) -> pd.DataFrame:
    """Each inspector's ratio of problems found to expected, and who differs beyond chance.

    Parameters
    ----------
    visits : `state`, `label`, `inspector_1`, `inspector_2`, `bureau`, and the optional columns
        of `expected`; visits without a label or without two inspectors are left out. A column
        `expected` is taken instead, where it is there.

    Returns
    -------
    Columns `STRICTNESS`, by inspector: own `visits`, `problems` and `expected` ones (each visit
    in full for both of its pair); `observed_ratio`, raw; `ratio` with limits, drawn towards 1;
    `p_value` of the exact test, `q_value` adjusted for all; `flag` `strict`, `lenient` or null.
    """
    for column in ("state", "label", "inspector_1", "inspector_2", "bureau"):
        if column not in visits:
            raise PlanError.among(f"visits: no column {column}", column, map(str, visits))
    pair = visits[["inspector_1", "inspector_2"]]
    told = visits[visits["state"].isin(DONE) & visits["label"].notna() & pair.notna().all(axis=1)]
    if told.empty:
        return pd.DataFrame(columns=list(STRICTNESS))
    given = told["expected"] if "expected" in told else expected(told)
    chance: Floats = given.to_numpy(float).astype(np.float64)
    label: Floats = told["label"].to_numpy(float).astype(np.float64)
    both = told[["inspector_1", "inspector_2"]].to_numpy(object)
    codes, names = pd.factorize(both.ravel(), sort=True)
    pairs = codes.reshape(-1, 2)
    ratio, spread = _ratios(label, chance, pairs, len(names))
    p_value = _tested(label, chance, pairs, ratio)
    q_value = _adjusted(p_value)
    counts = [np.bincount(codes, np.repeat(of, 2), len(names)) for of in (label, chance)]
    reach = -special.ndtri((1 - level) / 2) * spread
    flag = np.where(ratio > 1, "strict", "lenient")
    return pd.DataFrame({
        "inspector": names, "visits": np.bincount(codes), "problems": counts[0].astype(int),
        "expected": counts[1], "observed_ratio": counts[0] / counts[1],
        "ratio": ratio, "low": np.maximum(ratio - reach, 0), "high": ratio + reach,
        "p_value": p_value, "q_value": q_value,
        "flag": pd.Series(flag, dtype="str").where(q_value <= false_alarms),
    })  # fmt: skip


def _ratios(label: Floats, chance: Floats, pairs: Index, people: int) -> tuple[Floats, Floats]:
    """Ratios and their standard deviations, given all visits; 1 where nobody differs.

    label - chance = chance (x_1 + x_2) / 2 + noise, x the ratios less 1, with one variance that
    the visits themselves tell (marginal likelihood); noise of variance chance (1 - chance).
    """
    weight = 1 / (chance * (1 - chance))
    half = chance / 2
    told = np.zeros((people, people))
    for one in (0, 1):
        for other in (0, 1):
            np.add.at(told, (pairs[:, one], pairs[:, other]), weight * half**2)
    pull = np.bincount(pairs.ravel(), np.repeat(weight * half * (label - chance), 2), people)

    root, axes = np.linalg.eigh(told)
    along = (axes.T @ pull) ** 2

    def unlikely(log_variance: float) -> float:
        own = 1 + root * np.exp(log_variance)
        return float(np.log(own).sum() - (along * np.exp(log_variance) / own).sum())

    best = optimize.minimize_scalar(unlikely, bounds=(-12, 2), method="bounded").x
    around = 1 / (np.maximum(root, 0) + np.exp(-best))
    ratio = 1 + axes @ (around * (axes.T @ pull))
    return np.maximum(ratio, 0), np.sqrt(axes**2 @ around)


def _tested(label: Floats, chance: Floats, pairs: Index, ratio: Floats) -> Floats:
    """Two-sided mid-P of each one's problems, were he as the others, his partners as they are."""
    told = np.ones(len(ratio))
    for person in range(len(ratio)):
        mine = (pairs == person).any(axis=1)
        partner = np.where(pairs[mine, 0] == person, pairs[mine, 1], pairs[mine, 0])
        law = _law(np.clip(chance[mine] * (1 + ratio[partner]) / 2, 0, 1))
        seen = int(label[mine].sum())
        below, at = law[:seen].sum(), law[seen]
        told[person] = min(1.0, 2 * min(below + at / 2, 1 - below - at / 2))
    return told


def _law(chances: Floats) -> Floats:
    """The chances of 0, 1, … n problems in n visits that differ (Poisson binomial), exactly."""
    law = np.zeros(len(chances) + 1)
    law[0] = 1
    for n, p in enumerate(chances, start=1):
        law[1 : n + 1] = law[1 : n + 1] * (1 - p) + law[:n] * p
        law[0] *= 1 - p
    return law


def _adjusted(p_value: Floats) -> Floats:
    """Benjamini and Hochberg's adjusted values."""
    order = np.argsort(p_value)[::-1]
    rank = np.arange(len(p_value), 0, -1)
    least = np.minimum.accumulate(np.minimum(p_value[order] * len(p_value) / rank, 1.0))
    adjusted = np.empty_like(p_value)
    adjusted[order] = least
    return adjusted
