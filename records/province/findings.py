"""From a visit's main result to the results of its items."""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.arrays import Flags, Index
from records.province.clock import NO_DAY, Days
from records.province.texts.oversight import ITEMS
from records.province.written import code

BASKET = ITEMS[:5]
ADDRESS, LICENCE = ITEMS.index("住所"), ITEMS.index("许可")
FEWEST, MOST = 3, 8
BASKET_FIRST = 0.4  # other visits too mostly inspect the basket's items

OUTCOMES = ("no_problem", "not_carried_on", "unreachable",
            "problem_corrected", "not_published", "problem_pending", "false_information",
            "obstructed", "closed",
            "deregistered", "revoked", "cancelled", "moved_out")  # fmt: skip
CLEAN, NOT_CARRIED_ON, UNREACHABLE, CORRECTED = 0, 1, 2, 3
CLOSED = OUTCOMES.index("closed")
PUBLIC_ITEMS = [ITEMS.index(name) for name in ("公示信息", "年报")]
PUBLIC_RESULTS = [OUTCOMES.index(name) for name in ("not_published", "false_information")]
FOLLOWS = {
    "problem_corrected": "rectify", "not_published": "rectify", "unreachable": "informed",
    "problem_pending": "transferred", "false_information": "penalised",
    "obstructed": "penalised", "closed": "referred", "deregistered": "referred",
    "revoked": "referred", "cancelled": "referred", "moved_out": "referred",
}  # fmt: skip
"""What follows a result; nothing where nothing is said."""
WAITS = {"rectify": 30, "transferred": 120, "penalised": 90}  # days until it is settled
SETTLES = np.array([WAITS.get(FOLLOWS.get(name, ""), 0) for name in OUTCOMES])
SETTLED_EVER = 0.85
NO_LICENCE_NEEDED = 0.05
SECOND_PROBLEM = 0.12


def choose_items(blind: Flags, number: Index, rng: np.random.Generator) -> Flags:
    """Which items are inspected, shape (n, items), `number` of them in each visit.

    The address always; then the basket's items, all of them first in a blind visit.
    """
    order = rng.random((len(blind), len(ITEMS)))
    order[:, : len(BASKET)] *= np.where(blind, 0, BASKET_FIRST)[:, None]
    order[:, ADDRESS] = -1
    ranks = order.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.asarray(ranks < number[:, None])


def item_results(items: Flags, outcome: Index, rng: np.random.Generator) -> Index:
    """Results by item, shape (n, items); -1 where an item was not inspected.

    `items` has a column for each of ITEMS, or of NAMED_ITEMS.
    """
    results = np.where(items, CLEAN, -1)
    n = len(outcome)
    idle = items[:, LICENCE] & (rng.random(n) < NO_LICENCE_NEEDED)
    results[idle, LICENCE] = NOT_CARRIED_ON
    found = (outcome >= CORRECTED) & (outcome < CLOSED)
    second = items & found[:, None] & (rng.random(items.shape) < SECOND_PROBLEM)
    results[second] = CORRECTED
    # What was not published or is false is found where publicity is inspected, if it is.
    where = np.isin(range(items.shape[1]), PUBLIC_ITEMS)
    public = np.isin(outcome, PUBLIC_RESULTS)[:, None] & where
    main = np.where(items, rng.random(items.shape) + public, -1).argmax(axis=1)
    results[found, main[found]] = outcome[found]
    away, censored = outcome == UNREACHABLE, outcome >= CLOSED
    results = np.where(items & away[:, None], NOT_CARRIED_ON, results)
    results[away, ADDRESS] = UNREACHABLE
    return np.where(items & censored[:, None], outcome[:, None], results)


def item_rows(results: Index, day: Days, **visits: Any) -> tuple[Index, dict[str, Any]]:
    """Rows an item: the visit each row belongs to, and the columns of table `inspections`.

    Parameters
    ----------
    results : as from `item_results`, shape (n, items).
    day : days of the visits, shape (n,).
    visits : columns told once a visit, shape (n,).
    """
    visit, item = np.nonzero(results >= 0)
    result = results[visit, item]
    columns = {name: given[visit] for name, given in visits.items()}
    follow_up = np.array([FOLLOWS.get(name, "none") for name in OUTCOMES])
    columns["item"] = item
    columns["result"] = code("inspections", "result", *OUTCOMES)[result]
    columns["follow_up"] = code("inspections", "follow_up", *follow_up)[result]
    columns["settled_on"] = np.where(SETTLES[result] > 0, NO_DAY, day[visit])
    return visit, columns


def settled(result: Index, day: Days, rng: np.random.Generator) -> tuple[Flags, Days]:
    """Which rows are settled later than on the spot, and when; `result` are codes of the table."""
    order = np.argsort(code("inspections", "result", *OUTCOMES))
    wait = SETTLES[order[result]]
    when = day + (wait * rng.uniform(0.3, 1.5, len(day))).astype(np.int64)
    ever: Flags = (wait > 0) & (rng.random(len(day)) < SETTLED_EVER)
    return ever, when
