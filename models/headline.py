"""The first line of a ladder: why the class is what it is. And how well that is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.wording import capital


def headline(told: Mapping[str, Any], ruled: str | None, lang: str) -> str:
    """One line why: what a rule or two persons decided, else the strongest reasons and how often.

    `ruled` tells the direct rule or the correction that set the class; then the model did not,
    and its frequency is not told as if it had.
    """
    zh = lang == "zh"
    if ruled is not None:
        letter, model = told["risk_class"], told["steps"][0]["class"]
        if zh:
            return f"{ruled}，列为 {letter} 类；模型类别为 {model} 类。"
        return f"{capital(ruled)}: class {letter}; the model's class is {model}."
    raises = told["probability"] >= told["base"]["probability"]
    side = told["reasons_for"] if raises else told["reasons_against"]
    why = [_inner(reason["sentence"]) for reason in side[:2]]
    joined = ("；" if zh else "; ").join([*why, _frequency(told["per_100"], lang)])
    return f"{joined}。" if zh else f"{capital(joined)}."


def interval(low: float, high: float, lang: str) -> str:
    """How well the probability is known, and of whom it speaks."""
    if lang == "zh":
        return (
            f"得分与本企业相同的企业，问题率估计在 {low:.1%} 至 {high:.1%} 之间"
            "（95% 区间，依随机抽查结果估计）"
        )
    return (
        f"Among firms of the same score, the problem rate is estimated to lie between {low:.1%} "
        f"and {high:.1%} (95% interval, from random inspections)"
    )


def _frequency(per_100: int, lang: str) -> str:
    """The probability as a frequency."""
    if lang == "zh":
        often = f"约有 {per_100} 家" if per_100 else "不到 1 家"
        return f"概率相同的企业，每 100 家{often}检查发现问题"
    often = f"about {per_100}" if per_100 else "fewer than 1"
    return f"of 100 firms of equal probability, {often} would show a problem when inspected"


def _inner(text: str) -> str:
    """A sentence as it stands within another."""
    return text[:1].lower() + text[1:]
