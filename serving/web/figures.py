"""The geometry of the pages' pictures, as numbers for SVG attributes.

All lengths are in the picture's own units, so the page scales them without inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100.0
_LEAST = 0.6  # a bar that is there can be seen


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar on an axis of `WIDTH`: where it starts and how long it is."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars on both sides of a common zero line; `zero` is where that line stands."""

    zero: float
    bars: list[Bar]


def bars(values: Sequence[float]) -> Bars:
    """Bars from zero to each value, on the widest scale that holds them all and their zero."""
    low, high = min((0.0, *values)), max((0.0, *values))
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return WIDTH * (value - low) / span

    zero = at(0.0)
    return Bars(round(zero, 2), [_bar(zero, at(value)) for value in values])


def _bar(zero: float, end: float) -> Bar:
    width = abs(end - zero)
    if 0 < width < _LEAST:
        width = _LEAST
    x = min(max(zero - width if end < zero else zero, 0.0), WIDTH - width)
    return Bar(round(x, 2), round(width, 2))


def columns(values: Sequence[float], most: int = 24) -> list[Bar]:
    """Columns side by side in a box of `WIDTH` × 40, `most` of them at once: x, and their height.

    The highest value fills the box, unless all are below a third.
    """
    step, top = WIDTH / max(min(len(values), most), 6), max(1 / 3, *values, 0.0)
    return [
        Bar(round(at * step, 2), round(max(_LEAST, 40 * value / top), 2))
        for at, value in enumerate(values[-most:])
    ]


def hundred(filled: int) -> tuple[str, str]:
    """A hundred squares, ten by ten in a box of 100 × 100, as two SVG paths: filled and empty."""
    squares = [f"M{10 * (i % 10) + 1} {10 * (i // 10) + 1}h8v8h-8z" for i in range(100)]
    filled = min(max(filled, 0), 100)
    return "".join(squares[:filled]), "".join(squares[filled:])
