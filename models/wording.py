"""Words for officials: every sentence of the ladder, in Chinese and English.

A sentence says what is on record, with number and date; it does not accuse, and it promises
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from features.indicator import Indicator
from models.peers import Usual
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
    if unknown:
        return (reason.unknown or reason.absent).in_(lang)
    if value == 0:
        return reason.absent.in_(lang)
    newest = records[0]["event_time"] if records else None
    return reason.in_(lang).format(
        value=quantity(float(value or 0), indicator.unit, lang),
        word=word(indicator, float(value or 0), lang),
        records=len(records),
        last_date=day(newest, lang),
        last_month=_month(newest, lang),
    )


def word(indicator: Indicator, value: float, lang: str) -> str:
    """The record's own words that a value was made of; empty where it was made of none."""
    codes = [code for code, number in indicator.values.items() if number == value]
    if not codes:
        return ""
    if lang == "en":
        return " or ".join(code.replace("_", " ") for code in codes)
    column = TABLES[str(indicator.table)].known[indicator.columns[0]]
    own = dict(zip(column.allowed, column.words, strict=True))
    return "或".join(own.get(code, code) for code in codes)


def compared(usual: Usual, indicator: Indicator, lang: str) -> str:
    """What is usual among a firm's peers, as a clause beside its own value."""
    zh = lang == "zh"
    whom = _WHOM[usual.whom][lang]
    if usual.kind in ("median", "known"):
        median = quantity(usual.number, indicator.unit, lang)
        if zh:
            having = "中有此数据者的" if usual.kind == "known" else "的"
            return f"{whom}{having}中位数为 {median}{' 次' * (indicator.unit == 'times')}"
        having = " of which it is known" if usual.kind == "known" else ""
        return f"the median of {whom}{having} is {median}"
    part = share(usual.number, lang)
    if zh:
        return f"{whom}中 {part} {'与此相同' if usual.kind == 'same' else '有此类情形'}"
    what = "the same holds" if usual.kind == "same" else "there is such a record"
    return f"{what} for {part} of {whom}"


_WHOM = {
    "industry": {"zh": "同行业企业", "en": "firms in the industry"},
    "few": {"zh": "全省企业（同行业企业太少）", "en": "all firms (too few in the industry)"},
    "all": {"zh": "全省企业", "en": "all firms"},
}


def share(part: float, lang: str) -> str:
    """A share of firms in whole per cent."""
    if part < 0.01:
        return "不足 1%" if lang == "zh" else "less than 1%"
    if part > 0.99:
        return "超过 99%" if lang == "zh" else "more than 99%"
    return f"{part:.0%}"


def quantity(value: float, unit: str, lang: str) -> str:
    """A value with its unit, as it is read aloud."""
    zh = lang == "zh"
    match unit:
        case "yuan":  # kept in 分
            return _money(value, zh)
        case "share":
            return f"{value:.1%}".replace("-", "−")
        case "change":
            told = f"{value:+.1%}".replace("-", "−")
            return "0.0%" if told[1:] == "0.0%" else told
        case "per_hundred":
            return f"{100 * value:.1f}"
        case "years":
            return f"{value:.1f} 年" if zh else f"{value:.1f} years"
        case "times" if not zh:
            return {1.0: "once", 2.0: "twice"}.get(value, f"{value:.0f} times")
        case "days" | "firms" | "people":
            ours, one, many = _COUNTED[unit]
            return f"{value:.0f} {ours if zh else one if value == 1 else many}"
        case _:
            return f"{value:g}"


_COUNTED = {
    "days": ("天", "day", "days"),
    "firms": ("户", "firm", "firms"),
    "people": ("人", "person", "people"),
}


def _money(fen: float, zh: bool) -> str:
    if zh and abs(fen) >= 1e6:
        return f"{fen / 1e6:,.2f} 万元"
    return f"{fen / 100:,.0f} {'元' if zh else 'yuan'}"


@lru_cache(maxsize=1 << 14)
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


@lru_cache(maxsize=1 << 12)
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
