"""The summary of a run: counts, shares and versions, from the files of its firms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

import features
from models.classifier import RiskClassifier
from models.policy import CLASSES
from records.store import Snapshot


def summary(
    classifier: RiskClassifier,
    records: Snapshot,
    as_of: date,
    known: int,
    scopes: Mapping[str, int],
    classes: Path,
) -> dict[str, Any]:
    """The counts, shares and versions of a run.

    Parameters
    ----------
    known, scopes : enterprises known, and live by scope.
    classes : the run's classes.parquet.
    """
    columns = ["scope", "risk_class", "model_class", "public_grade"]
    told = pq.ParquetFile(classes).read(columns).to_pandas()
    scored = told[told["scope"] == "model"]
    share = scored["risk_class"].value_counts(normalize=True)
    grades = pd.crosstab(scored["public_grade"].fillna("none"), scored["risk_class"])
    return {
        "as_of": str(as_of),
        "synthetic": features.synthetic(records),
        "model": f"{classifier.definition.name} {classifier.version}",
        "snapshot": records.id,
        "firms": {"known": known, "live": sum(scopes.values()), **scopes},
        "class_share": {name: float(share.get(name, 0.0)) for name in CLASSES},
        "class_by_grade": {
            str(grade): {name: int(row.get(name, 0)) for name in CLASSES}
            for grade, row in grades.iterrows()
        },
        "moved_by_policy": int((scored["risk_class"] != scored["model_class"]).sum()),
    }
