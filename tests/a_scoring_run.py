"""The small run of `a_run` with a model that scores: on all indicators, fitted to noise."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path

import lightgbm as lgb
import numpy as np

from models import definition
from models.background import Background
from models.calibration import Band, Calibration
from models.classifier import RiskClassifier
from models.definition import SHIPPED
from tests import a_run

ROWS, TREES = 400, 12


@lru_cache(maxsize=1)
def model() -> RiskClassifier:
    """A classifier whose trees keep the catalogue's directions."""
    told = definition.load(SHIPPED / "general")
    fitted = [told.catalogue[name] for name in told.fitted]
    rng = np.random.default_rng(1)
    values = np.floor(rng.exponential(1.0, (ROWS, len(fitted))))
    for at, one in enumerate(fitted):
        if one.unit == "flag":
            values[:, at] = values[:, at] > 0
    values[rng.random(values.shape) < 0.1] = np.nan
    signs = np.array([one.monotone for one in fitted])
    odds = (np.nan_to_num(values) * signs)[:, ::7].sum(axis=1) / 3 - 1
    label = rng.random(ROWS) < 1 / (1 + np.exp(-odds))
    given = {
        "objective": "binary", "num_leaves": 8, "max_depth": 4, "verbose": -1, "seed": 1,
        "num_threads": 1, "min_data_in_leaf": 5, "monotone_constraints": signs.tolist(),
    }  # fmt: skip
    data = lgb.Dataset(values, label, feature_name=list(told.fitted))
    text = lgb.train(given, data, TREES).model_to_string()
    band = Band(0.95, 200, ((-3.0, 0.02, 0.06), (0.0, 0.3, 0.5), (2.0, 0.7, 0.9)))
    return RiskClassifier(
        told, text, Calibration(slope=0.8, intercept=-0.1), np.array([-1.0, -0.2, 0.6]),
        "9e1b" * 16, {}, band, Background.alike(values[:100]),
    )  # fmt: skip


def write(folder: Path) -> Path:
    """Write the run folder and return it."""
    a_run.write(folder)
    shutil.rmtree(folder / "model")
    model().save(folder / "model")
    return folder
