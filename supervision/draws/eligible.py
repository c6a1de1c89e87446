"""Whom the plan may draw: everything that limits applies here, before the draw.

Three circles. A *higher rule* takes a firm out of every way, and is cited. *Scope* and items say
whom the task is about: the plan's ratios and floor count these firms. *Limits of ours* (exclusions,
no repeat, visits a year) keep a firm out of this batch's plan, never out of the blind slice, and
never if it is D.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supervision.draws import lists
from supervision.draws.coded import coded, spelled
from supervision.draws.ids import places
from supervision.errors import PlanError
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition

MARKS = (
    "bureau", "stratum", "barred", "planned_for", "eligible", "refused_by", "visits_this_year",
    "due",
)  # fmt: skip
"""What `mark` adds to each firm."""

SCOPE, NO_ITEM, NO_REPEAT, MAX_PER_YEAR = "scope", "no_item", "no_repeat", "max_per_year"
EXCLUDED, HIGHER_RULE = "excluded: {}", "higher_rule: {}"
"""Why a firm is not eligible: `refused_by`."""

Flags = NDArray[np.bool_]


def mark(
    plan: PlanDefinition,
    frame: pd.DataFrame,
    history: pd.DataFrame,
    exclusions: pd.DataFrame,
    period: Period,
) -> pd.DataFrame:
    """Mark each live firm.

    Parameters
    ----------
    plan : the checked plan.
    frame : `lists.join`, every live firm once.
    history : `lists.history`. Visits of the period's calendar year count, none after its end.
    exclusions : `lists.exclusions`.
    period : the batch to draw.

    Returns
    -------
    `frame` with `MARKS`: `bureau` and `stratum` (names), `barred` (out of every way by a higher
    rule), `planned_for` (in scope with an item, not barred: counted by ratios and floor),
    `eligible`, `refused_by` (the first reason, or null), `visits_this_year` (days with a visit),
    and `due` (bit i is set if item i of the plan is due).

    Raises `PlanError` for a reason on the exclusions that neither `exclude` nor a higher rule
    names: a misspelt reason must not leave a firm in the draw.
    """
    past, at = _this_year(history, period, frame["entity_id"])
    visits = _days(len(frame), at, past["visited_on"])
    frame = frame.astype(dict.fromkeys(("division", "fields", "industry"), "category"))
    groups, names = coded(frame["group"])
    free = np.array([plan.uncapped(name) for name in names], dtype=bool)[groups]
    applying = _applying(plan, frame["fields"])
    due = np.where(free, applying, applying & ~_done(plan, len(frame), at, past["items"]))
    most = [plan.max_per_year(name) for name in names]
    limit = np.array([2**31 if cap is None else cap for cap in most], dtype=np.int64)[groups]

    reasons = _Reasons(len(frame))
    aside = _aside(plan, frame["entity_id"], exclusions)
    for rule in plan.higher_rules:
        name = HIGHER_RULE.format(rule.id)
        if rule.reason is not None:
            reasons.give(aside[rule.reason], name)
        if rule.max_per_year is not None:
            reasons.give(visits >= rule.max_per_year, name)
    barred = reasons.given
    reasons.give(~_within(plan, frame), SCOPE)
    reasons.give(applying == 0, NO_ITEM)
    planned_for = ~reasons.given
    for reason in plan.exclude:
        reasons.give(aside[reason] & ~free, EXCLUDED.format(reason))
    reasons.give(due == 0, NO_REPEAT)
    reasons.give((visits >= limit) & ~free, MAX_PER_YEAR)
    return frame.assign(
        bureau=lists.bureaus(plan, frame),
        stratum=lists.strata(plan, frame),
        barred=barred,
        planned_for=planned_for,
        eligible=~reasons.given,
        refused_by=reasons.names(),
        visits_this_year=visits,
        due=due,
    )


class _Reasons:
    """The first reason that refused each firm."""

    def __init__(self, firms: int) -> None:
        self._codes = np.full(firms, -1, dtype=np.int16)
        self._known: list[str] = []

    @property
    def given(self) -> Flags:
        return np.asarray(self._codes >= 0)

    def give(self, flags: Flags, name: str) -> None:
        self._codes[flags & (self._codes < 0)] = len(self._known)
        self._known.append(name)

    def names(self) -> pd.Series[Any]:
        return spelled(self._codes, self._known)


def _this_year(
    history: pd.DataFrame, period: Period, firms: pd.Series[str]
) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """The visits that count, and the position of their firm."""
    days = history["visited_on"].astype("str")
    past = history[(days >= f"{period.year}-01-01") & (days <= period.end.isoformat())]
    at = places(past["entity_id"], firms)
    return past[at >= 0], at[at >= 0]


def _days(firms: int, at: NDArray[np.intp], days: pd.Series[str]) -> NDArray[np.int64]:
    """Days with a visit by firm; several rows of a day are one visit."""
    once = pd.DataFrame({"at": at, "day": days.to_numpy()}).drop_duplicates()
    return np.bincount(once["at"].to_numpy(dtype=np.int64), minlength=firms)


def _bits(plan: PlanDefinition, ids: Iterable[str]) -> int:
    named = set(ids)
    return sum(1 << bit for bit, item in enumerate(plan.items) if item.id in named)


def _applying(plan: PlanDefinition, fields: pd.Series[str]) -> NDArray[np.int64]:
    """The items that apply to each firm: those without field, and those of its fields."""
    codes, names = coded(fields)
    masks = [
        _bits(plan, (item.id for item in plan.items if item.field in (None, *name.split(";"))))
        for name in [*names, ""]
    ]
    return np.asarray(np.array(masks, dtype=np.int64)[codes])


def _done(
    plan: PlanDefinition, firms: int, at: NDArray[np.intp], items: pd.Series[str]
) -> NDArray[np.int64]:
    """The items inspected this year, if that matters; a visit without items inspected all.

    An item may stand in history by its id or by its name.
    """
    done = np.zeros(firms, dtype=np.int64)
    if not plan.no_repeat or not len(at):
        return done
    ids = {item.name.zh: item.id for item in plan.items}
    codes, names = coded(items)
    every = (1 << len(plan.items)) - 1
    masks = [_bits(plan, (ids.get(part, part) for part in name.split(";"))) for name in names]
    np.bitwise_or.at(done, at, np.array([*masks, every], dtype=np.int64)[codes])
    return done


def _within(plan: PlanDefinition, frame: pd.DataFrame) -> Flags:
    """Whether a firm is one the task is about."""
    within = np.ones(len(frame), dtype=bool)
    if plan.scope is None:
        return within
    starts = (("division", plan.scope.divisions), ("industry", plan.scope.industries))
    for column, wanted in starts:
        if wanted is not None:
            codes, names = coded(frame[column])
            holds = [name.startswith(wanted) for name in names]
            within &= np.array([*holds, False])[codes]
    if plan.scope.fields is not None:
        codes, names = coded(frame["fields"])
        holds = [bool({*name.split(";")} & {*plan.scope.fields}) for name in names]
        within &= np.array([*holds, False])[codes]
    return within


def _aside(plan: PlanDefinition, ids: pd.Series[str], exclusions: pd.DataFrame) -> dict[str, Flags]:
    """By reason of the plan, the firms that the list of exclusions names."""
    known = [*plan.exclude, *(rule.reason for rule in plan.higher_rules if rule.reason)]
    for reason in exclusions["reason"].unique():
        if reason not in known:
            raise PlanError.among("exclusions, reason: the plan knows no such", str(reason), known)
    at = places(exclusions["entity_id"], ids)
    aside = {reason: np.zeros(len(ids), dtype=bool) for reason in known}
    for reason, flags in aside.items():
        flags[at[(at >= 0) & (exclusions["reason"] == reason).to_numpy()]] = True
    return aside
