"""Plots of effects and differences: nuisances, indicators, rivals and other fits, groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.drawing import AMBER, BLUE, FAINT, GROUND, SOFT, Row, canvas, forest, height
from training.words import short, told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from models.classifier import RiskClassifier

SHOWN = 15
"""Indicators that are drawn; the report's page tells no more of them."""


def nuisance(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Effects on what a visit finds, in log-odds; who inspected is shown as a range, unnamed."""
    rows = []
    for factor in report.get("nuisance", []):
        name = short(factor["factor"])
        if effects := factor.get("effects"):
            rows += [
                Row(f"{name}：{short(level)}" if len(effects) > 1 else name, effect,
                    beside=f"{effect:+.2f}")
                for level, effect in sorted(effects.items(), key=lambda one: one[1])
            ]  # fmt: skip
        else:
            beside = f"{factor['levels']:,} 个 levels"
            rows.append(Row(name, None, factor["least"], factor["most"], beside, AMBER))
    if not rows:
        return None
    figure, [axes] = canvas(height(len(rows)), 6.2)
    forest(axes, rows, 0.0)
    axes.set_xlabel("对数几率 log-odds")
    return figure


def importance_of(model: RiskClassifier) -> list[dict[str, Any]]:
    """Fitted indicators by their share of all loss that splits saved (gain), largest first."""
    gain = model.booster.feature_importance("gain").astype(float)
    whole = float(gain.sum()) or 1.0
    shares = dict(zip(model.definition.fitted, (gain / whole).tolist(), strict=True))
    return [
        {"indicator": name, "gain": share}
        for name, share in sorted(shares.items(), key=lambda one: -one[1])
        if share
    ]


def importance(model: RiskClassifier, _: Mapping[str, Any]) -> Figure | None:
    """The indicators that the trees gained most by."""
    rows = importance_of(model)[:SHOWN]
    if not rows:
        return None
    figure, [axes] = canvas(height(len(rows), 0.3), 7.6)
    names = [model.definition.catalogue[row["indicator"]].name for row in rows]
    labels = [f"{row['indicator']} {name.zh}" for row, name in zip(rows, names, strict=True)]
    axes.barh(labels, [row["gain"] for row in rows], color=FAINT, height=0.62)
    for y, (row, name) in enumerate(zip(rows, names, strict=True)):
        axes.annotate(f"{row['gain']:.1%} · {name.en}", (row["gain"], y), (4, 0),
                      textcoords="offset points", va="center", color=SOFT)  # fmt: skip
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, rows[0]["gain"] * 2.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_visible(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def rivals(_: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """The share of each rival's Brier score that the model saves; above 0 it does better."""
    start = "skill_over_"
    rows = []
    found = report.get("metrics", {})
    for name, (low, high) in report.get("limits", {}).items():
        if name.startswith(start) and name in found:
            value = found[name]
            colour = SOFT if low <= 0 <= high else BLUE if low > 0 else AMBER
            label = short(name.removeprefix(start))
            rows.append(Row(label, value, low, high, f"{value:+.3f}", colour))
    if not rows:
        return None
    figure, [axes] = canvas(height(len(rows), 0.28, 0.8), 6.2)
    forest(axes, rows, 0.0)
    axes.set_xlabel("Brier 技巧 Brier skill")
    return figure


def groups(model: RiskClassifier, report: Mapping[str, Any]) -> Figure | None:
    """Expected over observed problems of every group; the gate's band is shaded."""
    from matplotlib.ticker import NullLocator

    low, high = model.definition.gate.group_ratio
    told_of = [row for row in report.get("groups", []) if row.get("ratio") is not None]
    if not told_of:
        return None
    least, most = low / 2.2, high * 2.2
    rows = []
    for one in told_of:
        harmed = one["low"] > high or (one["high"] or high) < low
        beside = f"{one['ratio']:.2f} · {one['positives']:,} / {one['n']:,}"
        label = f"{told(one['kind'], 'zh')} {short(one['group'])}"
        limits = (max(least, one["low"]), min(most, one["high"] or most))
        rows.append(Row(label, min(most, max(least, one["ratio"])), *limits, beside,
                        AMBER if harmed else BLUE))  # fmt: skip
    figure, [axes] = canvas(height(len(rows)), 6.2)
    axes.axvspan(low, high, color=GROUND, zorder=0)
    forest(axes, rows, 1.0)
    axes.set_xscale("log")
    ticks = [tick for tick in (0.5, 0.7, 1.0, 1.4, 2.0) if least <= tick <= most]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(least, most)
    axes.set_xlabel("预期／实际 expected / observed")
    return figure
