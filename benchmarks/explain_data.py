"""Synthetic indicators of the kinds that records give, and a model fitted on them."""

from __future__ import annotations

from collections.abc import Iterator

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

INDICATORS = 84
TREES, LEAVES, DEPTH = 300, 31, 6
PART = 50_000
"""Rows made at a time."""


def parts(rows: int, seed: int) -> Iterator[Floats]:
    """Rows in parts of `PART`, each of its own seed, so that a part is the same in any run.

    By turns counts that are mostly 0, years, amounts of which four fifths are 0, and changes of
    which three tenths are unknown; all lean on one latent risk.
    """
    for part, first in enumerate(range(0, rows, PART)):
        random = np.random.default_rng([seed, part])
        count = min(PART, rows - first)
        risk = random.normal(size=count)
        made = np.empty((count, INDICATORS))
        for at in range(INDICATORS):
            match at % 4:
                case 0:
                    told = random.poisson(np.exp(0.6 * risk - 1.5 + 0.06 * (at % 20)))
                case 1:
                    told = np.round(random.gamma(1.5, 3 + 0.2 * np.abs(risk)), 1)
                case 2:
                    amount = np.round(np.exp(random.normal(3 + 0.3 * risk, 1)), 2)
                    told = np.where(random.random(count) < 0.8, 0.0, amount)
                case _:
                    change = np.round(random.normal(0.3 * risk, 1), 2)
                    told = np.where(random.random(count) < 0.3, np.nan, change)
            made[:, at] = told
        yield made


def table(rows: int, seed: int) -> Floats:
    """Rows in one array, filled part by part."""
    made = np.empty((rows, INDICATORS))
    first = 0
    for part in parts(rows, seed):
        made[first : first + len(part)] = part
        first += len(part)
    return made


def model(rows: int, seed: int) -> str:
    """LightGBM's text of a model of the size that the goals name."""
    values = table(rows, seed)
    random = np.random.default_rng(seed)
    known = np.nan_to_num(values)
    log_odds = 0.5 * known[:, :20:4].sum(axis=1) + 0.4 * known[:, 3:40:4].sum(axis=1) - 3
    labels = (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    settings = {
        "objective": "binary", "num_leaves": LEAVES, "max_depth": DEPTH, "learning_rate": 0.05,
        "min_child_samples": 60, "feature_fraction": 0.7, "seed": seed, "num_threads": 1,
        "deterministic": True, "force_row_wise": True, "verbosity": -1,
    }  # fmt: skip
    return str(lgb.train(settings, lgb.Dataset(values, labels), TREES).model_to_string())
