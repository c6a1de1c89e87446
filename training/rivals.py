"""Rivals: what a baseline says of the judged draws, calibrated on the draws before them.

The base rate, the public score, rules and fits all go the same way: a score of every visit, a
straight line from it to log-odds learned on earlier draws, and the skill of the model over it.
A baseline that cannot be judged is told with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.definition import ModelDefinition
from models.points import PointsRule
from training import baselines, evaluate, labelled
from training.curves import lines
from training.equate import FEWEST
from training.evaluate import Figures
from training.labelled import Labelled
from training.splits import Split

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rival:
    """Another way to tell risk.

    `raw` is its score of every visit, higher being riskier, NaN where it says nothing; null
    where it could not be had, and `why` says so. `kind`: record, rule or fit; `source`: of a rule,
    where it comes from.
    """

    name: str
    kind: str
    raw: Floats | None
    source: str = ""
    title: Mapping[str, str] | None = None
    why: str = ""


def rivals(
    data: Labelled,
    definition: ModelDefinition,
    parts: list[Split],
    rules: Sequence[PointsRule],
    thorough: bool,
    seed: int,
) -> list[Rival]:
    """Every baseline's score of every visit; what is slow only in a thorough run."""
    score = -(labelled.scores(data.indicators, definition) - 730) / 100
    told = [
        Rival("base_rate", "record", np.zeros(len(data.labels))),
        Rival("public_score", "record", score),
        Rival("prior_failure", "rule", baselines.prior_failure(data.indicators, definition), "ours",
              why="the catalogue counts no results of inspections"),
        *(_rule(rule, data, definition) for rule in rules),
        Rival("logistic_regression", "fit", baselines.logistic_regression(data.binned, parts)),
    ]  # fmt: skip
    return [*told, _machine(data, parts, seed)] if thorough else told


def _rule(rule: PointsRule, data: Labelled, definition: ModelDefinition) -> Rival:
    name, title = f"rule_{rule.name}", rule.title.model_dump()
    if why := rule.lacking(definition.catalogue):
        return Rival(name, "rule", None, rule.source, title, why)
    scored = rule.score(data.indicators, definition.catalogue)
    return Rival(name, "rule", scored.standing, rule.source, title)


def _machine(data: Labelled, parts: list[Split], seed: int) -> Rival:
    name = "explainable_boosting_machine"
    try:
        return Rival(name, "fit", baselines.boosting_machine(data.binned, parts, seed))
    except ModuleNotFoundError:
        why = "interpret-core is not installed: pip install 'xinfen[baselines]'"
        return Rival(name, "fit", None, why=why)


def calibrated(
    data: Labelled, offered: Sequence[Rival], earlier: Mask, rows: Mask
) -> tuple[dict[str, Floats], dict[str, str]]:
    """Probabilities of the judged draws, learned on earlier ones; and why others have none."""
    labels, weights = data.labels[earlier], data.weights[earlier]
    base = float(np.average(labels, weights=weights))
    told, left_out = {}, {}
    for rival in offered:
        if rival.name == "base_rate":
            told[rival.name] = np.full(int(rows.sum()), base)
            continue
        if rival.raw is None:
            left_out[rival.name] = rival.why
            continue
        x = rival.raw
        given = earlier & ~np.isnan(x)
        if given.sum() < FEWEST:
            left_out[rival.name] = (
                f"it speaks of {given.sum()} of {earlier.sum()} earlier draws; {FEWEST} are needed"
            )
            continue
        intercept, slope = lines(x[given], data.labels[given], data.weights[given])
        if np.isnan(slope):
            left_out[rival.name] = "it says the same of all earlier draws, or parts them wholly"
            continue
        odds = np.where(np.isnan(x[rows]), np.log(base / (1 - base)), intercept + slope * x[rows])
        told[rival.name] = 1 / (1 + np.exp(-odds))
    return told, left_out


def table(
    data: Labelled,
    offered: Sequence[Rival],
    found: Mapping[str, Floats],
    left_out: Mapping[str, str],
    rows: Mask,
    measured: tuple[Figures, Figures, Figures],
) -> list[dict[str, Any]]:
    """A row for each baseline: AUC on the judged draws, the model's skill over it with limits.

    `verdict`: `beaten`, `within noise`, `better than the model`, or why it was not judged.
    """
    labels, weights = data.labels[rows], data.weights[rows]
    told = []
    for rival in offered:
        row: dict[str, Any] = {
            "name": rival.name,
            "kind": rival.kind,
            "source": rival.source,
            "title": rival.title and dict(rival.title),
        }
        if rival.name in left_out:
            told.append(row | {"verdict": f"not judged: {left_out[rival.name]}"})
            continue
        skill, low, high = (figures[f"skill_over_{rival.name}"] for figures in measured)
        area = float(evaluate.auc(found[rival.name], labels, weights))
        row |= {"auc": area, "skill": skill, "low": low, "high": high}
        told.append(row | {"verdict": verdict(low, high)})
    return told


def verdict(low: float, high: float) -> str:
    """What the limits of the model's skill over a baseline say of it."""
    if low > 0:
        return "beaten"
    return "within noise" if high >= 0 else "better than the model"
