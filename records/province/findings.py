"""From a visit's main result to the results of its items."""

from __future__ import annotations

import numpy as np

from records.province.ledger import Index
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


def choose_items(blind: Flags, rng: np.random.Generator) -> Flags:
    """Items inspected, shape (n, items): the basket for blind visits, three to eight else."""
    n = len(blind)
    order = rng.random((n, len(ITEMS)))
    order[:, : len(BASKET)] *= BASKET_FIRST
    order[:, ADDRESS] = -1
    number = rng.integers(FEWEST, MOST + 1, n)
    chosen = order.argsort(axis=1).argsort(axis=1) < number[:, None]
    basket = np.arange(len(ITEMS)) < len(BASKET)
    return np.where(blind[:, None], basket, chosen)


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
