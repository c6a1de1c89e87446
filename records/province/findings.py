"""From a visit's main result to the results of its items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from records.province.ledger import Index, words
from records.province.registry import Flags

BASKET = ("登记事项", "公示信息", "住所", "许可", "年报")
ITEMS = (*BASKET, "广告", "价格", "商标", "产品质量", "计量", "食品安全")
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
    """Results by item, shape (n, items); -1 where an item was not inspected."""
    results = np.where(items, CLEAN, -1)
    n = len(outcome)
    idle = items[:, LICENCE] & (rng.random(n) < NO_LICENCE_NEEDED)
    results[idle, LICENCE] = NOT_CARRIED_ON
    found = (outcome >= CORRECTED) & (outcome < CLOSED)
    second = items & found[:, None] & (rng.random(items.shape) < SECOND_PROBLEM)
    results[second] = CORRECTED
    # What was not published or is false is found where publicity is inspected, if it is.
    public = np.isin(outcome, PUBLIC_RESULTS)[:, None] & np.isin(range(len(ITEMS)), PUBLIC_ITEMS)
    main = np.where(items, rng.random(items.shape) + public, -1).argmax(axis=1)
    results[found, main[found]] = outcome[found]
    away, censored = outcome == UNREACHABLE, outcome >= CLOSED
    results = np.where(items & away[:, None], NOT_CARRIED_ON, results)
    results[away, ADDRESS] = UNREACHABLE
    return np.where(items & censored[:, None], outcome[:, None], results)


def item_rows(results: Index, **visits: Any) -> tuple[Index, dict[str, Any]]:
    """Rows an item: the visit each row belongs to, and the columns of table `inspections`.

    Parameters
    ----------
    results : as from `item_results`, shape (n, items).
    visits : columns told once a visit, shape (n,).
    """
    visit, item = np.nonzero(results >= 0)
    at = pa.array(visit)
    columns = {
        name: given.take(at) if isinstance(given, pa.Array) else given[visit]
        for name, given in visits.items()
    }
    columns["item"] = words(ITEMS, item)
    columns["result"] = words(OUTCOMES, results[visit, item])
    return visit, columns
