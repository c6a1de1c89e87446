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
from models import reasons, stepwords, wording
from models.definition import ModelDefinition
from models.headline import headline, interval
from models.peers import Peers

Row = Mapping[str, Any]
Told = dict[str, Any]


def ladder(
    firm: Row,
    rows: Sequence[Row],
    definition: ModelDefinition,
    lang: str,
    peers: Peers | None = None,
) -> Told:
    """The ladder of one firm, ready to send.

    Parameters
    ----------
    firm : the firm's row of `classes.parquet`.
    rows : its rows of `reasons.parquet`; empty for a firm outside the model's scope.
    lang : ``zh`` or ``en``.
    peers : the firms that values are compared with; null: no comparison is told.
    """
    whole = {**firm, "steps": sent(firm["steps"] or (), lang)}
    looked = reasons.looked(rows, lang)
    return tell(whole, looked, sums(rows, definition), definition, lang, peers)


def tell(
    firm: Row,
    looked: Sequence[Row],
    groups: Mapping[str, float],
    definition: ModelDefinition,
    lang: str,
    peers: Peers | None = None,
) -> Told:
    """The same of what is known of a firm without its rows.

    Parameters
    ----------
    firm : as for `ladder`, but its steps as they are `sent`.
    looked : the reasons that are looked at (`reasons.looked`); the too small may be left out.
    groups : the sums of all contributions of each group, in log-odds.
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
            "interval": None,
            "per_100": None,
            "raw": None,
        }
    slope = points_per_log_odds(firm)
    told["reasons_for"], told["reasons_against"] = reasons.told(
        looked, firm["industry"], definition, peers, slope, lang
    )
    told["remedies"] = _remedies(told["reasons_for"], definition, lang)
    told["groups"] = _groups(groups, slope, lang)
    told["steps"] = _steps(firm, definition, lang)
    told |= {
        "base": {"log_odds": firm["base"], "probability": firm["base_probability"]},
        "probability": firm["probability"],
        "interval": _interval(firm, lang),
        "per_100": round(firm["probability"] * 100),
        "raw": firm["raw"],
    }
    told["headline"] = headline(told, stepwords.ruled(firm["steps"], definition.policy, lang), lang)
    return told


def sent(steps: Sequence[Row], lang: str) -> list[Told]:
    """Steps of a row of `classes.parquet`, their days and records as they are sent."""
    return [
        {
            **step,
            **{name: step[name] and str(step[name]) for name in ("since", "until")},
            "records": [reasons.record(one, lang) for one in step["records"]],
        }
        for step in steps
    ]


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


def _interval(firm: Row, lang: str) -> Told | None:
    low, high = firm["probability_low"], firm["probability_high"]
    if low is None or high is None:
        return None
    return {"low": low, "high": high, "sentence": interval(low, high, lang)}


def _remedies(raising: Sequence[Told], definition: ModelDefinition, lang: str) -> list[Told]:
    """What the firm can do about the reasons that raise its risk; no effect is promised."""
    told: dict[str, Told] = {}
    for lead in raising:
        for reason in (lead, *lead["also"]):
            remedy = definition.sayings.remedy(reason["indicator"], lang)
            if remedy is not None and reason["contribution"] > 0:
                told.setdefault(remedy["sentence"], remedy)
    return list(told.values())


def sums(rows: Sequence[Row], definition: ModelDefinition) -> dict[str, float]:
    """The sum of all contributions of each group, in log-odds."""
    parts: dict[str, list[float]] = {group: [] for group in GROUPS}
    for reason in rows:
        parts[definition.catalogue[reason["indicator"]].group].append(reason["contribution"])
    return {group: math.fsum(told) for group, told in parts.items()}


def _groups(groups: Mapping[str, float], slope: float, lang: str) -> list[Told]:
    return [
        {
            "group": group,
            "name": words[lang],
            "log_odds": groups[group],
            "points": groups[group] * slope,
        }
        for group, words in GROUPS.items()
    ]


def _steps(firm: Row, definition: ModelDefinition, lang: str) -> list[Told]:
    definition.policy.replay(firm["steps"])
    before = None
    told = []
    for step in firm["steps"]:
        detail = stepwords.detail(step, before, firm, definition.policy, lang)
        told.append({**step, "name": stepwords.NAME[step["step"]][lang], "detail": detail})
        before = step["class"]
    return told


def _versions(firm: Row) -> dict[str, str]:
    return {
        "model": f"{firm['model_name']} {firm['model_version']}",
        "catalogue": f"{firm['catalogue_version']}+{firm['catalogue_hash'][:8]}",
        "policy": firm["policy_version"],
        "snapshot": firm["snapshot"],
    }
