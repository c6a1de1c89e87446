"""Fairness: observed and expected problems, and the burden of visits, by groups of firms.

Ownership, size, county and industry are watched and never fitted. A group is harmed where its
firms are expected to have clearly more problems than visits by chance found: they would be
visited beyond their risk. Small groups are pooled, for nothing can be said of them alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.definition import ModelDefinition
from training.intervals import rate
from training.labelled import Labelled

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

FEWEST = 20
"""Expected problems a group must have among the draws to be told alone."""
OWNERSHIP = {"1": "company", "2": "branch", "3": "collective", "4": "partnership or sole",
             "5": "foreign", "6": "Hong Kong, Macao, Taiwan", "7": "foreign branch"}  # fmt: skip
"""Families of entity types, by their first digit."""
SIZES = (5, 20, 100)
"""Employees at which a firm is told as larger."""


def groups(
    data: Labelled, probability: Floats, rows: Mask, definition: ModelDefinition
) -> list[dict[str, Any]]:
    """A row for each group of each kind: draws, rates, expected to observed with limits, burden.

    `ratio` is expected over observed problems among the judged draws; `burden` the visits of any
    way a firm of the group had, by those that its share of expected problems explains.
    """
    told = []
    for kind, names in _kinds(data, definition).items():
        pooled = _pooled(names, probability, rows)
        for name in sorted(set(pooled[rows])):
            own = pooled == name
            judged = own & rows
            told.append({"kind": kind, "group": str(name)} | _group(data, probability, judged))
        burden = _burden(data, pooled, probability, rows)
        for row in told:
            if row["kind"] == kind:
                row["burden"] = burden.get(row["group"])
    return told


def _group(data: Labelled, probability: Floats, judged: Mask) -> dict[str, Any]:
    labels, weights = data.labels[judged], data.weights[judged]
    found = rate(labels, weights, data.firms[judged])
    expected = float(np.average(probability[judged], weights=weights))
    return {
        "n": found.n,
        "positives": found.positives,
        "expected": expected,
        "observed": found.rate,
        "ratio": expected / found.rate if found.rate else None,
        "low": expected / found.high,
        "high": expected / found.low if found.low else None,
    }


def _burden(data: Labelled, names: Names, probability: Floats, rows: Mask) -> dict[str, float]:
    """Share of all visits in the judged time by share of expected problems of all firms."""
    days = data.visits["visited_on"]
    since = days >= days[rows].min()
    visits = pd.Series(names[since]).value_counts(normalize=True)
    risk = pd.Series(probability[rows] * data.weights[rows]).groupby(names[rows]).sum()
    share = risk / risk.sum()
    return {str(name): float(visits.get(name, 0.0) / share[name]) for name in share.index}


def _kinds(data: Labelled, definition: ModelDefinition) -> dict[str, Names]:
    """The group of every visit by each kind."""
    visits = data.visits
    told = {
        "ownership": visits["entity_type"].str[:1].map(OWNERSHIP).fillna("unknown"),
        "county": visits["division"].fillna("unknown"),
        "industry": visits["industry"].str[:1].fillna("unknown"),
    }
    named = {kind: names.to_numpy(np.str_) for kind, names in told.items()}
    for indicator in definition.catalogue.indicators:
        if (indicator.measure, indicator.column) == ("latest", "employees"):
            named["size"] = _size(data.indicators[indicator.id])
            break
    return named


def _size(employees: pd.Series) -> Names:
    words = np.array([f"up to {SIZES[0]}", *(f"over {size}" for size in SIZES)])
    place = np.searchsorted(SIZES, employees.fillna(0), side="left")
    return np.where(employees.isna(), "unknown", words[place]).astype(np.str_)


def _pooled(names: Names, probability: Floats, rows: Mask) -> Names:
    expected = pd.Series(probability[rows]).groupby(names[rows]).sum()
    large = set(expected.index[expected >= FEWEST])
    return np.array([name if name in large else "others" for name in names], np.str_)
