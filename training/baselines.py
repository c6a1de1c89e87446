"""Baselines: simpler ways to tell risk, that a model must beat to be worth its trouble."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.definition import ModelDefinition
from training.fit import Binned
from training.splits import Split

Floats = npt.NDArray[np.float64]

MACHINE = {
    "interactions": 0,
    "max_bins": 32,
    "outer_bags": 4,
    "learning_rate": 0.1,
    "smoothing_rounds": 20,
    "max_rounds": 500,
    "early_stopping_rounds": 10,
    "early_stopping_tolerance": 1e-4,
    "n_jobs": 1,
}
"""Of the Explainable Boosting Machine: its own defaults take twenty times as long."""
MOST = 20_000
"""It learns from a random part of the visits where they are more: its time grows with them."""


def prior_failure(indicators: pd.DataFrame, definition: ModelDefinition) -> Floats | None:
    """Rule: risky is who was found wanting in the last three years, the more so the more often.

    Sums the catalogue's counts of inspection results; null where it has none.
    """
    names = [
        one.id
        for one in definition.catalogue.indicators
        if (one.table, one.measure, one.monotone) == ("inspections", "distinct", 1)
    ]
    if not names:
        return None
    return indicators[names].fillna(0).sum(axis=1).to_numpy(np.float64)


def logistic_regression(binned: Binned, parts: list[Split]) -> Floats:
    """Ridge logistic regression on the same indicators: log-odds of held-out visits.

    Values are ranked into logarithms of their size, unknown ones set to the mean and told apart.
    """
    x = np.sign(binned.values) * np.log1p(np.abs(binned.values))
    unknown = np.isnan(x)
    told = unknown.any(axis=0)
    raw = np.full(len(x), np.nan)
    for part in parts:
        given = ~unknown[part.fit]
        mean = np.where(given, x[part.fit], 0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
        filled = np.hstack([np.where(unknown, mean, x), unknown[:, told]])
        scaler = StandardScaler().fit(filled[part.fit])
        model = LogisticRegression(C=0.01, max_iter=500)
        model.fit(scaler.transform(filled[part.fit]), binned.labels[part.fit])
        raw[part.held_out] = model.decision_function(scaler.transform(filled[part.held_out]))
    return raw


def boosting_machine(binned: Binned, parts: list[Split], seed: int) -> Floats:
    """Explainable Boosting Machine on the same indicators: log-odds of held-out visits.

    A sum of one curve for each indicator (Lou, Caruana and Gehrke 2012; Nori et al. 2019), monotone
    where the catalogue says so; fitted to at most MOST visits.

    Raises
    ------
    ModuleNotFoundError : interpret-core is not installed.
    """
    from interpret.glassbox import ExplainableBoostingClassifier

    x = binned.values
    raw = np.full(len(x), np.nan)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xEB3]))
    for part in parts:
        rows = np.sort(rng.permutation(np.flatnonzero(part.fit))[:MOST])
        known = ~np.isnan(x[rows]).all(axis=0)  # a column of nothing cannot be binned
        model = ExplainableBoostingClassifier(
            feature_types=["continuous"] * int(known.sum()),
            monotone_constraints=np.array(binned.monotone)[known].tolist(),
            random_state=seed,
            **MACHINE,
        )
        with warnings.catch_warnings():
            # of its plots, which are not drawn here
            warnings.filterwarnings("ignore", "Missing values detected")
            model.fit(x[rows][:, known], binned.labels[rows])
            raw[part.held_out] = model.decision_function(x[part.held_out][:, known])
    return raw
