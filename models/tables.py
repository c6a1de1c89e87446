"""The tables of a model's blocks: exact Shapley values over the outcomes of their decisions.

A leaf of value v with d distinct features on its path. A row satisfies, or not, what the path
asks of each feature: a pattern p of d bits. Let a background row have the pattern q. In the game
where a coalition S takes its features from the row and the others from the background row, the
leaf is reached if S holds all of A = p ∖ q and none of B = q ∖ p, and p ∪ q is everything. Then
(Lundberg et al. 2020, §interventional; Laberge & Pequignot 2022)

    φ_j = + v (|A| − 1)! |B|! / (|A| + |B|)!   for j in A
    φ_j = − v |A|! (|B| − 1)! / (|A| + |B|)!   for j in B

and 0 otherwise. Averaged over the background with w(q), its weight at each pattern, this is the
leaf's table (2^d, d); Nadel & Wettenstein (WOODELF, 2025) fill such tables the same way.
The path-dependent game of TreeSHAP gives each feature outside S its share of the training rows,
r_j, independently: it is the same sum with w(q) = ∏ r_j over q · ∏ (1 − r_j) outside q. Both
therefore share all the code, and cost the same to a row.
"""

from __future__ import annotations

import math

import numpy as np

from models.blocks import Blocks
from models.compiled import compiled
from models.trees import DEEPEST, Floats, Ints

SHARES = np.array(
    [
        [
            math.factorial(max(a - 1, 0)) * math.factorial(b) / math.factorial(a + b)
            for b in range(DEEPEST + 1)
        ]
        for a in range(DEEPEST + 1)
    ]
)
"""(a − 1)! b! / (a + b)!, the part of each of a features against b others, [a, b]."""


def covers(blocks: Blocks) -> Floats:
    """w(q) of every leaf by training rows, path-dependent, shape (l, 2^DEEPEST)."""
    leaves = len(blocks.leaf_value)
    weights = np.zeros((leaves, 2**DEEPEST))
    _covers(blocks.steps, blocks.step_start, blocks.cover, weights)
    return weights


def seen(blocks: Blocks, counts: Floats) -> Floats:
    """w(q) of every leaf from the background's weight at each outcome of each block."""
    weights = np.zeros((len(blocks.leaf_value), 2**DEEPEST))
    _seen(blocks.steps, blocks.step_start, blocks.leaf_start, blocks.outcome_start, counts, weights)
    return weights


def fill(blocks: Blocks, table_start: Ints, weights: Floats) -> tuple[Floats, Floats, float]:
    """The blocks' tables.

    Parameters
    ----------
    table_start : where a block's table begins among all, shape (b + 1,).
    weights : w(q) of every leaf, shape (l, 2^DEEPEST).

    Returns
    -------
    contributions, a block's (features, outcomes) after the other's, flat; the value of the leaf
    reached, or 0, at each outcome; and the base, the leaves' mean under `weights`.
    """
    told, reached = np.zeros(table_start[-1]), np.zeros(blocks.outcome_start[-1])
    base = _fill(
        blocks.steps, blocks.step_start, blocks.leaf_start, blocks.leaf_value, blocks.slots,
        blocks.outcome_start, table_start, weights, SHARES, told, reached,
    )  # fmt: skip
    return told, reached, float(base)


@compiled
def _covers(steps: Ints, step_start: Ints, cover: Floats, weights: Floats) -> None:
    share = np.empty(weights.shape[1])
    for leaf in range(len(step_start) - 1):
        d = 0
        share[:] = 1.0
        for at in range(step_start[leaf], step_start[leaf + 1]):
            slot = steps[at, 2]
            share[slot] *= cover[at]
            d = max(d, slot + 1)
        for pattern in range(1 << d):
            weight = 1.0
            for slot in range(d):
                weight *= share[slot] if pattern >> slot & 1 else 1.0 - share[slot]
            weights[leaf, pattern] = weight


@compiled
def _pattern(steps: Ints, first: int, last: int, outcome: int) -> int:
    """Which of a path's features an outcome of its block satisfies, as bits."""
    pattern = -1
    for at in range(first, last):
        if (outcome >> steps[at, 0] & 1) != steps[at, 1]:
            pattern &= ~(1 << steps[at, 2])
    return pattern


@compiled
def _seen(
    steps: Ints, step_start: Ints, leaf_start: Ints, outcome_start: Ints, counts: Floats,
    weights: Floats,
) -> None:  # fmt: skip
    for block in range(len(leaf_start) - 1):
        for leaf in range(leaf_start[block], leaf_start[block + 1]):
            first, last = step_start[leaf], step_start[leaf + 1]
            d = 0
            for at in range(first, last):
                d = max(d, steps[at, 2] + 1)
            for row in range(outcome_start[block], outcome_start[block + 1]):
                pattern = _pattern(steps, first, last, row - outcome_start[block])
                weights[leaf, pattern & ((1 << d) - 1)] += counts[row]


@compiled
def _leaf(value: float, d: int, weights: Floats, shares: Floats, table: Floats) -> None:
    """A leaf's table: the contribution of each feature of its path at each pattern."""
    whole = (1 << d) - 1
    for row in range(1 << d):
        for slot in range(d):
            table[row, slot] = 0.0
        lacking = whole & ~row
        held = row
        while True:  # every background pattern that has all that the row lacks
            ground = lacking | held
            weight = weights[ground]
            if weight != 0.0:
                need, bar = row & ~ground, lacking
                a = b = 0
                for slot in range(d):
                    a += need >> slot & 1
                    b += bar >> slot & 1
                up, down = value * weight * shares[a, b], value * weight * shares[b, a]
                for slot in range(d):
                    if need >> slot & 1:
                        table[row, slot] += up
                    elif bar >> slot & 1:
                        table[row, slot] -= down
            if held == 0:
                break
            held = (held - 1) & row


@compiled
def _fill(
    steps: Ints, step_start: Ints, leaf_start: Ints, leaf_value: Floats, slots: Ints,
    outcome_start: Ints, table_start: Ints, weights: Floats, shares: Floats, told: Floats,
    reached: Floats,
) -> float:  # fmt: skip
    table = np.empty((weights.shape[1], slots.shape[1]))
    base = 0.0
    for block in range(len(leaf_start) - 1):
        size = outcome_start[block + 1] - outcome_start[block]
        for leaf in range(leaf_start[block], leaf_start[block + 1]):
            first, last = step_start[leaf], step_start[leaf + 1]
            d = 0
            for at in range(first, last):
                d = max(d, steps[at, 2] + 1)
            whole = (1 << d) - 1
            _leaf(leaf_value[leaf], d, weights[leaf], shares, table)
            base += leaf_value[leaf] * weights[leaf, whole]
            for outcome in range(size):
                pattern = _pattern(steps, first, last, outcome) & whole
                if pattern == whole:
                    reached[outcome_start[block] + outcome] = leaf_value[leaf]
                to = table_start[block] + outcome
                for slot in range(d):
                    told[to + slots[leaf, slot] * size] += table[pattern, slot]
    return base
