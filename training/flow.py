"""Training, from a store of records to a registered version with the gate's verdict.

labels → indicators as known → blocks of time → fit → calibrate → cut → judge → register
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import features
from features.clocks import ROW
from models.classifier import Calibration, RiskClassifier
from models.definition import ModelDefinition
from models.settings import Fit
from records.store import Snapshot
from training import calibrate, equate, evaluate, outcomes, selection
from training.fit import fit, raw_scores
from training.gate import Verdict, judge
from training.splits import Split, splits
from training.tune import tune

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A fitted classifier, what was measured, and the gate's verdict.

    `naive` is the calibration on all labels, unweighted: for comparison, never for use.
    """

    classifier: RiskClassifier
    naive: Calibration
    report: dict[str, Any]
    verdict: Verdict


@dataclass(frozen=True)
class Labelled:
    """Labelled visits with their indicators, and which of them speak for all firms."""

    visits: pd.DataFrame
    values: Floats
    labels: Floats
    scores: Floats
    reference: selection.Reference

    @property
    def weights(self) -> Floats:
        """The reference's weight of every visit; 0 for those outside it."""
        weights = np.zeros(len(self.labels))
        weights[self.reference.rows] = self.reference.weights
        return weights


def train(
    records: Snapshot,
    definition: ModelDefinition,
    until: date,
    *,
    seed: int = 0,
    trials: int = 0,
    progress: Progress = lambda _: None,
) -> Trained:
    """Make a classifier from what was known on a day.

    Parameters
    ----------
    until : only visits known and matured before this day are learned from.
    trials : settings to try with Optuna; 0 takes the declared ones.
    progress : told the name of each stage as it begins.
    """
    progress("labels")
    every = outcomes.in_scope(
        outcomes.labels(records, definition.outcome, until), records, definition.policy, until
    )
    progress("indicators")
    data = _with_indicators(records, definition, every)
    progress("blocks")
    parts = list(splits(data.visits["visited_on"], definition.blocks))
    settings = definition.fit
    if trials:
        progress("tuning")
        settings = _tuned(data, definition, parts, trials, seed, progress)
    held_out = _held_out_scores(data, definition, parts, settings, seed)
    measured = _judged(data, parts[-definition.blocks.judged :], held_out)
    progress("fit")
    return _final(records, definition, every, data, settings, held_out, measured, seed)


def _with_indicators(
    records: Snapshot, definition: ModelDefinition, every: pd.DataFrame
) -> Labelled:
    visits = every[every["label"].notna()].reset_index(drop=True)
    frame = features.build(records, visits[ROW], definition.catalogue).frame
    frame = visits[ROW].merge(frame, on=ROW, how="left")
    score = definition.cuts.score
    scores = frame[score] if score else pd.Series(np.nan, index=frame.index)
    return Labelled(
        visits=visits,
        values=frame[definition.fitted].to_numpy(np.float64),
        labels=visits["label"].to_numpy(np.float64),
        scores=np.asarray(scores, dtype=np.float64),
        reference=selection.reference(visits),
    )


def _held_out_scores(
    data: Labelled, definition: ModelDefinition, parts: list[Split], settings: Fit, seed: int
) -> Floats:
    """Raw scores of held-out visits by models that saw only earlier ones; NaN elsewhere."""
    raw = np.full(len(data.labels), np.nan)
    for part in parts:
        text = fit(data.values[part.fit], data.labels[part.fit], definition, seed, settings)
        raw[part.held_out] = raw_scores(text, data.values[part.held_out])
    return raw


def _calibrated(data: Labelled, raw: Floats, rows: npt.NDArray[np.bool_]) -> Calibration:
    rows = rows & data.reference.rows & ~np.isnan(raw)
    return calibrate.calibrate(raw[rows], data.labels[rows], data.weights[rows])


def _judged(data: Labelled, parts: list[Split], raw: Floats) -> dict[str, float | int]:
    """The judging blocks, with a calibration made on the held-out blocks before them."""
    judging = np.any([part.held_out for part in parts], axis=0)
    calibration = _calibrated(data, raw, ~judging)
    rows = judging & data.reference.rows
    return evaluate.metrics(raw[rows], data.labels[rows], data.weights[rows], calibration)


def _tuned(
    data: Labelled,
    definition: ModelDefinition,
    parts: list[Split],
    trials: int,
    seed: int,
    progress: Progress,
) -> Fit:
    earlier = parts[: -definition.blocks.judged]  # what judges must not choose

    def loss(settings: Fit) -> float:
        raw = _held_out_scores(data, definition, earlier, settings, seed)
        rows = data.reference.rows & ~np.isnan(raw)
        made = calibrate.calibrate(raw[rows], data.labels[rows], data.weights[rows])
        found = evaluate.metrics(raw[rows], data.labels[rows], data.weights[rows], made)
        return float(found["log_loss"])

    return tune(definition.fit, loss, trials=trials, seed=seed, progress=lambda: progress("trial"))


def _final(
    records: Snapshot,
    definition: ModelDefinition,
    every: pd.DataFrame,
    data: Labelled,
    settings: Fit,
    held_out: Floats,
    measured: dict[str, float | int],
    seed: int,
) -> Trained:
    anywhere = np.ones(len(data.labels), dtype=bool)
    calibration = _calibrated(data, held_out, anywhere)
    seen = ~np.isnan(held_out)
    naive = calibrate.calibrate(held_out[seen], data.labels[seen], np.ones(int(seen.sum())))
    text = fit(data.values, data.labels, definition, seed, settings)
    rows = data.reference.rows
    cut = equate.boundaries(
        definition.cuts,
        calibration,
        scores=data.scores[rows],
        labels=data.labels[rows],
        weights=data.reference.weights,
        population=held_out[rows & seen],
    )
    verdict = judge(measured, definition.gate)
    report = {
        "labels": selection.counts(every),
        "reference": {
            "basis": data.reference.basis,
            "n": int(rows.sum()),
            "positives": int(data.labels[rows].sum()),
            "effective": round(data.reference.effective, 1),
        },
        "metrics": measured,
        "cuts": {"method": cut.method, "rates": [float(rate) for rate in cut.rates]},
        "naive": {"slope": naive.slope, "intercept": naive.intercept},
        "settings": settings.model_dump(),
        "seed": seed,
        "gate": verdict.as_dict(),
    }
    chosen = definition.model_copy(update={"fit": settings})
    classifier = RiskClassifier(chosen, text, calibration, cut.raw, records.id, report)
    return Trained(classifier, naive, report, verdict)
