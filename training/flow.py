"""Training, from a store of records to a classifier with the gate's verdict.

labels → indicators as known → blocks of time → fit → calibrate → cut → judge
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.firms import synthetic
from models import points
from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.definition import ModelDefinition
from models.points import PointsRule
from records.files import fingerprint
from records.places import home
from records.store import Snapshot
from training import calibrate, comparisons, evaluate, outcomes, rivals, selection
from training import labelled as labels
from training.fit import raw_scores
from training.gate import Verdict, verdict
from training.held_out import crossed, forward, losses
from training.intervals import resampled
from training.judged import Judged, chosen, cuts, judge
from training.labelled import Everyone, Labelled
from training.splits import Split, splits
from training.tune import Study, tune

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
    rules: Sequence[PointsRule] | None = None,
    progress: Progress = lambda _: None,
) -> Trained:
    """Make a classifier from what was known on a day.

    Parameters
    ----------
    until : only visits known and matured before this day are learned from.
    trials : settings to try with Optuna; 0 takes the declared ones. The study is kept at home,
        and goes on there when it was cut off or more trials are asked for.
    champion : the version in use, held against the new one on the same draws.
    thorough : also fit what the report compares with and is slow: the Explainable Boosting
        Machine, indicators that are not for use.
    rules : points rules to stand beside the model; None: those of `models/national/`.
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
    settings, tuning = definition.fit, {}
    if trials:
        journal = _journal(records, definition, until, seed)
        study = _tuned(data, definition, parts, trials, seed, journal, progress)
        settings, tuning = study.best.settings, {"tuning": study.plain()}
    definition = definition.model_copy(update={"fit": settings})
    raw = forward(data.binned, parts, settings, seed)
    progress("judge")
    before = crossed(data, parts[-definition.blocks.judged].fit, settings, seed)
    tables = points.rules() if rules is None else rules
    offered = rivals.rivals(data, definition, parts, tables, thorough, seed)
    judged = judge(data, definition, parts, raw, before, seed, offered)
    beside = comparisons.beside(data, definition, parts, raw, judged, seed, champion, thorough)
    progress("fit")
    more = {"until": str(until), "synthetic": synthetic(records), "beside": beside} | tuning
    return _final(records, definition, every, data, firms, judged, more, seed)


def _tuned(
    data: Labelled,
    definition: ModelDefinition,
    parts: list[Split],
    trials: int,
    seed: int,
    journal: Path,
    progress: Progress,
) -> Study:
    earlier = parts[: -definition.blocks.judged]  # what judges must not choose
    return tune(
        definition.fit,
        lambda settings: losses(data, earlier, settings, seed),
        trials=trials,
        seed=seed,
        journal=journal,
        progress=progress,
    )


def _journal(records: Snapshot, definition: ModelDefinition, until: date, seed: int) -> Path:
    """The file of the study of these records, this definition, day and seed."""
    of = {
        "snapshot": records.id,
        "definition": definition.hash,
        "until": until.isoformat(),
        "seed": seed,
        **{package: metadata.version(package) for package in ("lightgbm", "optuna")},
    }
    return home() / "tuning" / f"{fingerprint(of)}.log"


def _final(
    records: Snapshot,
    definition: ModelDefinition,
    every: pd.DataFrame,
    data: Labelled,
    firms: Everyone,
    judged: Judged,
    more: dict[str, Any],
    seed: int,
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
    decided = verdict(judged, more["beside"], data.reference, definition.gate)
    report = {
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
        **more,
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
