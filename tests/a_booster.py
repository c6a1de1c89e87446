"""Models in LightGBM's own text, of random or of given trees, and rows that try all their ways.

Random trees reach what a fitted model seldom shows: a feature again and again on one path, one
feature with two kinds of missing values, categories in many words of bits, constant trees.
LightGBM itself reads the same text, as the oracle.
"""

from __future__ import annotations

from collections.abc import Iterable

import lightgbm as lgb
import numpy as np

FEATURES = 6
"""Features of a random model; the last two are categories."""

NUMBERS = np.array([-2.5, -1.0, 0.0, 0.5, 1.0, 3.0])
VALUES = np.array([np.nan, 0.0, -0.0, 1e-36, -1e-36, np.inf, -np.inf, 1e300, *NUMBERS, 0.75, -3.0])
CODES = np.array([np.nan, 0.0, 1.0, 2.0, 31.0, 32.0, 40.0, 64.0, 2.7, -0.5, -1.0, 99.0, 1e12])


def text(trees: list[str], *, features: int = FEATURES, head: str = "") -> str:
    """A whole model of the texts of its trees."""
    names = " ".join(f"f{at}" for at in range(features))
    infos = " ".join(["[-10:10]"] * features)
    start = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={features - 1}\nobjective=regression\n{head}"
        f"feature_names={names}\nfeature_infos={infos}\n\n"
    )
    numbered = [f"Tree={at}\n{tree}\n\n\n" for at, tree in enumerate(trees)]
    return start + "".join(numbered) + "end of trees\n\npandas_categorical:null\n"


def constant(value: float) -> str:
    """A tree that was never split."""
    return f"num_leaves=1\nnum_cat=0\nleaf_value={value!r}\nshrinkage=1"


def tree(random: np.random.Generator, depth: int, *, swapped: bool = False) -> str:
    """A random tree of at most so many decisions on a path; `swapped`: features 0 and 1."""
    nodes: list[dict[str, float]] = []
    leaves: list[tuple[float, int]] = []
    sets: list[list[int]] = []

    def grow(level: int) -> tuple[int, int]:
        if level == depth or (level and random.random() < 0.3):
            leaves.append((float(random.normal()), int(random.integers(1, 50))))
            return ~(len(leaves) - 1), leaves[-1][1]
        at = len(nodes)
        nodes.append(_node(random, sets, swapped))
        left, came_left = grow(level + 1)
        right, came_right = grow(level + 1)
        nodes[at] |= {"left_child": left, "right_child": right}
        nodes[at]["internal_count"] = came_left + came_right
        return at, came_left + came_right

    grow(0)
    starts = np.cumsum([0, *map(len, sets)])
    lines: dict[str, Iterable[float]] = {
        "num_leaves": [len(leaves)],
        "num_cat": [len(sets)],
        **{name: [node[name] for node in nodes] for name in nodes[0]},
        "leaf_value": [value for value, _ in leaves],
        "leaf_weight": [count for _, count in leaves],
        "leaf_count": [count for _, count in leaves],
        **({"cat_boundaries": starts, "cat_threshold": np.concatenate(sets)} if sets else {}),
        "is_linear": [0],
        "shrinkage": [1],
    }
    return "\n".join(f"{name}={' '.join(map(_plain, told))}" for name, told in lines.items())


def rows(random: np.random.Generator, count: int) -> np.ndarray:
    """Rows for a random model, among them values that no training data would hold."""
    numbers = random.choice(VALUES, (count, FEATURES - 2))
    return np.column_stack([numbers, random.choice(CODES, (count, 2))])


def oracle(model: str) -> lgb.Booster:
    """The same text, read by LightGBM."""
    return lgb.Booster(model_str=model)


def scores(booster: lgb.Booster, values: np.ndarray) -> np.ndarray:
    """LightGBM's raw scores, by one thread: two wait for each other where others work too."""
    return np.asarray(booster.predict(values, raw_score=True, num_threads=1))


def contributions(booster: lgb.Booster, values: np.ndarray) -> np.ndarray:
    """LightGBM's contributions, the base in the last column, by one thread."""
    return np.asarray(booster.predict(values, pred_contrib=True, num_threads=1))


def fitted(
    values: np.ndarray, labels: np.ndarray, rounds: int, categories: list[int], **more: object
) -> lgb.Booster:
    """A booster fitted on data."""
    parameters = {
        "objective": "binary", "num_leaves": 31, "min_child_samples": 5, "verbosity": -1,
        "min_data_per_group": 5, "num_threads": 1, "seed": 0, **more,
    }  # fmt: skip
    data = lgb.Dataset(values, labels, categorical_feature=categories, params=dict(parameters))
    return lgb.train(parameters, data, rounds)


def _node(random: np.random.Generator, sets: list[list[int]], swapped: bool) -> dict[str, float]:
    feature = int(random.integers(FEATURES))
    if feature >= FEATURES - 2:
        sets.append(random.integers(0, 2**32, random.integers(1, 4)).tolist())
        threshold, kind = float(len(sets) - 1), 1 | int(random.choice([0, 8]))
    else:
        # missing none, zero or NaN, and the way that missing values go
        threshold = float(random.choice(NUMBERS))
        kind = int(random.choice([0, 4, 8])) | int(random.choice([0, 2]))
    feature = {0: 1, 1: 0}.get(feature, feature) if swapped else feature
    return {
        "split_feature": feature, "split_gain": 1, "threshold": threshold, "decision_type": kind,
        "left_child": 0, "right_child": 0, "internal_value": 0, "internal_weight": 1,
        "internal_count": 0,
    }  # fmt: skip


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
