"""The report of a training run: one self-contained page, told from the run's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from models.classifier import RiskClassifier
from training.rivals import verdict

SIDE = 320
"""Width and height of the reliability diagram, in pixels."""


def page(classifier: RiskClassifier, report: Mapping[str, Any]) -> str:
    """The page as HTML; nothing in it is loaded from elsewhere.

    `report` is that of `training.flow`; one of other shape, such as a test's, gives the head alone.
    """
    environment = Environment(
        loader=PackageLoader("training", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"share": _share, "figure": _figure, "words": _words}
    template = environment.get_template("report.html")
    return template.render(
        model=classifier,
        report=report,
        first=first_line(report),
        points=_points(report.get("reliability", [])),
        side=SIDE,
    )


def first_line(report: Mapping[str, Any]) -> str:
    """What a reader must know before anything else: who does as well as the model."""
    start = "skill_over_"
    told: dict[str, list[str]] = {}
    for name, (low, high) in report.get("limits", {}).items():
        if name.startswith(start):
            told.setdefault(verdict(low, high), []).append(_words(name[len(start) :]))
    parts = [
        f"{words}: {', '.join(told[found])}."
        for found, words in (
            ("better than the model", "Better than the model"),
            ("within noise", "Within noise of the model"),
        )
        if found in told
    ]
    return " ".join(parts) or "No baseline is within noise of the model."


def _points(rows: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Places in the reliability diagram, in pixels; both axes end at its greatest limit."""
    most = max((max(row["high"], row["expected"]) for row in rows), default=1.0)
    return [
        {
            "x": SIDE * row["expected"] / most,
            "y": SIDE * (1 - row["rate"] / most),
            "low": SIDE * (1 - row["low"] / most),
            "high": SIDE * (1 - row["high"] / most),
        }
        for row in rows
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _figure(value: float | str | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else f"{value}"


def _words(name: str) -> str:
    return name.replace("_", " ")
