"""The problem rate of all firms, as one month's visits tell it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.intervals import Rate, rate


def estimates(drawn: pd.DataFrame, chosen: pd.DataFrame) -> dict[str, float]:
    """Rates and limits of a month: of Xinfen's slice, of all its draws, of the greedy visits."""
    told = {
        "slice": hajek(drawn[drawn["drawn_by"] == "slice"], even=True),
        "xinfen": hajek(drawn),
        "greedy": hajek(chosen, even=True),
    }
    return {
        f"{end} {name}": float(getattr(one, end))
        for name, one in told.items()
        for end in ("rate", "low", "high")
    }


def hajek(visits: pd.DataFrame, *, even: bool = False) -> Rate:
    """The rate of visits with a result, weighted by their `chance` unless they are `even`."""
    own = visits[visits["problem"].notna()]
    weights = np.ones(len(own)) if even else 1 / own["chance"].to_numpy(np.float64)
    codes = pd.factorize(own["entity_id"])[0].astype(np.int64)
    return rate(own["problem"].to_numpy(np.float64), weights, codes)
