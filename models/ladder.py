"""The ladder: from the base rate to the class, told in sentences, every number from the run.

    base → groups → indicators → log-odds → probability → model class → policy steps → class

A direct rule, where one applies, is the headline. Contributions are told in percentage points:
each log-odds contribution times the mean slope between the base's and the firm's probability,
so that base and points add up to the probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from features.indicator import GROUPS
from models import wording
from models.definition import ModelDefinition
from models.policy import STEPS

TOP = 5
"""Reasons told on each side."""

SMALL = 0.05
"""A reason of fewer percentage points than this is not told."""

Row = Mapping[str, Any]
Told = dict[str, Any]


def ladder(firm: Row, reasons: Sequence[Row], definition: ModelDefinition, lang: str) -> Told:
    """The ladder of one firm, ready to send.

    Parameters
    ----------
    firm : the firm's row of `classes.parquet`.
    reasons : its rows of `reasons.parquet`; empty for a firm outside the model's scope.
    lang : ``zh`` or ``en``.
    """
    told: Told = {
        **{
            name: firm[name]
            for name in (
                "entity_id",
                "name",
                "division",
                "industry",
                "entity_type",
                "scope",
                "risk_class",
                "public_score",
                "public_grade",
                "previous_class",
            )
        },
        "as_of": str(firm["as_of"]),
        "lang": lang,
        "class_name": wording.class_name(firm["risk_class"], lang),
        "groups": [],
        "reasons_for": [],
        "reasons_against": [],
        "remedies": [],
        "steps": [],
        "versions": _versions(firm),
        "notice": wording.NOTICE[lang],
    }
    if firm["scope"] != "model":
        return {
            **told,
            "headline": wording.grade_only(firm["public_grade"], lang),
            "base": None,
            "probability": None,
            "per_100": None,
            "raw": None,
        }
    slope = points_per_log_odds(firm)
    worth = [one for one in reasons if abs(one["contribution"] * slope) >= SMALL]
    worth.sort(key=lambda one: (-abs(one["contribution"]), one["indicator"]))
    for side, sign in (("reasons_for", 1), ("reasons_against", -1)):
        top = [one for one in worth if one["contribution"] * sign > 0][:TOP]
        told[side] = [_reason(one, definition, slope, lang) for one in top]
    told["remedies"] = _remedies(told["reasons_for"], definition, lang)
    told["groups"] = _groups(reasons, definition, slope, lang)
    told["steps"] = _steps(firm, definition, lang)
    told |= {
        "base": {"log_odds": firm["base"], "probability": firm["base_probability"]},
        "probability": firm["probability"],
        "per_100": round(firm["probability"] * 100),
        "raw": firm["raw"],
    }
    told["headline"] = wording.headline(told, _rule_clause(firm, definition, lang), lang)
    return told


def points_per_log_odds(firm: Row) -> float:
    """Percentage points of probability that one unit of log-odds makes, on this firm's way.

    The mean slope of the calibration between base and firm; at the base itself, where the two
    meet, its derivative there.
    """
    way = firm["raw"] - firm["base"]
    rise = firm["probability"] - firm["base_probability"]
    if math.isclose(way, 0.0, abs_tol=1e-9):
        return float(100 * firm["probability"] * (1 - firm["probability"]))
    return float(100 * rise / way)


def _reason(reason: Row, definition: ModelDefinition, slope: float, lang: str) -> Told:
    indicator = definition.catalogue[reason["indicator"]]
    records = [
        {
            **record,
            "table_name": wording.table_name(record["table"], lang),
            "event_time": str(record["event_time"]),
        }
        for record in reason["records"]
    ]
    return {
        "indicator": indicator.id,
        "group": indicator.group,
        "name": indicator.name.in_(lang),
        "value": reason["value"],
        "contribution": reason["contribution"],
        "points": reason["contribution"] * slope,
        "sentence": wording.capital(
            wording.sentence(indicator, reason["value"], reason["records"], lang)
        ),
        "records": records,
    }


def _remedies(reasons: Sequence[Told], definition: ModelDefinition, lang: str) -> list[Told]:
    """What the firm can do about the reasons that raise its risk; no effect is promised."""
    told: dict[str, Told] = {}
    for reason in reasons:
        act = definition.catalogue.remedy_of(reason["indicator"])
        if act is not None:
            sentence = wording.capital(act.in_(lang))
            told.setdefault(sentence, {"indicator": reason["indicator"], "sentence": sentence})
    return [*told.values()]


def _groups(
    reasons: Sequence[Row], definition: ModelDefinition, slope: float, lang: str
) -> list[Told]:
    parts: dict[str, list[float]] = {group: [] for group in GROUPS}
    for reason in reasons:
        parts[definition.catalogue[reason["indicator"]].group].append(reason["contribution"])
    return [
        {
            "group": group,
            "name": words[lang],
            "log_odds": math.fsum(parts[group]),
            "points": math.fsum(part * slope for part in parts[group]),
        }
        for group, words in GROUPS.items()
    ]


def _steps(firm: Row, definition: ModelDefinition, lang: str) -> list[Told]:
    before = None
    told = []
    for step, recorded in zip(STEPS, firm["steps"], strict=True):
        detail = wording.step_detail(
            step, before, recorded["class"], firm, _rule_clause(firm, definition, lang), lang
        )
        told.append(
            {
                "step": step,
                "name": wording.STEP[step][lang],
                "class": recorded["class"],
                "rule": recorded["rule"],
                "detail": detail,
            }
        )
        before = recorded["class"]
    return told


def _rule_clause(firm: Row, definition: ModelDefinition, lang: str) -> str | None:
    rules = {rule.id: rule for rule in definition.policy.direct}
    used = [step["rule"] for step in firm["steps"] if step["rule"] in rules]
    return rules[used[0]].clause.in_(lang) if used else None


def _versions(firm: Row) -> dict[str, str]:
    return {
        "model": f"{firm['model_name']} {firm['model_version']}",
        "catalogue": f"{firm['catalogue_version']}+{firm['catalogue_hash'][:8]}",
        "policy": firm["policy_version"],
        "snapshot": firm["snapshot"],
    }
