"""Leaves joined to blocks, each with one table over the outcomes of all its decisions.

What a row gets of a leaf depends on the outcomes of the at most `DEEPEST` decisions on the leaf's
path. Neighbouring leaves share most of theirs: a block takes as many as have at most `DEEPEST`
decisions together. Its table holds, for each of the 2^n outcomes of its n decisions, the sum over
its leaves of the contribution to each of its features. A row then looks once into a table of
each block, instead of once for each leaf.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_

import numpy as np

from models.binning import Columns
from models.trees import DEEPEST, Floats, Ints, Tree, Trees

_TEST, _LOOK = 0.1, 1.0  # measured: time of a decision and of a look into a table, a row

Path = tuple[tuple[int, bool], ...]


@dataclass(frozen=True)
class Blocks:
    """Blocks in the order of the trees, and within a tree of its leaves from left to right.

    Attributes
    ----------
    tests : (column, low, span, set) of each decision, shape (t, 4); see `Columns`.
    test_start : where a block's decisions begin, shape (b + 1,); the first is the lowest bit.
    features : features of the blocks' tables; `feature_start` : where a block's begin, (b + 1,).
    leaf_start : where a block's leaves begin, shape (b + 1,); `leaf_value` : of shape (l,).
    steps : (bit, goes left, slot) of each decision on each leaf's path, shape (s, 3): `slot` is
        the place of its feature among the distinct ones of the path.
    step_start : where a leaf's path begins, shape (l + 1,).
    cover : share of a node's training rows that went the leaf's way, shape (s,).
    slots : place in the block's features of each distinct feature of a path, shape (l, DEEPEST).
    """

    tests: Ints
    test_start: Ints
    features: Ints
    feature_start: Ints
    leaf_start: Ints
    leaf_value: Floats
    steps: Ints
    step_start: Ints
    cover: Floats
    slots: Ints

    @property
    def outcome_start(self) -> Ints:
        """Where each block's outcomes begin among all, shape (b + 1,)."""
        return _starts(2 ** np.diff(self.test_start))


def blocks(trees: Trees, columns: Columns) -> Blocks:
    """Join the leaves of each tree to blocks of the least time a row."""
    made = _Made()
    for tree, tests in zip(trees.trees, columns.tests, strict=True):
        paths = list(tree.paths())
        feature = tree.feature.tolist()
        cuts = _cuts([path for _, path in paths], feature)
        for first, last in pairwise(cuts):
            made.add(tree, tests, feature, paths[first:last])
    return made.finished()


def _cuts(paths: list[Path], feature: list[int]) -> list[int]:
    """Where to cut the leaves, from left to right, into blocks: the shortest way to the end."""
    nodes = [reduce(or_, (1 << node for node, _ in path), 0) for path in paths]
    used = [reduce(or_, (1 << feature[node] for node, _ in path), 0) for path in paths]
    best = [0.0, *[np.inf] * len(paths)]
    come = [0] * len(best)
    for first in range(len(paths)):
        union = names = 0
        for last in range(first, len(paths)):
            union |= nodes[last]
            names |= used[last]
            if union.bit_count() > DEEPEST:
                break
            time = best[first] + _LOOK * (1 + names.bit_count()) + _TEST * union.bit_count()
            if time < best[last + 1]:
                best[last + 1], come[last + 1] = time, first
    cuts = [len(paths)]
    while cuts[-1]:
        cuts.append(come[cuts[-1]])
    return cuts[::-1]


class _Made:
    """The arrays of `Blocks` while they grow."""

    def __init__(self) -> None:
        self.tests: list[Ints] = []
        self.features: list[list[int]] = []
        self.leaves: list[list[float]] = []
        self.steps: list[list[tuple[int, bool, int]]] = []
        self.cover: list[float] = []
        self.slots: list[list[int]] = []

    def add(
        self, tree: Tree, tests: Ints, feature: list[int], paths: list[tuple[int, Path]]
    ) -> None:
        """One more block, of these leaves of a tree."""
        nodes = sorted({node for _, path in paths for node, _ in path})
        bit = {node: at for at, node in enumerate(nodes)}
        names = sorted({feature[node] for node in nodes})
        self.tests.append(tests[nodes])
        self.features.append(names)
        self.leaves.append([float(tree.leaf_value[leaf]) for leaf, _ in paths])
        for leaf, path in paths:
            slot = {name: at for at, name in enumerate(sorted({feature[n] for n, _ in path}))}
            self.steps.append([(bit[n], left, slot[feature[n]]) for n, left in path])
            self.slots.append(([names.index(name) for name in slot] + [0] * DEEPEST)[:DEEPEST])
            came = [*(tree.count[node] for node, _ in path), tree.leaf_count[leaf]]
            self.cover += [to / of if of else np.nan for of, to in pairwise(came)]

    def finished(self) -> Blocks:
        steps = [step for path in self.steps for step in path]
        return Blocks(
            tests=np.concatenate([np.empty((0, 4), np.int64), *self.tests]),
            test_start=_starts([len(tests) for tests in self.tests]),
            features=np.array([name for names in self.features for name in names], np.int64),
            feature_start=_starts([len(names) for names in self.features]),
            leaf_start=_starts([len(values) for values in self.leaves]),
            leaf_value=np.array([v for values in self.leaves for v in values], np.float64),
            steps=np.array(steps, np.int64).reshape(-1, 3),
            step_start=_starts([len(path) for path in self.steps]),
            cover=np.array(self.cover, np.float64),
            slots=np.array(self.slots, np.int64).reshape(-1, DEEPEST),
        )


def _starts(lengths: list[int] | Ints) -> Ints:
    return np.cumsum([0, *lengths]).astype(np.int64)
