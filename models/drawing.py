"""Drawing: one calm style for every plot, and SVG of the same bits every time.

Labels are short and stand in Chinese and English together, as text, so that a plot alone is
read by both and the reader's own fonts show it. Matplotlib loads when a plot is first drawn.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE, GROUND = "#1c2330", "#5b6575", "#d9dfe6", "#eef1f5"
BLUE, AMBER, FAINT = "#2f66ab", "#b7700f", "#b9c7da"
COLOURS = {"A": "#27734f", "B": "#2f66ab", "C": "#955c07", "D": "#b03434"}
"""Classes; the letter always stands beside, for colours alone do not tell them to everybody."""

FONTS = ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "DejaVu Sans"]
"""The first that is installed sets the widths; a browser takes the first that it has."""

WIDTH = 5.4
"""Of a plot in inches: read beside its table on a screen, and alone on a telephone."""

STYLE: Any = {
    "svg.hashsalt": "xinfen",
    "svg.fonttype": "none",
    "font.family": FONTS,
    "font.size": 9.5,
    "axes.unicode_minus": False,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": SOFT,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "grid.color": GROUND,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@contextmanager
def styled() -> Iterator[None]:
    """The style, for the length of the block; a font that is not installed is no matter."""
    import matplotlib as mpl

    finder = logging.getLogger("matplotlib.font_manager")
    level = finder.level
    finder.setLevel(logging.ERROR)
    try:
        with mpl.rc_context(STYLE), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            yield
    finally:
        finder.setLevel(level)


def canvas(height: float, width: float = WIDTH, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of some inches and its axes; no window and no state that others share."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes: Any = figure.subplots(1, columns, squeeze=False)
    return figure, list(axes[0])


def svg(figure: Figure) -> str:
    """The figure as an `<svg>` element; equal figures give equal text."""
    out = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(out, format="svg", metadata=nothing)
    text = out.getvalue()
    return text[text.index("<svg") :].rstrip() + "\n"


def percent(axis: Any, digits: int = 0) -> None:
    """Tell an axis of shares in per cent."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=digits))


def spaced(axes: Axes) -> None:
    """Room between the lines of the labels below."""
    for label in axes.get_xticklabels():
        label.set_linespacing(1.45)


@dataclass(frozen=True)
class Row:
    """One line of a forest plot: a point, its limits (null: none), and what stands beside it."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    beside: str = ""
    colour: str = BLUE


def forest(axes: Axes, rows: Sequence[Row], at: float | None = None) -> None:
    """Points with their intervals, one below another; `at` is where nothing is different.

    What reaches beyond the axis ends in an arrow.
    """
    if at is not None:
        axes.axvline(at, color=SOFT, lw=0.8, zorder=1)
    for y, row in enumerate(rows):
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [y, y], color=row.colour, lw=1.6, alpha=0.75, zorder=2)
        if row.value is not None:
            axes.plot([row.value], [y], "o", color=row.colour, ms=4.5, zorder=3)
        axes.annotate(
            row.beside, (1.015, y), xycoords=("axes fraction", "data"), va="center", color=SOFT
        )
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)


def height(rows: int, each: float = 0.24, rest: float = 0.65) -> float:
    """Inches that so many lines need."""
    return rest + each * rows
