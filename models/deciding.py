"""The class policy for one firm, without a frame: what `Policy.decide` says of it, at once.

A frame of one row costs milliseconds, a hundred times what scoring the row does. Nothing else is
here that `models.steps` has not, and a test holds the two together on firms of every kind.
Corrections are not asked: nobody decided on a firm that is only tried out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.policy import CLASSES, STEPS, Policy


@dataclass(frozen=True)
class Case:
    """A firm as the policy asks for it.

    `raw` is in log-odds; `held_class` the class that hysteresis left in the run before (null:
    none) and `held_months` the runs it was held so far; `evidence` the indicators that
    `Policy.indicators` names (null or absent: unknown); `graded_on` the day of the public grade.
    """

    raw: float
    public_grade: str | None = None
    held_class: str | None = None
    held_months: int = 0
    evidence: Mapping[str, float | None] = field(default_factory=dict)
    graded_on: date | None = None

    def stands(self, indicator: str) -> bool:
        return (self.evidence.get(indicator) or 0.0) > 0


def decide(policy: Policy, boundaries: Sequence[float], case: Case) -> list[dict[str, Any]]:
    """The steps as a run records them, the last of them the class.

    Parameters
    ----------
    boundaries : log-odds where B, C and D begin, increasing.
    """
    model = bisect_right(boundaries, case.raw)
    held = _held(policy, boundaries, case, model)
    graded = _graded(policy, case, CLASSES.index(held["class"]))
    rule = next((one for one in policy.direct if case.stands(one.when.indicator)), None)
    direct: dict[str, Any] = {"class": graded["class"]}
    if rule is not None:
        direct = {"class": str(rule.risk_class), "rule": rule.id}
    last = {"class": direct["class"]}
    whole = ({"class": CLASSES[model]}, held, graded, direct, last, last)
    return [
        {**_NOTHING, "step": name, **told, "records": []}
        for name, told in zip(STEPS, whole, strict=True)
    ]


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("step", "class", "rule", "given", "months", "margin", "since", "until")
)


def _held(policy: Policy, boundaries: Sequence[float], case: Case, model: int) -> dict[str, Any]:
    rule, given = policy.hysteresis, case.held_class
    told: dict[str, Any] = {"class": CLASSES[model], "given": given}
    if given is None or CLASSES.index(given) == model:
        return told
    before = CLASSES.index(given)
    crossed = before if model > before else before - 1
    margin = abs(case.raw - boundaries[min(max(crossed, 0), 2)])
    waited = case.held_months + 1
    told |= {"months": waited, "margin": margin}
    free = any(case.stands(indicator) for indicator in rule.unless)
    if not free and margin < rule.margin_log_odds and waited < rule.or_months:
        told |= {"class": given, "rule": rule.id}
    return told


def _graded(policy: Policy, case: Case, level: int) -> dict[str, Any]:
    rule, bridge = policy.adjust, {str(grade): to for grade, to in policy.grade_bridge.items()}
    told = {"class": CLASSES[level], "given": case.public_grade, "since": case.graded_on}
    bridged = bridge.get(case.public_grade or "")
    apart = 0 if bridged is None else CLASSES.index(bridged) - level
    if abs(apart) >= rule.when_steps_apart:
        told |= {"class": CLASSES[level + (1 if apart > 0 else -1)], "rule": rule.id}
    return told
