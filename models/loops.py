"""The loops over rows: bins, then each block's outcome, then looks into its table.

Contributions are added as whole numbers of a common unit, a power of two: integer sums do not
depend on their order, so that a batch, a part of it and a single row agree to the bit. The score
adds the leaves in the order of the trees, as LightGBM does, and is LightGBM's to the bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.binning import CATEGORIES, Bins
from models.compiled import brief, compiled
from models.trees import NAN, NONE, Floats, Ints

_ZERO = float(np.float32(1e-35))  # LightGBM reads what is no larger as 0
_LARGEST = 2.0**31

Units = npt.NDArray[np.int32]


class Program(NamedTuple):
    """What the loops read, b blocks after each other; see `Columns` and `Blocks`.

    `tables`: whole numbers of the unit, a block's (features, outcomes) after the other's;
    `reached`: the value of the leaf reached, or 0, at each outcome of each block.
    """

    column_feature: Ints
    column_kind: Ints
    edge_start: Ints
    edges: Floats
    sets: Bins
    tests: Ints
    test_start: Ints
    features: Ints
    feature_start: Ints
    outcome_start: Ints
    table_start: Ints
    tables: Units
    reached: Floats


@compiled
def bin_of(value: float, kind: int, edges: Floats, first: int, last: int) -> int:
    """The bin of a value in a column whose edges are edges[first:last]."""
    if kind == CATEGORIES:
        if not -1.0 < value < _LARGEST:  # NaN too
            return 0
        value = np.trunc(value)
    elif np.isnan(value) or -_ZERO <= value <= _ZERO:
        if kind != NONE and (kind != NAN or np.isnan(value)):
            return 0
        value = 0.0
    low, length = first, last - first
    while length > 1:
        half = length >> 1
        low += half if edges[low + half - 1] < value else 0
        length -= half
    low += 1 if length and edges[low] < value else 0
    if kind == CATEGORIES:
        return low - first + 1 if low < last and edges[low] == value else 0
    return low - first + (kind != NONE)


@compiled
def bin_rows(program: Program, values: Floats, bins: Bins) -> None:
    """Bins of values of shape (features, rows), into shape (columns, rows)."""
    for column in range(len(program.column_feature)):
        kind = program.column_kind[column]
        first, last = program.edge_start[column], program.edge_start[column + 1]
        told = values[program.column_feature[column]]
        into = bins[column]
        for row in range(len(told)):
            into[row] = bin_of(told[row], kind, program.edges, first, last)


@compiled
def outcomes(program: Program, bins: Bins, block: int, outcome: Bins) -> None:
    """The outcomes of a block's decisions, a bit each, shape (rows,)."""
    outcome[:] = 0
    for at in range(program.test_start[block], program.test_start[block + 1]):
        bit = np.uint16(1 << (at - program.test_start[block]))
        told = bins[program.tests[at, 0]]
        members = program.tests[at, 3]
        if members >= 0:
            for row in range(len(outcome)):
                outcome[row] += bit * program.sets[members + told[row]]
        else:
            low, span = np.uint16(program.tests[at, 1]), np.uint16(program.tests[at, 2])
            for row in range(len(outcome)):
                if np.uint16(told[row] - low) <= span:  # below `low` it wraps around, and is large
                    outcome[row] += bit


@compiled
def explain(program: Program, bins: Bins, outcome: Bins, sums: Ints, score: Floats) -> None:
    """Sums of units, shape (features, rows), and scores, shape (rows,)."""
    sums[:, :] = 0
    score[:] = 0.0
    for block in range(len(program.test_start) - 1):
        outcomes(program, bins, block, outcome)
        size = program.outcome_start[block + 1] - program.outcome_start[block]
        first = program.feature_start[block]
        for at in range(first, program.feature_start[block + 1]):
            start = program.table_start[block] + (at - first) * size
            table = program.tables[start : start + size]
            into = sums[program.features[at]]
            for row in range(len(outcome)):
                into[row] += table[outcome[row]]
        reached = program.reached[program.outcome_start[block] : program.outcome_start[block + 1]]
        for row in range(len(outcome)):
            score[row] += reached[outcome[row]]


@brief
def explain_one(
    program: Program, values: Floats, bins: Bins, sums: Ints, unit: float, told: Floats
) -> float:
    """One row's score, and its contributions into `told`: the same sums, nothing allocated."""
    for column in range(len(program.column_feature)):
        bins[column] = bin_of(
            values[program.column_feature[column]], program.column_kind[column], program.edges,
            program.edge_start[column], program.edge_start[column + 1],
        )  # fmt: skip
    sums[:] = 0
    score = 0.0
    for block in range(len(program.test_start) - 1):
        outcome = 0
        start = program.test_start[block]
        for at in range(start, program.test_start[block + 1]):
            told_bin, members = bins[program.tests[at, 0]], program.tests[at, 3]
            if members >= 0:
                left = program.sets[members + told_bin] > 0
            else:
                left = 0 <= told_bin - program.tests[at, 1] <= program.tests[at, 2]
            outcome |= left << (at - start)
        size = program.outcome_start[block + 1] - program.outcome_start[block]
        look = program.table_start[block] + outcome
        for at in range(program.feature_start[block], program.feature_start[block + 1]):
            sums[program.features[at]] += program.tables[look]
            look += size
        score += program.reached[program.outcome_start[block] + outcome]
    for feature in range(len(told)):
        told[feature] = sums[feature] * unit
    return score


@compiled
def count(program: Program, bins: Bins, weights: Floats, outcome: Bins, counts: Floats) -> None:
    """Add the rows' weights to each block's outcomes, `counts` of shape (all outcomes,)."""
    for block in range(len(program.test_start) - 1):
        outcomes(program, bins, block, outcome)
        start = program.outcome_start[block]
        for row in range(len(outcome)):
            counts[start + outcome[row]] += weights[row]
