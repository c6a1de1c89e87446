"""Plots of the simulated months, the same bits every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmarks.loop_months import Lived
from models.drawing import AMBER, BLUE, FAINT, INK, SOFT, canvas, percent, styled, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = {
    "oracle": "全知 oracle",
    "within ratios": "全知，按比例 oracle within ratios",
    "greedy": "只挑高分 greedy",
    "xinfen": "信分 Xinfen",
    "uniform": "一律随机 uniform",
}
COLOURS = {
    "oracle": INK, "within ratios": SOFT, "greedy": AMBER, "xinfen": BLUE, "uniform": FAINT,
}  # fmt: skip


def plots(all_lived: Sequence[Lived]) -> Mapping[str, str]:
    """SVG by file name."""
    with styled():
        return {
            "loop_found.svg": svg(_found(all_lived)),
            "loop_rate.svg": svg(_rate(all_lived)),
            "loop_calibration.svg": svg(_calibration(all_lived)),
        }


def _found(all_lived: Sequence[Lived]) -> Figure:
    """Problems a standard visit would find, by month and policy, mean of the provinces."""
    figure, [axes] = canvas(3.4, 7.6)
    visits = pd.concat([one.visits for one in all_lived])
    found = visits.groupby(["policy", "day"])["true"].mean()
    for name, words in WORDS.items():
        one = found[name]
        axes.plot(_days(one.index), one, color=COLOURS[name], lw=1.8, label=words)
    _year(axes, all_lived[0])
    axes.set_ylim(0, None)
    percent(axes.yaxis)
    axes.set_title("每次检查发现问题的真实机会 · true chance that a visit finds a problem")
    figure.legend(loc="outside lower left", ncols=3, handlelength=1.2)
    return figure


def _rate(all_lived: Sequence[Lived]) -> Figure:
    """Estimated rates with their intervals beside the truth, a province beside another."""
    figure, all_axes = canvas(3.4, 7.6, len(all_lived))
    for axes, one in zip(all_axes, all_lived, strict=True):
        months = one.months
        days = _days(months["day"])
        for name, shift in (("greedy", 4), ("xinfen", -4)):
            moved = days + pd.Timedelta(days=shift)
            ends = [months[f"rate {name}"] - months[f"low {name}"],
                    months[f"high {name}"] - months[f"rate {name}"]]  # fmt: skip
            axes.errorbar(moved, months[f"rate {name}"], ends, fmt="o", ms=2.5, lw=0.9,
                          color=COLOURS[name], label=WORDS[name])  # fmt: skip
        axes.plot(days, months["true"], color=INK, lw=1.6, label="真实 truth")
        _year(axes, one)
        axes.set_ylim(0, 0.8)
        percent(axes.yaxis)
        axes.set_title(f"种子 seed {one.seed}")
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, handlelength=1.2)
    return figure


def _calibration(all_lived: Sequence[Lived]) -> Figure:
    """Expected over true rate of all scored firms by month; a line a province, and their mean."""
    figure, [axes] = canvas(3.2, 7.6)
    for name in ("greedy", "xinfen"):
        lines = [one.months[f"expected {name}"] / one.months["true scored"] for one in all_lived]
        days = _days(all_lived[0].months["day"])
        for line in lines:
            axes.plot(days, line, color=COLOURS[name], lw=0.7, alpha=0.5)
        mean = sum(lines) / len(lines)
        axes.plot(days, mean, color=COLOURS[name], lw=2, label=WORDS[name])
    axes.axhline(1, color=INK, lw=0.8)
    _year(axes, all_lived[0])
    axes.set_title("全部企业预期与真实之比 · expected over true rate of all firms")
    figure.legend(loc="outside lower left", ncols=3, handlelength=1.2)
    return figure


def _year(axes: Axes, one: Lived) -> None:
    """The axis of months, with the month marked in which complaints drift."""
    import matplotlib.dates as mdates

    dates: Any = mdates
    drift: Any = pd.Timestamp(one.drift)
    axes.axvline(drift, color=SOFT, lw=1, ls=":")
    axes.annotate("漂移 drift", (drift, 1), xycoords=("data", "axes fraction"),
                  xytext=(3, -9), textcoords="offset points", color=SOFT, fontsize=8)  # fmt: skip
    axes.xaxis.set_major_locator(dates.AutoDateLocator(minticks=3, maxticks=6))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%y-%m"))
    axes.grid(axis="y")


def _days(days: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(days))
