"""The global view of a run: importance, dependence, interactions, drift of the reasons.

All of it comes from the kernel's contributions; `shap` draws. shap and Matplotlib load where they
are used, for a service needs neither.

    shown = explanation(classifier, values, "zh")     # shap.Explanation of our contributions
    with chinese():
        shap.plots.beeswarm(shown)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.classifier import RiskClassifier
from records.errors import NotPossible

if TYPE_CHECKING:
    import shap

Floats = npt.NDArray[np.float64]

BINS = 10
"""Bins of equal count that a value is cut into."""

FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)
"""Fonts that hold Chinese, the first that is installed is taken."""


def explanation(classifier: RiskClassifier, values: Floats, lang: str = "zh") -> shap.Explanation:
    """shap's object of the kernel's contributions, with the indicators' names.

    Parameters
    ----------
    values : indicators in the model's order, shape (n, k), NaN where unknown.

    Raises
    ------
    NotPossible : shap is not installed.
    """
    try:
        import shap
    except ImportError as error:
        raise NotPossible(
            "shap is not installed", hint="pip install 'xinfen[dev]'; reasons need no shap"
        ) from error
    told = classifier.explain(values)
    definition = classifier.definition
    names = [f"{one} {definition.catalogue[one].name.in_(lang)}" for one in definition.fitted]
    base = np.full(len(values), told.base)
    return shap.Explanation(told.contributions, base, values, feature_names=names)


@contextmanager
def chinese() -> Iterator[str | None]:
    """Plots within are drawn with the first of FONTS that is installed; gives its name or None."""
    import matplotlib as mpl
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    font = next((name for name in FONTS if name in installed), None)
    with mpl.rc_context():
        mpl.rcParams["axes.unicode_minus"] = False
        if font is not None:
            mpl.rcParams["font.sans-serif"] = [font, *mpl.rcParams["font.sans-serif"]]
            mpl.rcParams["font.family"] = ["sans-serif"]
        yield font


def importance(
    contributions: Floats, indicators: list[str], weights: Floats | None = None
) -> pd.Series:
    """Mean absolute contribution of each indicator in log-odds, the greatest first.

    Parameters
    ----------
    contributions : shape (n, k).
    weights : how many firms each row stands for, shape (n,); equal without.
    """
    mean = np.average(np.abs(contributions), axis=0, weights=weights)
    ranked = pd.Series(mean, index=pd.Index(indicators, name="indicator"), name="importance")
    return ranked.sort_values(ascending=False, kind="stable")


def dependence(values: Floats, contributions: Floats) -> pd.DataFrame:
    """How an indicator's contribution goes with its value.

    Parameters
    ----------
    values, contributions : of one indicator, shape (n,).

    Returns
    -------
    a row a bin of values: `low`, `high` (NaN: unknown), `firms`, `mean` and `spread` (standard
    deviation: what other indicators make of it) of the contribution.
    """
    bins = binned(values)
    frame = pd.DataFrame({"bin": bins, "value": values, "told": contributions})
    told = frame.groupby("bin").agg(
        low=("value", "min"),
        high=("value", "max"),
        firms=("told", "size"),
        mean=("told", "mean"),
        spread=("told", lambda part: part.std(ddof=0)),
    )
    return told.reset_index(drop=True)


def interactions(
    values: Floats, contributions: Floats, indicators: list[str], top: int = 10, among: int = 15
) -> pd.DataFrame:
    """The strongest interactions: how far a contribution turns on another indicator's value.

    Without interactions an indicator's interventional contribution depends on its own value
    alone. What is left of it within bins of its own value is therefore the work of others;
    `strength` is the standard deviation, in log-odds, of the part of that which bins of the other
    indicator explain within each bin of the own, both ways added in squares. A search, not a
    decomposition: pairs that go together share what they explain.

    Parameters
    ----------
    values, contributions : shape (n, k).
    among : how many of the most important indicators are looked at.

    Returns
    -------
    frame of `first`, `second`, `strength`; at most `top` rows, the strongest first.
    """
    places = importance(contributions, indicators).index[:among]
    columns = [indicators.index(name) for name in places]
    cut = {at: binned(values[:, at]) for at in columns}
    left = {at: contributions[:, at] - _means(contributions[:, at], cut[at]) for at in columns}
    found = [
        (
            indicators[one],
            indicators[other],
            float(
                np.hypot(
                    _explained(left[one], cut[one], cut[other]),
                    _explained(left[other], cut[other], cut[one]),
                )
            ),
        )
        for place, one in enumerate(columns)
        for other in columns[place + 1 :]
    ]
    frame = pd.DataFrame(found, columns=["first", "second", "strength"])
    ranked = frame.sort_values("strength", ascending=False, kind="stable").head(top)
    return ranked.reset_index(drop=True)


def drift(runs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How the reasons move from run to run.

    Parameters
    ----------
    runs : by name, in order of time, the `indicator` and `contribution` of `reasons.parquet`.

    Returns
    -------
    a row an indicator: `importance` (mean absolute) and `mean` of its contribution under each
    run's name, and `change` of the mean from the first run to the last, in log-odds; the greatest
    change first. An indicator that a run lacks is NaN there.
    """
    parts = {}
    for name, reasons in runs.items():
        by = reasons.assign(importance=reasons["contribution"].abs()).groupby("indicator")
        told = by.agg(importance=("importance", "mean"), mean=("contribution", "mean"))
        parts[name] = told
    both = (
        pd.concat(parts, axis=1).swaplevel(axis=1).sort_index(axis=1, level=0, sort_remaining=False)
    )
    first, last = next(iter(runs)), list(runs)[-1]
    both["change", ""] = both["mean", last] - both["mean", first]
    order = both["change", ""].abs().sort_values(ascending=False, kind="stable").index
    return both.loc[order]


def binned(values: Floats) -> npt.NDArray[np.int64]:
    """Bins of about equal count by value, 0 first; −1 where unknown. Equal values stay together."""
    known = ~np.isnan(values)
    bins = np.full(len(values), -1, np.int64)
    if known.any():
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, BINS + 1)[1:-1]))
        bins[known] = np.searchsorted(edges, values[known], side="right")
    return bins


def _means(told: Floats, bins: npt.NDArray[np.int64]) -> Floats:
    """The mean of each row's bin."""
    counts = np.bincount(bins + 1)
    sums = np.bincount(bins + 1, told)
    means: Floats = (sums / np.maximum(counts, 1))[bins + 1]
    return means


def _explained(left: Floats, own: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> float:
    """How much of what is left goes with the other's bins, within each of the own."""
    cells = (own + 1) * (BINS + 1) + other
    return float(np.std(_means(left, cells)))
