"""The class policy: how a model's class becomes the class, every step recorded.

    model class → hysteresis → public-grade adjustment → direct rules → correction → final class

Each step takes the class the step before it left and names the rule by which it left another, so
that the recorded steps always explain the final class. Previous classes, grades and corrections
are arguments; nothing is looked up here.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.indicator import Words
from models import steps
from models.corrections import Corrections
from models.steps import CLASSES, Step
from records.errors import BadInput

__all__ = ["CLASSES", "STEPS", "Policy", "PublicGrade", "RiskClass"]

RiskClass = Literal["A", "B", "C", "D"]
PublicGrade = Literal["A", "B", "C", "D", "E"]
STEPS = ("model", "hysteresis", "public_grade", "direct", "correction", "final")

RuleId = Field(pattern=r"^[A-Z]+[0-9]+$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Hysteresis(_Strict):
    """Hold the previous class unless the margin is passed, or for `or_months` runs at most.

    `unless` names indicators (a repair, a serious record) that are never held back.
    """

    id: str = RuleId
    margin_log_odds: float = Field(ge=0)
    or_months: int = Field(ge=1)
    unless: list[str] = []


class Adjust(_Strict):
    """Move towards the public grade's class when the two are so many steps apart."""

    id: str = RuleId
    when_steps_apart: int = Field(ge=1, le=3)
    move: Literal["one_step_towards_grade"]


class When(_Strict):
    indicator: str
    is_: Literal[True] = Field(alias="is")


class Direct(_Strict):
    """A rule that sets the class outright while its evidence lasts."""

    id: str = RuleId
    when: When
    risk_class: RiskClass = Field(alias="class")
    until: Literal["record_ends"]
    clause: Words


class Correction(_Strict):
    """A class that one official asked for and another decided (`models.corrections`)."""

    id: str = RuleId
    clause: Words


class Scope(_Strict):
    """Entity types that are classified, that only carry the public grade, or are left out."""

    model: list[str]
    grade_only: list[str] = []
    out: list[str] = []

    def of(self, entity_types: pd.Series) -> pd.Series:
        """``model``, ``grade_only`` or ``out`` for each type.

        Raises
        ------
        BadInput : a type that no pattern matches, or that two lists match.
        """
        scopes = {kind: self._one(kind) for kind in entity_types.astype("str").unique()}
        return entity_types.astype("str").map(scopes)

    def _one(self, kind: str) -> str:
        lists = {"model": self.model, "grade_only": self.grade_only, "out": self.out}
        found = [
            scope
            for scope, patterns in lists.items()
            if any(fnmatch.fnmatchcase(kind, pattern) for pattern in patterns)
        ]
        if len(found) != 1:
            raise BadInput(
                f"entity type {kind!r} is in {'no' if not found else 'more than one'} scope",
                found=kind,
                allowed="; ".join(f"{scope}: {' '.join(p)}" for scope, p in lists.items()),
                hint="correct the firm's type, or name it under `scope` in policy.yaml",
            )
        return found[0]


class Policy(_Strict):
    """The declared ladder; see `models/general/policy.yaml`."""

    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    grade_bridge: dict[PublicGrade, RiskClass]
    hysteresis: Hysteresis
    adjust: Adjust
    direct: list[Direct] = []
    correction: Correction
    scope: Scope

    @model_validator(mode="after")
    def _unique_rules(self) -> Self:
        ids = [self.hysteresis.id, self.adjust.id, *(rule.id for rule in self.direct)]
        ids.append(self.correction.id)
        if len(ids) != len(set(ids)):
            raise ValueError(f"a rule id is used twice among {', '.join(ids)}")
        return self

    def indicators(self) -> list[str]:
        """Ids of every indicator the policy asks for."""
        return [*self.hysteresis.unless, *(rule.when.indicator for rule in self.direct)]

    def decide(
        self,
        firms: pd.DataFrame,
        boundaries: npt.NDArray[np.float64],
        corrections: Corrections | None = None,
    ) -> pd.DataFrame:
        """The ladder of every firm in the model's scope.

        Parameters
        ----------
        firms : columns `raw` (log-odds), `public_grade`, `previous_class` (the class that
            hysteresis left in the run before, null: none; what later steps made of it rests on
            their own evidence, and ends with it), `held_months` (runs that class was held so
            far) and every indicator of `indicators()`; with corrections also `entity_id` and
            `as_of`.
        boundaries : log-odds where B, C and D begin, shape (3,), increasing.

        Returns
        -------
        frame with, for each of STEPS, `<step>_class` and `<step>_<field>` for the fields of
        `models.steps.Step` that the step has; `held_months`. Same index as `firms`.
        """
        raw = firms["raw"].to_numpy(np.float64)
        model = Step(np.searchsorted(boundaries, raw, side="right").astype(np.int64))
        held = steps.hold(self.hysteresis, firms, model.level, boundaries)
        graded = steps.towards_grade(self.adjust, self.grade_bridge, firms, held.level)
        direct = steps.direct(self.direct, firms, graded.level)
        given = Corrections.none() if corrections is None else corrections
        corrected = steps.correct(self.correction, given, firms, direct.level)
        whole = (model, held, graded, direct, corrected, Step(corrected.level))
        columns: dict[str, Any] = {}
        for name, step in zip(STEPS, whole, strict=True):
            columns |= step.columns(name)
        result = pd.DataFrame(columns, index=firms.index)
        held_months = result["hysteresis_months"].where(result["hysteresis_rule"].notna(), 0)
        return result.assign(held_months=held_months.astype("int64"))

    def replay(self, recorded: Sequence[Mapping[str, Any]]) -> str:
        """The final class that recorded steps lead to, each by its rule from the one before.

        Raises
        ------
        BadInput : a step is missing or out of order, names a rule that is not its own, or holds
            another class than its rule gives.
        """
        if tuple(step["step"] for step in recorded) != STEPS:
            raise BadInput(
                "the recorded steps are not those of the policy",
                found=", ".join(str(step["step"]) for step in recorded),
                allowed=", ".join(STEPS),
            )
        left: str | None = recorded[0]["class"]
        for step in recorded:
            expected = left if step["rule"] is None else self._by_rule(step, left)
            if step["class"] != expected or step["class"] not in CLASSES:
                raise BadInput(
                    f"step {step['step']} does not follow",
                    found=f"class {step['class']} by rule {step['rule'] or 'none'} after {left}",
                    allowed=f"class {expected}",
                    hint="the run was made with another policy, or changed afterwards",
                )
            left = expected
        return str(left)

    def _by_rule(self, step: Mapping[str, Any], before: str | None) -> str | None:
        """The class that the step's rule makes of the one before; null: not a rule of the step."""
        directs = {rule.id: str(rule.risk_class) for rule in self.direct}
        match step["step"]:
            case "hysteresis" if step["rule"] == self.hysteresis.id:
                return str(step["given"])
            case "public_grade" if step["rule"] == self.adjust.id:
                bridged = self.grade_bridge.get(step["given"])
                if bridged is None:
                    return None
                towards, at = CLASSES.index(bridged), CLASSES.index(str(before))
                far = abs(towards - at) >= self.adjust.when_steps_apart
                return CLASSES[at + (1 if towards > at else -1)] if far else None
            case "direct":
                return directs.get(str(step["rule"]))
            case "correction" if step["rule"] == self.correction.id and step["given"]:
                return str(step["class"])
        return None
