"""Plots over time: how history was parted, what each part showed, how settings were tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from models.drawing import AMBER, BLUE, FAINT, SOFT, canvas, height, spaced
from training.words import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from models.classifier import RiskClassifier

BY_BLOCK = {"auc": 0.5, "slope": 1.0, "expected_over_observed": 1.0}
"""Figures told by block, and where each says nothing: as good as chance, or as it should be."""


def split(model: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """One line a block: learned from, gap, judged on; with the labels in each."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    blocks = report.get("blocks", [])
    if not blocks:
        return None
    judged = len(blocks) - model.definition.blocks.judged
    start = _start(report)
    figure, [axes] = canvas(height(len(blocks), 0.3, 1.05), 7.6)
    for y, block in enumerate(blocks):
        until, first, last = (_day(block[name]) for name in ("learned_until", "first", "last"))
        end, colour = last + 1, AMBER if y >= judged else BLUE
        _bar(axes, y, start, until, FAINT)
        axes.plot([until, first], [y, y], ":", color=SOFT, lw=1)
        _bar(axes, y, first, end, colour)
        axes.annotate(
            f"{block['learned']:,}", (start, y), (4, 0), textcoords="offset points", va="center"
        )
        axes.annotate(_counted(block), (1.01, y), xycoords=("axes fraction", "data"), va="center")
    axes.set_yticks(range(len(blocks)), [f"{number + 1}" for number in range(len(blocks))])
    axes.set_ylim(len(blocks) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(start, None)
    axes.xaxis.set_major_locator(_dates().AutoDateLocator(minticks=3, maxticks=6))
    axes.xaxis.set_major_formatter(_dates().DateFormatter("%Y-%m"))
    axes.grid(axis="x")
    told = {"学习 learned from": FAINT, "校准与分界 calibrates, cuts": BLUE, "评判 judges": AMBER}
    handles: list[Any] = [Patch(color=colour, label=label) for label, colour in told.items()]
    handles.insert(1, Line2D([], [], color=SOFT, ls=":", label="间隔 gap"))
    figure.legend(handles=handles, loc="outside upper left", ncols=4, handlelength=1.2)
    return figure


def blocks(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Figures block by block, with the judged draws and their problems under each."""
    rows = report.get("blocks", [])
    shown = [name for name in BY_BLOCK if any(row.get(name) is not None for row in rows)]
    if not shown:
        return None
    figure, panels = canvas(2.3, 7.6, len(shown))
    for axes, name in zip(panels, shown, strict=True):
        given = [(x, row[name]) for x, row in enumerate(rows) if row.get(name) is not None]
        axes.axhline(BY_BLOCK[name], color=SOFT, lw=0.8)
        axes.plot(*zip(*given, strict=True), "o-", color=BLUE, ms=4.5, lw=1.2)
        axes.set_title(short(name))
        axes.set_xticks(range(len(rows)), [_under(x, row) for x, row in enumerate(rows)])
        axes.set_xlim(-0.4, len(rows) - 0.6)
        axes.tick_params(axis="x", length=0, labelsize=8.5)
        spaced(axes)
        axes.grid(axis="y")
    panels[0].set_xlabel("块、抽取、有问题 block, draws, problems", loc="left")
    return figure


def tuning(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Each trial's loss, the best so far, and which settings the loss depended on."""
    told = report.get("tuning") or {}
    trials = told.get("trials", [])
    importance = sorted((told.get("importance") or {}).items(), key=lambda one: (one[1], one[0]))
    if not any(one.get("loss") is not None for one in trials):
        return None
    figure, panels = canvas(2.5, 7.6, 2 if importance else 1)
    history(panels[0], trials)
    if importance:
        labels = [short(name) for name, _ in importance]
        panels[1].barh(labels, [share for _, share in importance], color=BLUE, height=0.6)
        panels[1].set_title("设置的重要性 importance of settings")
        panels[1].tick_params(axis="y", length=0)
        panels[1].grid(axis="x")
    return figure


def history(axes: Axes, trials: list[dict[str, Any]]) -> None:
    """A point a trial; one that was stopped stands at its last block's running loss."""
    whole = [one for one in trials if one["state"] == "complete"]
    stopped = [
        one | {"loss": reached[-1]}
        for one in trials
        if one["state"] == "stopped" and (reached := [b for b in one["blocks"] if b is not None])
    ]
    for rows, mark, colour in ((stopped, "x", SOFT), (whole, "o", BLUE)):
        axes.plot([one["number"] for one in rows], [one["loss"] for one in rows],
                  mark, color=colour, ms=4, alpha=0.8)  # fmt: skip
    axes.step([one["number"] for one in trials], [one["best_so_far"] for one in trials],
              where="post", color=AMBER, lw=1.4)  # fmt: skip
    axes.set_title("各次试验的损失 loss by trial（× 提前停止 stopped）")
    axes.grid(axis="y")


def _bar(axes: Axes, y: int, start: float, end: float, colour: str) -> None:
    axes.barh(y, end - start, left=start, height=0.62, color=colour)


def _counted(block: Mapping[str, Any]) -> str:
    drawn = f"，{block['n']:,} 抽取 drawn，{block['positives']:,} 有问题 problems"
    return f"{block['labels']:,} 标签 labels" + (drawn if "n" in block else "")


def _under(number: int, block: Mapping[str, Any]) -> str:
    return f"{number + 1}\n{block.get('n', 0):,}\n{block.get('positives', 0):,}"


def _start(report: Mapping[str, Any]) -> float:
    """The first visit learned from; where the report does not tell it, its year."""
    first = report["blocks"][0]
    return _day(first.get("learned_from") or f"{first['learned_until'][:4]}-01-01")


def _day(text: str) -> float:
    """A date on Matplotlib's axis."""
    return float(_dates().date2num(date.fromisoformat(text)))


def _dates() -> Any:
    from matplotlib import dates

    return dates
