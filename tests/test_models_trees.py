from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from models import binning, trees
from models.blocks import blocks
from records.errors import BadDefinition, NotPossible
from tests import a_booster

BY_HAND = """num_leaves=4
num_cat=1
split_feature=2 0 1
split_gain=3 2 1
threshold=1.0000000180025095e-35 0 0.10000000000000001
decision_type=10 1 4
left_child=1 -2 -3
right_child=2 -1 -4
leaf_value=0.25 -0.5 1e-3 0.125
leaf_weight=1 1 1 1
leaf_count=10 20 30 40
internal_value=0 0 0
internal_weight=1 1 1
internal_count=100 30 70
cat_boundaries=0 2
cat_threshold=5 2
is_linear=0
shrinkage=0.1"""


def test_a_tree_as_it_stands_in_the_text() -> None:
    read = trees.read(a_booster.text([BY_HAND], features=3))
    (tree,) = read.trees
    assert read.features == ("f0", "f1", "f2")
    assert tree.feature.tolist() == [2, 0, 1]
    assert tree.threshold.tolist()[::2] == [1.0000000180025095e-35, 0.1]
    assert tree.missing.tolist() == [trees.NAN, trees.NONE, trees.ZERO]
    assert tree.default_left.tolist() == [True, False, False]
    assert tree.categorical.tolist() == [False, True, False]
    assert tree.members == {1: frozenset({0, 2, 33})}
    assert tree.leaf_value.tolist() == [0.25, -0.5, 0.001, 0.125]
    assert tree.count.tolist() == [100, 30, 70]
    assert list(tree.paths()) == [
        (1, ((0, True), (1, True))),
        (0, ((0, True), (1, False))),
        (2, ((0, False), (2, True))),
        (3, ((0, False), (2, False))),
    ]


def test_columns_and_tests_of_its_nodes() -> None:
    read = trees.read(a_booster.text([BY_HAND], features=3))
    columns = binning.columns(read)
    assert columns.feature.tolist() == [0, 1, 2]
    assert columns.kind.tolist() == [binning.CATEGORIES, trees.ZERO, trees.NAN]
    assert columns.edges.tolist() == [0, 2, 33, 0.1, 1.0000000180025095e-35]
    (tests,) = columns.tests
    # bin 0 is missing: feature 2 sends it left (0 … 1), feature 1 right (1 … 1)
    assert tests.tolist() == [[2, 0, 1, -1], [0, 0, 0, 0], [1, 1, 0, -1]]
    assert columns.sets.tolist() == [0, 1, 1, 1]


def test_a_feature_with_two_kinds_of_missing_values_is_two_columns() -> None:
    other = BY_HAND.replace("decision_type=10 1 4", "decision_type=0 1 0")
    columns = binning.columns(trees.read(a_booster.text([BY_HAND, other], features=3)))
    assert columns.feature.tolist() == [0, 1, 1, 2, 2]
    assert columns.kind.tolist() == [3, trees.NONE, trees.ZERO, trees.NONE, trees.NAN]


def test_leaves_that_share_their_decisions_share_a_block() -> None:
    read = trees.read(a_booster.text([BY_HAND, a_booster.constant(0.5)], features=3))
    joined = blocks(read, binning.columns(read))
    assert joined.leaf_value.tolist() == [-0.5, 0.25, 0.001, 0.125, 0.5]
    assert joined.leaf_start.tolist() == [0, 4, 5]
    assert joined.features.tolist() == [0, 1, 2]
    assert np.diff(joined.test_start).tolist() == [3, 0]
    # (bit, goes left, slot) of both decisions on the path to each leaf
    assert joined.steps.reshape(4, 2, 3).tolist() == [
        [[0, 1, 1], [1, 1, 0]],
        [[0, 1, 1], [1, 0, 0]],
        [[0, 0, 1], [2, 1, 0]],
        [[0, 0, 1], [2, 0, 0]],
    ]
    assert joined.cover.reshape(4, 2).tolist() == [
        [0.3, 20 / 30], [0.3, 10 / 30], [0.7, 30 / 70], [0.7, 40 / 70],
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_no_block_asks_more_than_a_byte_holds(seed: int) -> None:
    random = np.random.default_rng(seed)
    read = trees.read(a_booster.text([a_booster.tree(random, trees.DEEPEST) for _ in range(4)]))
    joined = blocks(read, binning.columns(read))
    assert np.diff(joined.test_start).max() <= trees.DEEPEST
    leaves = [tree.leaf_value[leaf] for tree in read.trees for leaf, _ in tree.paths()]
    assert joined.leaf_value.tolist() == leaves


def test_a_fitted_model_as_lightgbm_tells_it_elsewhere() -> None:
    random = np.random.default_rng(0)
    values = np.column_stack([random.normal(size=(500, 3)), random.integers(0, 9, 500)])
    values[random.random(500) < 0.2, 1] = np.nan
    booster = a_booster.fitted(values, (random.random(500) < 0.3) * 1.0, 10, [3], max_depth=4)
    read = trees.read(booster.model_to_string())
    told = [one["tree_structure"] for one in booster.dump_model()["tree_info"]]
    for tree, structure in zip(read.trees, told, strict=True):
        for leaf, path in tree.paths():
            at: dict[str, Any] = structure
            for node, left in path:
                assert at["split_feature"] == tree.feature[node]
                assert at["internal_count"] == tree.count[node]
                if tree.categorical[node]:
                    members = "||".join(map(str, sorted(tree.members[node])))
                    assert at["threshold"] == members
                else:
                    assert at["threshold"] == tree.threshold[node]
                    assert at["default_left"] == tree.default_left[node]
                at = at["left_child" if left else "right_child"]
            assert (at["leaf_index"], at["leaf_value"]) == (leaf, tree.leaf_value[leaf])


def test_the_deepest_tree_that_is_read() -> None:
    random = np.random.default_rng(1)
    for depth in itertools.count(trees.DEEPEST):
        text = a_booster.text([a_booster.tree(random, depth) for _ in range(20)])
        if depth == trees.DEEPEST:
            trees.read(text)
            continue
        with pytest.raises(NotPossible, match=r"is too deep\n  found: 9 decisions"):
            trees.read(text)
        break


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("num_class=1", "num_class=3"), NotPossible, "multiclass"),
        (("tree_per_iteration=1", "tree_per_iteration=2"), NotPossible, "multiclass"),
        (("objective=", "average_output\nobjective="), NotPossible, "random forest"),
        (("is_linear=0", "is_linear=1"), NotPossible, "linear leaves, tree 0"),
        (("feature_names", "names"), BadDefinition, "not a LightGBM model"),
        (("end of trees", ""), BadDefinition, "cut off"),
        (("leaf_value=0.25 ", "leaf_value="), BadDefinition, "leaf_value has 3 values, not 4"),
        (("threshold=1.0", "threshold=x"), BadDefinition, "tree 0 cannot be read"),
        (("right_child=2", "right_child=1"), BadDefinition, "does not hang together"),
        (("split_feature=2", "split_feature=3"), BadDefinition, "does not hang together"),
        (("decision_type=10", "kind=10"), BadDefinition, "tree 0 cannot be read"),
        (("cat_boundaries=0 2", "cat_boundaries=0"), BadDefinition, "tree 0 cannot be read"),
    ],
)
def test_other_texts_are_refused(
    change: tuple[str, str], error: type[Exception], message: str
) -> None:
    text = a_booster.text([BY_HAND], features=3)
    assert change[0] in text
    with pytest.raises(error, match=message):
        trees.read(text.replace(*change))
