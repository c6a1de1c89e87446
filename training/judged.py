"""Judging: the last held-out blocks, with everything made on the held-out blocks before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.calibration import Calibration
from models.definition import ModelDefinition
from training import calibrate, classes, equate, evaluate, fairness, labelled, rivals
from training.equate import Boundaries, Scored
from training.evaluate import Draws, Figures
from training.intervals import resampled
from training.labelled import Labelled
from training.rivals import Rival
from training.splits import Split

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """What held-out draws showed; `sections` are those of the report."""

    metrics: Figures
    low: Figures
    high: Figures
    calibration: Calibration
    rows: Mask
    sections: dict[str, Any]


def judge(
    data: Labelled,
    definition: ModelDefinition,
    parts: list[Split],
    raw: Floats,
    before: Floats,
    seed: int,
    offered: Sequence[Rival],
) -> Judged:
    """Judge held-out scores.

    Parameters
    ----------
    raw : log-odds of held-out visits by models of what lay before them, NaN elsewhere.
    before : crossed log-odds of the visits that lie before the judged blocks, NaN elsewhere.
    offered : baselines, with their scores of every visit.
    """
    last = np.any([part.held_out for part in parts[-definition.blocks.judged :]], axis=0)
    rows = last & data.reference.rows
    earlier = data.reference.rows & ~np.isnan(before)
    made = chosen(data, definition, before, earlier).calibration
    other, left_out = rivals.calibrated(data, offered, earlier, rows)
    draws = Draws(raw[rows], data.labels[rows], data.weights[rows], data.firms[rows], other)
    measured = evaluate.measured(draws, made, seed)
    cut = cuts(data, definition, made, earlier, before[earlier], seed)
    level = np.searchsorted(cut.raw, draws.raw, side="right").astype(np.int64)
    groups = fairness.groups(data, made.probability(raw), level, rows, definition)
    sections = {
        "blocks": _by_block(data, parts, raw, made),
        "at_capacity": classes.at_capacity(draws.raw, draws.labels, draws.weights),
        "reliability": classes.reliability(
            made.probability(draws.raw), draws.labels, draws.weights, draws.firms
        ),
        "baselines": rivals.table(data, offered, other, left_out, rows, measured),
        "over_score": _over_score(data, definition, raw, rows, seed),
        **_classes(data, definition, made, cut, level, raw, rows),
        "alone": _alone(data, definition),
        "groups": groups,
        "gaps": fairness.gaps(groups),
    }
    return Judged(*measured, made, rows, sections)


def chosen(
    data: Labelled, definition: ModelDefinition, raw: Floats, rows: Mask
) -> calibrate.Choice:
    """The calibration of some reference draws, its shape chosen over blocks of time."""
    place = np.cumsum(rows)[rows] - 1  # visits stand in the order of their days
    block = place * definition.blocks.count // int(rows.sum())
    return calibrate.choose(raw[rows], data.labels[rows], data.weights[rows], block)


def cuts(
    data: Labelled,
    definition: ModelDefinition,
    calibration: Calibration,
    rows: Mask,
    population: Floats,
    seed: int,
    firms: int = 0,
) -> Boundaries:
    """Class cuts from reference draws, and the log-odds of those that shares are taken of."""
    again = resampled(data.weights[rows], data.firms[rows], evaluate.REPLICATES, seed)
    scores = labelled.scores(data.indicators, definition)[rows]
    draws = Scored(scores, data.labels[rows], data.weights[rows], again)
    return equate.boundaries(
        definition.cuts, calibration, draws, population, firms or len(population)
    )


def _by_block(
    data: Labelled, parts: list[Split], raw: Floats, made: Calibration
) -> list[dict[str, Any]]:
    """The split in time, and what each block's draws showed of models that saw only earlier."""
    told = []
    for part in parts:
        own = part.held_out & data.reference.rows
        row: dict[str, Any] = {
            "first": str(part.first.date()),
            "last": str(part.last.date()),
            "learned_from": str(data.visits.loc[part.fit, "visited_on"].min().date()),
            "learned_until": str(data.visits.loc[part.fit, "visited_on"].max().date()),
            "learned": int(part.fit.sum()),
            "labels": int(part.held_out.sum()),
        }
        if len(set(data.labels[own].tolist())) == 2:
            row |= evaluate.metrics(raw[own], data.labels[own], data.weights[own], made)
        told.append(row)
    return told


def _over_score(
    data: Labelled, definition: ModelDefinition, raw: Floats, rows: Mask, seed: int
) -> dict[str, Any] | None:
    """AUC of model and public score on the same draws, and the difference with its interval."""
    score = labelled.scores(data.indicators, definition)
    given = rows & ~np.isnan(score)
    if given.sum() < equate.FEWEST or len(set(data.labels[given].tolist())) < 2:
        return None
    told = evaluate.auc_gain(
        raw[given], -score[given], data.labels[given], data.weights[given], data.firms[given], seed
    )
    named = {"auc": told["auc"], "score_auc": told["other_auc"]}
    return named | {name: told[name] for name in ("gain", "low", "high")} | {"n": int(given.sum())}


def _alone(data: Labelled, definition: ModelDefinition) -> list[dict[str, Any]]:
    """The five indicators that tell the outcome best by themselves; one too good leaks."""
    rows = data.reference.rows
    values, labels, weights = data.binned.values[rows], data.labels[rows], data.weights[rows]
    # What is unknown tells nothing either way; it stands in the middle.
    middle = np.array([_middle(column) for column in values.T])
    areas = [
        evaluate.auc(np.where(np.isnan(column), centre, column), labels, weights)
        for column, centre in zip(values.T, middle, strict=True)
    ]
    strength = np.abs(np.nan_to_num(np.array(areas), nan=0.5) - 0.5) + 0.5
    first = np.argsort(-strength, kind="stable")[:5]
    return [
        {"indicator": definition.fitted[at], "auc": float(strength[at])} for at in first.tolist()
    ]


def _middle(column: Floats) -> float:
    given = column[~np.isnan(column)]
    return float(np.median(given)) if len(given) else 0.0


def _classes(
    data: Labelled,
    definition: ModelDefinition,
    made: Calibration,
    cut: Boundaries,
    level: Index,
    raw: Floats,
    rows: Mask,
) -> dict[str, Any]:
    """Observed rates of model classes and, apart, of final ones; beside the public grade."""
    labels, weights, firms = data.labels[rows], data.weights[rows], data.firms[rows]
    probability = made.probability(raw[rows])
    grade = labelled.grades(data.indicators, definition)[rows]
    told = data.indicators[rows].assign(public_grade=grade)
    final = classes.final_levels(definition.policy, told, raw[rows], cut.raw)
    bridged = grade.map(definition.policy.grade_bridge)
    return {
        "model_classes": classes.observed(level, probability, labels, weights, firms),
        "final_classes": classes.observed(final, probability, labels, weights, firms),
        "beside_grade": classes.beside_grade(level, bridged, weights),
    }
