"""The column `steps` of classes.parquet: each firm's ladder through the policy, with its ground.

Made of whole columns, as `Policy.decide` leaves them; the records behind a direct rule are looked
up for the firms that it concerns, in one go a rule.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

import features
from models.classifier import RiskClassifier
from models.policy import STEPS
from records.store import Snapshot
from serving.runs import runfolder
from serving.scoring import reasons

_STEP = runfolder.CLASSES.field("steps").type.value_type
_RECORD = pa.schema(list(_STEP.field("records").type.value_type))


def column(
    records: Snapshot, classifier: RiskClassifier, firms: pd.DataFrame, decided: pd.DataFrame
) -> pa.ListArray:
    """The steps of each scored firm.

    Parameters
    ----------
    firms : columns `entity_id`, `as_of` (one date) and `public_grade_on`.
    decided : what `Policy.decide` says of them, in the same order.
    """
    count = len(firms)
    behind, first = _behind(records, classifier, firms, decided)
    dates = {"public_grade_since": firms["public_grade_on"], "direct_since": first}
    told = decided.assign(**{name: np.asarray(days) for name, days in dates.items()})
    turns = pa.array(np.arange(count * len(STEPS)).reshape(len(STEPS), count).T.ravel())
    parts = [
        pa.array(np.repeat(np.array(STEPS, object), count), pa.string()).take(turns)
        if field.name == "step"
        else behind
        if field.name == "records"
        else _stacked(told, field).take(turns)
        for field in _STEP
    ]
    ends = pa.array(np.arange(count + 1) * len(STEPS), pa.int32())
    held = pa.StructArray.from_arrays(parts, fields=list(_STEP))
    return pa.ListArray.from_arrays(ends, held, type=runfolder.CLASSES.field("steps").type)


def _stacked(told: pd.DataFrame, field: pa.Field) -> pa.Array:
    """A field of all firms' steps, step after step."""
    names = [f"{step}_{field.name}" for step in STEPS]
    return pa.concat_arrays(
        [
            pa.array(told[name], field.type, from_pandas=True)
            if name in told
            else pa.nulls(len(told), field.type)
            for name in names
        ]
    )


def _behind(
    records: Snapshot, classifier: RiskClassifier, firms: pd.DataFrame, decided: pd.DataFrame
) -> tuple[pa.ListArray, npt.NDArray[np.datetime64]]:
    """The records behind each step, and the day of the first behind each firm's direct rule."""
    definition = classifier.definition
    ids = pd.Index(firms["entity_id"])
    first = np.full(len(ids), None, "M8[s]")
    places, parts = [], []
    for rule in definition.policy.direct:
        spine = firms.loc[(decided["direct_rule"] == rule.id).to_numpy(), ["entity_id", "as_of"]]
        if spine.empty:
            continue
        indicator = definition.catalogue[rule.when.indicator]
        found = features.evidence(records, definition.catalogue, indicator, spine)
        at = ids.get_indexer(pd.Index(found["entity_id"]))
        days = pd.to_datetime(found["event_time"]).groupby(at).min()
        first[days.index.to_numpy(np.int64)] = days.to_numpy("M8[s]")
        places.append(at * len(STEPS) + STEPS.index("direct"))
        parts.append(_table(found))
    places.append(np.empty(0, np.int64))
    told = pa.concat_tables([*parts, _RECORD.empty_table()])
    return reasons.lists(len(ids) * len(STEPS), np.concatenate(places), told), first


def _table(found: pd.DataFrame) -> pa.Table:
    """Records as `features.evidence` finds them, as they stand in a run's files."""
    named = found.assign(event_time=pd.to_datetime(found["event_time"]).dt.date)
    return pa.Table.from_pandas(named[_RECORD.names], schema=_RECORD, preserve_index=False)
