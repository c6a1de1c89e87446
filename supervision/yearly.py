"""The batches of a year one after another: their sizes, and who has had his visits by then.

Which firms of a stratum are visited is up to chance, so it is enough to take as many out of the
eligible as have had all the visits that no-repeat and the yearly cap leave them. The slice's
visits count as history like the plan's; a D has no such limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from supervision.period import Period
from supervision.plan import PlanDefinition
from supervision.sample import Index, Mask
from supervision.sizes import Sizes, sizes

MARKED = ("bureau", "stratum", "group", "barred", "planned_for", "eligible")
"""What is read of `eligible.mark`."""

ENDLESS = np.inf


def year_of(
    plan: PlanDefinition, marked: pd.DataFrame, inspectors: pd.DataFrame, year: int
) -> Iterator[tuple[Period, Sizes]]:
    """The sizes of each batch, the firms that earlier ones used up taken out.

    Parameters
    ----------
    plan : the checked plan.
    marked : columns `MARKED` of `eligible.mark` at the year's beginning, `stratum` as categories.
    inspectors : `lists.inspectors`.

    Raises `PlanError` at the first batch that does not fit.
    """
    able = marked["eligible"].to_numpy(bool)
    codes: Index = marked["stratum"].cat.codes.to_numpy().astype(np.int64)
    rank = _rank(codes, able)
    names = marked["stratum"].cat.categories
    visits_left = np.array([_most(plan, str(name).partition("/")[0]) for name in names])
    taken = np.zeros(len(names))
    free = np.bincount(codes[~marked["barred"].to_numpy(bool)], minlength=len(names))
    for batch in range(plan.batches):
        period = Period.containing(date(year, batch * 12 // plan.batches + 1, 1), plan.batches)
        used = np.floor(taken / visits_left).astype(np.int64)
        told = sizes(plan, marked.assign(eligible=able & (rank >= used[codes])), period, inspectors)
        yield period, told
        own = told.strata.set_index("stratum")[["planned", "top_up"]].sum(axis=1)
        blind = free * told.slice / max(told.firms, 1)
        taken += own.reindex(names, fill_value=0).to_numpy(float) + blind


def _rank(codes: Index, able: Mask) -> Index:
    """Each eligible firm's number within its stratum, from 0."""
    at = np.flatnonzero(able)
    order = at[np.argsort(codes[at], kind="stable")]
    grouped = codes[order]
    starts = np.flatnonzero(np.r_[True, grouped[1:] != grouped[:-1]])
    rank = np.zeros(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    return rank


def _most(plan: PlanDefinition, group: str) -> float:
    """The visits of ours after which a firm leaves the plan for the year."""
    if plan.uncapped(group):
        return ENDLESS
    most = plan.max_per_year(group)
    items = (1 if plan.joint_visits else len(plan.items)) if plan.no_repeat else ENDLESS
    return max(1.0, min(ENDLESS if most is None else most, items))
