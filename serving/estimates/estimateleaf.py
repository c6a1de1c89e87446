"""The estimates of a plan as people read them, in Chinese or English, and their plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.drawing import BLUE, COLOURS, SOFT, Row, canvas, forest, height, percent
from serving.estimates.estimates import HIGHER, Estimates
from serving.estimates.estimatewords import WORDS
from serving.telling.leaf import Leaf, Listed, between, count
from serving.telling.leaf import percent as share
from supervision.estimates.coverage import UNKNOWN
from supervision.estimates.sample import PLAN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LETTERS = ("risk_class", "public_grade")
MOST = 40
"""Groups in a plot; more are told by the table alone."""
FOLDED = 12
"""Groups of a kind whose coverage is printed; all are in JSON and in the file."""


def leaf(told: Estimates, lang: str) -> Leaf:
    """All tables of a plan's estimates, and the plot of its rates."""
    t = WORDS[lang]
    return Leaf(
        t["title"], lang, _facts(told, lang),
        [_rates(told, t), _found(told, t), _worth(told, t), _coverage(told, t), _strict(told, t)],
        lambda: plot(told),
    )  # fmt: skip


def plot(told: Estimates) -> Figure | None:
    """Rates with their intervals by group; classes in their colours."""
    rows = told.rates[told.rates["measured"] > 0].head(MOST)
    if rows.empty:
        return None
    figure, [axes] = canvas(height(len(rows), 0.25, 0.9), 6.4)
    forest(axes, [_point(row) for row in rows.to_dict("records")], float(rows["rate"].iloc[0]))
    percent(axes.xaxis)
    axes.set_xlim(0, min(1.0, 1.08 * float(rows["high"].max())))
    axes.set_xlabel(f"问题率 problem rate · {told.about['basis']} · {told.about['firms']:,} firms")
    return figure


def _point(row: dict[Any, Any]) -> Row:
    colour = COLOURS.get(row["group"], BLUE) if row["by"] == "risk_class" else BLUE
    kinds, groups = (
        [WORDS[lang].get(row[of], row[of]) for lang in WORDS] for of in ("by", "group")
    )
    named = " ".join(dict.fromkeys(kinds if row["by"] == "all" else [*kinds, *groups]))
    beside = f"{share(row['rate'])} · {row['problems']}/{row['measured']}"
    tint = SOFT if row["by"] == "all" else colour
    return Row(named, row["rate"], row["low"], row["high"], beside, tint)


def _facts(told: Estimates, lang: str) -> list[tuple[str, str]]:
    t, about, period = WORDS[lang], told.about, told.about["period"]
    basket = t["comma"].join(name[lang] for name in about["basket"].values())
    one = period["first"] == period["batch"]
    batches = f"{period['batch']}" if one else f"{period['first']}–{period['batch']}"
    outside = t["join"].join(_outside(why, n, t) for why, n in about["outside"].items())
    return [
        (t["plan"], f"{', '.join(map(str, about['numbers']))} · {about['task']}"),
        (t["period"], f"{period['start']} – {period['end']} ({batches}/{period['of']})"),
        (t["frame"], t["frame_told"].format(
            firms=count(about["firms"]), as_of=about["as_of"],
            hash=", ".join(f"{one[:16]}…" for one in about["frame_hashes"]))),
        (t["outside"], f"{outside or t['nobody']}{t['join']}{t['unlisted']}"),
        (t["basis"], t["basis_" + about["basis"]].format(items=basket)),
    ]  # fmt: skip


def _outside(why: str, firms: int, t: Mapping[str, str]) -> str:
    """A reason for which firms are not spoken for; what follows a colon is a rule's own name."""
    kind, _, name = why.partition(": ")
    return t["rule" if kind == HIGHER else kind].format(rule=name, firms=count(firms))


def _rates(told: Estimates, t: Mapping[str, str]) -> Listed:
    header = [t[name] for name in (
        "group", "firms", "drawn", "measured", "problems", "missing", "rate", "interval",
        "if_missing", "effective",
    )]  # fmt: skip
    rows = [_rate(row, t) for row in told.rates.to_dict("records")]
    notes = [t["rates_note"]]
    if told.agreed is not None:
        blind = told.reference.to_dict("records")[0]
        rows.insert(1, [t["slice_alone"], *_rate(blind, t)[1:]])
        ends = told.agreed
        holds = ends.low <= 0 <= ends.high
        notes.append(t["agreed" if holds else "disagreed"].format(
            difference=f"{100 * ends.difference:+.1f}", low=f"{100 * ends.low:+.1f}",
            high=f"{100 * ends.high:+.1f}", told=count(ends.told), blind=count(ends.blind),
        ))  # fmt: skip
    title = t["rates_plan" if told.about["basis"] == PLAN else "rates"]
    return Listed(title, header, rows, notes)


def _rate(row: dict[Any, Any], t: Mapping[str, str]) -> list[str]:
    name = t["all"] if row["by"] == "all" else named(row, t)
    bounds = f"{share(row['if_clean'])}–{share(row['if_problem'])}" if row["missing"] else "–"
    size = "–" if row["effective"] == float("inf") else count(row["effective"])
    return [
        name, count(row["firms"]), count(row["drawn"]), count(row["measured"]),
        count(row["problems"]), count(row["missing"]), share(row["rate"]),
        between(row["low"], row["high"]), bounds, size,
    ]  # fmt: skip


def named(row: dict[Any, Any], t: Mapping[str, str]) -> str:
    """A group with its kind; a code that has no words stands as it is. A class or grade that is
    not there is none: it is not unknown."""
    if row["by"] in _LETTERS and row["group"] == UNKNOWN:
        return f"{t[row['by']]} {t['without']}"
    return f"{t[row['by']]} {t.get(row['group'], row['group'])}"


def _found(told: Estimates, t: Mapping[str, str]) -> Listed:
    header = [t[name] for name in ("way", "visits", "problems", "per_visit", "interval")]
    rows = [
        [t[row["way"]] if row["group"] == "all" else f"{t[row['way']]} · {row['group']}",
         count(row["visits"]), count(row["problems"]), share(row["rate"]),
         between(row["low"], row["high"])]
        for row in told.found.to_dict("records") if row["visits"]
    ]  # fmt: skip
    return Listed(t["found"], header, rows, [t["found_note"]])


def _worth(told: Estimates, t: Mapping[str, str]) -> Listed:
    header = [t[name] for name in ("what", "visits", "plan_rate", "slice_rate", "more", "interval")]
    rows = [
        [t[row["what"]], count(row["visits"]), share(row["rate"]), share(row["against"]),
         f"{row['problems']:+.1f}", f"{row['low']:+.1f} – {row['high']:+.1f}"]
        for row in told.worth.to_dict("records")
    ]  # fmt: skip
    return Listed(t["worth"], header, rows, [t["worth_note"] if rows else t["no_worth"]])


def _coverage(told: Estimates, t: Mapping[str, str]) -> Listed:
    header = [t[name] for name in (
        "group", "firms", "with_chance", "expected", "a_year", "drawn", "visited", "last",
    )]  # fmt: skip
    rows, notes = [], [t["coverage_note"]]
    for by, part in told.coverage.groupby("by", sort=False):
        rows += [_covered(row, t) for row in part.head(FOLDED).to_dict("records")]
        if len(part) > FOLDED:
            notes.append(t["folded"].format(by=t[str(by)], more=len(part) - FOLDED))
    return Listed(t["coverage"], header, rows, notes)


def _covered(row: dict[Any, Any], t: Mapping[str, str]) -> list[str]:
    last = "–" if pd.isna(row["last_visit"]) else f"{row['last_visit']:%Y-%m-%d}"
    return [
        named(row, t), count(row["firms"]),
        share(row["with_chance"]), count(row["expected"], 1), count(row["a_year"], 1),
        count(row["drawn"]), count(row["visited"]), last,
    ]  # fmt: skip


def _strict(told: Estimates, t: Mapping[str, str]) -> Listed:
    header = [t[name] for name in (
        "inspector", "visits", "problems", "expected_problems", "ratio", "interval", "q", "flag",
    )]  # fmt: skip
    flagged = told.strictness[told.strictness["flag"].notna()]
    rows: Sequence[Sequence[str]] = [
        [row["inspector"], count(row["visits"]), count(row["problems"]), count(row["expected"], 1),
         f"{row['ratio']:.2f}", f"{row['low']:.2f}–{row['high']:.2f}", f"{row['q_value']:.3f}",
         t[row["flag"]]]
        for row in flagged.to_dict("records")
    ]  # fmt: skip
    note = t["strict_note"].format(people=count(len(told.strictness)), flagged=count(len(rows)))
    return Listed(t["strictness"], header, rows, [note])
