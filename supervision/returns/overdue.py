"""What is overdue on a day: visits without results, items without results, results unpublished.

A visit of which nothing is known may have been made on the last day of the plan's period, so its
results are due as many working days after that.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from supervision.returns.deadlines import WorkingDays
from supervision.returns.resultcodes import DONE, Code
from supervision.returns.visits import ENTER

KINDS: dict[str, Code] = {
    "no_result": Code("未回填结果", "no result"),
    "items": Code("事项结果不全", "items without result"),
    "unpublished": Code("未公示", "not published"),
}
"""What is asked for."""

OVERDUE = (
    "bureau",
    "inspector_1",
    "inspector_2",
    "visit",
    "entity_id",
    "name",
    "kind",
    "what",
    "due",
    "days",
)
"""A visit to ask for: its bureau and pair, the kind, the items in question, the day it was due and
the working days since."""


def overdue(
    visits: pd.DataFrame, end: date | None, calendar: WorkingDays, on: date, enter: int = ENTER
) -> pd.DataFrame:
    """What is overdue, frame of `OVERDUE` by bureau, pair and day due.

    Parameters
    ----------
    visits : `supervision.returns.visits.fold`.
    end : the last day of the plan's period; null: nothing is due that was not visited.
    enter : working days for entering.
    """
    told = visits.assign(kind=None, what=None, due=None)
    missing = visits["state"].eq("missing")
    if end is not None:
        told = _marked(told, missing, "no_result", calendar.due(end, enter), None)
    done = visits["state"].isin(DONE)
    parts = visits["items_missing"].notna() & done
    told = _marked(told, parts, "items", visits["enter_by"], visits["items_missing"])
    silent = done & visits["published_on"].isna() & visits["publish_by"].notna() & ~parts
    told = _marked(told, silent, "unpublished", visits["publish_by"], None)
    due = told[told["due"].notna()]
    due = due[[day < on for day in due["due"]]] if len(due) else due
    due = due.assign(days=[calendar.between(day, on) for day in due["due"]])
    order = ["bureau", "inspector_1", "inspector_2", "due", "visit"]
    return due[list(OVERDUE)].sort_values(order, ignore_index=True)


def by_pair(rows: pd.DataFrame) -> pd.DataFrame:
    """How much is overdue of each pair: bureau, pair, `visits`, `days` (the longest)."""
    grouped = rows.groupby(["bureau", "inspector_1", "inspector_2"], dropna=False, sort=True)
    return grouped.agg(visits=("visit", "nunique"), days=("days", "max")).reset_index()


def _marked(
    told: pd.DataFrame, rows: pd.Series, kind: str, due: object, what: object
) -> pd.DataFrame:
    return told.assign(
        kind=told["kind"].mask(rows, kind), due=told["due"].mask(rows, due),
        what=told["what"].mask(rows, what),
    )  # fmt: skip
