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


def shares(total: int, weights: Sequence[int], rooms: Sequence[int]) -> list[Fraction]:
    """Exact parts of a total in proportion to weights, none above its room.

    Where a share would be above its room the part is the room, and the others share what is left.
    `total` is at most the sum of the rooms of parts with a weight.
    """
    parts, left = [Fraction(0)] * len(weights), total
    open_ = [at for at, weight in enumerate(weights) if weight]
    while True:
        whole = sum(weights[at] for at in open_)
        full = [at for at in open_ if left * weights[at] > rooms[at] * whole]
        if not full:
            break
        for at in full:
            parts[at] = Fraction(rooms[at])
        left -= sum(rooms[at] for at in full)
        open_ = [at for at in open_ if parts[at] == 0 and at not in full]
    for at in open_:
        parts[at] = Fraction(left * weights[at], whole)
    return parts


def spread(parts: Sequence[Fraction], u: Fraction) -> list[int]:
    """Systematic rounding: every part is rounded down or up, and their sum is kept if it is whole.

    With C_k the first k parts together, number k is floor(C_k + u) - floor(C_k-1 + u). For u
    uniform in [0, 1) its mean is the part exactly.
    """
    ends = [floor(end + u) for end in accumulate(parts)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def apportion(total: int, weights: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """`shares` as whole numbers by largest remainder; where remainders tie, the earlier first."""
    exact = shares(total, weights, rooms)
    parts = [floor(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts
