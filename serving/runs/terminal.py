"""A firm's ladder in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

COLOUR = {"A": "green", "B": "blue", "C": "yellow", "D": "red"}
HALF = 16
"""Characters on each side of a bar."""

WORDS = {
    "zh": {
        "why": "原因",
        "points": "影响（百分点）",
        "steps": "类别的确定",
        "base": "起点水平",
        "records": "记录",
        "remedies": "企业可办理",
        "also": "同一情形",
    },
    "en": {
        "why": "Reasons",
        "points": "Influence (percentage points)",
        "steps": "How the class follows",
        "base": "starting level",
        "records": "records",
        "remedies": "What the firm can do",
        "also": "the same matter",
    },
}


def show(told: dict[str, Any]) -> None:
    """Print a ladder as `models.ladder` tells it."""
    words = WORDS[told["lang"]]
    letter = told["risk_class"] or told["public_grade"] or "–"
    colour = COLOUR.get(told["risk_class"] or "", "white")
    title = Text.assemble((f" {letter} ", f"bold reverse {colour}"), f"  {told['class_name']}")
    about = f"{told['name']}  {told['entity_id']}  {told['as_of']}"
    parts: list[RenderableType] = [Text(about, style="bold"), Text(told["headline"])]
    if told["interval"]:
        parts.append(Text(told["interval"]["sentence"], style="dim"))
    if told["scope"] == "model":
        parts += [
            Text(),
            _groups(told, words),
            Text(),
            _reasons(told, words),
            Text(),
            _steps(told, words),
        ]
    if told["remedies"]:
        parts += [Text(), Text(words["remedies"], style="bold")]
        parts += [Text(f"  · {remedy['sentence']}") for remedy in told["remedies"]]
    parts += [Text(), Text(told["notice"], style="dim")]
    Console().print(Panel(Group(*parts), title=title, title_align="left"))


def _groups(told: dict[str, Any], words: dict[str, str]) -> Table:
    longest = max(abs(group["points"]) for group in told["groups"]) or 1.0
    drawn = Table(words["points"], "", "", box=None, pad_edge=False)
    base = told["base"]["probability"] * 100
    drawn.add_row(words["base"], "", f"{base:.1f}")
    for group in told["groups"]:
        drawn.add_row(group["name"], _bar(group["points"] / longest), f"{group['points']:+.1f}")
    drawn.add_row("", "", Text(f"{told['probability'] * 100:.1f}", style="bold"))
    return drawn


def _bar(part: float) -> Text:
    length = round(abs(part) * HALF)
    if part < 0:
        return Text.assemble(" " * (HALF - length), ("█" * length, "cyan"), "│", " " * HALF)
    return Text.assemble(" " * HALF, "│", ("█" * length, "red"), " " * (HALF - length))


def _reasons(told: dict[str, Any], words: dict[str, str]) -> Table:
    drawn = Table("", words["why"], "", words["records"], box=None, pad_edge=False)
    for sign, side, colour in (("+", "reasons_for", "red"), ("−", "reasons_against", "cyan")):
        for reason in told[side]:
            newest = reason["records"][0]["source_id"] if reason["records"] else ""
            more = len(reason["records"]) - 1
            said = Text(reason["sentence"])
            if reason["comparison"]:
                said.append(f"\n{reason['comparison']}", style="dim")
            for other in reason["also"]:
                said.append(f"\n{words['also']}: {other['sentence']}", style="dim")
            drawn.add_row(
                Text(sign, style=colour),
                said,
                f"{reason['points']:+.1f}",
                newest + (f" +{more}" if more > 0 else ""),
            )
    return drawn


def _steps(told: dict[str, Any], words: dict[str, str]) -> Table:
    drawn = Table(words["steps"], "", "", box=None, pad_edge=False)
    for step in told["steps"]:
        drawn.add_row(
            step["name"], Text(step["class"], style=COLOUR[step["class"]]), step["detail"]
        )
    return drawn
