"""Whom a plan reaches: for every group of firms, who could be drawn, who was, and when last.

A group no visit can reach is one whose problems nobody will learn of, and a group visited far
beyond its share bears a burden that only its risk may explain.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from supervision.errors import PlanError
from supervision.sample import DONE

COVERAGE = (
    "by", "group", "firms", "with_chance", "expected", "a_year", "drawn", "visited", "last_visit",
)  # fmt: skip
UNKNOWN = "unknown"


def coverage(
    frame: pd.DataFrame,
    visits: pd.DataFrame,
    by: Iterable[str],
    batches: int = 1,
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How far each group of firms is reached.

    Parameters
    ----------
    frame : the draw's, with `entity_id`, `inclusion_probability`, `drawn` and the columns `by`.
    visits : `entity_id`, `state` and `inspected_on` (a day, or null).
    by : columns of groups; a firm whose value is null is told as ``unknown``.
    batches : draws a year.
    history : earlier visits, `entity_id` and `visited_on`.

    Returns
    -------
    Columns `COVERAGE`: `with_chance`, the share of firms that could be drawn; `expected` visits of
    this draw, and `a_year` if all its draws were alike (what no-repeat takes off later is left
    in); firms `drawn` and `visited`; `last_visit`, the newest day, null if there is none.
    """
    for column in ("entity_id", "inclusion_probability", "drawn", *(by := list(by))):
        if column not in frame:
            raise PlanError.among(f"frame: no column {column}", column, map(str, frame))
    done = visits[visits["state"].isin(DONE)]
    chance = frame["inclusion_probability"].fillna(0)
    told = frame[by].astype(object).fillna(UNKNOWN).assign(
        firms=1, with_chance=chance > 0, expected=chance, drawn=frame["drawn"],
        visited=frame["entity_id"].isin(done["entity_id"]),
        last_visit=_last(done, history).reindex(frame["entity_id"]).to_numpy(),
    )  # fmt: skip
    parts = [_by(told, column) for column in by]
    if not parts:
        return pd.DataFrame(columns=list(COVERAGE))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(a_year=rows["expected"] * batches)[list(COVERAGE)]


def _by(told: pd.DataFrame, column: str) -> pd.DataFrame:
    sums = {name: (name, "sum") for name in ("firms", "expected", "drawn", "visited")}
    grouped = told.groupby(column, sort=True)
    rows = grouped.agg(
        **sums, with_chance=("with_chance", "mean"), last_visit=("last_visit", "max")
    )
    return rows.rename_axis("group").reset_index().assign(by=column)


def _last(done: pd.DataFrame, history: pd.DataFrame | None) -> pd.Series[pd.Timestamp]:
    """The newest visit of each firm that had one."""
    days = [done[["entity_id", "inspected_on"]].rename(columns={"inspected_on": "visited_on"})]
    if history is not None:
        days.append(history[["entity_id", "visited_on"]])
    told = pd.concat([part.astype(object) for part in days], ignore_index=True)
    told["visited_on"] = pd.to_datetime(told["visited_on"])
    return told.groupby("entity_id")["visited_on"].max()


def apart(rates: pd.Series[float]) -> float:
    """How many times the most burdened group is visited as the least; infinite from nothing."""
    least, most = rates.min(), rates.max()
    return float(most / least) if least > 0 else (np.inf if most > 0 else 1.0)
