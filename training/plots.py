"""The plots of a training run, by name, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.drawing import styled, svg
from training import plots_effects, plots_rates, plots_time

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from models.classifier import RiskClassifier

Plot = Callable[["RiskClassifier", Mapping[str, Any]], "Figure | None"]

PLOTS: dict[str, Plot] = {
    "split": plots_time.split,
    "blocks": plots_time.blocks,
    "rates": plots_rates.rates,
    "reliability": plots_rates.reliability,
    "capacity": plots_rates.capacity,
    "classes": plots_rates.classes,
    "beside_grade": plots_rates.beside_grade,
    "nuisance": plots_effects.nuisance,
    "importance": plots_effects.importance,
    "rivals": plots_effects.rivals,
    "groups": plots_effects.groups,
    "tuning": plots_time.tuning,
}
"""Each draws what the report tells, and nothing where it tells nothing."""


def drawn(model: RiskClassifier, report: Mapping[str, Any]) -> dict[str, str]:
    """Every plot that the report has figures for, as an `<svg>` element with nothing fetched.

    The same report gives the same text.
    """
    told = {}
    with styled():
        for name, plot in PLOTS.items():
            figure = plot(model, report)
            if figure is not None:
                told[name] = svg(figure)
    return told
