"""The City's own model, without the inspector: its features, refitted as a ridge regression.

The published model is a logistic regression (glmnet) on sixteen predictors: six dummies of the
inspector and the ten features of `published`, capped and cut as the City did. They are read from
the City's ready-made table, as it computed them: the two flags of other licences and the weather
of the visit's own day were not known on its morning, which can only favour the peer.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Inverse penalties to choose among."""
FOLDS = 5

NO_FEATURES = [
    "Inspection_Date", "License", "Inspection_ID", "Business_ID", "Train", "Test", "score",
    "Inspector_Assigned", "criticalCount", "seriousCount", "minorCount", "pass_flag", "fail_flag",
    "criticalFound",
]  # fmt: skip
"""Columns of the City's table that are keys, the inspector, or what the visit itself found."""


def table(folder: Path, visits: pd.DataFrame) -> pd.DataFrame:
    """The City's table of features, row for row beside our visits."""
    theirs = pd.read_parquet(folder / "model_table_2017_xgb.parquet")
    rows = theirs.set_index(theirs["Inspection_ID"].astype("str"))
    return rows.loc[visits["inspection_id"]].reset_index(drop=True)


def published(theirs: pd.DataFrame) -> Floats:
    """The ten features of the published model besides the inspector, shape (n, 10)."""
    return np.column_stack(
        [
            theirs["pastSerious"].clip(upper=1),
            theirs["pastCritical"].clip(upper=1),
            theirs["timeSinceLast"],
            theirs["ageAtInspection"] > 4,
            theirs["consumption_on_premises_incidental_activity"],
            theirs["tobacco_retail_over_counter"],
            theirs["temperatureMax"],
            theirs["heat_burglary"].clip(upper=70),
            theirs["heat_sanitation"].clip(upper=70),
            theirs["heat_garbage"].clip(upper=50),
        ]
    ).astype(np.float64)


def every(theirs: pd.DataFrame) -> Floats:
    """All features of the City's table but the inspector, each facility type a flag."""
    features = theirs.drop(columns=NO_FEATURES)
    return pd.get_dummies(features, columns=["Facility_Type"]).to_numpy(np.float64)


def ridge(values: Floats, labels: Floats, fit: Mask, held_out: Mask) -> Floats:
    """Log-odds of held-out visits by a ridge logistic regression on earlier ones.

    The penalty is chosen by log-loss, forward in time inside `fit`.

    Parameters
    ----------
    values, labels : of all visits in the order they were made, shapes (n, k) and (n,).
    """
    chosen = LogisticRegressionCV(
        Cs=STRENGTHS,
        l1_ratios=(0.0,),
        cv=TimeSeriesSplit(FOLDS),
        scoring="neg_log_loss",
        max_iter=1000,
        use_legacy_attributes=False,
    )
    model = make_pipeline(StandardScaler(), chosen)
    model.fit(values[fit], labels[fit])
    return np.asarray(model.decision_function(values[held_out]), np.float64)
