"""Why did it change: between two runs, what moved a firm's score and class.

    before → firm → catalogue → model → policy (→ correction) → after

A chain of replacements: the firm's records and dates come first, under the catalogue, the model
and the policy of then; then the catalogue of now, the model, the policy. Each part is the
difference that its replacement makes, so that the parts add up to the whole, in log-odds and in
percentage points (1e-9), and each names the class that stands after it. The order is a
convention: what a firm did is told by the model it was then judged by. What is left between the
policy's class and the run's is a correction by hand.

Within the firm's part, an indicator's contribution is its exact Shapley value in the game between
the firm of then and the firm of now: the mean step it makes over all orders in which the changed
indicators could have changed (the kernel, with the firm of then as its one background; Baseline
Shapley in Sundararajan & Najmi, The many Shapley values for model explanation, 2020). An indicator
that did not change has none; the kernel's rounding, below 1e-6, is put on the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.indicator import OF_GROUPS, OF_TIES, Indicator
from models import compared
from models.background import Background
from models.classifier import RiskClassifier
from models.compared import Moment, Record
from models.definition import ModelDefinition
from models.policy import Policy
from records.errors import BadInput

Floats = npt.NDArray[np.float64]
What = Literal["firm", "catalogue", "model", "policy", "correction"]
Cause = Literal["records", "time", "others"]


@dataclass(frozen=True)
class Part:
    """What one replacement does: in log-odds, in points of probability, and the class after it."""

    what: What
    log_odds: float
    points: float
    risk_class: str


@dataclass(frozen=True)
class Moved:
    """An indicator that changed, and the records by which it did.

    `contribution` in log-odds, a part of the firm's; 0 for one that only the policy reads.
    `cause`: its records; else the time that went by, or other firms' records.
    """

    indicator: str
    before: float
    after: float
    contribution: float
    cause: Cause
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Change:
    """Why a firm's score and class changed; `parts` and `indicators` add up (1e-9).

    `replaced` names what is not the same in both runs besides the firm.
    """

    before: Moment
    after: Moment
    parts: tuple[Part, ...]
    indicators: tuple[Moved, ...]
    replaced: tuple[What, ...]


def between(before: Moment, after: Moment) -> Change:
    """Why a firm's score and class changed between two runs.

    Raises
    ------
    BadInput : the moments are of two firms, or a run did not classify the firm by its model.
    """
    _check(before, after)
    old, new = before.classifier, after.classifier
    then, now = (_read(moment, old.definition) for moment in (before, after))
    same = old.definition.catalogue.hash == new.definition.catalogue.hash
    told = now if same else _read(after, new.definition)
    chain: list[tuple[What, RiskClassifier, float, pd.Series]] = [
        ("firm", old, _scored(old, now), now),
        ("catalogue", old, _scored(old, told), told),
        ("model", new, _scored(new, told), told),
    ]
    parts, raw = [], float(before.firm["raw"])
    chance = float(before.firm["probability"])
    for what, model, score, values in chain:
        reached = float(model.probability(np.array([score]))[0])
        decided = _decided(old.definition.policy, model, score, values, before, after)
        parts.append(Part(what, score - raw, 100 * (reached - chance), decided))
        raw, chance = score, reached
    ruled = _decided(new.definition.policy, new, raw, told, before, after)
    parts.append(Part("policy", 0.0, 0.0, ruled))
    if ruled != after.firm["risk_class"]:
        parts.append(Part("correction", 0.0, 0.0, after.firm["risk_class"]))
    moved = _moved(before, after, then, now, parts[0].log_odds)
    return Change(before, after, tuple(parts), moved, _replaced(old, new, same))


def _check(before: Moment, after: Moment) -> None:
    firms = [moment.firm["entity_id"] for moment in (before, after)]
    if firms[0] != firms[1]:
        raise BadInput("a change is of one firm", found=" and ".join(firms))
    for moment in (before, after):
        if moment.firm["risk_class"] is None:
            raise BadInput(
                f"{firms[0]} was not classified on {moment.firm['as_of']}",
                found=str(moment.firm["scope"]),
                allowed="firms in the model's scope",
            )


def _replaced(old: RiskClassifier, new: RiskClassifier, same: bool) -> tuple[What, ...]:
    def fitted(one: RiskClassifier) -> list[Any]:
        return [one.text, one.calibration.plain(), one.boundaries.tolist()]

    differ: dict[What, bool] = {
        "catalogue": not same,
        "model": fitted(old) != fitted(new),
        "policy": old.definition.policy != new.definition.policy,
    }
    return tuple(what for what, differs in differ.items() if differs)


def _read(moment: Moment, definition: ModelDefinition) -> pd.Series:
    """What a model and its policy read of a firm."""
    asked = [*definition.fitted, *definition.policy.indicators()]
    return moment.indicators(definition.catalogue, asked)


def _matrix(model: RiskClassifier, values: pd.Series) -> Floats:
    """What a model reads of values; an indicator that the catalogue lacks is unknown."""
    return model.matrix(values.reindex(model.definition.fitted).to_frame().T)


def _scored(model: RiskClassifier, values: pd.Series) -> float:
    return float(model.explain(_matrix(model, values)).score[0])


def _decided(
    policy: Policy,
    model: RiskClassifier,
    raw: float,
    values: pd.Series,
    before: Moment,
    after: Moment,
) -> str:
    """The class by a policy, with the grade and the previous class that the run of now was told."""
    (previous,) = (s["given"] for s in after.firm["steps"] if s["step"] == "hysteresis")
    asked = values.reindex([*dict.fromkeys(policy.indicators())])
    given = asked.to_frame().T.assign(
        raw=raw,
        public_grade=pd.Series([after.firm["public_grade"]], dtype="str"),
        previous_class=pd.Series([previous], dtype="str"),
        held_months=before.firm["held_months"] if previous is not None else 0,
    )
    return str(policy.decide(given, model.boundaries)["final_class"].iloc[0])


def _moved(
    before: Moment, after: Moment, then: pd.Series, now: pd.Series, whole: float
) -> tuple[Moved, ...]:
    """The indicators that moved the score or that the policy reads, the strongest first."""
    model = before.classifier
    definition = model.definition
    fitted = _contributions(model, then, now, whole)
    parts = dict.fromkeys(definition.policy.indicators(), 0.0) | fitted
    differ = {
        name: part
        for name, part in parts.items()
        if not np.array_equal(then[name], now[name], equal_nan=True)
        and (part or name not in fitted)
    }
    order = sorted(differ, key=lambda name: (-abs(differ[name]), name))
    asked = [definition.catalogue[name] for name in order]
    records = compared.records(before, after, definition.catalogue, asked)
    return tuple(
        Moved(
            one.id,
            float(then[one.id]),
            float(now[one.id]),
            differ[one.id],
            _cause(one, records[one.id]),
            records[one.id],
        )
        for one in asked
    )


def _contributions(
    model: RiskClassifier, then: pd.Series, now: pd.Series, whole: float
) -> dict[str, float]:
    """Each fitted indicator's part of the way from the firm of then to that of now."""
    from models.kernel import Kernel

    firm = Background.alike(_matrix(model, then))
    against: Kernel = model.kernel.against(firm)
    parts = against.explain(_matrix(model, now)).contributions[0]
    largest = int(np.argmax(np.abs(parts)))
    parts[largest] += whole - parts.sum()
    return dict(zip(model.definition.fitted, parts.tolist(), strict=True))


def _cause(indicator: Indicator, records: tuple[Record, ...]) -> Cause:
    if records:
        return "records"
    return "others" if indicator.measure in (*OF_GROUPS, *OF_TIES) else "time"
