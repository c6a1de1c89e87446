"""What a plan's year would weigh on each group of firms, and how exactly it would tell its rate.

Burden is a firm's expected visits, summed over its group. Precision is half the width of the 95 %
interval that would be had if the firms' probabilities are true: of the slice by its expected
visits in the group, N_c s, drawn evenly without putting back; of all visits measured alike by the
linearised variance of Hájek's estimator,

    V_c = Σ (1 - π_i) / π_i  [p_i (1 - p_c)² + (1 - p_i) p_c²] / N_c²

as if each firm were drawn by itself, which is a little more than strata leave. Both speak for the
firms that have a chance of such a visit: without a slice, those that the plan may meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from supervision.estimates.intervals import Floats, mid_p
from supervision.estimates.sample import Index, Mask

BURDEN = ("by", "group", "firms", "visits", "visits_per_100", "problems_per_100", "for_its_risk")
PRECISION = (
    "by", "group", "firms", "rate", "slice_visits", "slice_half", "alike_visits", "alike_half",
)  # fmt: skip
ALL, UNKNOWN = "all", "unknown"


@dataclass(frozen=True)
class Chances:
    """Expected visits of each firm in a year, shape (firms,): blind ones, all, and those alike."""

    blind: Floats
    visits: Floats
    alike: Floats


def burden(firms: pd.DataFrame, visits: Floats, by: Iterable[str]) -> pd.DataFrame:
    """Visits by group of firms.

    Returns
    -------
    Columns `BURDEN`, a row for all and for each group: expected `visits` and per 100 firms;
    `problems_per_100`, what the model expects there; `for_its_risk`, the group's share of the
    visits by its share of the problems: 1 where the burden is what the risk explains.
    """
    p = firms["probability"].to_numpy(float)
    rows = []
    for column, group, code, names in _groups(firms, by):
        count = np.bincount(code, minlength=len(names))
        load, risk = (np.bincount(code, each, len(names)) for each in (visits, p))
        rows.append(pd.DataFrame({
            "by": column, "group": group, "firms": count, "visits": load,
            "visits_per_100": 100 * load / count, "problems_per_100": 100 * risk / count,
            "for_its_risk": _ratio(load / max(visits.sum(), 1e-300), risk / max(p.sum(), 1e-300)),
        }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)[list(BURDEN)]


def precision(firms: pd.DataFrame, chances: Chances, by: Iterable[str]) -> pd.DataFrame:
    """Expected half widths of the problem rate's interval, by group.

    Returns
    -------
    Columns `PRECISION`: `firms` with a chance of a visit measured alike, whom the rest is about;
    their `rate` by the model; the year's expected visits of the slice and of all measured alike,
    and the half widths they would leave; 0.5 where there is nearly nothing. A group in which
    nobody has a chance has no row.
    """
    spoken = chances.alike > 0
    if not spoken.any():
        return pd.DataFrame(columns=list(PRECISION))
    firms, blind, alike = firms[spoken], chances.blind[spoken], chances.alike[spoken]
    p = firms["probability"].to_numpy(float)
    odds = np.maximum(1 - alike, 0) / alike
    rows = []
    for column, group, code, names in _groups(firms, by):
        count = np.bincount(code, minlength=len(names))
        rate = np.bincount(code, p, len(names)) / count
        mine = rate[code]
        noise = np.bincount(code, odds * (p * (1 - mine) ** 2 + (1 - p) * mine**2), len(names))
        sliced, told = (
            np.bincount(code, each, len(names)).astype(np.float64) for each in (blind, alike)
        )
        slice_size = _over(sliced, np.maximum(1 - sliced / count, 0))
        size = _over(rate * (1 - rate) * count**2.0, noise.astype(np.float64))
        rows.append(pd.DataFrame({
            "by": column, "group": group, "firms": count, "rate": rate,
            "slice_visits": sliced, "slice_half": _half(rate, slice_size),
            "alike_visits": told, "alike_half": _half(rate, np.maximum(size, slice_size)),
        }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)[list(PRECISION)]


def _half(rate: Floats, size: Floats) -> Floats:
    low, high = mid_p(rate, size, 0)
    half: Floats = (high - low) / 2
    return half


def _groups(firms: pd.DataFrame, by: Iterable[str]) -> Iterator[tuple[str, Any, Index, list[str]]]:
    yield ALL, ALL, np.zeros(len(firms), dtype=np.int64), [ALL]
    for column in by:
        codes, names = pd.factorize(firms[column], sort=True)
        told = [str(name) for name in names]
        if (codes < 0).any():
            codes, told = np.where(codes < 0, len(told), codes), [*told, UNKNOWN]
        yield column, told, codes.astype(np.int64), told


def _ratio(one: Floats, other: Floats) -> Floats:
    ratio: Floats = np.divide(one, other, out=np.full(len(one), np.nan), where=other > 0)
    return ratio


def _over(size: Floats, by: Floats) -> Floats:
    """size / by, infinite where everybody is seen and 0 where nobody is."""
    whole: Mask = by <= 0
    told = np.divide(size, by, out=np.zeros(len(size)), where=~whole)
    over: Floats = np.where(whole & (size > 0), np.inf, told)
    return over
