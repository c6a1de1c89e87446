"""Whether a model's trees go the way that the catalogue declares for each indicator.

Of a split on an indicator whose more is more risk, every leaf on the left must be at most every
leaf on the right, so that a worse value can never lower the score. LightGBM's constraints keep to
this split by split; here it is seen again in the trees as they are read, whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.trees import Tree, Trees


def turned(trees: Trees, monotone: Sequence[int]) -> list[int]:
    """The features of which some split goes against its direction, in order.

    Parameters
    ----------
    monotone : +1 (more is more), −1 or 0 (free) of each feature.
    """
    found: set[int] = set()
    for tree in trees.trees:
        if len(tree.feature):
            _ends(tree, 0, monotone, found)
    return sorted(found)


def _ends(tree: Tree, node: int, monotone: Sequence[int], found: set[int]) -> tuple[float, float]:
    """The least and the greatest leaf under a node; adds what is turned there to `found`."""
    if node < 0:
        value = float(tree.leaf_value[~node])
        return value, value
    left = _ends(tree, int(tree.left[node]), monotone, found)
    right = _ends(tree, int(tree.right[node]), monotone, found)
    feature = int(tree.feature[node])
    way = monotone[feature]
    if (way > 0 and left[1] > right[0]) or (way < 0 and left[0] < right[1]):
        found.add(feature)
    return min(left[0], right[0]), max(left[1], right[1])
