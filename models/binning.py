"""Each feature once in bins of the model's own thresholds, so that a decision compares integers.

A column is a feature as one kind of node reads it: LightGBM fixes what counts as missing by
feature when it fits, but a model fitted further on other data may hold a feature twice.

    numbers     bin = number of thresholds below the value, + 1 where there are missing values
    missing     bin 0
    categories  bin = the category's place among those named by a node, + 1; all others 0
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.trees import NONE, Floats, Ints, Trees
from records.errors import NotPossible

Bins = npt.NDArray[np.uint16]

CATEGORIES = 3
"""A column's kind, beside `NONE`, `ZERO` and `NAN` of numbers."""

MOST = 2**16 - 2
"""The most bins of a column; they are kept in 16 bits."""


@dataclass(frozen=True)
class Columns:
    """The columns of a model, c of them, and the test of each node.

    Attributes
    ----------
    feature, kind : shape (c,).
    start : where a column's edges begin in `edges`, shape (c + 1,).
    edges : thresholds of numbers, ascending; categories, ascending.
    tests : for each tree, (column, low, span, set) of each node, shape (n, 4): a row goes left if
        low ≤ bin ≤ low + span, or, where set ≥ 0, if `sets[set + bin]`.
    """

    feature: Ints
    kind: Ints
    start: Ints
    edges: Floats
    tests: tuple[Ints, ...]
    sets: npt.NDArray[np.uint16]


def columns(trees: Trees) -> Columns:
    """The columns that a model's nodes read.

    Raises
    ------
    NotPossible : a feature has more thresholds than `MOST`.
    """
    edges = _edges(trees)
    keys = sorted(edges)
    for feature, kind in keys:
        if len(edges[feature, kind]) > MOST:
            raise NotPossible(
                f"no exact reasons: feature {trees.features[feature]} has too many thresholds",
                found=str(len(edges[feature, kind])),
                allowed=f"at most {MOST}",
                hint="fit with fewer trees or a smaller max_bin",
            )
    place = {key: at for at, key in enumerate(keys)}
    sets: list[npt.NDArray[np.uint16]] = [np.zeros(0, np.uint16)]
    tests = []
    for tree in trees.trees:
        found = np.empty((len(tree.feature), 4), np.int64)
        for node, feature in enumerate(tree.feature.tolist()):
            if tree.categorical[node]:
                key = feature, CATEGORIES
                known = edges[key]
                member = np.isin(known, list(tree.members[node]))
                found[node] = place[key], 0, 0, sum(map(len, sets))
                sets.append(np.concatenate([[False], member]).astype(np.uint16))
                continue
            kind = int(tree.missing[node])
            key = feature, kind
            last = int(np.searchsorted(edges[key], tree.threshold[node])) + (kind != NONE)
            low = int(kind != NONE and not tree.default_left[node])
            found[node] = place[key], low, last - low, -1
        tests.append(found)
    lengths = [len(edges[key]) for key in keys]
    return Columns(
        feature=np.array([feature for feature, _ in keys], np.int64),
        kind=np.array([kind for _, kind in keys], np.int64),
        start=np.cumsum([0, *lengths]).astype(np.int64),
        edges=np.concatenate([np.zeros(0), *(edges[key] for key in keys)]),
        tests=tuple(tests),
        sets=np.concatenate(sets),
    )


def _edges(trees: Trees) -> dict[tuple[int, int], Floats]:
    """Thresholds or categories of each column."""
    found: dict[tuple[int, int], set[float]] = defaultdict(set)
    for tree in trees.trees:
        for node, feature in enumerate(tree.feature.tolist()):
            if tree.categorical[node]:
                found[feature, CATEGORIES] |= tree.members[node]
            else:
                found[feature, int(tree.missing[node])].add(float(tree.threshold[node]))
    return {key: np.array(sorted(values), np.float64) for key, values in found.items()}
