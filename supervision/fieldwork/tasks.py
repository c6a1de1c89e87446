"""What a pair is told of its visits, from when on, and what is kept from it until it has reported.

A visit of the blind slice is worth what it is only while its pair does not know what class it
meets: so of such a visit, and of its repetition by a second pair, nothing is told that is a class,
a reason, a probability or a grade, or rests on one. Whoever makes a task list asks `hidden` first
and reads nothing of that kind for the visits it marks.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pandas as pd

from supervision.errors import PlanError

BLIND = ("slice", "recheck")
"""The ways of being drawn whose visits are blind. A pair is not told which of the two it makes."""

DRAWN_AS = {"slice": "blind", "recheck": "blind", "plan": "plan", "top_up": "top_up"}


def visible_from(start: date, release: int) -> date:
    """The first day on which tasks are told: `release` days before the period's first."""
    return start - timedelta(days=release)


def check_released(on: date, start: date, release: int) -> None:
    """Refuse to tell tasks too early; nobody may warn a firm.

    Raises
    ------
    PlanError : it says from when on they can be told.
    """
    first = visible_from(start, release)
    if on < first:
        raise PlanError(
            "the tasks are not visible yet", found=on.isoformat(), allowed=f"{first} or later",
            hint=f"the period begins on {start}; its tasks are told {release} days before",
        )  # fmt: skip


def hidden(drawn: pd.DataFrame, reported: Collection[str]) -> pd.Series[bool]:
    """Which visits have to stay blind: those whose firm's blind results are not all in.

    Parameters
    ----------
    drawn : `visit`, `entity_id`, `drawn_by`.
    reported : the visits of which results have been entered.

    Returns
    -------
    Series of shape (visits,). Where a second pair repeats a visit, both stay blind until both
    have reported: the first pair's list must not tell the second.
    """
    blind = drawn["drawn_by"].isin(BLIND)
    waiting = blind & ~drawn["visit"].isin(list(reported))
    return blind & drawn["entity_id"].isin(drawn.loc[waiting, "entity_id"])


def joined(rows: pd.DataFrame, text: str) -> pd.Series[str]:
    """One text a firm: the column `text` of its rows, in their order, each once, a line each."""
    once = rows[["entity_id", text]].drop_duplicates()
    return once.groupby("entity_id", sort=False)[text].agg("\n".join).astype("str")


def last_visits(inspections: pd.DataFrame) -> pd.Series[str]:
    """The day of each firm's newest inspection, from records with `entity_id`, `event_time`."""
    days = inspections.assign(day=pd.to_datetime(inspections["event_time"]).dt.date.astype("str"))
    return days.groupby("entity_id")["day"].max()


def of_inspector(drawn: pd.DataFrame, inspector: str) -> pd.Series[bool]:
    """The visits that an inspector makes, first or second of the pair."""
    return (drawn["inspector_1"] == inspector) | (drawn["inspector_2"] == inspector)
