"""Baselines: simpler ways to tell risk, that a model must beat to be worth its trouble."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.definition import ModelDefinition
from training.fit import Binned
from training.splits import Split

Floats = npt.NDArray[np.float64]


def prior_failure(indicators: pd.DataFrame, definition: ModelDefinition) -> Floats | None:
    """Rule: risky is who was found wanting in the last three years, the more so the more often.

    Sums the catalogue's counts of inspection results; null where it has none.
    """
    names = [
        one.id
        for one in definition.catalogue.indicators
        if (one.table, one.measure, one.monotone) == ("inspections", "distinct", 1)
    ]
    return _sum(indicators, names)


def province_rule(indicators: pd.DataFrame, definition: ModelDefinition) -> Floats | None:
    """Rule of a province (Tianjin, as published): by penalties and fines, or a judgment defaulter.

    0 none, 1 warned (below 5 penalties and 100,000 yuan), 2 dishonest (5 to 10, or 100,000 to
    500,000), 3 serious (more, or a judgment defaulter). Null where the catalogue lacks them.
    """

    def of(table: str, measure: str, **where: str) -> Floats | None:
        names = [
            one.id
            for one in definition.catalogue.indicators
            if (one.table, one.measure) == (table, measure)
            and all(c in one.where and one.where[c].among == (v,) for c, v in where.items())
        ]
        return _sum(indicators, names)

    count, fines = of("penalties", "count"), of("penalties", "sum")
    defaulter = of("court_records", "any", kind="defaulter")
    if count is None:
        return None
    yuan = np.zeros(len(count)) if fines is None else fines / 100
    level = np.where(count > 0, 1.0, 0.0)
    level = np.where((count >= 5) | (yuan > 100_000), 2.0, level)
    level = np.where((count > 10) | (yuan > 500_000), 3.0, level)
    return level if defaulter is None else np.where(defaulter > 0, 3.0, level)


def ridge(binned: Binned, parts: list[Split]) -> Floats:
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


def _sum(indicators: pd.DataFrame, names: list[str]) -> Floats | None:
    if not names:
        return None
    return indicators[names].fillna(0).sum(axis=1).to_numpy(np.float64)
