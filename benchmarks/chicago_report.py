"""What the Chicago benchmark says: its rows, and its tables beside the published ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.chicago_own import OwnRun
from benchmarks.visits import METRICS, Estimate, Gain
from records.intake import Report

Row = dict[str, Any]
Measured = dict[str, Estimate]

PRODUCT = "without the inspector"
WITH_PLACE = "with the place"
WITH_INSPECTOR = "with the inspector"
STORED = "XGBoost, its stored scores"
RIDGE = "ridge, the City's features"
RIDGE_ALL = "ridge, all the City's columns"
RIDGES = (RIDGE, RIDGE_ALL)
"""The City's logistic regression, refitted on its features without the inspector."""
EARLIER = "without the operator's other places"
"""The product as it was before it was held against these; on rolling blocks only."""

PUBLISHED: dict[str, dict[str, float]] = {
    "as it was done": {"days_earlier": 0.0, "first_half": 0.547},
    "glmnet, published": {"auc": 0.672, "days_earlier": 7.44, "first_half": 0.690},
    "XGBoost, published": {"auc": 0.679, "days_earlier": 7.79, "first_half": 0.686},
    "LightGBM, published features": {"auc": 0.682, "days_earlier": 7.94, "first_half": 0.705},
    "LightGBM, all columns": {"auc": 0.690, "days_earlier": 8.33, "first_half": 0.717},
    "LightGBM, no inspector": {"auc": 0.598, "days_earlier": 3.63, "first_half": 0.628},
    "glmnet, no inspector": {"auc": 0.583, "days_earlier": 2.76, "first_half": 0.593},
}
"""What others reached on the test visits; the last two, like the product, without inspector."""

PEERS = {PRODUCT: "LightGBM, no inspector", WITH_INSPECTOR: "XGBoost, published"}

CAPTION = "± half the 95 % interval; place and inspector for comparison only, never in the product"

WORDS = {
    "auc": ("AUC", "area"),
    "auc_within": ("AUC within inspectors", "area"),
    "days_earlier": ("days earlier", "days"),
    "first_half": ("found in first half", "share"),
}


def row(
    what: str, figure: float | None, unit: str, *,
    peer: str | None = None, peer_figure: float | None = None,
    goal: float | None = None, ok: bool | None = None,
) -> Row:  # fmt: skip
    """One row of the benchmark's file; `ratio` is our figure to the peer's."""
    ratio = figure / peer_figure if figure is not None and peer_figure else None
    return {"what": what, "figure": figure, "unit": unit, "peer": peer,
            "peer_figure": peer_figure, "ratio": ratio, "goal": goal, "ok": ok}  # fmt: skip


def at_most(what: str, figure: float, unit: str, goal: float, judged: bool = True) -> Row:
    """A row of a figure that must not be above its goal; `ok` is null where not judged."""
    return row(what, figure, unit, goal=goal, ok=figure <= goal if judged else None)


def gain_rows(gains: Mapping[str, Gain]) -> list[Row]:
    """The primary result: the AUC gained on the City's refitted model, its lower limit above 0."""
    rows = []
    for name, gain in gains.items():
        low, own = gain.difference.low, name in RIDGES
        told = row(f"AUC gained over {name}, rolling blocks: lower 95 % limit", low, "area",
                   goal=0.0 if own else None, ok=low > 0 if own else None)  # fmt: skip
        ends = {"gain": gain.difference.mean, "low": low, "high": gain.difference.high}
        rows.append(told | ends | {"auc": gain.auc, "other_auc": gain.other})
    return rows


def compared_rows(where: str, ways: Mapping[str, Measured]) -> list[Row]:
    """A row for each measure of each way of knowing, with the ends of its interval."""
    rows = []
    for way, measured in ways.items():
        for name, (words, unit) in WORDS.items():
            peer, theirs = _peer(way, name, ways)
            told = row(f"{words}, {where}, {way}", measured[name].mean, unit,
                       peer=peer, peer_figure=theirs)  # fmt: skip
            rows.append(told | {"low": measured[name].low, "high": measured[name].high})
    return rows


def _peer(way: str, name: str, ways: Mapping[str, Measured]) -> tuple[str | None, float | None]:
    """What others reached on the test visits; within inspectors nobody published a figure."""
    if way not in PEERS or STORED not in ways:
        return None, None
    if name == "auc_within":
        return STORED, ways[STORED][name].mean
    return PEERS[way], PUBLISHED[PEERS[way]][name]


def own_rows(own: OwnRun) -> list[Row]:
    """The measures of the product's own run, and whether its reasons add up."""
    error = own.reasons_max_error
    return [
        *(row(f"{words}, test visits, one run on the first day",
              METRICS[name](own.visits, own.score), unit)
          for name, (words, unit) in WORDS.items()),
        row("reasons add up to the log-odds within", error, "log-odds",
            goal=1e-5, ok=error <= 1e-5),
    ]  # fmt: skip


def intake_table(reports: Iterable[Report]) -> Table:
    """What became of every file's rows."""
    table = Table("file", "table", title="Records of the City of Chicago", box=box.SIMPLE)
    for name in ("read", "stored", "duplicate", "quarantined"):
        table.add_column(name, justify="right")
    for report in reports:
        counts = (report.read, report.stored, report.duplicate, report.quarantined)
        table.add_row(Path(report.file).stem, report.table, *(f"{count:,}" for count in counts))
    return table


def gains_table(gains: Mapping[str, Gain]) -> Table:
    """The product paired with the City's refitted model on the rolling blocks."""
    table = Table("against", title="AUC on the rolling blocks, paired", box=box.SIMPLE)
    for name in ("ours", "theirs", "gained", "95 % interval", "blocks ahead"):
        table.add_column(name, justify="right")
    for name, gain in gains.items():
        table.add_row(name, *gain_figures(gain))
    return table


def gain_figures(gain: Gain) -> tuple[str, ...]:
    """Ours, theirs, the difference, its interval, and in how many blocks we are ahead."""
    found = gain.difference
    ahead = sum(ours > theirs for ours, theirs in gain.by_block)
    return (
        f"{gain.auc:.3f}",
        f"{gain.other:.3f}",
        f"{found.mean:+.3f}",
        f"{found.low:+.3f} to {found.high:+.3f}",
        f"{ahead} of {len(gain.by_block)}",
    )


def compared_table(
    title: str, ways: Mapping[str, Measured], published: Mapping[str, dict[str, float]] = {}
) -> Table:
    """Ways of knowing, ± half their 95 % intervals, below the published figures."""
    table = Table(title=title, caption=CAPTION, box=box.SIMPLE)
    table.add_column(no_wrap=True)
    for words, _ in WORDS.values():
        table.add_column(words, justify="right")
    for name, figures in published.items():
        table.add_row(name, *(figure(measure, figures.get(measure)) for measure in WORDS))
    table.add_section()
    for name, measured in ways.items():
        style = "bold" if name == PRODUCT else None
        table.add_row(name, *(with_margin(m, measured[m]) for m in WORDS), style=style)
    return table


def print_own_run(console: Console, own: OwnRun) -> None:
    """The order by one run, what its classes found, and why one firm comes first."""
    measures = ", ".join(
        f"{words} {figure(name, METRICS[name](own.visits, own.score))}"
        for name, (words, _) in WORDS.items()
    )
    console.print(f"\nOne run on the first day of the test: {measures}.")
    console.print(f"{own.unknown} visits were to places not registered by then. "
                  f"The gate's verdict: {own.verdict}.")  # fmt: skip
    table = Table("class", title="What the test visits found, by class", box=box.SIMPLE)
    for name in ("firms", "visits", "found", "rate"):
        table.add_column(name, justify="right")
    for letter, firms, visits, found in own.by_class.itertuples():
        rate = f"{found / visits:.1%}" if visits else "–"
        table.add_row(str(letter), f"{firms:,}", f"{visits:,}", f"{found:,}", rate)
    console.print(table)
    first = own.first
    console.print(f"First to be visited: {first['name']} ({first['entity_id']}), "
                  f"class {first['risk_class']}. {first['headline']}")  # fmt: skip
    for reason in first["reasons_for"] + first["reasons_against"]:
        console.print(f"  {reason['points']:+5.1f}  {reason['sentence']}")


def figure(name: str, value: float | None) -> str:
    """A measure as text."""
    if value is None:
        return "–"
    return {"days_earlier": f"{value:.2f}", "first_half": f"{value:.1%}"}.get(name, f"{value:.3f}")


def with_margin(name: str, found: Estimate) -> str:
    """A measure ± half its interval, as text."""
    return f"{figure(name, found.mean)} ± {figure(name, (found.high - found.low) / 2)}"
