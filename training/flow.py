"""Training, from a store of records to a classifier with the gate's verdict.

labels → indicators as known → blocks of time → fit → calibrate → cut → judge
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.firms import synthetic
from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.definition import ModelDefinition
from models.settings import Fit
from records.store import Snapshot
from training import calibrate, comparisons, evaluate, outcomes, selection
from training import labelled as labels
from training.fit import raw_scores
from training.gate import Verdict, verdict
from training.held_out import crossed, forward
from training.intervals import resampled
from training.judged import Judged, chosen, cuts, judge
from training.labelled import Everyone, Labelled
from training.splits import Split, splits
from training.tune import tune

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A fitted classifier, what was measured, and the gate's verdict.

    `others` are calibrations that leave a correction out, for comparison, never for use: `naive`
    leaves out all of them.
    """

    classifier: RiskClassifier
    others: Mapping[str, Calibration]
    report: dict[str, Any]
    verdict: Verdict

    @property
    def naive(self) -> Calibration:
        """The calibration on all labels as they are, unweighted."""
        return self.others["naive"]


def train(
    records: Snapshot,
    definition: ModelDefinition,
    until: date,
    *,
    seed: int = 0,
    trials: int = 0,
    champion: RiskClassifier | None = None,
    thorough: bool = False,
    progress: Progress = lambda _: None,
) -> Trained:
    """Make a classifier from what was known on a day.

    Parameters
    ----------
    until : only visits known and matured before this day are learned from.
    trials : settings to try with Optuna; 0 takes the declared ones.
    champion : the version in use, held against the new one on the same draws.
    thorough : also fit what the report compares with: baselines, indicators that are not for use.
    progress : told the name of each stage as it begins.
    """
    progress("labels")
    found = outcomes.labels(records, definition.outcome, until)
    every = outcomes.in_scope(found, records, definition.policy, until)
    progress("indicators")
    firms = labels.everyone(records, definition, until, seed)
    data = labels.labelled(records, definition, every, firms, seed)
    progress("blocks")
    parts = list(splits(data.visits["visited_on"], definition.blocks))
    settings = definition.fit
    if trials:
        progress("tuning")
        settings = _tuned(data, definition, parts, trials, seed, progress)
    raw = forward(data.binned, parts, settings, seed)
    progress("judge")
    before = crossed(data, parts[-definition.blocks.judged].fit, settings, seed)
    rivals = comparisons.rivals(data, definition, parts, thorough)
    judged = judge(data, definition, parts, raw, before, seed, rivals)
    beside = comparisons.beside(data, definition, parts, raw, judged, seed, champion, thorough)
    progress("fit")
    final = definition.model_copy(update={"fit": settings})
    about = {"until": str(until), "synthetic": synthetic(records)}
    return _final(records, final, every, data, firms, judged, beside, seed, about)


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
        raw = forward(data.binned, earlier, settings, seed)
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
    firms: Everyone,
    judged: Judged,
    beside: dict[str, Any],
    seed: int,
    about: dict[str, Any],
) -> Trained:
    rows, everyone = data.reference.rows, np.ones(len(data.labels), bool)
    raw = crossed(data, everyone, definition.fit, seed)
    choice = chosen(data, definition, raw, rows)
    text, effects = data.binned.fit(everyone, definition.fit, seed)
    values = firms.indicators[definition.fitted].to_numpy(np.float64)
    population = raw_scores(text, values)
    cut = cuts(data, definition, choice.calibration, rows, population, seed, firms.count)
    again = resampled(data.weights[rows], data.firms[rows], evaluate.REPLICATES, seed)
    told = comparisons.rates(data, choice.calibration, raw, population)
    now, then = (told["predicted"][name] for name in ("now", "draws"))
    drift = float(np.log(now / (1 - now)) - np.log(then / (1 - then)))
    band = calibrate.band(
        choice.calibration, raw[rows], data.labels[rows], again, population, drift
    )
    others = comparisons.uncorrected(data, raw, effects)
    decided = verdict(judged, beside, data.reference, definition.gate)
    report = {
        **about,
        "labels": selection.counts(every),
        "tally": outcomes.tally(every),
        "reference": _reference(data),
        "metrics": judged.metrics,
        "limits": {name: [judged.low[name], judged.high[name]] for name in judged.low},
        "calibration": {"method": choice.calibration.method, "losses": choice.losses},
        "naive": others["naive"].plain(),
        "rates": told,
        "cuts": cut.plain(),
        "nuisance": [] if effects is None else effects.plain(),
        **judged.sections,
        "beside": beside,
        "settings": definition.fit.model_dump(),
        "seed": seed,
        "gate": decided.as_dict(),
    }
    classifier = RiskClassifier(
        definition,
        text,
        choice.calibration,
        cut.raw,
        records.id,
        report,
        band,
        firms.background(definition.fitted, seed),
    )
    return Trained(classifier, others, report, decided)


def _reference(data: Labelled) -> dict[str, Any]:
    """What was calibrated on, and what it cannot speak for."""
    reference = data.reference
    told: dict[str, Any] = {
        "basis": reference.basis,
        "n": int(reference.rows.sum()),
        "positives": int(data.labels[reference.rows].sum()),
        "effective": round(reference.effective, 1),
    }
    if data.propensity is not None:
        told["propensity"] = data.propensity.plain()
    return told
