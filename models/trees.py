"""A LightGBM model's trees as flat arrays, read from LightGBM's own text.

The text is the model: LightGBM writes each threshold and leaf with 17 digits, which give the
same double again, so that nothing here depends on the library that fitted it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from records.errors import BadDefinition, NotPossible

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DEEPEST = 8
"""The most decisions from root to leaf; tables over their outcomes have 2^8 rows."""

NONE, ZERO, NAN = 0, 1, 2
"""What LightGBM takes as missing in a feature: nothing (NaN counts as 0), zero, or NaN."""

_CATEGORICAL, _DEFAULT_LEFT, _MISSING_SHIFT = 1, 2, 2  # bits of LightGBM's decision_type
_HINT = "give the text of LightGBM's model_to_string, whole and unchanged"


@dataclass(frozen=True)
class Tree:
    """One tree: nodes 0 … n − 1 with the root first, leaves 0 … n; one leaf where n = 0.

    Attributes
    ----------
    feature : feature of each node, shape (n,).
    threshold : a value goes left if it is ≤ this; of no meaning where `categorical`, shape (n,).
    left, right : the child's node, or ~leaf, shape (n,).
    missing : `NONE`, `ZERO` or `NAN`, shape (n,).
    default_left : where missing values go, shape (n,); those of a category go right.
    categorical, members : nodes that send the categories of `members` left and others right.
    count : training rows that came to each node; `leaf_count`, `leaf_value` : of each leaf.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    missing: Ints
    default_left: Bools
    categorical: Bools
    members: Mapping[int, frozenset[int]]
    count: Floats
    leaf_value: Floats
    leaf_count: Floats

    def paths(self) -> Iterator[tuple[int, tuple[tuple[int, bool], ...]]]:
        """Each leaf, left before right, with the (node, goes left) decisions that lead there."""
        waiting: list[tuple[int, tuple[tuple[int, bool], ...]]] = [
            (0 if len(self.feature) else ~0, ())
        ]
        while waiting:
            node, path = waiting.pop()
            if node < 0:
                yield ~node, path
                continue
            waiting.append((int(self.right[node]), (*path, (node, False))))
            waiting.append((int(self.left[node]), (*path, (node, True))))


@dataclass(frozen=True)
class Trees:
    """The trees in the order in which their leaves are summed, and the features' names."""

    features: tuple[str, ...]
    trees: tuple[Tree, ...]


def read(text: str) -> Trees:
    """Read LightGBM's text of a model with one raw score.

    Raises
    ------
    BadDefinition : it is not such a text, or a part of it is missing or wrong.
    NotPossible : the model is multiclass, averages its trees (random forest), has linear leaves,
        or a tree deeper than `DEEPEST`: no exact contributions are made for those.
    """
    head, *parts = text.split("\n\nTree=")
    stated = _fields(head)
    if "feature_names" not in stated:
        raise BadDefinition("not a LightGBM model", found=repr(text[:40]), hint=_HINT)
    for name in ("num_class", "num_tree_per_iteration"):
        if stated.get(name, "1") != "1":
            raise _refused("a multiclass model", f"{name}={stated[name]}", "one raw score a row")
    if "average_output" in head.split("\n"):
        raise _refused("a random forest", "average_output", "boosted trees, which are summed")
    if "end of trees" not in text:
        raise BadDefinition("a LightGBM model that is cut off", found=repr(text[-40:]), hint=_HINT)
    names = tuple(stated["feature_names"].split(" "))
    trees = tuple(_tree(part.split("\n\n")[0], at, len(names)) for at, part in enumerate(parts))
    return Trees(names, trees)


def _tree(text: str, at: int, features: int) -> Tree:
    stated = _fields(text)
    if stated.get("is_linear", "0") != "0":
        raise _refused(f"linear leaves, tree {at}", "is_linear=1", "constant leaves")
    try:
        tree = _arrays(stated)
    except (KeyError, ValueError, IndexError) as error:
        raise BadDefinition(f"tree {at} cannot be read", found=str(error), hint=_HINT) from error
    nodes, leaves = len(tree.feature), len(tree.leaf_value)
    children = np.sort(np.concatenate([tree.left, tree.right]))
    whole = np.array_equal(children, [*range(-leaves, 0), *range(1, nodes)])
    if nodes and not (whole and 0 <= tree.feature.min() <= tree.feature.max() < features):
        raise BadDefinition(f"tree {at} does not hang together", hint=_HINT)
    ways = [len(path) for _, path in tree.paths()]
    if len(ways) != leaves:
        raise BadDefinition(f"tree {at} does not hang together", hint=_HINT)
    if (depth := max(ways)) > DEEPEST:
        raise _refused(f"tree {at} is too deep", f"{depth} decisions", f"at most {DEEPEST}")
    return tree


def _arrays(stated: Mapping[str, str]) -> Tree:
    leaves = int(stated["num_leaves"])
    nodes = leaves - 1

    def column(name: str, length: int, absent: str | None = None) -> Floats:
        found = np.array((stated[name] if absent is None else absent).split(), dtype=np.float64)
        if len(found) != length:
            raise ValueError(f"{name} has {len(found)} values, not {length}")
        return found

    def whole(name: str) -> Ints:
        return column(name, nodes).astype(np.int64)

    if nodes == 0:  # LightGBM writes no more of a constant than its value
        none, nothing = np.empty(0, np.int64), np.empty(0)
        no = np.empty(0, np.bool_)
        value = column("leaf_value", 1)
        return Tree(
            none, nothing, none, none, none, no, no, {}, nothing, value, np.ones(1)
        )  # fmt: skip
    kind, threshold = whole("decision_type"), column("threshold", nodes)
    categorical = (kind & _CATEGORICAL) > 0
    return Tree(
        feature=whole("split_feature"),
        threshold=threshold,
        left=whole("left_child"),
        right=whole("right_child"),
        missing=(kind >> _MISSING_SHIFT) & 3,
        default_left=(kind & _DEFAULT_LEFT) > 0,
        categorical=categorical,
        members=_members(stated, np.flatnonzero(categorical), threshold),
        count=column("internal_count", nodes),
        leaf_value=column("leaf_value", leaves),
        leaf_count=column("leaf_count", leaves),
    )


def _members(
    stated: Mapping[str, str], nodes: npt.NDArray[np.intp], threshold: Floats
) -> dict[int, frozenset[int]]:
    """The categories of each categorical node; its threshold is the place of its bits."""
    if not len(nodes):
        return {}
    bounds = [int(bound) for bound in stated["cat_boundaries"].split()]
    words = [int(word) for word in stated["cat_threshold"].split()]
    found = {}
    for node in nodes.tolist():
        at = int(threshold[node])
        bits = words[bounds[at] : bounds[at + 1]]
        found[node] = frozenset(
            32 * place + bit
            for place, word in enumerate(bits)
            for bit in range(32)
            if word >> bit & 1
        )
    return found


def _fields(text: str) -> dict[str, str]:
    """Lines of name=value; the first of a name counts."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        name, sign, value = line.partition("=")
        if sign:
            found.setdefault(name, value)
    return found


def _refused(what: str, found: str, allowed: str) -> NotPossible:
    return NotPossible(
        f"no exact reasons for {what}",
        found=found,
        allowed=allowed,
        hint="fit with max_depth 6, objective binary, boosting gbdt and linear_tree off",
    )
