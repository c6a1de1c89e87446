"""A trained model beside the true probabilities of all firms, which training never reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from models.calibration import Calibration
from models.policy import CLASSES
from training import evaluate
from training.curves import lines
from training.intervals import limits, resampled

Floats = npt.NDArray[np.float64]

REPLICATES = 200


@dataclass(frozen=True)
class Known:
    """Firms whose truth is known: raw log-odds, true probability, public score (NaN: none)."""

    raw: Floats
    true: Floats
    score: Floats


def known(province: Path, firms: pd.DataFrame) -> Known:
    """Join firms (`entity_id`, `as_of`, `raw`, `public_score`) to the truth of their month."""
    found = _with_truth(province, firms)
    columns = ("raw", "true_probability", "public_score")
    return Known(*(found[name].to_numpy(np.float64, na_value=np.nan) for name in columns))


def by_class(province: Path, firms: pd.DataFrame) -> dict[str, float]:
    """Mean true probability by the firms' final `risk_class`."""
    rates = _with_truth(province, firms).groupby("risk_class")["true_probability"].mean()
    return {name: float(rates.get(name, np.nan)) for name in CLASSES}


def _with_truth(province: Path, firms: pd.DataFrame) -> pd.DataFrame:
    truth = pq.ParquetFile(province / "truth" / "truth.parquet").read().to_pandas()
    truth["month"] = pd.to_datetime(truth["month"])
    asked = firms.assign(month=pd.to_datetime(firms["as_of"]))
    return asked.merge(truth, on=["entity_id", "month"])


def beside(
    firms: Known,
    calibration: Calibration,
    others: Mapping[str, Calibration],
    cuts: Floats,
    seed: int = 0,
) -> dict[str, Any]:
    """Calibration, skill and classes over all firms, against the truth.

    `ways` sets the calibration beside those that leave a correction out. Skill is the share of
    the Brier score, expected under the truth, that is saved over the true base rate, and over the
    public score in the best straight calibration to the *truth* that it can have.
    """
    true, probability = firms.true, calibration.probability(firms.raw)
    flat = np.ones(len(true))
    named = {"corrected": calibration, **others}
    level = np.searchsorted(cuts, firms.raw, side="right")
    return {
        "firms": len(true),
        "auc": evaluate.auc_of_chances(firms.raw, true),
        "slope": float(lines(calibration.log_odds(firms.raw), true, flat)[1]),
        "expected_over_observed": float(probability.mean() / true.mean()),
        "ways": {name: _way(one, firms) for name, one in named.items()},
        "skill": {
            "over_base_rate": _skill(probability, np.full(len(true), true.mean()), true, seed),
            "over_public_score": _skill(probability, _by_score(firms), true, seed),
            "of_truth": float(
                1 - _brier(true, true).mean() / _brier(flat * true.mean(), true).mean()
            ),
        },
        "classes": {
            name: {
                "share": float((level == place).mean()),
                "true": _mean(true, level == place),
                "expected": _mean(probability, level == place),
            }
            for place, name in enumerate(CLASSES)
        },
    }


def _way(calibration: Calibration, firms: Known) -> dict[str, float]:
    probability = calibration.probability(firms.raw)
    return {
        "ece": evaluate.calibration_error(probability, firms.true),
        "expected_over_observed": float(probability.mean() / firms.true.mean()),
    }


def _by_score(firms: Known) -> Floats:
    given = ~np.isnan(firms.score)
    told = np.full(len(given), firms.true[~given].mean() if (~given).any() else 0.0)
    x = (730 - firms.score[given]) / 100
    intercept, slope = lines(x, firms.true[given], np.ones(len(x)))
    told[given] = 1 / (1 + np.exp(-(intercept + slope * x)))
    return told


def _brier(probability: Floats, true: Floats) -> Floats:
    """Expected squared error of each firm's forecast."""
    return np.asarray(true * (1 - probability) ** 2 + (1 - true) * probability**2, np.float64)


def _skill(probability: Floats, rival: Floats, true: Floats, seed: int) -> dict[str, float]:
    ours, theirs = _brier(probability, true), _brier(rival, true)
    flat = np.ones(len(true))
    spread = np.array(
        [
            1 - (again @ ours) / (again @ theirs)
            for part in range(REPLICATES // 20)  # a part at a time: firms are many
            for again in resampled(flat, np.arange(len(true)), 20, seed + part)
        ]
    )
    low, high = (float(end) for end in limits(spread))
    return {"skill": float(1 - ours.sum() / theirs.sum()), "low": low, "high": high}


def _mean(values: Floats, rows: npt.NDArray[np.bool_]) -> float:
    return float(values[rows].mean()) if rows.any() else float("nan")
