"""Fit: LightGBM, binary, monotone where the catalogue says so, the same bits for the same seed.

Indicators are binned once and used for every block, trial and final fit. Where visits did not
look alike, their nuisances are fitted first, beside a short run of trees, and go in as an offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from models.definition import ModelDefinition
from models.settings import Fit
from training.nuisance import Design, Effects, fit_effects

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FIRST_LOOK = 0.25
"""Share of the rounds, at as much larger steps, that is enough to tell nuisances by."""


def parameters(fit: Fit, monotone: list[int], seed: int) -> dict[str, Any]:
    """LightGBM's parameters; everything that could make two runs differ is pinned."""
    return {
        "objective": "binary",
        "learning_rate": fit.learning_rate,
        "num_leaves": fit.num_leaves,
        "max_depth": fit.max_depth,
        "min_child_samples": fit.min_child_samples,
        "lambda_l2": fit.lambda_l2,
        "feature_fraction": fit.feature_fraction,
        "monotone_constraints": monotone,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,  # what is binned once must serve every setting
        # Two threads of OpenMP wait for each other in a spin: on a busy machine many times slower.
        "num_threads": 1,
        "verbosity": -1,
    }


@dataclass(frozen=True)
class Binned:
    """Labelled rows ready to be fitted, any part of them, any number of times.

    `values` are fitted indicators, shape (n, k), NaN where unknown; `labels` 0.0 or 1.0;
    `design` the nuisances, null to fit without; `centre` the visits whose mean effect is 0.
    """

    values: Floats
    labels: Floats
    monotone: list[int]
    design: Design | None
    centre: Mask
    data: lgb.Dataset

    @classmethod
    def of(
        cls,
        values: Floats,
        labels: Floats,
        definition: ModelDefinition,
        design: Design | None = None,
        centre: Mask | None = None,
        names: list[str] | None = None,
    ) -> Binned:
        """Bin rows; `names` instead of the definition's fitted indicators, where others are."""
        chosen = definition.fitted if names is None else names
        monotone = [definition.catalogue[name].monotone for name in chosen]
        settings = parameters(definition.fit, monotone, 0)
        data = lgb.Dataset(
            values,
            labels,
            feature_name=[name.replace("-", "_") for name in chosen],
            params=settings,
            free_raw_data=False,
        ).construct()
        everyone = np.ones(len(labels), bool)
        return cls(values, labels, monotone, design, everyone if centre is None else centre, data)

    def fit(self, rows: Mask, settings: Fit, seed: int) -> tuple[str, Effects | None]:
        """LightGBM's text of a booster fitted to some rows, and the nuisances it was fitted by."""
        told = parameters(settings, self.monotone, seed)
        part = self.data if rows.all() else self.data.subset(np.flatnonzero(rows).tolist())
        labels = self.labels[rows]
        if self.design is None or not self.design.factors:
            return _boost(part, labels, told, settings.rounds), None
        rounds = max(10, round(settings.rounds * FIRST_LOOK))
        quick = told | {"learning_rate": min(0.5, told["learning_rate"] / FIRST_LOOK)}
        first = np.zeros(len(rows))
        first[rows] = raw_scores(_boost(part, labels, quick, rounds), self.values[rows])
        effects = fit_effects(self.design, rows, self.labels, first)
        offset = effects.offset(rows & self.centre if (rows & self.centre).any() else rows)
        return _boost(part, labels, told, settings.rounds, offset[rows]), effects


def _boost(
    data: lgb.Dataset,
    labels: Floats,
    settings: dict[str, Any],
    rounds: int,
    offset: Floats | None = None,
) -> str:
    """LightGBM's text of a booster that begins at the level of the labels, beside an offset."""
    start = np.zeros(len(labels)) if offset is None else offset
    level = _level(labels, start)
    data.construct().set_init_score(start + level)
    booster = lgb.train(settings, data, rounds)
    # The level belongs to the model; LightGBM leaves it out of a booster that was given it.
    for leaf in range(_leaves(booster)):
        booster.set_leaf_output(0, leaf, booster.get_leaf_output(0, leaf) + level)
    return str(booster.model_to_string())


def _level(labels: Floats, offset: Floats) -> float:
    """The log-odds that, with the offset, tells as many positives as there are."""
    level = 0.0
    for _ in range(50):
        told = 1 / (1 + np.exp(-(level + offset)))
        step = float((labels - told).sum() / (told * (1 - told)).sum())
        level += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    return level


def _leaves(booster: lgb.Booster) -> int:
    return int(booster.dump_model(num_iteration=1)["tree_info"][0]["num_leaves"])


def raw_scores(text: str, values: Floats) -> Floats:
    """Raw log-odds of a booster given as text, shape (n,)."""
    booster = lgb.Booster(model_str=text)
    return np.asarray(booster.predict(values, raw_score=True, num_threads=1), np.float64)
