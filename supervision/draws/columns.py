"""The columns of a list, checked: texts or null, and what is wrong told by row and column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from supervision.canonical import arrow
from supervision.draws.coded import coded, spelled
from supervision.draws.ids import among, order, rising
from supervision.draws.texts import stripped, take
from supervision.errors import PlanError


def texts(
    name: str,
    frame: pd.DataFrame | None,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    *,
    empty: bool = False,
) -> pd.DataFrame:
    """The columns as texts; what is empty is null, and so is an absent optional column."""
    if frame is None:
        frame = pd.DataFrame(columns=list(columns))
    for column in columns:
        if column not in frame and column not in optional:
            raise PlanError.among(f"{name}: no column {column}", column, map(str, frame.columns))
    if frame.empty and not empty:
        raise PlanError(f"{name}: the list is empty", allowed="at least one row")
    taken = frame.reindex(columns=list(columns)).reset_index(drop=True)
    return pd.DataFrame({column: stripped(taken[column]) for column in columns})


def cut(frame: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The rows of listed firms, each once, sorted by all columns."""
    used = frame[among(frame["entity_id"], listed["entity_id"])].drop_duplicates()
    return used.sort_values(list(frame.columns), ignore_index=True)


def filled(name: str, frame: pd.DataFrame, column: str) -> None:
    """Refuse a list in which the column is empty somewhere."""
    refuse(name, frame, column, frame[column].isna(), "a text that is not empty")


def refuse(
    name: str,
    frame: pd.DataFrame,
    column: str,
    wrong: pd.Series[bool],
    allowed: str,
) -> None:
    """Raise for the first row whose value is wrong, saying how many there are."""
    bad = wrong.to_numpy().nonzero()[0]
    if len(bad):
        value = frame[column].iloc[bad[0]]
        found = "nothing" if pd.isna(value) else repr(value)
        more = f" ({len(bad)} such rows)" if len(bad) > 1 else ""
        raise PlanError.row(name, int(bad[0]) + 1, column, found, allowed + more)


def sorted_once(name: str, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """The rows by key; refused where a key stands twice."""
    if rising(arrow(frame[key])):
        return frame
    ordered = take(frame, order(arrow(frame[key])))
    if not rising(arrow(ordered[key])):
        once(name, frame, key)
    return ordered


def once(name: str, frame: pd.DataFrame, key: str) -> None:
    """Raise for the first key that stands twice, if one does."""
    for value in frame.loc[frame[key].duplicated(), key].iloc[:1]:
        rows = [str(row + 1) for row in frame.index[frame[key] == value]]
        raise PlanError(
            f"{name}, rows {' and '.join(rows)}: {key} stands twice",
            found=repr(value),
            allowed="each once",
            hint="take one of the rows off the list",
        )


def tidied(column: pd.Series[Any]) -> pd.Series[Any]:
    """Lists with `;` sorted, each part once, empty ones null."""
    codes, names = coded(column)
    parts = [{part.strip() for part in name.split(";")} - {""} for name in names]
    told = spelled(codes, [";".join(sorted(each)) or None for each in parts], column.index)
    return told if isinstance(column.dtype, pd.CategoricalDtype) else told.astype("str")


def is_day(text: str) -> bool:
    """Whether a text is a day as 2026-07-01."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def are_days(text: str) -> bool:
    """Whether each part is first/last day, in this order."""
    ends = [part.split("/") for part in text.split(";")]
    return all(len(both) == 2 and all(map(is_day, both)) and both[0] <= both[1] for both in ends)
