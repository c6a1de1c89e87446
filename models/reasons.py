"""The told reasons of a firm: the strongest for and against, what says one thing told once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import le
from typing import Any, NamedTuple

from models import wording
from models.definition import ModelDefinition
from models.peers import Peers
from models.sayings import Sayings

TOP = 5
"""Reasons told on each side."""

LOOKED = 8
"""Reasons on each side whose records are looked up: some of them say one thing."""

SMALL = 0.05
"""A reason of fewer percentage points than this is not told."""

Row = Mapping[str, Any]
Told = dict[str, Any]


def told(
    reasons: Sequence[Row],
    industry: str | None,
    definition: ModelDefinition,
    peers: Peers | None,
    slope: float,
    lang: str,
) -> tuple[list[Told], list[Told]]:
    """The reasons that raise the risk and those that lower it, the strongest first.

    Reasons that say one thing (`models.alike`) are one: it has the sum of their contributions,
    the sentence of the strongest on the side of the sum, `indicators` names all of them, and what
    else they say stands under `also`.

    Parameters
    ----------
    reasons : those of the firm's that are `looked` at.
    industry : with whose firms values are compared, where `peers` are known.
    slope : percentage points that one unit of log-odds makes.
    """
    worth = [one for one in reasons if abs(one["contribution"] * slope) >= SMALL]
    sides: tuple[list[_Group], list[_Group]] = ([], [])
    for group in definition.alike.groups(worth):
        first, total = group[0], group[0]["contribution"]
        if len(group) > 1:
            total = math.fsum(one["contribution"] for one in group)
            first = next((one for one in group if one["contribution"] * total > 0), first)
        if abs(total * slope) >= SMALL:
            sides[total < 0].append(_Group(total, first, group))
    told = []
    for side in sides:
        side.sort(key=lambda one: (-abs(one.total), one.first["indicator"]))
        told.append(
            [_lead(group, industry, definition, peers, slope, lang) for group in side[:TOP]]
        )
    return told[0], told[1]


class _Group(NamedTuple):
    """Reasons that say one thing, the sum of their contributions, and the one that speaks."""

    total: float
    first: Row
    all: list[Row]


def _lead(
    group: _Group,
    industry: str | None,
    definition: ModelDefinition,
    peers: Peers | None,
    slope: float,
    lang: str,
) -> Told:
    first = group.first
    lead = _reason(first, definition.sayings, slope, lang)
    if peers is not None:
        indicator = definition.catalogue[first["indicator"]]
        usual = peers.usual(indicator, first["value"], industry)
        lead["comparison"] = definition.sayings.compared(usual, indicator.id, lang)
    lead["contribution"], lead["points"] = group.total, group.total * slope
    lead["indicators"] = [one["indicator"] for one in group.all]
    lead["also"] = []
    if len(group.all) == 1:
        return lead
    others = [
        _reason(one, definition.sayings, slope, lang) for one in group.all if one is not first
    ]
    # Two indicators may have the same sentence; the first of each is told.
    also = {one["sentence"]: one for one in reversed(others)}
    also.pop(lead["sentence"], None)
    lead["also"] = list(reversed(also.values()))
    return lead


def looked(reasons: Sequence[Row], lang: str) -> list[Row]:
    """The strongest on each side, whose records were looked up, in their order.

    Parameters
    ----------
    reasons : a firm's rows of `reasons.parquet`.

    Returns
    -------
    `indicator`, `value`, `contribution` and `records`, these as they are sent.
    """
    sizes = [abs(one["contribution"]) for one in reasons]
    ordered = reasons  # by rank they fall already; only where two are equal their names count
    if any(map(le, sizes, sizes[1:])):
        ordered = sorted(reasons, key=lambda one: (-abs(one["contribution"]), one["indicator"]))
    strong = (ordered[at] for at in strongest([one["contribution"] for one in ordered]))
    return [{**one, "records": [record(each, lang) for each in one["records"]]} for one in strong]


def strongest(ranked: Sequence[float]) -> list[int]:
    """The places of the first `LOOKED` contributions on each side, of those in order of size."""
    seen = {True: 0, False: 0}
    places = []
    for at, contribution in enumerate(ranked):
        raises = contribution > 0
        seen[raises] += 1
        if seen[raises] <= LOOKED:
            places.append(at)
    return places


def _reason(reason: Row, sayings: Sayings, slope: float, lang: str) -> Told:
    said = sayings.of(reason["indicator"], reason["value"], reason["records"], lang)
    return {
        **said,
        "value": reason["value"],
        "contribution": reason["contribution"],
        "points": reason["contribution"] * slope,
        "comparison": None,
        "records": reason["records"],
    }


def record(one: Row, lang: str) -> Told:
    """A record as it is sent: its table named, its day as text."""
    day = None if one["event_time"] is None else str(one["event_time"])
    return {**one, "table_name": wording.table_name(one["table"], lang), "event_time": day}
