"""The reasons of a run: every indicator's contribution to every firm, and the records behind it.

Made from arrays of (firms, indicators) without a row ever being touched alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.measures import OF_NEWEST
from features.sources import WANTED
from models.classifier import RiskClassifier
from models.reasons import LOOKED
from serving.runs import runfolder

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_RECORDS = runfolder.REASONS.field("records").type


@dataclass(frozen=True)
class Reasons:
    """What moved n firms, by k indicators; arrays of shape (n, k).

    `firms` has `entity_id`, ascending, and `as_of`; `values` are NaN where unknown; `stated`, of
    shape (k,), marks indicators of which a record can state 0.
    """

    firms: pd.DataFrame
    values: Floats
    contributions: Floats
    stated: Flags

    @classmethod
    def of(
        cls, classifier: RiskClassifier, firms: pd.DataFrame, values: Floats, contributions: Floats
    ) -> Self:
        """Those of the fitted indicators of a model."""
        definition = classifier.definition
        stated = [definition.catalogue[name].measure in OF_NEWEST for name in definition.fitted]
        return cls(firms, values, contributions, np.array(stated))

    def ranked(self) -> tuple[Ints, Flags]:
        """Indicators by rank, the strongest first, and whether a ladder tells their records."""
        order = np.argsort(-np.abs(self.contributions), axis=1, kind="stable")
        values = np.take_along_axis(self.values, order, axis=1)
        told = _tellable(np.take_along_axis(self.contributions, order, axis=1))
        # Where nothing was counted there is no record; what one record states may be 0.
        known = (np.nan_to_num(values) != 0) | (self.stated[order] & ~np.isnan(values))
        return order, told & known

    def wanted(self) -> pa.Table:
        """Of which firms and indicators the records are told."""
        order, shown = self.ranked()
        row, rank = np.nonzero(shown)
        firms = pa.Table.from_pandas(self.firms[WANTED.names[:2]], preserve_index=False)
        own = firms.take(pa.array(row)).append_column("at", pa.array(order[row, rank]))
        return own.cast(WANTED)


def table(reasons: Reasons, behind: pa.Table, classifier: RiskClassifier) -> pa.Table:
    """Every indicator's contribution of every firm, the strongest first.

    Parameters
    ----------
    behind : the records behind what is `wanted`, as `features.tracing.Tracing` tells them; of
        firms that are not among these, nothing is taken.
    """
    fitted = classifier.definition.fitted
    groups = [classifier.definition.catalogue[name].group for name in fitted]
    order, shown = reasons.ranked()
    count, chosen = len(reasons.firms), pa.array(order.ravel())
    values = np.take_along_axis(reasons.values, order, axis=1)
    columns = {
        "entity_id": pa.array(reasons.firms["entity_id"], pa.string()).take(
            pa.array(np.repeat(np.arange(count), len(fitted)))
        ),
        "rank": np.tile(np.arange(1, len(fitted) + 1), count),
        "indicator": pa.array(fitted, pa.string()).take(chosen),
        "group": pa.array(groups, pa.string()).take(chosen),
        "value": pa.array(values.ravel(), from_pandas=True),
        "contribution": np.take_along_axis(reasons.contributions, order, axis=1).ravel(),
        "records": _records(reasons.firms["entity_id"], order, shown, behind),
    }
    return pa.table(columns, schema=runfolder.REASONS)


def _tellable(contributions: Floats) -> Flags:
    """The strongest reasons on each side, of contributions by rank: what a ladder may tell."""
    raises = contributions > 0
    place = np.where(raises, raises.cumsum(axis=1), (~raises).cumsum(axis=1))
    tellable: Flags = place <= LOOKED
    return tellable


def _records(ids: pd.Series, order: Ints, shown: Flags, behind: pa.Table) -> pa.ListArray:
    """The records behind each of the n · k reasons by firm and rank; none for those not shown."""
    place = np.full(order.shape, -1)  # of a firm's indicator among all reasons
    row, rank = np.nonzero(shown)
    place[row, order[row, rank]] = row * order.shape[1] + rank
    firms = pc.index_in(behind["entity_id"], pa.array(ids, pa.string())).combine_chunks()
    mine = behind.filter(firms.is_valid())
    where = place[firms.drop_null().to_numpy(), mine["at"].to_numpy()]
    return lists(order.size, where, mine)


def lists(count: int, places: Ints, behind: pa.Table) -> pa.ListArray:
    """Lists of records by place, 0 to count - 1, in the order given; empty where none is."""
    schema = pa.schema(list(_RECORDS.value_type))
    told = behind.select(schema.names).cast(schema)
    held = told.combine_chunks().to_struct_array().combine_chunks()
    ends = np.cumsum([0, *np.bincount(places, minlength=count)])
    return pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()),
        held.take(pa.array(np.argsort(places, kind="stable"))),
        type=_RECORDS,
    )
