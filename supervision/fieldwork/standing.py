"""Records in force: which kinds there are, and whether one still stands on a day.

A kind is declared in YAML:

    - table: abnormal_listings
      where: {cause: [annual_report, not_published]}   # the values that count; without it all
      at_most: {amount: 1000000}            # and no more than this; null counts as more
      ended_on: removed_on                  # the day from which it is over; null: it stands
      last_day: published_until             # the last day on which it stands
      months: 12                            # it stands so long after it happened

A record that was repaired, or whose `valid_to` has come, stands no longer, whatever else it says.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from supervision.errors import PlanError

RECORD = ("table", "source", "source_id", "event_time")
"""What names a record and says when it happened."""


class Entry(BaseModel):
    """A part of settings: nothing unknown, nothing changed after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Entry):
    """What something is called, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class Kind(Entry):
    """A kind of record; see the module."""

    table: str
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    at_most: dict[str, int] = Field(default_factory=dict)
    ended_on: str | None = None
    last_day: str | None = None
    months: int | None = Field(default=None, ge=1)


def standing(kind: Kind, records: pd.DataFrame, on: date) -> pd.DataFrame:
    """The records of a kind that are in force on a day, the newest first within a firm.

    Parameters
    ----------
    records : the kind's table as known on the day: `entity_id`, `source`, `source_id`,
        `event_time`, `valid_to`, `repaired`, and what the kind names. Dates or texts of dates.

    Returns
    -------
    The rows that stand, with all their columns, and `table`.

    Raises
    ------
    PlanError : the kind names a column that the table has not.
    """
    records = records.reset_index(drop=True)
    named = [*kind.where, *kind.at_most, *filter(None, (kind.ended_on, kind.last_day))]
    for column in named:
        if column not in records:
            raise PlanError.among(f"{kind.table}: no column {column}", column, [*records.columns])
    day = pd.Timestamp(on)
    stands = ~records["repaired"].fillna(value=False).astype(bool) & ~(
        _days(records["valid_to"]) <= day
    )
    for column, values in kind.where.items():
        stands &= records[column].isin(values)
    for column, most in kind.at_most.items():
        stands &= pd.to_numeric(records[column]).le(most).fillna(value=False).astype(bool)
    if kind.ended_on:
        stands &= ~(_days(records[kind.ended_on]) <= day)
    if kind.last_day:
        stands &= ~(_days(records[kind.last_day]) < day)
    if kind.months:
        stands &= _days(records["event_time"]) > day - pd.DateOffset(months=kind.months)
    found = records[stands.to_numpy(bool)].assign(table=kind.table)
    order = found.assign(newest=-_days(found["event_time"]).astype("int64"))
    order = order.sort_values(["entity_id", "newest", "source_id"], kind="stable")
    return found.loc[order.index].reset_index(drop=True)


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).astype("datetime64[s]")
