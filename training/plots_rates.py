"""Plots of rates: predicted and observed, of all firms, by class, and beside the public grade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.drawing import (
    AMBER,
    BLUE,
    COLOURS,
    INK,
    SOFT,
    WIDTH,
    Row,
    canvas,
    forest,
    height,
    percent,
    spaced,
)
from models.policy import CLASSES
from training.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from models.classifier import RiskClassifier

RATES = ("labelled", "weighted", "doubly_robust")


def rates(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """The problem rate of all firms by each way to estimate it, and what is predicted."""
    told = report.get("rates", {})
    rows = [_rate(short(name), told[name]) for name in RATES if name in told]
    for name, value in told.get("predicted", {}).items():
        label = "预测，抽取 predicted, draws" if name == "draws" else short(name)
        rows.append(Row(label, value, beside=f"{value:.1%}", colour=AMBER))
    for bound in told.get("bounds", []):
        factor = bound.get("factor")
        label = f"权重差 {factor:g} 倍 weights off by" if factor else "不作假定 nothing assumed"
        beside = f"{bound['low']:.1%}–{bound['high']:.1%}"
        rows.append(Row(label, None, bound["low"], bound["high"], beside, SOFT))
    if not rows:
        return None
    figure, [axes] = canvas(height(len(rows), 0.27), 6.2)
    forest(axes, rows)
    percent(axes.xaxis)
    axes.set_xlim(0, None)
    return figure


def _rate(label: str, told: Mapping[str, Any]) -> Row:
    beside = f"{told['rate']:.1%}" + (f" · n {told['n']:,}" if "n" in told else "")
    return Row(label, told["rate"], told["low"], told["high"], beside)


def reliability(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Observed against predicted problem rate in bins, each with its interval."""
    rows = report.get("reliability", [])
    if not rows:
        return None
    figure, [axes] = canvas(WIDTH * 0.8, WIDTH * 0.9)
    most = min(1.0, 1.05 * max(max(row["high"], row["expected"]) for row in rows))
    axes.plot([0, most], [0, most], color=SOFT, lw=0.8)
    for row in rows:
        ends = [row["low"], row["high"]]
        axes.plot([row["expected"]] * 2, ends, color=BLUE, lw=1.4, alpha=0.7)
    told = [row for row in rows if row["rate"] is not None]
    axes.plot([row["expected"] for row in told], [row["rate"] for row in told],
              "o", color=BLUE, ms=5)  # fmt: skip
    axes.set(xlim=(0, 1.12 * max(row["expected"] for row in rows)), ylim=(0, most))
    axes.set_xlabel("预测的问题率 predicted rate")
    axes.set_ylabel("实际的问题率 observed rate")
    percent(axes.xaxis)
    percent(axes.yaxis)
    axes.grid()
    return figure


def capacity(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """The share of all problems that the riskiest firms hold; the band is luck among equals."""
    rows = report.get("at_capacity", [])
    if not rows:
        return None
    figure, [axes] = canvas(WIDTH * 0.7, WIDTH * 0.9)
    at = [0.0, *(row["share"] for row in rows)]
    axes.plot(at, at, color=SOFT, lw=0.8)
    least, most = ([0.0, *(row[name] for row in rows)] for name in ("least", "most"))
    axes.fill_between(at, least, most, color=BLUE, alpha=0.18, lw=0)
    axes.plot(at, [0.0, *(row["recall"] for row in rows)], "o-", color=BLUE, ms=4.5, lw=1.4)
    for row in rows:
        axes.annotate(
            f"{row['lift']:.1f}×", (row["share"], row["recall"]), (-4, 7),
            textcoords="offset points", ha="center", color=SOFT,
        )  # fmt: skip
    axes.set(xlim=(0, at[-1] * 1.04), ylim=(0, min(1.0, most[-1] * 1.2)))
    axes.set_xlabel("先检查的企业 share of firms visited first")
    axes.set_ylabel("查出的问题 share of problems found")
    axes.set_xticks(at[1:])
    percent(axes.xaxis)
    percent(axes.yaxis)
    axes.grid()
    return figure


def classes(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Observed rates of A–D by the model and, apart, after the policy; ◇ is what was expected."""
    kinds = [kind for kind in ("model_classes", "final_classes") if report.get(kind)]
    if not kinds:
        return None
    figure, panels = canvas(2.9, 7.6, len(kinds))
    most = 0.0
    for axes, kind in zip(panels, kinds, strict=True):
        rows = report[kind]
        for x, row in enumerate(rows):
            colour = COLOURS[row["class"]]
            if row["rate"] is not None:
                axes.plot([x, x], [row["low"], row["high"]], color=colour, lw=2, alpha=0.7)
                axes.plot([x], [row["rate"]], "o", color=colour, ms=6)
                most = max(most, row["high"])
            if row["expected"] is not None:
                axes.plot([x + 0.16], [row["expected"]], "D", color=colour, ms=5, mfc="none")
                most = max(most, row["expected"])
        axes.set_xticks(range(len(rows)), [_under(row) for row in rows])
        axes.set_xlim(-0.5, len(rows) - 0.5)
        axes.tick_params(axis="x", length=0, labelcolor=INK)
        spaced(axes)
        axes.set_title(short(kind))
        percent(axes.yaxis)
        axes.grid(axis="y")
    for axes in panels:
        axes.set_ylim(0, most * 1.08)
    panels[0].set_xlabel("占比、有问题／检查 share of firms, problems / visits", loc="left")
    return figure


def _under(row: Mapping[str, Any]) -> str:
    return f"{row['class']}\n{row['share']:.0%}\n{row['positives']:,} / {row['n']:,}"


def beside_grade(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Share of firms by model class and by the class that the public grade stands for."""
    table = report.get("beside_grade", {}).get("table")
    if not table:
        return None
    figure, [axes] = canvas(WIDTH * 0.62, WIDTH * 0.8)
    most = max(max(row) for row in table)
    axes.imshow([[share**0.5 for share in row] for row in table], cmap="Blues", vmin=0,
                vmax=most**0.5 * 1.25, aspect="auto")  # fmt: skip
    for y, row in enumerate(table):
        for x, share in enumerate(row):
            dark = share > most / 2
            weight = "bold" if x == y else "normal"
            axes.text(x, y, f"{share:.1%}", ha="center", va="center", weight=weight,
                      color="white" if dark else INK)  # fmt: skip
    axes.set_xticks(range(4), list(CLASSES))
    axes.set_yticks(range(4), list(CLASSES))
    axes.tick_params(length=0, labelcolor=INK)
    axes.set_xlabel("公共信用等级对应的类别 class of the public grade")
    axes.set_ylabel("模型类别 model class")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
