"""Words for officials: every sentence of the ladder, in Chinese and English.

A sentence says what is on record, with number and date; it does not accuse, and it promises
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from features.indicator import Indicator
from records.schema import TABLES

NOTICE = {
    "zh": "仅供规定范围内的监管工作参考，不得对外提供查询。",
    "en": "For supervision within the prescribed scope only; not to be disclosed.",
}
CLASS = {
    "A": {"zh": "信用风险低", "en": "Low credit risk"},
    "B": {"zh": "信用风险一般", "en": "Moderate credit risk"},
    "C": {"zh": "信用风险较高", "en": "Elevated credit risk"},
    "D": {"zh": "信用风险高", "en": "High credit risk"},
}


def class_name(risk_class: str | None, lang: str) -> str:
    """What a class is called; outside the model's scope, that there is none."""
    if risk_class is None:
        return "不作模型分类" if lang == "zh" else "Not classified by the model"
    return CLASS[risk_class][lang]


def table_name(table: str, lang: str) -> str:
    return TABLES[table].zh if lang == "zh" else TABLES[table].en


def grade_only(grade: str | None, lang: str) -> str:
    """The line for 个体工商户 and co-operatives, which carry the public grade alone."""
    if grade is None:
        return "尚无公共信用综合评价等级" if lang == "zh" else "No public credit grade yet"
    if lang == "zh":
        return f"按公共信用综合评价等级管理，现为 {grade} 级"
    return f"Managed by the public credit grade, now {grade}"


def headline(told: Mapping[str, Any], clause: str | None, lang: str) -> str:
    """One line why: a direct rule first, else the two strongest reasons, then the frequency."""
    rate = told["per_100"]
    often = (
        f"同等概率的企业每 100 家约有 {rate} 家检查发现问题"
        if lang == "zh"
        else f"of 100 firms of equal probability, about {rate} show a problem when inspected"
    )
    if clause is not None:
        return f"{clause}，直接判定；{often}。" if lang == "zh" else f"{capital(clause)}: {often}."
    raises = told["probability"] >= told["base"]["probability"]
    side = told["reasons_for"] if raises else told["reasons_against"]
    why = [_inner(reason["sentence"]) for reason in side[:2]]
    joined = ("；" if lang == "zh" else "; ").join([*why, often])
    return f"{joined}。" if lang == "zh" else f"{capital(joined)}."


def sentence(
    indicator: Indicator, value: float | None, records: Sequence[Mapping[str, Any]], lang: str
) -> str:
    """An indicator's sentence, filled from the declared fields and nothing else.

    Where nothing was to be counted and the value is unknown all the same, its records are not
    there: then the sentence says so and not that nothing happened.
    """
    reason = indicator.reason
    unknown = value is None or math.isnan(value)
    if unknown and indicator.when_absent is not None:
        name = indicator.name.in_(lang)
        return f"{name}：尚无此类数据" if lang == "zh" else f"{name}: no such data yet"
    if unknown or value == 0:
        return reason.absent.in_(lang)
    newest = records[0]["event_time"] if records else None
    return reason.in_(lang).format(
        value=quantity(float(value or 0), indicator.unit, lang),
        records=len(records),
        last_date=day(newest, lang),
        last_month=_month(newest, lang),
    )


def quantity(value: float, unit: str, lang: str) -> str:
    """A value with its unit, as it is read aloud."""
    zh = lang == "zh"
    match unit:
        case "yuan":  # kept in 分
            return f"{value / 1e6:,.2f} 万元" if zh else f"{value / 100:,.0f} yuan"
        case "share":
            return f"{value:.1%}"
        case "change":
            return f"{value:+.1%}"
        case "years":
            return f"{value:.1f} 年" if zh else f"{value:.1f} years"
        case "days":
            return f"{value:.0f} 天" if zh else f"{value:.0f} days"
        case "firms":
            return f"{value:.0f} 户" if zh else f"{value:.0f} firm{'s' * (value != 1)}"
        case "times" if not zh:
            return {1.0: "once", 2.0: "twice"}.get(value, f"{value:.0f} times")
        case "people":
            return f"{value:.0f} 人" if zh else f"{value:.0f} people"
        case _:
            return f"{value:g}"


def day(when: Any, lang: str) -> str:
    """A civil date as it is read aloud; null is an unknown one."""
    if when is None:
        return "日期不详" if lang == "zh" else "an unknown date"
    on = date.fromisoformat(str(when)[:10])
    if lang == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_NAMES[on.month - 1]} {on.year}"


def capital(text: str) -> str:
    """A sentence as it stands alone."""
    return text[:1].upper() + text[1:]


def _inner(text: str) -> str:
    """A sentence as it stands within another."""
    return text[:1].lower() + text[1:]


def _month(day: Any, lang: str) -> str:
    if day is None:
        return "日期不详" if lang == "zh" else "an unknown month"
    when = date.fromisoformat(str(day)[:10])
    if lang == "zh":
        return f"{when.year}年{when.month}月"
    return f"{_NAMES[when.month - 1]} {when.year}"


_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
