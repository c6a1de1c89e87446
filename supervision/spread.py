"""Whole visits from shares of visits: two ways to round, one with a seed and one without.

`spread` is fair in chance: each part is its share rounded down or up, and on average the share
exactly. `apportion` decides without a seed, by largest remainder, where a number must be known
before the draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from math import floor

from supervision.canonical import digest, document


def uniform(seed: str, task: str, name: str) -> Fraction:
    """A number in [0, 1): SHA-256 of the JSON of [seed, task, name], over 2^256."""
    return Fraction(int(digest(document([seed, task, name])), 16), 1 << 256)


def spread(total: int, weights: Sequence[int], u: Fraction) -> list[int]:
    """Systematic rounding of a total to parts in proportion to weights.

    With C_k the first k shares together, part k is floor(C_k + u) - floor(C_k-1 + u). For u
    uniform in [0, 1) its mean is its share exactly.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    ends = [floor(Fraction(total * weight, whole) + u) for weight in accumulate(weights)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def apportion(total: int, weights: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """Parts in proportion to weights, none above its room, by largest remainder.

    A part whose share reaches its room takes the room, and the others share what is left. Where
    remainders tie, the earlier part is first. `total` is at most the sum of the rooms of parts
    with a weight.
    """
    parts, left = [0] * len(weights), total
    open_ = [at for at, weight in enumerate(weights) if weight and rooms[at]]
    while True:
        whole = sum(weights[at] for at in open_)
        full = [at for at in open_ if left * weights[at] >= rooms[at] * whole]
        if not full:
            break
        for at in full:
            parts[at] = rooms[at]
        left -= sum(rooms[at] for at in full)
        open_ = [at for at in open_ if at not in full]
    for at in open_:
        parts[at] = left * weights[at] // whole
    rest = left - sum(parts[at] for at in open_)
    by_remainder = sorted(open_, key=lambda at: (-(left * weights[at] % whole), at))
    for at in by_remainder[:rest]:
        parts[at] += 1
    return parts
