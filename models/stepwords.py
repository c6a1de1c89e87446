"""Words for the steps of the policy: what each did to the class, by which rule, on what ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models import wording
from models.policy import Policy

Row = Mapping[str, Any]

NAME = {
    "model": {"zh": "模型类别", "en": "Model class"},
    "hysteresis": {"zh": "稳定性", "en": "Stability"},
    "public_grade": {"zh": "参照公共信用", "en": "Public grade"},
    "direct": {"zh": "直接判定", "en": "Direct rule"},
    "correction": {"zh": "异议更正", "en": "Correction"},
    "final": {"zh": "最终类别", "en": "Final class"},
}


def detail(step: Row, before: str | None, firm: Row, policy: Policy, lang: str) -> str:
    """What a recorded step did, in words; `before` is the class that the step before it left."""
    match step["step"]:
        case "model":
            chance = f"{firm['probability']:.1%}"
            return f"检查发现问题的概率 {chance}" if lang == "zh" else f"probability {chance}"
        case "hysteresis":
            return _held(step, policy, lang)
        case "public_grade":
            return _graded(step, before, lang)
        case "direct":
            return direct(step, policy, lang)
        case "correction":
            return correction(step, policy, lang)
        case _:
            return wording.class_name(step["class"], lang)


def ruled(steps: Sequence[Row], policy: Policy, lang: str) -> str | None:
    """What set the class outright, a correction before a direct rule; null: neither did."""
    by_name = {step["step"]: step for step in steps}
    for name, tell in (("correction", correction), ("direct", direct)):
        if by_name[name]["rule"] is not None:
            return tell(by_name[name], policy, lang)
    return None


def direct(step: Row, policy: Policy, lang: str) -> str:
    """The clause of the direct rule, and since when its evidence stands."""
    zh = lang == "zh"
    if step["rule"] is None:
        return "无直接判定情形" if zh else "no direct rule applies"
    clause = next(rule.clause for rule in policy.direct if rule.id == step["rule"]).in_(lang)
    if step["since"] is None:
        return clause
    day = wording.day(step["since"], lang)
    return f"{clause}（{day}起）" if zh else f"{clause} (since {day})"


def correction(step: Row, policy: Policy, lang: str) -> str:
    """That two officials corrected the class, on which document, from when and until when."""
    zh = lang == "zh"
    if step["rule"] is None:
        return "无生效的更正" if zh else "no correction in force"
    clause = policy.correction.clause.in_(lang)
    since, until = (wording.day(step[name], lang) for name in ("since", "until"))
    if zh:
        return f"{clause}（{step['given']}，{since}决定，有效至{until}）"
    return f"{clause} ({step['given']}, decided {since}, until {until})"


def _held(step: Row, policy: Policy, lang: str) -> str:
    zh, rule, given = lang == "zh", policy.hysteresis, step["given"]
    if given is None:
        return "无上期类别" if zh else "no earlier class"
    if step["margin"] is None:
        return f"与上期 {given} 类相同" if zh else f"the same as {given} in the run before"
    if step["rule"] is not None:
        return (
            f"变动未达规定幅度，暂按上期 {given} 类（第 {step['months']} 期）"
            if zh
            else f"the change is small: held at {given} (run {step['months']})"
        )
    if step["margin"] >= rule.margin_log_odds:
        return (
            f"变动已达规定幅度，不沿用上期 {given} 类"
            if zh
            else f"the change is large enough: no longer {given}"
        )
    if step["months"] >= rule.or_months:
        return (
            f"变动已持续 {step['months']} 期，不再沿用 {given} 类"
            if zh
            else f"the change has lasted {step['months']} runs: no longer {given}"
        )
    return (
        f"有信用修复或严重失信记录，立即变动，不沿用上期 {given} 类"
        if zh
        else f"a repair or a serious record takes effect at once: no longer {given}"
    )


def _graded(step: Row, before: str | None, lang: str) -> str:
    zh = lang == "zh"
    if step["given"] is None:
        return "尚无公共信用等级" if zh else "no public grade yet"
    day = "" if step["since"] is None else wording.day(step["since"], lang)
    if zh:
        grade = f"公共信用 {step['given']} 级" + (f"（{day}评价）" if day else "")
        return f"{grade}，与 {before} 类相差较大，调整一档" if step["rule"] else f"{grade}，不调整"
    grade = f"public grade {step['given']}" + (f" (of {day})" if day else "")
    return f"{grade}, far from {before}: one step" if step["rule"] else f"{grade}: no change"
