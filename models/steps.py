"""The steps of the class policy: whole columns in, a class for every firm and its ground out.

Classes are levels here, 0–3 for A–D; −1 is none. A step takes the levels that the step before
left. Where it changed one it names the rule; `given` and what follows is what it looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.corrections import Corrections

if TYPE_CHECKING:
    from models.policy import Adjust, Correction, Direct, Hysteresis

CLASSES = "ABCD"

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Step:
    """What a step left of every firm, and on what ground; arrays of shape (n,), null by firm.

    `rule` is the id of the rule that set the class; `given` the previous class, the public grade
    or the correction's evidence; `months` the runs that a move has waited, this one counted;
    `margin` the log-odds past the boundary that it crosses; `since` and `until` the first and the
    last day of what the step rests on. What a step never has is None.
    """

    level: Numbers
    rule: npt.NDArray[np.object_] | None = None
    given: Any = None
    months: Any = None
    margin: Any = None
    since: Any = None
    until: Any = None

    def columns(self, step: str) -> dict[str, Any]:
        """As columns of a frame, `<step>_class` and `<step>_<field>` for what the step has."""
        told = {f"{step}_class": np.array(list(CLASSES), object)[self.level]}
        rest = [field.name for field in fields(self) if field.name != "level"]
        return told | {
            f"{step}_{name}": getattr(self, name)
            for name in rest
            if getattr(self, name) is not None
        }


def levels(classes: pd.Series) -> Numbers:
    """0–3 for A–D, −1 for none."""
    level = classes.map({name: level for level, name in enumerate(CLASSES)})
    return np.asarray(level.fillna(-1), dtype=np.int64)


def hold(rule: Hysteresis, firms: pd.DataFrame, model: Numbers, boundaries: Floats) -> Step:
    """The class held before, where a small move has not waited long enough and may wait at all."""
    raw = firms["raw"].to_numpy(np.float64)
    before = levels(firms["previous_class"])
    moves = (before >= 0) & (before != model)
    # The boundary that the firm would have to leave behind it, by the margin.
    crossed = np.where(model > before, np.clip(before, 0, 2), np.clip(before - 1, 0, 2))
    margin = np.abs(raw - boundaries[crossed])
    waited = firms["held_months"].fillna(0).to_numpy(np.int64) + 1
    free = np.zeros(len(firms), dtype=bool)
    for indicator in rule.unless:
        free |= firms[indicator].fillna(0).to_numpy(np.float64) > 0
    held = moves & ~free & (margin < rule.margin_log_odds) & (waited < rule.or_months)
    return Step(
        np.where(held, before, model),
        rule=_where(held, rule.id),
        given=firms["previous_class"].to_numpy(object),
        months=pd.arrays.IntegerArray(waited, ~moves),
        margin=np.where(moves, margin, np.nan),
    )


def towards_grade(
    rule: Adjust, bridge: dict[Any, Any], firms: pd.DataFrame, level: Numbers
) -> Step:
    """One step towards the public grade's class, where the two are far apart."""
    grades = firms["public_grade"]
    bridged = levels(grades.map(bridge))
    apart = np.where(bridged >= 0, bridged - level, 0)
    moves = np.abs(apart) >= rule.when_steps_apart
    return Step(
        level + np.where(moves, np.sign(apart), 0),
        rule=_where(moves, rule.id),
        given=grades.to_numpy(object),
    )


def direct(rules: list[Direct], firms: pd.DataFrame, level: Numbers) -> Step:
    """The class of the first rule whose evidence stands."""
    final, named = level.copy(), np.full(len(firms), None, object)
    for rule in rules:
        evidence = firms[rule.when.indicator].fillna(0).to_numpy(np.float64) > 0
        applies = evidence & (named == None)  # noqa: E711 - by element
        final[applies] = CLASSES.index(rule.risk_class)
        named[applies] = rule.id
    return Step(final, rule=named)


def correct(
    rule: Correction, corrections: Corrections, firms: pd.DataFrame, level: Numbers
) -> Step:
    """The class that two persons decided, while their correction is in force."""
    at, rows = corrections.in_force(firms)
    final, named, given = level.copy(), *np.full((2, len(firms)), None, object)
    since, until = np.full((2, len(firms)), None, "M8[s]")
    final[at] = levels(rows["risk_class"])
    named[at], given[at] = rule.id, rows["evidence"].to_numpy(object)
    since[at], until[at] = rows["decided_on"].to_numpy("M8[s]"), rows["until"].to_numpy("M8[s]")
    return Step(final, rule=named, given=given, since=since, until=until)


def _where(applies: Flags, rule: str) -> npt.NDArray[np.object_]:
    named: npt.NDArray[np.object_] = np.full(len(applies), None, object)
    named[applies] = rule
    return named
