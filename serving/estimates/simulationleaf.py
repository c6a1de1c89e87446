"""Plans side by side as people read them, in Chinese or English, and their plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from models.drawing import AMBER, BLUE, FAINT, SOFT, canvas, percent
from serving.estimates.simulations import Tried
from serving.estimates.simulationwords import WORDS
from serving.telling import groupwords
from serving.telling.leaf import Leaf, Listed, count
from serving.telling.leaf import percent as share
from supervision.estimates.coverage import apart
from supervision.foresight import simulator
from supervision.foresight.simulator import Simulated

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TINTS = (BLUE, AMBER, SOFT, FAINT)
TOTALS: tuple[tuple[str, Callable[[float], str]], ...] = (
    ("visits", count), ("visits_slice", count), ("visits_recheck", count), ("visits_plan", count),
    ("visits_top_up", count), ("visited_share", share), ("most_in_a_bureau_and_batch", count),
    ("given_way", count), ("findings", count), ("findings_per_visit", share),
    ("findings_over_blind", count), ("firms_without_chance", count),
)  # fmt: skip
HALF = (("slice_half", "slice"), ("alike_half", "alike"))


def leaf(told: Tried, lang: str) -> Leaf:
    """All tables of the plans tried, and the plot of them."""
    t = WORDS[lang]
    about = told.about
    facts = [
        (t["run"], f"{about['run']} · {about['as_of']}"), (t["lists"], str(about["lists"])),
        (t["year"], str(about["year"])),
        (t["firms"], t["firms_told"].format(
            firms=count(about["firms"]), assumed=count(about["assumed"]))),
        (t["effect"], " · ".join(f"{m} {x:g}" for m, x in about["effect"].items()) or t["none"]),
    ]  # fmt: skip
    tables = [_totals(told, t), _classes(told, lang), _months(told, t), _burden(told, t),
              _precision(told, t), _unfit(told, t)]  # fmt: skip
    return Leaf(t["title"], lang, facts, [each for each in tables if each.rows or each.notes],
                lambda: plot(told))  # fmt: skip


def plot(told: Tried) -> Figure | None:
    """By class, side by side: visits, findings per visit, burden, and half widths of the rate."""
    fit = {name: one for name, one in told.simulated.items() if one.unfit is None}
    if not fit:
        return None
    figure, panels = canvas(3.1, 10.6, 4)
    tables = {name: simulator.by_class(one).set_index("group") for name, one in fit.items()}
    _bars(panels[0], {name: table["visits"] for name, table in tables.items()}, "次数 visits")
    _bars(panels[1], {name: table["per_visit"] for name, table in tables.items()},
          "每次发现 found per visit")  # fmt: skip
    _bars(panels[2], {name: _of_class(one.burden, "visits_per_100") for name, one in fit.items()},
          "每百户次数 visits per 100 firms")  # fmt: skip
    _bars(panels[3], {name: _of_class(one.precision, "alike_half") for name, one in fit.items()},
          "问题率 ± half width")  # fmt: skip
    for at in (1, 3):
        percent(panels[at].yaxis)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=2)
    return figure


def _bars(axes: Axes, told: dict[str, pd.Series[float]], title: str) -> None:
    names = sorted({str(name) for one in told.values() for name in one.index})
    width = 0.8 / len(told)
    for at, (plan, one) in enumerate(told.items()):
        places = [x + (at - (len(told) - 1) / 2) * width for x in range(len(names))]
        axes.bar(places, one.reindex(names).fillna(0).to_numpy(float), width * 0.92,
                 label=plan, color=TINTS[at % len(TINTS)])  # fmt: skip
    axes.set_xticks(range(len(names)), [_letter(name) for name in names])
    axes.set_title(title)
    axes.grid(axis="y")


def _letter(group: str) -> str:
    """A for class A, 级 A for grade A, – for firms without either."""
    kind, _, letter = group.partition(" ")
    return {"class": letter, "grade": f"级\n{letter}"}.get(kind, letter or "–")


def _of_class(table: pd.DataFrame, column: str) -> pd.Series[float]:
    own = table[table["by"] == "risk_class"].set_index("group")[column]
    own.index = [f"class {name}" for name in own.index]
    return own.drop("class unknown", errors="ignore")


def _names(told: Tried) -> list[str]:
    return list(told.simulated)


def _totals(told: Tried, t: Mapping[str, str]) -> Listed:
    rows = [
        [
            t[key],
            *(write(one.totals[key]) if one.totals else "✗" for one in told.simulated.values()),
        ]
        for key, write in TOTALS
    ]
    return Listed(t["totals"], ["", *_names(told)], rows, [t["totals_note"]])


def _classes(told: Tried, lang: str) -> Listed:
    t = WORDS[lang]
    tables = {
        name: simulator.by_class(one).set_index("group") for name, one in told.simulated.items()
    }
    groups = sorted({str(group) for table in tables.values() for group in table.index})
    rows = [
        [groupwords.drawn(group, lang), *(_visited(table, group) for table in tables.values())]
        for group in groups
    ]
    return Listed(t["classes"], [t["group"], *_names(told)], rows, [t["classes_note"]])


def _visited(table: pd.DataFrame, group: str) -> str:
    if group not in table.index:
        return "–"
    visits, findings, each = (
        float(table[name].to_dict()[group]) for name in ("visits", "findings", "per_visit")
    )
    return f"{count(visits)} · {count(findings)} · {share(each)}"


def _months(told: Tried, t: Mapping[str, str]) -> Listed:
    sums = {
        name: one.visits.groupby("batch")["visits"].sum() for name, one in told.simulated.items()
    }
    batches = sorted({int(batch) for one in sums.values() for batch in one.index})
    rows = [
        [str(batch), *(count(dict(one).get(batch)) for one in sums.values())] for batch in batches
    ]  # fmt: skip
    return Listed(t["months"], [t["batch"], *_names(told)], rows)


def _burden(told: Tried, t: Mapping[str, str]) -> Listed:
    """How far apart the groups of each kind are; each group stands in JSON."""
    kinds = list(dict.fromkeys(
        by for one in told.simulated.values() for by in one.burden["by"] if by != "all"
    ))  # fmt: skip
    rows = [[t[by], *(_apart(one, by) for one in told.simulated.values())] for by in kinds]
    return Listed(t["burden"], [t["group"], *_names(told)], rows, [t["burden_note"]])


def _apart(one: Simulated, by: str) -> str:
    own = one.burden[one.burden["by"] == by]
    if own.empty:
        return "–"
    rate = own["visits_per_100"]
    times = apart(rate)
    told = "∞" if times == float("inf") else f"{times:.1f}×"
    return f"{rate.min():.2f}–{rate.max():.2f} · {told}"


def _precision(told: Tried, t: Mapping[str, str]) -> Listed:
    rows = []
    for by in ("all", "risk_class", "county"):
        for half, basis in HALF:
            cells = [_half(one, by, half) for one in told.simulated.values()]
            if any(cell != "–" for cell in cells):
                rows.append([f"{t[by]} · {t[basis]}", *cells])
    notes = [t["precision_note"]]
    unblind = [name for name, one in told.simulated.items() if _unblind(one)]
    if unblind:
        notes.append(t["no_slice"].format(plans=t["comma"].join(unblind)))
    return Listed(t["precision"], [t["group"], *_names(told)], rows, notes)


def _unblind(one: Simulated) -> bool:
    """Whether a plan's year holds visits and none of them is of a blind slice."""
    return bool(one.totals) and not one.totals["visits_slice"]


def _half(one: Simulated, by: str, column: str) -> str:
    own = one.precision[one.precision["by"] == by]
    if own.empty or (column == "slice_half" and _unblind(one)):
        return "–"
    if by == "risk_class":
        named = zip(own["group"], own[column], strict=True)
        return " ".join(f"{name} ±{100 * half:.1f}" for name, half in named)
    if len(own) == 1:
        return f"±{100 * float(own[column].iloc[0]):.2f}"
    points = 100 * own[column]
    return f"±{points.median():.1f} ({points.min():.1f}–{points.max():.1f})"


def _unfit(told: Tried, t: Mapping[str, str]) -> Listed:
    rows = [
        [name, count(one.unfit["batch"]), one.unfit["what"], one.unfit["found"], one.unfit["hint"]]
        for name, one in told.simulated.items() if one.unfit is not None
    ]  # fmt: skip
    return Listed(t["unfit"], [t["plan"], t["batch"], t["what"], t["found"], t["hint"]], rows)
