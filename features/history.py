"""A firm's indicators over time, each as it was known then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isnan

import pandas as pd

from features.catalogue import Catalogue
from features.table import build
from records.store import Snapshot

MARKS = "▁▂▃▄▅▆▇█"


def history(
    records: Snapshot, catalogue: Catalogue, entity_id: str, days: Sequence[date]
) -> pd.DataFrame:
    """A firm's indicators on several dates: a row an indicator, a column a date.

    Values are float64, null where an indicator was not known.
    """
    spine = pd.DataFrame({"entity_id": entity_id, "as_of": list(days)})
    frame = build(records, spine, catalogue).frame
    return frame.drop(columns="entity_id").set_index("as_of").T


def months_before(day: date, count: int) -> list[date]:
    """The first days of the last months up to a date, which comes last itself."""
    ends = pd.period_range(end=pd.Period(day, "M"), periods=count, freq="M")
    days = [month.start_time.date() for month in ends]
    return [*(one for one in days if one < day), day]


def sparkline(values: Sequence[float]) -> str:
    """Values as a row of bars from the least to the greatest; · where there is none."""
    known = [value for value in values if not isnan(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = high - low

    def mark(value: float) -> str:
        if isnan(value):
            return "·"
        return MARKS[round((value - low) / span * (len(MARKS) - 1))] if span else MARKS[0]

    return "".join(mark(value) for value in values)
