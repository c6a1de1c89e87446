"""The state of a plan's visits and items, made of all statements taken in so far."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from supervision import resultcodes as codes
from supervision.deadlines import WorkingDays
from supervision.drawnvisits import VISITS as DRAWN
from supervision.drawnvisits import Drawn
from supervision.resultchecks import FACTS, OVERRIDES, TEXTS

RESULTS = (
    "visit",
    "entity_id",
    "item",
    "item_name",
    "result",
    "severity",
    "label",
    "finding",
    "follow_up",
    "settled_on",
    "known_on",
    "version",
)
"""A row an item of a visit; `result` has its codes joined by `;`, the gravest first."""

VISITS = (
    *DRAWN[:6],
    "way",
    "state",
    "inspected_on",
    "entered_on",
    "enter_by",
    "published_on",
    "publish_by",
    "days_late",
    "late",
    "items",
    "items_done",
    "items_missing",
    "method",
    "method_drawn",
    "inspector_1",
    "inspector_2",
    "drawn_1",
    "drawn_2",
    "not_visited_reason",
    "swapped_for",
    "swapped_by",
    "overrides",
    "reason",
    "decided_by",
    "severity",
    "label",
    "office",
    "task_name",
    "version",
)
"""A row a visit, drawn or swapped in (`way` targeted). `state` is one of `resultcodes.STATES`;
`late` names what was: entered, published, visited; `days_late` counts working days of entering."""

ENTER, PUBLISH = 7, 20
"""Working days after the visit within which results are entered and published (the defaults)."""


def results(statements: pd.DataFrame, drawn: Drawn) -> pd.DataFrame:
    """The newest results of each item, frame of `RESULTS`, by visit and item."""
    said = statements[statements["result"].notna()]
    if said.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in RESULTS})
    said = _newest(said).sort_values(["visit", "item"], kind="stable")
    alone = ~said.duplicated(["visit", "item"], keep=False)
    one = said[alone]
    told = {
        "severity": {name: code.severity for name, code in codes.RESULTS.items()},
        "label": {name: code.label for name, code in codes.RESULTS.items()},
    }
    one = one.assign(**{name: one["result"].map(values) for name, values in told.items()})
    several = said[~alone].groupby(["visit", "item"], sort=True)
    joined = several.agg(
        entity_id=("entity_id", "first"),
        result=("result", codes.ordered),
        severity=("result", codes.severity),
        label=("result", codes.label),
        finding=("finding", _joined),
        follow_up=("follow_up", "first"),
        settled_on=("settled_on", _latest),
        known_on=("known_on", "first"),
        version=("version", "first"),
    ).reset_index()
    frame = pd.concat([one.astype(object), joined.astype(object)], ignore_index=True)
    frame = frame.sort_values(["visit", "item"], ignore_index=True)
    frame["item_name"] = frame["item"].map(lambda item: drawn.items.get(item, item))
    return _plain(frame)[list(RESULTS)]


def fold(
    statements: pd.DataFrame,
    drawn: Drawn,
    calendar: WorkingDays,
    *,
    enter: int = ENTER,
    publish: int = PUBLISH,
) -> pd.DataFrame:
    """What became of each visit: frame of `VISITS`, the drawn ones in their order, then swaps.

    Parameters
    ----------
    statements : frame of `supervision.results.STATEMENTS`.
    enter, publish : working days after a visit; those of a plan drawn elsewhere are not judged.
    """
    frame = _all(statements, drawn).set_index("visit")
    frame = frame.join(_said(statements)).join(_done(statements))
    for name in ("method", "inspector_1", "inspector_2"):
        planned = frame[f"{name}_asked"]
        frame[name] = frame[name].where(frame[name].notna(), planned)
    frame["items_missing"] = [
        _missing(items, done)
        for items, done in zip(frame["items"], frame["items_done"], strict=True)
    ]
    _deadlines(frame, drawn, calendar, enter, publish)
    frame["state"] = _states(frame)
    renamed = {"method_asked": "method_drawn", "inspector_1_asked": "drawn_1"}
    frame = frame.rename(columns=renamed | {"inspector_2_asked": "drawn_2"}).reset_index()
    return _plain(frame)[list(VISITS)]


def _all(statements: pd.DataFrame, drawn: Drawn) -> pd.DataFrame:
    """Every visit there is: the drawn ones, those swapped in, and those of a plan elsewhere."""
    asked = drawn.visits.reindex(columns=list(DRAWN)).assign(way="drawn", swapped_for=None)
    swaps = statements[statements["target"].notna()].drop_duplicates("visit")
    by = dict(zip(swaps["target"], swaps["visit"], strict=True))
    asked["swapped_by"] = asked["visit"].map(by)
    places = asked.set_index("visit")
    parts = [asked.astype(object)]
    if len(swaps):
        own = places.reindex(swaps["target"])
        added = swaps[["visit", "entity_id"]].assign(
            way="targeted", swapped_for=swaps["target"].to_numpy(object),
            bureau=own["bureau"].to_numpy(object), division=own["division"].to_numpy(object),
            items=own["items"].to_numpy(object), method=own["method"].to_numpy(object),
            inspector_1=own["inspector_1"].to_numpy(object),
            inspector_2=own["inspector_2"].to_numpy(object),
        )  # fmt: skip
        parts.append(added.astype(object))
    if drawn.elsewhere:
        seen = statements.drop_duplicates("visit")[["visit", "entity_id"]]
        parts = [seen.assign(way="drawn").astype(object)]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.reindex(columns=[*DRAWN, "way", "swapped_for", "swapped_by"])
    planned = {name: f"{name}_asked" for name in ("method", "inspector_1", "inspector_2")}
    return frame.rename(columns=planned)


def _said(statements: pd.DataFrame) -> pd.DataFrame:
    """What is said of each visit: the newest word on each fact, but the first day of entering."""
    by = statements.sort_values("version", kind="stable").groupby("visit")
    said = by[[*FACTS, *TEXTS, "version"]].last()
    said["entered_on"] = by["known_on"].first()
    flags = by[list(OVERRIDES)].any() if len(statements) else by[list(OVERRIDES)].first()
    names = {"override_pair": "pair", "override_method": "method", "override_item": "items"}
    swap = by["target"].first().notna()
    said["overrides"] = [
        ";".join(
            [*(names[flag] for flag in OVERRIDES if row[flag]), *(["firm"] if swapped else [])]
        )
        or None
        for (_, row), swapped in zip(flags.iterrows(), swap, strict=True)
    ]
    return said


def _done(statements: pd.DataFrame) -> pd.DataFrame:
    """The items that have results, and what they come to, by visit."""
    said = _newest(statements[statements["result"].notna()])
    flags = said[["visit"]].assign(
        severity=said["result"].map({name: code.severity for name, code in codes.RESULTS.items()}),
        problem=said["result"].map({name: code.label == 1 for name, code in codes.RESULTS.items()}),
        left=said["result"].isin(codes.LEFT),
        clean=said["result"].eq(codes.NO_PROBLEM),
    )
    most = flags.groupby("visit").max()
    nobody = most["left"].astype(bool) | ~most["clean"].astype(bool)
    label = np.where(most["problem"].astype(bool), 1.0, np.where(nobody, np.nan, 0.0))
    items = said[["visit", "item"]].drop_duplicates().sort_values(["visit", "item"])
    done = items.groupby("visit")["item"].agg(";".join)
    return most[["severity"]].assign(label=label, items_done=done)


def _newest(said: pd.DataFrame) -> pd.DataFrame:
    """Of each item of a visit, what the newest version says."""
    keys = [said["visit"], said["item"]]
    newest = said["version"].astype("int64").groupby(keys).transform("max")
    return said[said["version"].astype("int64") == newest]


def _deadlines(
    frame: pd.DataFrame, drawn: Drawn, calendar: WorkingDays, enter: int, publish: int
) -> None:
    """By when results were due, and what was late."""
    done = frame["items_done"].notna()
    day = frame["inspected_on"].astype(object).where(done, None)
    if drawn.elsewhere:  # when its results were due and entered is not known to us
        day = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    for name, days in (("enter_by", enter), ("publish_by", publish)):
        frame[name] = calendar.dues(day, days).to_numpy(object)
    entered = _after(frame["entered_on"], frame["enter_by"])
    published = _after(frame["published_on"], frame["publish_by"])
    end = pd.Series([drawn.end] * len(frame), index=frame.index, dtype=object)
    visited = _after(day, end)
    flags = zip(entered, published, visited, strict=True)
    words = ("entered", "published", "visited")
    frame["late"] = [
        ";".join(word for word, flag in zip(words, row, strict=True) if flag) or None
        for row in flags
    ]
    frame["days_late"] = [
        calendar.between(due, on) if late else 0
        for due, on, late in zip(frame["enter_by"], frame["entered_on"], entered, strict=True)
    ]


def _states(frame: pd.DataFrame) -> list[str]:
    states = []
    for swapped, done, late, reason in zip(
        frame["swapped_by"], frame["items_done"], frame["late"], frame["not_visited_reason"],
        strict=True,
    ):  # fmt: skip
        if pd.notna(swapped):
            states.append("swapped")
        elif pd.notna(done):
            states.append("late" if pd.notna(late) else "visited")
        else:
            states.append("not_visited" if pd.notna(reason) else "missing")
    return states


def _missing(items: object, done: object) -> str | None:
    """The items that were asked for and have no result; null: none, or none were asked for."""
    if not isinstance(items, str):
        return None
    there = set(done.split(";")) if isinstance(done, str) else set()
    return ";".join(item for item in items.split(";") if item not in there) or None


def _after(days: pd.Series, than: pd.Series) -> list[bool]:
    return [
        isinstance(day, date) and isinstance(due, date) and not pd.isna(day) and day > due
        for day, due in zip(days, than, strict=True)
    ]


def _latest(days: pd.Series) -> date | None:
    return max(days.dropna(), default=None)


def _joined(texts: pd.Series) -> str | None:
    return "；".join(dict.fromkeys(texts.dropna())) or None


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of objects, null as None: one look whatever is in them."""
    told: Any = frame.astype(object)
    plain: pd.DataFrame = told.where(told.notna(), None)
    return plain
