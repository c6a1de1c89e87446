"""What the report sets beside the model: corrections left out, other fits, the champion."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.definition import ModelDefinition
from training import against, evaluate, intervals, propensity, robust
from training.curves import logistic
from training.fit import Binned
from training.held_out import forward
from training.judged import Judged
from training.labelled import Labelled
from training.nuisance import Effects
from training.splits import Split

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def uncorrected(data: Labelled, raw: Floats, effects: Effects | None) -> dict[str, Calibration]:
    """Calibrations of crossed scores that leave something out.

    naive      all labels as they are
    selection  draws weighted back to all firms, however the visits looked
    detection  all labels, with what the visits' looks explain taken out, unweighted
    """
    seen, every = np.ones(len(raw), bool), np.ones(len(raw))
    told = {"naive": _line(data, raw, seen, every)}
    chance = data.visits["inclusion_probability"].to_numpy(np.float64)
    drawn = data.visits["way"].eq("drawn").to_numpy() & (chance > 0)
    if drawn.any():
        told["selection"] = _line(data, raw, drawn, 1 / np.where(drawn, chance, 1))
    if effects is not None:
        offset = effects.offset(data.reference.rows, without="way")
        told["detection"] = _line(data, raw, seen, every, offset)
    return told


def _line(
    data: Labelled, raw: Floats, rows: Mask, weights: Floats, offset: Floats | None = None
) -> Calibration:
    own = 0.0 if offset is None else offset[rows]
    return logistic(raw[rows], data.labels[rows], weights[rows], own)


def rates(data: Labelled, made: Calibration, raw: Floats, population: Floats) -> dict[str, Any]:
    """The problem rate of all firms: as labelled, weighted, doubly robust, and what bounds it.

    `predicted` is told of all firms now and of the draws; where the first has moved away from the
    second, the indicators have drifted since, and whether risk has too the draws to come will say.
    """
    labels, weights, firms = data.labels, data.weights, data.firms
    own = data.reference.rows
    told: dict[str, Any] = {
        "labelled": intervals.rate(labels, np.ones(len(labels)), firms).plain(),
        "weighted": intervals.rate(labels[own], weights[own], firms[own]).plain(),
        "doubly_robust": robust.doubly_robust(
            made.probability(population),
            made.probability(raw[own]),
            labels[own],
            weights[own],
            firms[own],
        ).plain(),
        "predicted": {
            "now": float(made.probability(population).mean()),
            "draws": float(np.average(made.probability(raw[own]), weights=weights[own])),
        },
    }
    if not data.reference.speaks_for_all:
        covered = len(np.unique(firms)) / max(len(population), len(np.unique(firms)))
        told["bounds"] = propensity.bounds(labels[own], weights[own], covered)
    return told


def beside(
    data: Labelled,
    definition: ModelDefinition,
    parts: list[Split],
    raw: Floats,
    judged: Judged,
    seed: int,
    champion: RiskClassifier | None,
    thorough: bool,
) -> dict[str, Any]:
    """Differences to other fits and to the champion on the judged draws, with intervals."""
    told: dict[str, Any] = {}
    last = parts[-definition.blocks.judged :]
    if thorough:
        drawn = data.visits["way"].eq("drawn").to_numpy()
        if 0 < drawn.sum() < len(drawn):
            only = forward(data.binned, last, definition.fit, seed, drawn)
            told["draws_only"] = _gain(data, judged.rows, only, raw, seed)
        for use in ("policy_only", "audit_only"):
            more = [i.id for i in definition.catalogue.for_use(use)]
            names = [*definition.fitted, *more]
            if not more:
                continue
            values = data.indicators[names].to_numpy(np.float64)
            wider = Binned.of(
                values, data.labels, definition, data.binned.design, data.reference.rows, names
            )
            score = forward(wider, last, definition.fit, seed)
            told[f"with_{use}"] = _gain(data, judged.rows, score, raw, seed)
    if champion is not None:
        told["champion"] = against.champion(data, champion, definition, parts, judged, raw, seed)
    return told


def _gain(data: Labelled, rows: Mask, other: Floats, ours: Floats, seed: int) -> dict[str, float]:
    """How much the other score's AUC is above ours on the same draws."""
    told = evaluate.auc_gain(
        other[rows], ours[rows], data.labels[rows], data.weights[rows], data.firms[rows], seed
    )
    return {name: told[name] for name in ("auc", "gain", "low", "high")}
