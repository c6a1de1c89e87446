"""The problem rate of all firms, as visits tell it: of one month, and of all months together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from supervision import estimate, sample
from training.intervals import Rate, rate


def estimates(frame: pd.DataFrame, drawn: pd.DataFrame, chosen: pd.DataFrame) -> dict[str, float]:
    """Rates and limits of a month: of Xinfen's slice, of all its draws, of the greedy visits.

    Parameters
    ----------
    frame : the month's draw; every plan visit of it is on site with as many items as the slice.
    drawn, chosen : the visits of Xinfen and of the greedy policy, with `problem`.
    """
    told = frame.assign(alike_share=1.0)
    visits = drawn[["entity_id", "drawn_by"]].assign(
        state="visited", label=drawn["problem"], alike=True
    )
    rates = {
        name: estimate.table(sample.of(told, visits, basis)).iloc[0]
        for name, basis in (("slice", sample.SLICE), ("xinfen", sample.ALIKE))
    }
    naive = even(chosen)
    rates["greedy"] = pd.Series({"rate": naive.rate, "low": naive.low, "high": naive.high})
    return {
        f"{end} {name}": float(one[end])
        for name, one in rates.items()
        for end in ("rate", "low", "high")
    }


def even(visits: pd.DataFrame) -> Rate:
    """The share of visits with a result that found a problem; firms as units."""
    return _hajek(visits, np.ones(len(visits)))


def weighted(visits: pd.DataFrame) -> Rate:
    """The same, each visit weighted by 1 / `chance`."""
    return _hajek(visits, 1 / visits["chance"].to_numpy(np.float64))


def _hajek(visits: pd.DataFrame, weights: np.ndarray) -> Rate:
    told = visits["problem"].notna().to_numpy()
    codes = pd.factorize(visits.loc[told, "entity_id"])[0].astype(np.int64)
    return rate(visits.loc[told, "problem"].to_numpy(np.float64), weights[told], codes)
