"""The problem rate of all firms, and of groups of them, from the firms a plan drew by chance.

Hájek's estimator Σwy / Σw over the firms that were measured alike, w = 1 / chance of being drawn
and answering. Three bases:

    slice               the blind slice: on site, the fixed basket, the pair knew no class
    slice+plan alike    with it every plan visit that was to be on site with the same basket
    plan alike          these alone, of a plan without a slice: no blind visit to hold them against

The variance follows the draw: S slice firms by chance from all N, then m_h of the E_h eligible
firms of a stratum that are not among them, of which a share q_h is to be measured alike. With
e = w (y - rate) / Σw, zero outside the group, and S² the variances of e,

    V = S (1 - s) S²  +  Σ_h m_h [ (1 - p_h - 2 s) S²_h + (1 - q_h) ē_h² ]

because a slice of all covaries with the plan of a stratum by -s m_h S²_h (docs/estimates.md).
That the slice is spread over bureaus in proportion only makes it less; that is left out.
The limits are Korn and Graubard's at the effective size rate (1 - rate) / V, moved outwards to
whole firms, for the true rate is a whole number of firms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supervision.estimates.intervals import LEVEL, Floats, mid_p
from supervision.estimates.sample import Index, Mask, Sample

ALL = "all"
TRUSTED = 10
"""Problems (or clean visits, if fewer) at which half of what strata gain is believed."""
ROW = (
    "by", "group", "firms", "drawn", "measured", "problems", "left", "missing",
    "rate", "low", "high", "if_clean", "if_problem", "effective",
)  # fmt: skip
"""The columns of `table`; see there."""


def table(sample: Sample, by: Iterable[str] = (), level: float = LEVEL) -> pd.DataFrame:
    """The problem rate over all firms and in every group of the columns `by`.

    Parameters
    ----------
    sample : `sample.of` a frame and its visits.
    by : columns of the frame, such as ``risk_class`` and ``county``; a firm whose value is null
        is in no group of that column.

    Returns
    -------
    A row for all and for each group, columns `ROW`: `firms` of the frame; `drawn` ones on this
    basis, of which `measured` (a label), `left` (found closed or moved: outside the rate) and
    `missing` (no label yet, or never); `rate` with limits `low` and `high`, taking the missing
    as alike the measured of their stratum; `if_clean` and `if_problem`, the rate if none or all
    of the missing had a problem; `effective`, the visits drawn evenly that would tell as much. A
    group where nothing was measured has a null rate, limits 0 and 1.
    """
    rows = [_row(sample, ALL, ALL, np.ones(len(sample.row), bool), len(sample.firms))]
    for column in by:
        codes, names = pd.factorize(sample.firms[column], sort=True)
        sizes = np.bincount(codes[codes >= 0], minlength=len(names))
        told = codes[sample.row]
        rows += [
            _row(sample, column, str(name), told == code, int(sizes[code]))
            for code, name in enumerate(names)
        ]
    found = pd.DataFrame(rows)
    ends = mid_p(found["rate"], found["effective"], found.pop("freedom"), level)
    found["low"], found["high"] = _whole(ends.low, ends.high, found)
    return found[list(ROW)]


def _row(sample: Sample, by: str, group: str, inside: Mask, firms: int) -> dict[str, Any]:
    """Everything of a group but its limits, which all groups get at once."""
    measured = inside & sample.measured
    missing, left = inside & sample.missing, inside & sample.left
    y, w = sample.label[measured], sample.weight[measured]
    rate = float((w * y).sum() / w.sum()) if len(y) else np.nan
    size, freedom = _effective(sample, measured, rate, firms) if len(y) else (0.0, 0.0)
    found, lost = sample.base[measured] @ y, float(sample.base[missing].sum())
    whole = float(sample.base[measured].sum()) + lost
    return {
        "by": by, "group": group, "firms": firms, "drawn": int(inside.sum()),
        "measured": len(y), "problems": int(y.sum()),
        "left": int(left.sum()), "missing": int(missing.sum()),
        "rate": rate, "effective": size, "freedom": freedom,
        "once": len(np.unique(sample.row[measured])) == len(y),
        "if_clean": found / whole if whole else np.nan,
        "if_problem": (found + lost) / whole if whole else np.nan,
    }  # fmt: skip


def _effective(sample: Sample, measured: Mask, rate: float, firms: int) -> tuple[float, float]:
    """Effective size and degrees of freedom (0: the count itself tells the variance).

    That strata make it more than as many visits drawn evenly is believed only as far as there
    are problems to tell it. Degrees of freedom are Satterthwaite's for firms of equal variance
    (Bell and McCaffrey 2002): a few firms of a large weight are what mostly tells the variance.
    A rate of 0 or 1 has none of its own; there the weights alone count (Kish 1965).
    """
    w, n = sample.weight[measured], int(measured.sum())
    seen = len(np.unique(sample.row[measured]))  # of several draws, a firm may be seen twice
    unseen = max(0.0, 1 - seen / firms)
    most = n / unseen if unseen else np.inf
    if not 0 < rate < 1:
        kish = float(w.sum() ** 2 / (w**2).sum())
        return min(most, kish / unseen if unseen else np.inf), 0.0
    part = np.where(measured, sample.weight, 0.0) / w.sum()
    variance = _variance(sample, part * (np.nan_to_num(sample.label) - rate), part)
    size = rate * (1 - rate) / variance if variance > 0 else np.inf
    size *= n / max(n - 1, 1)  # against the variance of n even draws as it would be estimated
    if size < most * (1 - 1e-9):
        return size, float((w**2).sum() ** 2 / (w**4).sum()) - 1
    fewer = min(sample.label[measured].sum(), n - sample.label[measured].sum())
    gain = min(size, 2 * most) - most if unseen else 0.0
    return most + gain * float(fewer / (fewer + TRUSTED)), 0.0


def _variance(sample: Sample, e: Floats, part: Floats) -> float:
    """V of this module, from the rows that answered (`measured` and `left`).

    `part` is a firm's share of the weight behind the rate, by which it pulls the rate to itself
    and looks nearer to it than it is.
    """
    told = sample.measured | sample.left
    e, part, w, cell = e[told], part[told], sample.weight[told], sample.cell[told]
    blind = sample.blind[told]
    if len(e) < 2:
        return float(e @ e)
    freed = e**2 / (1 - part)
    spread = float(w @ freed / w.sum() - (w @ e / w.sum()) ** 2)
    variance = float(blind.sum()) * (1 - sample.slice_chance) * spread
    if blind.all():
        return variance
    near, mean = _by_cell(e, cell, sample.eligible[told])
    rest = np.clip(1 - sample.plan_chance[told] - 2 * sample.slice_chance, 0, 1)
    each = rest * near[cell] + (1 - sample.share[told]) * mean[cell] ** 2
    return variance + float(each[~blind].sum())


def _by_cell(e: Floats, cell: Index, eligible: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Variance and mean of e among the eligible of each cell; one alone varies by itself."""
    count = np.bincount(cell[eligible], minlength=int(cell.max()) + 1)
    at_least = np.maximum(count, 1)
    mean = np.bincount(cell[eligible], e[eligible], len(count)) / at_least
    square = np.bincount(cell[eligible], e[eligible] ** 2, len(count))
    around = (square - count * mean**2) / np.maximum(count - 1, 1)
    return np.where(count > 1, np.maximum(around, 0), square), np.where(count > 1, mean, 0.0)


def _whole(low: Floats, high: Floats, found: pd.DataFrame) -> tuple[Floats, Floats]:
    """Limits moved outwards to whole firms, and inside what the visits themselves settle.

    Where firms were found to have left, how many remain is not known, and where one was measured
    twice, what it settles is not: there limits stay as they are.
    """
    firms = np.maximum(found["firms"].to_numpy(float), 1.0)
    problems = found["problems"].to_numpy(float)
    clean = found["measured"].to_numpy(float) - problems
    least = np.maximum(np.floor(low * firms + 1e-9), problems) / firms
    most = np.minimum(np.ceil(high * firms - 1e-9), firms - clean) / firms
    all_there = ((found["left"] == 0) & found["once"]).to_numpy(bool)
    rate = found["rate"].fillna(0.5).to_numpy(float)  # weights may leave it outside in tiny groups
    least, most = np.minimum(least, rate), np.maximum(most, rate)
    return np.where(all_there, least, low), np.where(all_there, most, high)
