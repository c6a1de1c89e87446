"""The class policy: how a model's class becomes the class, every step recorded.

    model class → hysteresis → public-grade adjustment → direct rules → final class

Each step takes the class the step before it left, so that the list of steps always explains
the final class. Previous classes and grades are arguments; nothing is looked up here.
"""

from __future__ import annotations

import fnmatch
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.indicator import Words
from records.errors import BadInput

RiskClass = Literal["A", "B", "C", "D"]
PublicGrade = Literal["A", "B", "C", "D", "E"]
CLASSES = "ABCD"
STEPS = ("model", "hysteresis", "public_grade", "direct", "final")

Numbers = npt.NDArray[np.int64]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Hysteresis(_Strict):
    """Hold the previous class unless the margin is passed, or for `or_months` runs at most.

    `unless` names indicators (a repair, a serious record) that are never held back.
    """

    margin_log_odds: float = Field(ge=0)
    or_months: int = Field(ge=1)
    unless: list[str] = []


class Adjust(_Strict):
    """Move towards the public grade's class when the two are so many steps apart."""

    when_steps_apart: int = Field(ge=1, le=3)
    move: Literal["one_step_towards_grade"]


class When(_Strict):
    indicator: str
    is_: Literal[True] = Field(alias="is")


class Direct(_Strict):
    """A rule that sets the class outright while its evidence lasts."""

    id: str
    when: When
    risk_class: RiskClass = Field(alias="class")
    until: Literal["record_ends"]
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
    scope: Scope

    @model_validator(mode="after")
    def _unique_rules(self) -> Self:
        ids = [rule.id for rule in self.direct]
        if len(ids) != len(set(ids)):
            raise ValueError(f"direct: a rule id is used twice among {', '.join(ids)}")
        return self

    def indicators(self) -> list[str]:
        """Ids of every indicator the policy asks for."""
        return [*self.hysteresis.unless, *(rule.when.indicator for rule in self.direct)]

    def decide(self, firms: pd.DataFrame, boundaries: npt.NDArray[np.float64]) -> pd.DataFrame:
        """The ladder of every firm in the model's scope.

        Parameters
        ----------
        firms : columns `raw` (log-odds), `public_grade`, `previous_class` (null: none),
            `held_months` (runs the previous class was held so far) and every indicator of
            `indicators()`.
        boundaries : log-odds where B, C and D begin, shape (3,), increasing.

        Returns
        -------
        frame with, for each step, `<step>_class`; `held_months`; `rule` (the direct rule that
        set the class, or null). Same index as `firms`.
        """
        raw = firms["raw"].to_numpy(np.float64)
        model = np.searchsorted(boundaries, raw, side="right").astype(np.int64)
        held, months = self._hold(firms, raw, model, boundaries)
        adjusted = self._towards_grade(held, firms["public_grade"])
        final, rule = self._direct(adjusted, firms)
        steps = dict(zip(STEPS, (model, held, adjusted, final, final), strict=True))
        result = pd.DataFrame(
            {f"{step}_class": np.array(list(CLASSES))[level] for step, level in steps.items()},
            index=firms.index,
        )
        return result.assign(held_months=months, rule=rule)

    def _hold(
        self,
        firms: pd.DataFrame,
        raw: npt.NDArray[np.float64],
        model: Numbers,
        boundaries: npt.NDArray[np.float64],
    ) -> tuple[Numbers, Numbers]:
        previous = _levels(firms["previous_class"])
        free = np.zeros(len(firms), dtype=bool)
        for indicator in self.hysteresis.unless:
            free |= firms[indicator].fillna(0).to_numpy(np.float64) > 0
        moves = (previous >= 0) & (previous != model)
        # The boundary that the firm would have to leave behind it, by the margin.
        crossed = np.where(model > previous, np.clip(previous, 0, 2), np.clip(previous - 1, 0, 2))
        far = np.abs(raw - boundaries[crossed]) >= self.hysteresis.margin_log_odds
        waited = firms["held_months"].fillna(0).to_numpy(np.int64) + 1
        hold = moves & ~far & ~free & (waited < self.hysteresis.or_months)
        months: Numbers = np.where(hold, waited, 0).astype(np.int64)
        level: Numbers = np.where(hold, previous, model).astype(np.int64)
        return level, months

    def _towards_grade(self, level: Numbers, grades: pd.Series) -> Numbers:
        bridged = _levels(grades.map(self.grade_bridge))
        apart = np.where(bridged >= 0, bridged - level, 0)
        step = np.where(np.abs(apart) >= self.adjust.when_steps_apart, np.sign(apart), 0)
        moved: Numbers = (level + step).astype(np.int64)
        return moved

    def _direct(self, level: Numbers, firms: pd.DataFrame) -> tuple[Numbers, pd.Series]:
        final: Numbers = level.copy()
        rule = pd.Series(None, index=firms.index, dtype="str")
        for direct in self.direct:
            applies = (firms[direct.when.indicator].fillna(0) > 0) & rule.isna()
            final[applies.to_numpy(bool)] = CLASSES.index(direct.risk_class)
            rule[applies] = direct.id
        return final, rule


def _levels(classes: pd.Series) -> Numbers:
    """0–3 for A–D, −1 for none."""
    level = classes.map({name: level for level, name in enumerate(CLASSES)})
    return np.asarray(level.fillna(-1), dtype=np.int64)
