"""The champion beside a new version, on draws that are fair to both.

A champion has learned from most of the draws that a version made a month later is judged on, and
would win on them for that alone. So it is judged by itself only on draws it cannot have seen; where
those are too few, its recipe (indicators and settings) is fitted again on what the new version
learned from, and calibrated alike.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.classifier import RiskClassifier
from models.definition import ModelDefinition
from training import evaluate
from training.fit import Binned
from training.held_out import crossed, forward
from training.intervals import limits, resampled
from training.judged import Judged, chosen
from training.labelled import Labelled
from training.selection import ENOUGH
from training.splits import Split

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def champion(
    data: Labelled,
    known: RiskClassifier,
    definition: ModelDefinition,
    parts: list[Split],
    judged: Judged,
    raw: Floats,
    seed: int,
) -> dict[str, Any]:
    """Log-loss of the champion less that of the new version: above 0, the new one is better.

    Parameters
    ----------
    known : the champion. raw : held-out log-odds of the new version, NaN elsewhere.

    Returns
    -------
    `version`, `how` (itself, or refitted), `n` draws, `gain` and its limits `low` and `high`; or
    `absent`, the champion's indicators that the new catalogue lacks, and nothing else.
    """
    absent = [name for name in known.definition.fitted if name not in data.indicators]
    if absent:
        return {"absent": absent}
    rows, how = judged.rows & _unseen(data, known), "itself"
    if data.labels[rows].sum() >= ENOUGH:
        theirs = _itself(data, known, rows)
    else:
        rows, how = judged.rows, "refitted"
        theirs = _refitted(data, known, definition, parts, seed)[rows]
    ours = judged.calibration.probability(raw[rows])
    labels, weights = data.labels[rows], data.weights[rows]
    apart = evaluate.losses(theirs, labels) - evaluate.losses(ours, labels)
    again = resampled(weights, data.firms[rows], evaluate.REPLICATES, seed)
    low, high = limits(again @ apart / again.sum(1))
    gain = float(np.average(apart, weights=weights))
    told = {"gain": gain, "low": float(low), "high": float(high)}
    return {"version": known.version, "how": how, "n": int(rows.sum())} | told


def _unseen(data: Labelled, known: RiskClassifier) -> Mask:
    """Visits whose results the champion could not yet learn from; none if it does not tell."""
    until = known.facts.get("until")
    if until is None:
        return np.zeros(len(data.labels), bool)
    mature = timedelta(days=known.definition.outcome.maturity_days)
    last = pd.Timestamp(date.fromisoformat(until) - mature)
    return np.asarray(data.visits["visited_on"] > last, bool)


def _itself(data: Labelled, known: RiskClassifier, rows: Mask) -> Floats:
    return known.probability(known.raw(known.matrix(data.indicators[rows])))


def _refitted(
    data: Labelled,
    known: RiskClassifier,
    definition: ModelDefinition,
    parts: list[Split],
    seed: int,
) -> Floats:
    """Held-out probabilities of the champion's recipe, shape (n,); NaN elsewhere."""
    names, settings = known.definition.fitted, known.definition.fit
    binned = Binned.of(
        data.indicators[names].to_numpy(np.float64),
        data.labels,
        known.definition,
        data.binned.design,
        data.reference.rows,
    )
    last = parts[-definition.blocks.judged :]
    theirs = replace(data, binned=binned)
    before = crossed(theirs, last[0].fit, settings, seed)
    earlier = data.reference.rows & ~np.isnan(before)
    made = chosen(theirs, definition, before, earlier).calibration
    return made.probability(forward(binned, last, settings, seed))
