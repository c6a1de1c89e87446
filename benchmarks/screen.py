"""The demo's one screen: what was measured, three explained firms, the plan and its proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.table import Table
from rich.text import Text

from models.policy import CLASSES
from records.console import screen
from serving.runs.lookup import ladder_of
from serving.runs.terminal import COLOUR


def show(out: Path, summary: dict[str, Any]) -> None:
    """Print the screen."""
    console = screen()
    console.print(
        Text.assemble(
            ("Xinfen 信分", "bold"),
            f"  {summary['enterprises']:,} enterprises, {summary['months']} months, "
            f"as of {summary['as_of']}\n",
            (" synthetic data 合成数据 ", "reverse"),
        )
    )
    console.print(_facts(summary))
    console.print(_classes(summary))
    console.print(Text("Three firms, and why", style="bold"))
    for entity_id in three(out / "run"):
        console.print(_firm(out / "run", entity_id))
    for part in (_remedy(summary["remedy"]), _change(summary["change"])):
        console.print(part)
    plan = summary["plan"]
    console.print(
        Text.assemble(
            ("Plan  ", "bold"),
            f"{plan['size']:,} visits drawn ({_parts(plan['drawn_by'])}), verdict: ",
            (plan["verdict"], "bold"),
            f"\n      commitment {plan['commitment']}",
        )
    )
    console.print(_returned(summary["results"]))
    console.print(
        Text(
            f"Next  xinfen explain {out}/run {three(out / 'run')[0]} --lang en   ·   "
            f"XINFEN_HOME={out}/home xinfen serve   ·   {out}/summary.json",
            style="dim",
        )
    )


def three(run: Path) -> list[str]:
    """The firm of median probability of classes B, C and D: nobody picked them."""
    table = pq.read_table(
        run / "classes.parquet", columns=["entity_id", "risk_class", "probability"]
    )
    chosen = []
    for name in "BCD":
        rows = table.filter(pc.equal(table["risk_class"], name)).sort_by("probability")
        if rows.num_rows:
            chosen.append(str(rows["entity_id"][rows.num_rows // 2]))
    return chosen


def _facts(summary: dict[str, Any]) -> Table:
    drawn = Table(box=None, show_header=False, pad_edge=False)
    drawn.add_column(style="dim")
    drawn.add_column()
    calibration, auc = summary["calibration"], summary["auc"]
    drawn.add_row("records", _parts(summary["records"]))
    drawn.add_row("labels", _parts(summary["labels"]))
    drawn.add_row(
        "AUC", f"{auc['labels']:.3f} on held-out draws, {auc['truth']:.3f} against the truth"
    )
    drawn.add_row(
        "calibration error",
        f"{calibration['ece_truth']:.4f} weighted, "
        f"{calibration['ece_truth_naive']:.4f} naive (all firms, against the truth)",
    )
    drawn.add_row(
        "expected / observed",
        f"{calibration['expected_over_observed']:.2f}, slope {calibration['slope']:.2f}",
    )
    drawn.add_row("reasons", f"add up within {summary['reasons_max_error']:.0e}")
    drawn.add_row("gate", summary["model"]["gate"])
    return drawn


def _classes(summary: dict[str, Any]) -> Table:
    drawn = Table(
        "class",
        "share",
        "true rate",
        *(f"grade {g}" for g in summary["class_by_grade"]),
        box=None,
        pad_edge=False,
    )
    for name in CLASSES:
        drawn.add_row(
            Text(name, style=f"bold {COLOUR[name]}"),
            f"{summary['class_share'][name]:.1%}",
            f"{summary['true_rate_by_class'][name]:.1%}",
            *(f"{row[name]:,}" for row in summary["class_by_grade"].values()),
        )
    return drawn


def _firm(run: Path, entity_id: str) -> Text:
    told = ladder_of(run, entity_id, "zh")
    letter = told["risk_class"]
    return Text.assemble(
        (f" {letter} ", f"reverse {COLOUR[letter]}"),
        f" {told['name']}  {entity_id}\n     {told['headline']}",
    )


def _remedy(told: dict[str, Any] | None) -> Text:
    title = ("What would change it  ", "bold")
    if told is None:
        return Text.assemble(title, "no firm here could better its class by an act of its own")
    tried = told["tried"]
    return Text.assemble(
        title,
        f"{told['entity_id']}, class {told['risk_class']}\n     {told['sentence']['zh']}\n"
        f"     tried in a copy of the store, records taken in and scored anew: class ",
        (f" {tried['risk_class']} ", f"reverse {COLOUR[tried['risk_class']]}"),
        f" {tried['probability']:.1%}",
    )


def _change(told: dict[str, Any] | None) -> Text:
    title = ("Why did it change  ", "bold")
    if told is None:
        return Text.assemble(title, "no firm's class rose within the month")
    lines = [told["zh"]["sentence"], *(one["sentence"] for one in told["zh"]["indicators"][:3])]
    return Text.assemble(title, f"{told['zh']['entity_id']}  ", "\n     ".join(lines))


def _returned(told: dict[str, Any]) -> Text:
    return Text.assemble(
        ("Results  ", "bold"),
        f"{_parts(told['states'])}; {told['problems']} problems, taken back as "
        f"{told['records']:,} records\n"
        f"         problem rate of all {told['firms']:,} firms: estimated ",
        (f"{told['rate']:.1%}", "bold"),
        f" [{told['low']:.1%}, {told['high']:.1%}] ({told['basis']}), in truth ",
        (f"{told['truth']:.1%}", "bold"),
    )


def _parts(counts: dict[str, Any]) -> str:
    return "  ".join(f"{name} {count:,}" for name, count in counts.items())
