"""What rows of results may say: kind of row, days, codes, and what differs from the draw.

Each check looks at whole columns of identified rows and adds its reasons; a row may have several.
What holds for a visit (its day, method, pair, reason) is said once and counts for all its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from supervision.returns import refusals as why
from supervision.returns.drawnvisits import Drawn
from supervision.returns.refusals import Mask, Refusals
from supervision.returns.resultcodes import NO_PROBLEM, REASONS, RESULTS, UNREACHABLE, Code

FACTS = (
    "inspected_on",
    "entered_on",
    "published_on",
    "method",
    "inspector_1",
    "inspector_2",
    "not_visited_reason",
    "office",
    "task_name",
)
"""Said of a visit, with one value for all its rows."""

TEXTS = ("reason", "decided_by")
"""Said of a visit in words; what different rows say is joined."""

OVERRIDES = ("override_pair", "override_method", "override_item")
"""Flags of a row: what it says differs from what was drawn."""


def spread(rows: pd.DataFrame, found: Refusals) -> None:
    """Give each row what is said of its visit; two values for one visit are refused."""
    visit = rows["visit"]
    named = visit.notna().to_numpy(bool)
    for name in FACTS:
        grouped = rows.groupby("visit", dropna=True)[name]
        two = (visit.map(grouped.nunique()) > 1).fillna(False).to_numpy(bool)
        found.refuse(named & two & rows[name].notna().to_numpy(bool), name, why.TWO_IN_ONE)
        rows[name] = rows[name].where(rows[name].notna(), visit.map(grouped.first()))
    for name in TEXTS:
        told = rows[rows[name].notna() & named]
        said = told.groupby("visit")[name].agg(lambda texts: "；".join(dict.fromkeys(texts)))
        rows[name] = rows[name].where(~visit.isin(said.index), visit.map(said))


def kinds(rows: pd.DataFrame, has_results: set[str], swaps: pd.DataFrame, found: Refusals) -> None:
    """A row tells a result, why there was no visit, or when its visit was published.

    Parameters
    ----------
    has_results : visits with results taken in before.
    swaps : the swaps taken in before: `visit`, `entity_id`, `target`.
    """
    result, reason = rows["result"].notna().to_numpy(bool), _given(rows, "not_visited_reason")
    item = rows["item"].notna().to_numpy(bool)
    visited = set(rows.loc[result, "visit"].dropna())
    published = _given(rows, "published_on") & ~item
    found.refuse(result & reason, "not_visited_reason", why.BOTH_TOLD)
    found.refuse(result & ~item, "item", why.NO_ITEM)
    found.refuse(item & ~result & ~reason, "result", why.NO_RESULT, *_listed(RESULTS))
    none = ~result & ~reason & ~item & ~published
    found.refuse(none, "result", why.NOTHING_TOLD)
    before, now = _in(rows, has_results), _in(rows, visited)
    found.refuse(reason & before, "not_visited_reason", why.WAS_VISITED)
    unseen = published & ~result & ~reason & ~before & ~now
    found.refuse(unseen, "published_on", why.NO_RESULTS_YET)
    _swaps(rows, has_results | visited, swaps, found)


def _swaps(rows: pd.DataFrame, visited: set[str], swaps: pd.DataFrame, found: Refusals) -> None:
    """A drawn visit is swapped once, and has no result of its own then."""
    target = rows["target"]
    before = target.isin(swaps["target"]).to_numpy(bool)
    seen = target.isin(visited).to_numpy(bool)
    found.refuse(seen & ~before, "swapped_for", why.WAS_VISITED)
    swapped = {*swaps["target"], *target.dropna()}
    result = rows["result"].notna().to_numpy(bool)
    found.refuse(result & _in(rows, swapped), "visit", why.WAS_SWAPPED)
    twice = rows.groupby("target")["visit"].transform("nunique").gt(1).fillna(False).to_numpy(bool)
    other = before & ~_in(rows, set(swaps["visit"]))
    found.refuse(other | (twice & ~before), "swapped_for", why.SWAPPED_TWICE)


def reasons(rows: pd.DataFrame, found: Refusals) -> None:
    """Why there was no visit: a code of the list; being unreachable is a result."""
    told, code = _given(rows, "not_visited_reason"), rows["not_visited_reason"]
    unreachable = (code == UNREACHABLE).to_numpy(bool)
    found.refuse(told & unreachable, "not_visited_reason", why.IS_A_RESULT)
    unknown = told & ~unreachable & ~code.isin(REASONS).to_numpy(bool)
    found.refuse(unknown, "not_visited_reason", why.NO_REASON_CODE, *_listed(REASONS))
    unsaid = told & (code == "other").to_numpy(bool) & ~_given(rows, "reason")
    found.refuse(unsaid, "reason", why.OTHER_UNEXPLAINED)


def days(rows: pd.DataFrame, start: date | None, on: date, found: Refusals) -> None:
    """The days of a visit: within the plan's period or later, not after the day of taking in."""
    result = rows["result"].notna().to_numpy(bool)
    found.refuse(result & ~_given(rows, "inspected_on"), "inspected_on", why.NO_DAY)
    for name in ("inspected_on", "entered_on", "published_on"):
        found.refuse(_later(rows[name], on), name, why.NOT_YET, on)
        if name != "inspected_on":
            before = _later(rows["inspected_on"], rows[name])
            found.refuse(before, name, why.ENTERED_BEFORE)
    if start is not None:
        early = _given(rows, "inspected_on") & ~_later(rows["inspected_on"], start, same=True)
        found.refuse(early, "inspected_on", why.TOO_EARLY, start)


def codes(rows: pd.DataFrame, found: Refusals) -> None:
    """Exact result codes; `no_problem` excludes all others in an item."""
    result = rows["result"].notna().to_numpy(bool)
    unknown = result & ~rows["result"].isin(RESULTS).to_numpy(bool)
    found.refuse(unknown, "result", why.NOT_A_RESULT, *_listed(RESULTS))
    clean = rows["result"].eq(NO_PROBLEM) & result
    keys = [rows["visit"], rows["item"]]
    any_clean = clean.groupby(keys).transform("any").fillna(False).to_numpy(bool)
    other = (~clean & result).groupby(keys).transform("any").fillna(False).to_numpy(bool)
    found.refuse(result & any_clean & other, "result", why.NOT_ALONE)


def differences(rows: pd.DataFrame, drawn: Drawn, found: Refusals) -> None:
    """Mark what differs from the draw (`OVERRIDES`), and refuse what nobody explains."""
    for name in OVERRIDES:
        rows[name] = False
    if drawn.elsewhere:
        return
    own = rows["target"].where(rows["target"].notna(), rows["visit"])
    asked = drawn.visits.drop_duplicates("visit").set_index("visit").reindex(own)
    told = rows["result"].notna().to_numpy(bool)
    swap = rows["target"].notna().to_numpy(bool)
    said = _given(rows, "reason") & _given(rows, "decided_by")
    found.refuse(swap & ~said, "reason", why.SWAP_UNEXPLAINED)
    method, planned = rows["method"], asked["method"].to_numpy(object)
    differs = told & method.notna().to_numpy(bool) & pd.notna(planned) & (method != planned)
    rows["override_method"] = np.asarray(differs, dtype=bool)
    items = asked["items"].to_numpy(object)
    further = [
        isinstance(among, str) and isinstance(item, str) and item not in among.split(";")
        for among, item in zip(items, rows["item"], strict=True)
    ]
    rows["override_item"] = told & np.array(further, dtype=bool)
    rows["override_pair"] = told & _pairs(rows, asked, drawn, found)
    for name, column in (("method", "method"), ("item", "item"), ("pair", "inspector_1")):
        mask = rows[f"override_{name}"].to_numpy(bool) & ~said & ~swap
        found.refuse(mask, column, why.UNEXPLAINED)


def _pairs(rows: pd.DataFrame, asked: pd.DataFrame, drawn: Drawn, found: Refusals) -> Mask:
    """Whether others visited than were drawn; who is named alone goes with the drawn other one."""
    other = np.zeros(len(rows), dtype=bool)
    told = rows[["inspector_1", "inspector_2", "entity_id"]].to_numpy(object)
    apart, visits = drawn.other_pairs(), asked.index.tolist()
    drawn_pairs = asked[["inspector_1", "inspector_2"]].to_numpy(object)
    for at in np.flatnonzero(rows[["inspector_1", "inspector_2"]].notna().any(axis=1)).tolist():
        pair = [name for name in told[at, :2].tolist() if isinstance(name, str)]
        own = [name for name in drawn_pairs[at].tolist() if isinstance(name, str)]
        if len(pair) == 1 and pair[0] in own:
            pair = own
        here = np.array([at])
        if len(set(pair)) != 2:
            found.refuse(here, "inspector_2", why.NO_PAIR)
        if (set(pair) - set(own)) & apart.get(visits[at], set()):
            found.refuse(here, "inspector_1", why.SAME_PAIR)
        for name in pair if drawn.inspectors else ():
            column = "inspector_1" if name == told[at, 0] else "inspector_2"
            if name not in drawn.inspectors:
                found.refuse(here, column, why.NO_INSPECTOR)
            elif told[at, 2] in drawn.inspectors[name]:
                found.refuse(here, column, why.MUST_RECUSE)
        other[at] = set(pair) != set(own) and bool(own)
    return other


def _listed(codes: Mapping[str, Code]) -> tuple[str, str]:
    """Codes as what may be: in Chinese with their words, in English alone."""
    return "、".join(f"{name}（{one.zh}）" for name, one in codes.items()), ", ".join(codes)


def _given(rows: pd.DataFrame, name: str) -> Mask:
    return rows[name].notna().to_numpy(bool)


def _in(rows: pd.DataFrame, visits: set[str]) -> Mask:
    return rows["visit"].isin(visits).to_numpy(bool)


def _later(days: pd.Series, than: pd.Series | date, *, same: bool = False) -> Mask:
    """Which days come after others; `same`: or are them; null is never."""
    left, right = pd.to_datetime(days), pd.to_datetime(than)
    after = left >= right if same else left > right
    return np.asarray(after, dtype=bool)
