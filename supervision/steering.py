"""Whether the class was used: executed ratios that rise from A to D, beyond chance.

Two exact tests on the firms of a bureau, with the firms as given and the visits as the chance:

- *rise*: does the ratio rise over the classes (Cochran–Armitage, the variance of a permutation)?
- *fall*: is any higher class visited less than a lower one (hypergeometric, all pairs, Bonferroni)?

The level is configuration of ours [guess]. Where visits are so few that even ratios that double
with each class could not be told from level ones, it says that nothing can be told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supervision.accountability import ALL
from supervision.resultcodes import Code

LEVEL = 0.05

VERDICTS: dict[str, Code] = {
    "rises": Code("检查比例随类别上升", "ratios rise with the class"),
    "falls": Code("高风险类别检查比例反而较低", "a higher class was visited less than a lower one"),
    "flat": Code(
        "未按分类实施：检查比例不随类别上升", "the class was not used: ratios do not rise"
    ),
    "few": Code("检查过少，无法判断", "too few visits to tell"),
}

STEERING = ("bureau", "scale", "verdict", "p_rise", "p_fall", "where", "ratios")
"""A row a bureau and scale (class, grade): the verdict, both tests, the pair that falls most, and
the executed ratios from A on."""

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]


def steering(rows: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """A verdict for each bureau and scale; frame of `STEERING`.

    Parameters
    ----------
    rows : `accountability.table`; only groups of a class or a grade are looked at.
    """
    told = []
    scales = rows["group"].str.partition(" ")[0]
    for scale in ("class", "grade"):
        own = rows[scales == scale]
        for bureau, part in own.groupby("bureau", sort=True):
            sized = part[part["firms"] > 0].sort_values("group")
            if len(sized) >= 2:
                told.append({"bureau": bureau, "scale": scale} | _judged(sized, level))
    frame = pd.DataFrame(told, columns=list(STEERING))
    last = frame.assign(last=frame["bureau"].eq(ALL).astype(int))
    last = last.sort_values(["scale", "last", "bureau"], ignore_index=True)
    return last[list(STEERING)]


def rising(visited: Ints | Reals, firms: Ints) -> float:
    """The chance of ratios that rise at least so much, if visits fell without regard to class.

    Cochran (1954), Armitage (1955), one-sided, on scores 0, 1, 2 …; 1 where nothing can rise.
    """
    score = np.arange(len(firms), dtype=np.float64)
    total, all_visited = int(firms.sum()), float(visited.sum())
    share = all_visited / total
    lift = float((score * (visited - firms * share)).sum())
    spread = float((score**2 * firms).sum() - (score * firms).sum() ** 2 / total)
    variance = share * (1 - share) * spread * total / max(1, total - 1)
    return 0.5 * math.erfc(lift / math.sqrt(2 * variance)) if variance > 0 else 1.0


def falling(visited: Sequence[int], firms: Sequence[int]) -> float:
    """The chance that the second of two groups has so few of their visits, if it made no odds."""
    from scipy.stats import hypergeom

    low, high = visited
    return float(hypergeom.cdf(high, sum(firms), firms[1], low + high))


def _judged(part: pd.DataFrame, level: float) -> dict[str, object]:
    visited = part["executed"].to_numpy(np.int64)
    firms = part["firms"].to_numpy(np.int64)
    letters = part["group"].str.partition(" ")[2].tolist()
    rise = rising(visited, firms)
    pairs = [
        (falling((visited[i], visited[j]), (firms[i], firms[j])), f"{letters[i]} > {letters[j]}")
        for i in range(len(firms))
        for j in range(i + 1, len(firms))
        if visited[i] * firms[j] > visited[j] * firms[i]
    ]
    most = len(firms) * (len(firms) - 1) / 2
    fall, where = min(pairs, default=(1.0, ""))
    fall = min(1.0, fall * most)
    could = rising(_doubling(visited, firms), firms)
    if fall <= level:
        verdict = "falls"
    elif rise <= level:
        verdict = "rises"
    else:
        verdict = "flat" if could <= level else "few"
    ratios = " ".join(f"{n} {v / f:.2%}" for n, v, f in zip(letters, visited, firms, strict=True))
    return {
        "verdict": verdict, "p_rise": rise, "p_fall": fall,
        "where": where if verdict == "falls" else "", "ratios": ratios,
    }  # fmt: skip


def _doubling(visited: Ints, firms: Ints) -> Reals:
    """The same number of visits at ratios that double with each class: could they be told apart?"""
    weight = firms * 2.0 ** np.arange(len(firms))
    made: Reals = np.minimum(firms, visited.sum() * weight / weight.sum())
    return made
