"""The reasons of a run: every indicator's contribution to every firm, and the records behind it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

import features
from models.classifier import RiskClassifier
from models.ladder import TOP
from records.store import Snapshot
from serving import runfolder

Floats = npt.NDArray[np.float64]


def table(
    records: Snapshot,
    classifier: RiskClassifier,
    scored: pd.DataFrame,
    values: Floats,
    contributions: Floats,
) -> pa.Table:
    """Every indicator's contribution of every firm, the strongest first."""
    definition = classifier.definition
    fitted = definition.fitted
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(1, len(fitted) + 1)[None, :], axis=1)
    long = pd.DataFrame(
        {
            "entity_id": np.repeat(scored["entity_id"].to_numpy(object), len(fitted)),
            "rank": rank.ravel(),
            "indicator": np.tile(np.array(fitted, dtype=object), len(scored)),
            "value": values.ravel(),
            "contribution": contributions.ravel(),
        }
    )
    long["group"] = long["indicator"].map(lambda name: definition.catalogue[name].group)
    shown = _tellable(contributions, order).ravel() & (long["value"].fillna(0) != 0)
    behind = _behind(records, classifier, scored, long[shown])
    long = long.merge(behind, on=["entity_id", "indicator"], how="left")
    long = long.sort_values(["entity_id", "rank"])
    long["records"] = [found if isinstance(found, list) else [] for found in long["records"]]
    return pa.table(
        {
            field.name: pa.array(long[field.name], field.type, from_pandas=field.name == "value")
            for field in runfolder.REASONS
        },
        schema=runfolder.REASONS,
    )


def _tellable(contributions: Floats, order: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """The strongest reasons on each side: those that a ladder tells, and shows records for."""
    raises = np.take_along_axis(contributions, order, axis=1) > 0
    place = np.where(raises, raises.cumsum(axis=1), (~raises).cumsum(axis=1))
    tellable = np.empty(contributions.shape, dtype=bool)
    np.put_along_axis(tellable, order, place <= TOP, axis=1)
    return tellable


def _behind(
    records: Snapshot, classifier: RiskClassifier, scored: pd.DataFrame, shown: pd.DataFrame
) -> pd.DataFrame:
    """Lists of records by firm and indicator."""
    as_of = scored["as_of"].iloc[0]
    found = [pd.DataFrame(columns=["entity_id", "indicator", "records"])]
    for name, rows in shown.groupby("indicator", sort=True):
        spine = rows[["entity_id"]].assign(as_of=as_of)
        indicator = classifier.definition.catalogue[str(name)]
        behind = features.evidence(records, classifier.definition.catalogue, indicator, spine)
        behind["event_time"] = pd.to_datetime(behind["event_time"]).dt.date
        parts = behind[["table", "source", "source_id", "event_time"]].to_dict("records")
        lists = pd.Series(parts, dtype="object").groupby(behind["entity_id"].to_numpy()).agg(list)
        found.append(
            pd.DataFrame({"entity_id": lists.index, "indicator": name, "records": lists.to_numpy()})
        )
    return pd.concat(found, ignore_index=True)
