"""What the classes hold and show: observed rates, the public grade beside, ties and capacity.

Two kinds of class are told apart: the model's own, and the final one that the policy's ladder
leaves (without memory of earlier months: each draw is a firm seen for the first time).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.policy import CLASSES, Policy
from training.intervals import Rate, rate

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

FIRST = (0.01, 0.03, 0.05, 0.1, 0.2)
"""Shares of all firms that a bureau may be able to visit."""


def final_levels(policy: Policy, indicators: pd.DataFrame, raw: Floats, cuts: Floats) -> Index:
    """0–3 for the final class of firms seen for the first time, shape (n,).

    `indicators` hold those that the policy asks for, and `public_grade`.
    """
    asked = [*dict.fromkeys(policy.indicators()), "public_grade"]
    firms = indicators[asked].assign(raw=raw, previous_class=None, held_months=None)
    decided = policy.decide(firms, cuts)["final_class"]
    return np.asarray(decided.map(CLASSES.index), np.int64)


def observed(
    level: Index, probability: Floats, labels: Floats, weights: Floats, firms: Index
) -> list[dict[str, Any]]:
    """Each class's observed problem rate with its interval, and what was expected of it."""
    rows = []
    for number, name in enumerate(CLASSES):
        own = level == number
        found = rate(labels[own], weights[own], firms[own])
        expected = float(np.average(probability[own], weights=weights[own])) if own.any() else None
        share = float(weights[own].sum() / weights.sum())
        rows.append({"class": name, "share": share, "expected": expected} | found.plain())
    return rows


def ordered(rows: list[dict[str, Any]]) -> bool:
    """Whether no class shows clearly fewer problems than one below it.

    A class that few draws speak of proves nothing: only where the upper limit of the higher class
    lies below the lower one's rate are they out of order.
    """
    known = [row for row in rows if row["rate"] is not None]
    return all(high["high"] >= low["rate"] for low, high in pairwise(known))


def beside_grade(level: Index, grades: pd.Series, weights: Floats) -> dict[str, Any]:
    """Share of firms by class and public grade's class, and how far the two agree.

    Weighted kappa (Cohen 1968, quadratic weights): 1 is the same class always, 0 what chance
    would give. `grades` are classes A–D by the bridge, null where there is no grade.
    """
    bridged = grades.map({name: place for place, name in enumerate(CLASSES)})
    given = bridged.notna().to_numpy()
    table = np.zeros((4, 4))
    np.add.at(table, (level[given], bridged[given].to_numpy(np.int64)), weights[given])
    if not table.sum():
        return {"table": None, "kappa": None}
    table /= table.sum()
    apart = (np.arange(4)[:, None] - np.arange(4)) ** 2
    by_chance = table.sum(1)[:, None] * table.sum(0)
    expected = float((apart * by_chance).sum())
    kappa = 1 - float((apart * table).sum()) / expected if expected else None
    return {"table": table.tolist(), "kappa": kappa}


def at_capacity(raw: Floats, labels: Floats, weights: Floats) -> list[dict[str, Any]]:
    """How many problems the riskiest firms hold: precision, recall and lift by share visited.

    Firms of equal score may fall on either side of the line; `least` and `most` are the recall if
    luck is worst and best, `recall` its expected value. `draws` are the labelled rows above it.
    """
    order = np.argsort(-raw, kind="stable")
    at = np.flatnonzero(np.concatenate([[True], np.diff(raw[order]) < 0]))
    mass = np.add.reduceat(weights[order], at)
    found = np.add.reduceat((weights * labels)[order], at)
    rows = np.add.reduceat(np.ones(len(raw)), at)
    return [_up_to(share, mass, found, rows) for share in FIRST]


def _up_to(share: float, mass: Floats, found: Floats, rows: Floats) -> dict[str, Any]:
    room, problems = share * mass.sum(), found.sum()
    over = int(np.searchsorted(np.cumsum(mass), room, side="left"))
    over = min(over, len(mass) - 1)
    before, inside = mass[:over].sum(), found[:over].sum()
    left = room - before  # what of the tied group on the line still fits
    expected = inside + found[over] * left / mass[over]
    least = inside + max(0.0, left - (mass[over] - found[over]))
    most = inside + min(left, found[over])
    recall = float(expected / problems)
    return {
        "share": share,
        "draws": float(rows[:over].sum() + rows[over] * left / mass[over]),
        "precision": float(expected / room),
        "recall": recall,
        "least": float(least / problems),
        "most": float(most / problems),
        "lift": recall / share,
    }


def reliability(
    probability: Floats, labels: Floats, weights: Floats, firms: Index, bins: int = 10
) -> list[dict[str, Any]]:
    """Predicted and observed rates over bins of equal weight, each with its interval."""
    order = np.argsort(probability, kind="stable")
    place = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    bin_ = np.minimum((place * bins).astype(np.int64), bins - 1)
    told = []
    for number in range(bins):
        own = order[bin_ == number]
        if len(own):
            found: Rate = rate(labels[own], weights[own], firms[own])
            expected = float(np.average(probability[own], weights=weights[own]))
            told.append({"expected": expected, **found.plain()})
    return told
