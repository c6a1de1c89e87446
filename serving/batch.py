"""Batch scoring: every live enterprise of a store gets its class, its reasons and their records.

    RUN/classes.parquet   one row a firm, sorted by entity_id
    RUN/reasons.parquet   one row a firm and fitted indicator, sorted by entity_id and rank
    RUN/summary.json      counts, shares, versions
    RUN/model/            the frozen model, so that the run explains itself

The folder appears whole or not at all. Files hold ids and values; sentences render on read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import features
from features.clocks import ROW
from models.classifier import RiskClassifier
from models.corrections import Corrections
from models.policy import CLASSES
from records.errors import BadInput, NotFound, NotPossible
from records.files import write_json, write_parquet
from records.store import Snapshot
from serving import reasons, runfolder, stepcolumn

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]


def score(
    records: Snapshot,
    classifier: RiskClassifier,
    as_of: date,
    out: Path,
    *,
    previous: Path | None = None,
    corrections: pd.DataFrame | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Score every enterprise known and live on a date, and write the run.

    Parameters
    ----------
    previous : the run before, whose classes hysteresis may hold.
    corrections : classes that two persons decided; columns `models.corrections.COLUMNS`.
    progress : told the name of each stage as it begins.

    Returns
    -------
    the run's summary.

    Raises
    ------
    BadInput : `out` exists, an entity type is in no scope of the policy, or a correction is wrong.
    NotFound : `previous` is not a run.
    NotPossible : nobody is in the model's scope, or nothing was known yet.
    """
    if out.exists():
        raise BadInput(
            f"{out} exists",
            allowed="a new folder",
            hint="choose another --out; runs are never overwritten",
        )
    before = _previous(previous)
    progress("firms")
    firms = features.population(records, as_of)
    corrected = Corrections.of(corrections, firms["entity_id"])
    live = firms[firms["status"] == "live"].reset_index(drop=True)
    live["scope"] = classifier.definition.policy.scope.of(live["entity_type"])
    told = live[live["scope"] != "out"].reset_index(drop=True)
    scored = told[told["scope"] == "model"].reset_index(drop=True)
    if scored.empty:
        raise NotPossible(
            f"no enterprise in the model's scope is live on {as_of}",
            found=f"{len(firms)} enterprises known",
            hint="choose another --as-of",
        )
    progress("indicators")
    table = features.build(records, scored[ROW], classifier.definition.catalogue)
    progress("classes")
    values = classifier.matrix(table.frame)
    explained = classifier.explain(values)
    raw, base = explained.score, explained.base
    decided = _decided(classifier, scored, table.frame, raw, before, corrected)
    progress("reasons")
    steps = stepcolumn.column(records, classifier, scored, decided)
    classes = _classes(classifier, told, scored, decided, steps, raw, base, table.hash, records.id)
    told_why = reasons.table(records, classifier, scored, values, explained.contributions)
    summary = _summary(classifier, firms, live, classes, as_of, records) | {
        "reasons_max_error": float(np.abs(base + explained.contributions.sum(axis=1) - raw).max()),
    }
    _write(out, classes, told_why, summary, classifier)
    return summary


def _previous(run: Path | None) -> pd.DataFrame:
    columns = ["entity_id", "risk_class", "held_class", "held_months"]
    if run is None:
        return pd.DataFrame(columns=columns)
    path = run / "classes.parquet"
    if not path.is_file():
        raise NotFound(f"no run at {run}", hint="--previous names the folder of an earlier run")
    frame: pd.DataFrame = pq.ParquetFile(path).read(columns).to_pandas()
    return frame


def _decided(
    classifier: RiskClassifier,
    scored: pd.DataFrame,
    indicators: pd.DataFrame,
    raw: Floats,
    before: pd.DataFrame,
    corrections: Corrections,
) -> pd.DataFrame:
    """The policy's ladder of each scored firm, and `previous_class`, its class in the run before.

    What hysteresis may hold is the class that it left in that run, not what later steps made of
    it: a direct rule, a grade and a correction end with their evidence.
    """
    policy = classifier.definition.policy
    given = scored[["entity_id", "as_of", "public_grade"]].merge(before, on="entity_id", how="left")
    given = given.assign(
        raw=raw,
        previous_class=given["held_class"],
        **{name: indicators[name] for name in policy.indicators()},
    )
    decided = policy.decide(given, classifier.boundaries, corrections)
    return decided.assign(previous_class=given["risk_class"])


def _classes(
    classifier: RiskClassifier,
    told: pd.DataFrame,
    scored: pd.DataFrame,
    decided: pd.DataFrame,
    steps: pa.ListArray,
    raw: Floats,
    base: float,
    catalogue_hash: str,
    snapshot: str,
) -> pa.Table:
    definition = classifier.definition
    low, high = (
        np.full((2, len(raw)), np.nan) if classifier.band is None else classifier.band.of(raw)
    )
    own = pd.DataFrame(
        {
            "entity_id": scored["entity_id"],
            "raw": raw,
            "base": base,
            "probability": classifier.probability(raw),
            "probability_low": low,
            "probability_high": high,
            "base_probability": classifier.probability(np.full(len(raw), base)),
            "model_class": decided["model_class"],
            "previous_class": decided["previous_class"],
            "held_class": decided["hysteresis_class"],
            "held_months": decided["held_months"],
            "risk_class": decided["final_class"],
            "row": np.arange(len(raw)),
        }
    )
    whole = told.merge(own, on="entity_id", how="left").sort_values("entity_id")
    whole = whole.assign(
        model_name=definition.name,
        model_version=classifier.version,
        catalogue_version=definition.catalogue.version,
        catalogue_hash=catalogue_hash,
        policy_version=definition.policy.version,
        snapshot=snapshot,
    )
    steps = steps.take(pa.array(whole["row"], pa.int64(), from_pandas=True))
    return pa.table(
        {
            field.name: steps
            if field.name == "steps"
            else pa.array(whole[field.name], field.type, from_pandas=True)
            for field in runfolder.CLASSES
        },
        schema=runfolder.CLASSES,
    )


def _summary(
    classifier: RiskClassifier,
    firms: pd.DataFrame,
    live: pd.DataFrame,
    classes: pa.Table,
    as_of: date,
    records: Snapshot,
) -> dict[str, Any]:
    told = classes.select(["scope", "risk_class", "model_class", "public_grade"]).to_pandas()
    scored = told[told["scope"] == "model"]
    share = scored["risk_class"].value_counts(normalize=True)
    grades = pd.crosstab(scored["public_grade"].fillna("none"), scored["risk_class"])
    return {
        "as_of": str(as_of),
        "synthetic": features.synthetic(records),
        "model": f"{classifier.definition.name} {classifier.version}",
        "snapshot": records.id,
        "firms": {"known": len(firms), "live": len(live)}
        | {scope: int(n) for scope, n in live["scope"].value_counts().sort_index().items()},
        "class_share": {name: float(share.get(name, 0.0)) for name in CLASSES},
        "class_by_grade": {
            str(grade): {name: int(row.get(name, 0)) for name in CLASSES}
            for grade, row in grades.iterrows()
        },
        "moved_by_policy": int((scored["risk_class"] != scored["model_class"]).sum()),
    }


def _write(
    out: Path,
    classes: pa.Table,
    told_why: pa.Table,
    summary: dict[str, Any],
    classifier: RiskClassifier,
) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        folder = Path(scratch) / "run"
        folder.mkdir()
        write_parquet(folder / "classes.parquet", classes)
        write_parquet(folder / "reasons.parquet", told_why)
        write_json(folder / "summary.json", summary)
        classifier.save(folder / "model")
        folder.rename(out)
