"""Fit: LightGBM, binary, monotone where the catalogue says so, the same bits for the same seed."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from models.definition import ModelDefinition
from models.settings import Fit

Floats = npt.NDArray[np.float64]


def parameters(fit: Fit, monotone: list[int], seed: int) -> dict[str, Any]:
    """LightGBM's parameters; everything that could make two runs differ is pinned."""
    return {
        "objective": "binary",
        "learning_rate": fit.learning_rate,
        "num_leaves": fit.num_leaves,
        "max_depth": fit.max_depth,
        "min_child_samples": fit.min_child_samples,
        "lambda_l2": fit.lambda_l2,
        "feature_fraction": fit.feature_fraction,
        "monotone_constraints": monotone,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        # Two threads of OpenMP wait for each other in a spin: on a busy machine many times slower.
        "num_threads": 1,
        "verbosity": -1,
    }


def fit(
    values: Floats,
    labels: Floats,
    definition: ModelDefinition,
    seed: int,
    settings: Fit | None = None,
) -> str:
    """Fit a booster and return LightGBM's text of it.

    Parameters
    ----------
    values : fitted indicators, shape (n, k), NaN where unknown.
    labels : 0.0 or 1.0, shape (n,).
    settings : instead of the definition's own, while tuning.
    """
    settings = settings or definition.fit
    monotone = [definition.catalogue[name].monotone for name in definition.fitted]
    names = [name.replace("-", "_") for name in definition.fitted]
    data = lgb.Dataset(values, labels, feature_name=names)
    booster = lgb.train(parameters(settings, monotone, seed), data, settings.rounds)
    return str(booster.model_to_string())


def raw_scores(text: str, values: Floats) -> Floats:
    """Raw log-odds of a booster given as text, shape (n,)."""
    return np.asarray(lgb.Booster(model_str=text).predict(values, raw_score=True), np.float64)
