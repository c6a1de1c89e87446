"""Charts of the pages: drawn by matplotlib in the training plots' style, put into the page as SVG.

The page allows no inline style, so what the drawing says by `style` is said by attributes. A chart
always stands beside its table, which says the same in words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from models.drawing import (
    BLUE,
    COLOURS,
    INK,
    SOFT,
    Row,
    canvas,
    forest,
    height,
    percent,
    styled,
    svg,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DRAWING = Lock()  # the library's style is one for all threads
_STYLE = re.compile(r'style="([^"]*)"')
_SHEET = re.compile(r"<style.*?</style>", re.DOTALL)
_COUNTED = re.compile(r' id="[a-z0-9.]+(_\d+|_[a-z]+)+"', re.IGNORECASE)
_ROOT = re.compile(r"<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>")
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A group of firms, and how many of them are of class C or D."""

    name: str
    some: int
    firms: int

    @property
    def rate(self) -> float:
        return self.some / self.firms if self.firms else 0.0

    @property
    def limits(self) -> tuple[float, float]:
        """What chance alone does to a group of this size (95 %, Wilson)."""
        n, p = max(self.firms, 1), self.rate
        middle = p + _Z**2 / (2 * n)
        reach = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
        return max(0.0, (middle - reach) / (1 + _Z**2 / n)), (middle + reach) / (1 + _Z**2 / n)


def chart(draw: Callable[[], Figure | None], label: str) -> Markup | None:
    """A figure for a page that allows no inline style; None where there is nothing to draw."""
    with _DRAWING, styled():
        figure = draw()
        return None if figure is None else inlined(svg(figure), label)


def inlined(drawn: str, label: str) -> Markup:
    """An SVG as part of a page: an image with a label, as wide as its place."""
    text = _STYLE.sub(lambda one: _attributes(one[1]), _SHEET.sub("", drawn))
    text = _COUNTED.sub("", text)
    root = (
        f'<svg class="chart" role="img" aria-label="{escape(label)}" viewBox="\\1" '
        'stroke-linejoin="round" stroke-linecap="butt">'
    )
    return Markup(_ROOT.sub(root, text, count=1))  # noqa: S704, drawn here, its texts escaped


def _attributes(style: str) -> str:
    pairs = (one.partition(":") for one in style.split(";") if ":" in one)
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, _, value in pairs)


def shares(groups: Sequence[Share], whole: Share) -> Figure:
    """The share of C and D in each group with what chance does, beside that of all."""
    figure, [axes] = canvas(height(len(groups), 0.25, 0.5), 5.8)
    rows = [
        Row(
            one.name, one.rate, *one.limits, beside=f"{one.rate:.1%}",
            colour=COLOURS["D"] if one.limits[0] > whole.rate else BLUE,
        )
        for one in groups
    ]  # fmt: skip
    forest(axes, rows, at=whole.rate)
    percent(axes.xaxis)
    axes.set_xlim(0, None)
    return figure


def classes_by(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Figure:
    """What share of each group is of class A to D, a bar each; letters stand on the bars."""
    figure, [axes] = canvas(height(len(names), 0.34, 0.35), 5.8)
    for at, row in enumerate(counts):
        left, total = 0.0, sum(row) or 1
        for letter, count in zip("ABCD", row, strict=True):
            part = count / total
            axes.barh(at, part, left=left, height=0.62, color=COLOURS[letter], edgecolor="white")
            if part >= 0.05:
                axes.text(left + part / 2, at, letter, ha="center", va="center",
                          color="white", fontsize=9, fontweight="bold")  # fmt: skip
            left += part
        axes.text(1.015, at, f"{sum(row):,}", va="center", color=SOFT)
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.tick_params(axis="y", length=0)
    percent(axes.xaxis)
    axes.spines["left"].set_visible(False)
    return figure
