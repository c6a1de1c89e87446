"""Fairness: problems observed and expected, classes and visits, by groups of firms.

Ownership, size, county and industry are watched and never fitted. A group is harmed where its
firms are expected to have clearly more problems than visits by chance found: they would be
visited beyond their risk. Small groups are pooled, for nothing can be said of them alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)

from models import groups as watched
from models.definition import ModelDefinition
from models.policy import CLASSES
from training.intervals import Rate, rate
from training.labelled import Labelled

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

FEWEST = 20
"""Expected problems a group must have among the draws to be told alone."""
RATES = {
    "selected": selection_rate,
    "caught": true_positive_rate,
    "false_alarms": false_positive_rate,
}
"""What being classed C or D, and so looked at more, means for a group."""


def groups(
    data: Labelled, probability: Floats, level: Index, rows: Mask, definition: ModelDefinition
) -> list[dict[str, Any]]:
    """A row for each group of each kind: draws, rates, calibration, classes, burden.

    Parameters
    ----------
    probability : of every visit. level : model classes of the judged draws `rows`, 0–3.

    Returns
    -------
    rows of `observed` and `expected` problems, their `ratio` with limits `low` and `high`; shares
    of `A` to `D` and `selected`, those of C and D; `caught`, the part of problems among the
    selected, and `false_alarms`, the part of clean draws among them; `burden`, the share of visits
    of any way that the group had, by the share of expected problems that explains it. Weighted.
    """
    told = []
    for kind, names in _kinds(data, definition).items():
        pooled = _pooled(names, probability, rows)
        burden = _burden(data, pooled, probability, rows)
        for group, found in _by_group(data, probability, level, pooled, rows).iterrows():
            row = {"kind": kind, "group": str(group)} | _row(found)
            told.append(row | {"burden": burden.get(str(group))})
    return told


def gaps(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each kind, how far apart its groups are in what the classes do to them."""
    told = []
    for kind in dict.fromkeys(row["kind"] for row in groups):
        own = pd.DataFrame([row for row in groups if row["kind"] == kind])
        apart = {name: float(own[name].max() - own[name].min()) for name in RATES}
        told.append({"kind": kind, "groups": len(own)} | apart)
    return told


def _by_group(
    data: Labelled, probability: Floats, level: Index, names: Names, rows: Mask
) -> pd.DataFrame:
    """The metrics of every group of the judged draws."""
    weighted = {"sample_weight": data.weights[rows]}
    frame = MetricFrame(
        metrics={"found": _found, "expected": _expected, "classes": _shares, **RATES},
        y_true=data.labels[rows],
        y_pred=(level >= CLASSES.index("C")).astype(np.int64),
        sensitive_features=names[rows],
        sample_params={
            "found": weighted | {"firms": data.firms[rows]},
            "expected": weighted | {"probability": probability[rows]},
            "classes": weighted | {"level": level},
            **dict.fromkeys(RATES, weighted),
        },
    )
    told: pd.DataFrame = frame.by_group
    return told


def _row(group: pd.Series) -> dict[str, Any]:
    found: Rate = group["found"]
    expected = float(group["expected"])
    return {
        "n": found.n,
        "positives": found.positives,
        "expected": expected,
        "observed": found.rate,
        "ratio": expected / found.rate if found.rate else None,
        "low": expected / found.high,
        "high": expected / found.low if found.low else None,
        **group["classes"],
        **{name: float(group[name]) for name in RATES},
    }


def _found(labels: Floats, _: Index, sample_weight: Floats, firms: Index) -> Rate:
    return rate(labels, sample_weight, firms)


def _expected(_: Floats, __: Index, sample_weight: Floats, probability: Floats) -> float:
    return float(np.average(probability, weights=sample_weight))


def _shares(_: Floats, __: Index, sample_weight: Floats, level: Index) -> dict[str, float]:
    held = np.bincount(level, sample_weight, len(CLASSES)) / sample_weight.sum()
    return dict(zip(CLASSES, held.tolist(), strict=True))


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
        "ownership": watched.ownership(visits["entity_type"]),
        "county": visits["division"].fillna(watched.UNKNOWN),
        "industry": watched.industry(visits["industry"]),
    }
    named = {kind: names.to_numpy(np.str_) for kind, names in told.items()}
    if (staff := watched.employees(definition.catalogue)) is not None:
        named["size"] = watched.size(data.indicators[staff]).to_numpy(np.str_)
    return named


def _pooled(names: Names, probability: Floats, rows: Mask) -> Names:
    expected = pd.Series(probability[rows]).groupby(names[rows]).sum()
    large = set(expected.index[expected >= FEWEST])
    return np.array([name if name in large else "others" for name in names], np.str_)
