"""The reasons of a run: every indicator's contribution to every firm, and the records behind it.

Made from arrays of (firms, indicators) without a row ever being touched alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

import features
from features.measures import OF_NEWEST
from models.classifier import RiskClassifier
from models.reasons import LOOKED
from records.store import Snapshot
from serving import runfolder

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_RECORDS = runfolder.REASONS.field("records").type


def table(
    records: Snapshot,
    classifier: RiskClassifier,
    scored: pd.DataFrame,
    values: Floats,
    contributions: Floats,
) -> pa.Table:
    """Every indicator's contribution of every firm, the strongest first.

    Parameters
    ----------
    scored : the firms, sorted by `entity_id`, all with the same `as_of`; shape (n, …).
    values, contributions : of the fitted indicators, shape (n, k); values NaN where unknown.
    """
    fitted = classifier.definition.fitted
    groups = [classifier.definition.catalogue[name].group for name in fitted]
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")
    ranked, told = (np.take_along_axis(each, order, axis=1) for each in (values, contributions))
    # Where nothing was counted there is no record; what one record states may be 0.
    stated = np.array(
        [classifier.definition.catalogue[name].measure in OF_NEWEST for name in fitted]
    )
    known = (np.nan_to_num(ranked) != 0) | (stated[order] & ~np.isnan(ranked))
    shown = _tellable(told) & known
    count, chosen = len(scored), pa.array(order.ravel())
    columns = {
        "entity_id": pa.array(scored["entity_id"], pa.string()).take(
            pa.array(np.repeat(np.arange(count), len(fitted)))
        ),
        "rank": np.tile(np.arange(1, len(fitted) + 1), count),
        "indicator": pa.array(fitted, pa.string()).take(chosen),
        "group": pa.array(groups, pa.string()).take(chosen),
        "value": pa.array(ranked.ravel(), from_pandas=True),
        "contribution": told.ravel(),
        "records": _behind(records, classifier, scored, order, shown),
    }
    return pa.table(columns, schema=runfolder.REASONS)


def _tellable(contributions: Floats) -> npt.NDArray[np.bool_]:
    """The strongest reasons on each side, of contributions by rank: what a ladder may tell."""
    raises = contributions > 0
    place = np.where(raises, raises.cumsum(axis=1), (~raises).cumsum(axis=1))
    tellable: npt.NDArray[np.bool_] = place <= LOOKED
    return tellable


def _behind(
    records: Snapshot,
    classifier: RiskClassifier,
    scored: pd.DataFrame,
    order: Ints,
    shown: npt.NDArray[np.bool_],
) -> pa.ListArray:
    """The records behind each of the n · k reasons by firm and rank; none for those not shown."""
    catalogue, fitted = classifier.definition.catalogue, classifier.definition.fitted
    ids, as_of = pd.Index(scored["entity_id"]), scored["as_of"].iloc[0]
    row, rank = np.nonzero(shown)
    indicator = order[row, rank]
    place = np.empty(len(ids), np.int64)
    places: list[Ints] = []
    parts: list[pa.StructArray] = []
    for at in np.unique(indicator).tolist():
        mine = indicator == at
        place[row[mine]] = row[mine] * len(fitted) + rank[mine]
        spine = pd.DataFrame({"entity_id": ids[row[mine]], "as_of": as_of})
        behind = features.evidence(records, catalogue, catalogue[fitted[at]], spine)
        places.append(place[ids.get_indexer(behind["entity_id"])])
        parts.append(structs(behind))
    return lists(order.size, places, parts)


def lists(count: int, places: Sequence[Ints], parts: Sequence[pa.StructArray]) -> pa.ListArray:
    """Lists of records by place, 0 to count - 1, in the order given; empty where none is."""
    where = np.concatenate([np.empty(0, np.int64), *places])
    held = pa.concat_arrays([pa.array([], _RECORDS.value_type), *parts])
    ends = np.cumsum([0, *np.bincount(where, minlength=count)])
    return pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()),
        held.take(pa.array(np.argsort(where, kind="stable"))),
        type=_RECORDS,
    )


def structs(behind: pd.DataFrame) -> pa.StructArray:
    """Records as `features.evidence` finds them, as they stand in a run's files."""
    named = behind.assign(event_time=pd.to_datetime(behind["event_time"]).dt.date)
    schema = pa.schema(list(_RECORDS.value_type))
    told = pa.Table.from_pandas(named[schema.names], schema=schema, preserve_index=False)
    return told.combine_chunks().to_struct_array().combine_chunks()
