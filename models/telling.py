"""What would change a class and why it changed, in sentences, every number from what was found.

Nothing is promised: a sentence says what the present model comes to once the acts are on record.
"""

from __future__ import annotations

import math
from typing import Any

from features.catalogue import Catalogue
from features.indicator import Indicator
from models import wording
from models.changes import Change, Moved, Part
from models.remedies import Acts, Distance, Outcome, WhatIf

Told = dict[str, Any]

CAVEAT = {
    "zh": "办理需要时间，有的事项须经有关机关审核决定；届时按新的记录重新计算，不承诺具体类别。",
    "en": "Acts take time, and some are decided by others; the class is then computed anew from "
    "the records, and none is promised.",
}
GREEDY = {
    "zh": "可办理事项较多，以上组合逐项选出，未必最少。",
    "en": "With so many acts the set was chosen one by one; a smaller one may exist.",
}


WHAT = {
    "firm": {"zh": "企业自身及同类企业的记录", "en": "the firm's records and those it is seen by"},
    "catalogue": {"zh": "指标目录", "en": "the catalogue of indicators"},
    "model": {"zh": "模型", "en": "the model"},
    "policy": {"zh": "分类规则", "en": "the class policy"},
    "correction": {"zh": "人工更正", "en": "a correction by hand"},
}
HOW = {
    "new": {"zh": "新增", "en": "new"},
    "ended": {"zh": "不再计入", "en": "no longer counted"},
    "corrected": {"zh": "已更正", "en": "corrected"},
}
CAUSE = {
    "time": {"zh": "时间推移", "en": "time went by"},
    "others": {"zh": "其他企业的记录有变动", "en": "other firms' records changed"},
}


def what_if(found: WhatIf, risk_class: str, catalogue: Catalogue, lang: str) -> Told:
    """What was found for a firm of a class, ready to send.

    Returns
    -------
    `distances` (sentences), `acts` (each open act with the class it leads to alone), `sentence`,
    `caveat`, and `chosen` (ids of the acts of the sentence).
    """
    ways = [_distance(way, found.now, lang) for way in (found.better, found.worse) if way]
    return {
        "distances": ways,
        "acts": [
            {
                "act": name,
                "sentence": wording.capital(catalogue.acts[name].in_(lang)),
                "duty": wording.capital(catalogue.acts[name].duty.in_(lang)),
                "risk_class": outcome.risk_class,
                "probability": outcome.probability,
            }
            for name, outcome in found.alone.items()
        ],
        "chosen": list(found.acts or ()),
        "sentence": _sentence(found, risk_class, catalogue, lang),
        "caveat": CAVEAT[lang] + ("" if found.exact else GREEDY[lang]),
    }


def _distance(way: Distance, now: Outcome, lang: str) -> str:
    """How far a neighbouring class of the model is."""
    points, log_odds = abs(way.points), abs(way.log_odds)
    if lang == "zh":
        turn = "降低" if way.log_odds < 0 else "升高"
        return (
            f"模型类别现为 {now.model_class} 类；问题概率再{turn} {points:.1f} 个百分点"
            f"（对数几率 {log_odds:.2f}）即为 {way.model_class} 类"
        )
    turn = "less" if way.log_odds < 0 else "more"
    return (
        f"Model class {now.model_class} now; {points:.1f} points of probability {turn} "
        f"({log_odds:.2f} in log-odds) make it class {way.model_class}"
    )


def _sentence(found: WhatIf, risk_class: str, catalogue: Catalogue, lang: str) -> str:
    zh = lang == "zh"
    if found.acts is None or found.then is None:
        if risk_class == "A":
            return "已是最低的风险类别。" if zh else "This is the lowest class of risk already."
        if not found.alone:
            return (
                "目前没有企业可以自行办理、能使类别改变的事项。"
                if zh
                else "There is nothing now that the firm itself could do to change the class."
            )
        return (
            "即使完成现可办理的全部事项，按当前模型重算类别也不改变。"
            if zh
            else "Even with every open act done, the present model comes to no better class."
        )
    then = found.then
    if not found.acts:
        return (
            f"无需另行办理：记录不变时，下期按当前模型计算为 {then.risk_class} 类。"
            if zh
            else f"Nothing needs to be done: with the records as they are, the next run comes to "
            f"class {then.risk_class}."
        )
    done = _listed(found.acts, catalogue, lang)
    before, after = (f"{one.probability:.1%}" for one in (found.now, then))
    if zh:
        return (
            f"若完成：{done}，按当前模型重算为 {then.risk_class} 类"
            f"（问题概率由 {before} 变为 {after}）。"
        )
    return (
        f"If done: {done}; the present model then comes to class {then.risk_class} "
        f"(probability of a problem {before} before, {after} after)."
    )


def _listed(acts: Acts, catalogue: Catalogue, lang: str) -> str:
    words = [catalogue.acts[name].in_(lang) for name in acts]
    if len(words) == 1:
        return words[0]
    numbered = [
        f"（{at}）{one}" if lang == "zh" else f"({at}) {one}" for at, one in enumerate(words, 1)
    ]
    return ("；" if lang == "zh" else "; ").join(numbered)


def change(found: Change, lang: str) -> Told:
    """Why a firm changed, ready to send.

    Returns
    -------
    `sentence` (both dates, classes, probabilities), `parts` (firm, catalogue, model, policy) and
    `indicators` (each with its records; a value of None is unknown), with their sentences;
    numbers as they add up.
    """
    before, after = found.before.firm, found.after.firm
    sides = [
        f"{one['as_of']} {one['risk_class']}{' 类' if lang == 'zh' else ''}"
        f"{'（' if lang == 'zh' else ' ('}{one['probability']:.1%}{'）' if lang == 'zh' else ')'}"
        for one in (before, after)
    ]
    slope = _slope(found)
    classes = [before["risk_class"], *(part.risk_class for part in found.parts)]
    return {
        "entity_id": after["entity_id"],
        "sentence": " → ".join(sides),
        "replaced": [WHAT[what][lang] for what in found.replaced],
        "parts": [
            {
                "what": part.what,
                "log_odds": part.log_odds,
                "points": part.points,
                "risk_class": part.risk_class,
                "sentence": _part(part, was, lang),
            }
            for part, was in zip(found.parts, classes, strict=False)
        ],
        "indicators": [_indicator(one, found, slope, lang) for one in found.indicators],
    }


def _slope(found: Change) -> float:
    """Percentage points that a unit of log-odds makes within the firm's part."""
    firm = found.parts[0]
    return firm.points / firm.log_odds if abs(firm.log_odds) > 1e-9 else 0.0


def _part(part: Part, was: str, lang: str) -> str:
    turn = f"{was} → {part.risk_class}" if part.risk_class != was else part.risk_class
    if lang == "zh":
        return f"{WHAT[part.what][lang]}：概率 {part.points:+.1f} 个百分点，类别 {turn}"
    name = wording.capital(WHAT[part.what][lang])
    return f"{name}: {part.points:+.1f} points of probability, class {turn}"


def _indicator(one: Moved, found: Change, slope: float, lang: str) -> Told:
    indicator = found.before.classifier.definition.catalogue[one.indicator]
    values = [_value(value, indicator, lang) for value in (one.before, one.after)]
    points = one.contribution * slope
    why = CAUSE[one.cause][lang] if one.cause != "records" else _records(one, lang)
    colon, stop, unit = ("：", "；", " 个百分点") if lang == "zh" else (": ", "; ", " points")
    told = f"{indicator.name.in_(lang)}{colon}{' → '.join(values)}{stop}{why}"
    return {
        "indicator": one.indicator,
        "name": indicator.name.in_(lang),
        "before": None if math.isnan(one.before) else one.before,
        "after": None if math.isnan(one.after) else one.after,
        "contribution": one.contribution,
        "points": points,
        "cause": one.cause,
        "records": [
            {
                "how": record.how,
                "table": record.table,
                "table_name": wording.table_name(record.table, lang),
                "source": record.source,
                "source_id": record.source_id,
                "event_time": str(record.event_time),
            }
            for record in one.records
        ],
        "sentence": f"{told}{stop}{points:+.1f}{unit}",
    }


def _value(value: float, indicator: Indicator, lang: str) -> str:
    """A value as it is said; one that stands for a record's word, in that word."""
    if math.isnan(value):
        return "未知" if lang == "zh" else "unknown"
    if indicator.unit == "flag":
        return {"zh": "否是", "en": ("no", "yes")}[lang][value != 0]
    if indicator.values and value == 0:
        return "无" if lang == "zh" else "none"
    named = wording.word(indicator, value, lang)
    return named or wording.quantity(value, indicator.unit, lang)


def _records(one: Moved, lang: str) -> str:
    """How many records of each kind, and the newest of them."""
    parts = []
    for how, words in HOW.items():
        mine = [record for record in one.records if record.how == how]
        if mine:
            newest = f"{mine[0].source_id}, {mine[0].event_time}"
            parts.append(
                f"{words['zh']} {len(mine)} 条（{newest}）"
                if lang == "zh"
                else f"{len(mine)} {words['en']} ({newest})"
            )
    return ("、" if lang == "zh" else ", ").join(parts)
