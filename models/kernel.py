"""Exact contributions of each indicator to a model's log-odds.

Path-dependent Shapley values (Lundberg et al. 2020, algorithm 2) as LightGBM computes them:
the base rate is that of the inspected firms the model was fitted on.
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def contributions(booster: lgb.Booster, values: Floats) -> tuple[Floats, float]:
    """Contributions and base of each row.

    Parameters
    ----------
    values : indicators, shape (n, k), NaN where unknown.

    Returns
    -------
    contributions of shape (n, k) in log-odds, and the base in log-odds; a row's contributions
    and the base add up to its raw score within 1e-5.
    """
    both = np.asarray(booster.predict(values, pred_contrib=True), dtype=np.float64)
    base = float(both[0, -1]) if len(both) else 0.0
    return both[:, :-1], base
