"""Results back: rows of a file against a draw and against what came in before.

Every row is accounted for: read = accepted + duplicate + refused; corrected is the part of accepted
that replaces what an earlier file said. Accepted rows are *statements*: they are only ever added,
each with the version that brought it, and the state of the plan (`returns.visits`) follows
from them alone. So the same file twice changes nothing, and no earlier statement is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from supervision.fieldwork.tasks import hidden
from supervision.returns import resultchecks as checks
from supervision.returns.drawnvisits import Drawn
from supervision.returns.identified import identify
from supervision.returns.refusals import Mask, Refusals
from supervision.returns.resultcodes import DONE

ITEM = ("result", "finding", "follow_up", "settled_on")
"""What is said of an item."""

FORM = (
    "row",
    "visit",
    "entity_id",
    "item",
    *ITEM,
    *checks.FACTS,
    "swapped_for",
    *checks.TEXTS,
)
"""A row of results as it comes: texts and days, null where nothing is said; `row` counts from 1. A
row of a file with several codes is several of these, of one number: all are accepted, or none."""

STATEMENTS = ("version", *FORM, "target", "known_on", *checks.OVERRIDES)
"""An accepted row: the version that brought it, the drawn visit that it replaces if any, the day
from which it can be known, and which of its values differ from the draw."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Taken:
    """What became of a file's rows.

    `statements` are those accepted; `refused` the reasons against the others (`REFUSED`), by row;
    `counts` has read, accepted, corrected, duplicate, refused, in rows of the file.
    """

    statements: pd.DataFrame
    refused: pd.DataFrame
    counts: dict[str, int]


def nothing() -> pd.DataFrame:
    """No statement yet."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in STATEMENTS})


def take(rows: pd.DataFrame, drawn: Drawn, before: pd.DataFrame, version: int, on: date) -> Taken:
    """Check rows of results and tell new ones, corrections and copies apart.

    Parameters
    ----------
    rows : frame of `FORM`, a row an item and result code (several codes: several rows).
    drawn : the draw they belong to.
    before : the statements taken in so far.
    version : the number of this taking in.
    on : its day; a result that does not say when it was entered was entered then.
    """
    told = rows.reindex(columns=list(FORM)).astype(object).reset_index(drop=True)
    told = told.where(told.notna(), None)
    found = Refusals(told)
    swaps = before.loc[before["target"].notna(), ["visit", "entity_id", "target"]]
    swaps = swaps.drop_duplicates("visit")
    identify(told, drawn, swaps, found)
    told["item"] = told["item"].map(lambda item: drawn.ids.get(item, item))
    checks.spread(told, found)
    has_results = set(before.loc[before["result"].notna(), "visit"])
    _from_before(told, before)
    checks.kinds(told, has_results, swaps, found)
    checks.reasons(told, found)
    checks.days(told, drawn.start, on, found)
    checks.codes(told, found)
    checks.differences(told, drawn, found)
    good = told[~told["row"].isin(told["row"][found.bad()])].copy()
    entered = good["entered_on"].map(lambda day: on if day is None or pd.isna(day) else day)
    good["known_on"], good["version"] = entered, version
    copies, corrects = _compared(good, before)
    accepted = good[~copies].reindex(columns=list(STATEMENTS)).reset_index(drop=True)
    counts = {
        "read": told["row"].nunique(),
        "accepted": accepted["row"].nunique(),
        "corrected": good["row"][corrects & ~copies].nunique(),
        "duplicate": good["row"].nunique() - accepted["row"].nunique(),
        "refused": told["row"].nunique() - good["row"].nunique(),
    }
    return Taken(accepted, found.table(), counts)


def revealed(drawn: pd.DataFrame, visits: pd.DataFrame) -> pd.Series[Any]:
    """Which drawn visits may be told with class and reasons.

    A blind visit's stay hidden until its results are in, all its items, and those of every other
    blind visit to the enterprise too: the second pair of a re-check must not know either.

    Parameters
    ----------
    drawn : the visits of the draw, with `visit`, `entity_id` and `drawn_by`.
    visits : `supervision.returns.visits.fold`'s; one that is not there has no result.

    Returns
    -------
    Flags of shape (len(drawn),), named by `visit`.
    """
    shown = ~hidden(drawn, reported(visits)).to_numpy(bool)
    return pd.Series(shown, index=pd.Index(drawn["visit"], name="visit"), name="revealed")


def reported(visits: pd.DataFrame) -> list[str]:
    """The visits that were made and of which no item lacks its result.

    Parameters
    ----------
    visits : `visit`, `state` and `items_missing` of `supervision.returns.visits.fold`.
    """
    whole = visits["state"].isin(DONE) & visits["items_missing"].isna()
    told: list[str] = visits.loc[whole, "visit"].astype("str").tolist()
    return told


def _from_before(told: pd.DataFrame, before: pd.DataFrame) -> None:
    """A visit's day, where an earlier file has said it."""
    days = before.dropna(subset=["inspected_on"]).drop_duplicates("visit", keep="last")
    known = told["visit"].map(dict(zip(days["visit"], days["inspected_on"], strict=True)))
    known = known.astype(object).where(known.notna(), None)
    told["inspected_on"] = told["inspected_on"].where(told["inspected_on"].notna(), known)


def _compared(good: pd.DataFrame, before: pd.DataFrame) -> tuple[Mask, Mask]:
    """Which rows say nothing new, and which replace what was said before."""
    same_facts, changed = _facts(good, before)
    now, then = _contents(good), _contents(before)
    keys = list(zip(good["visit"], good["item"], strict=True))
    item = good["result"].notna().to_numpy(bool)
    known = np.array([key in then for key in keys], dtype=bool)
    same = np.array([key in then and then[key] == now.get(key) for key in keys], dtype=bool)
    again = good.duplicated([*FORM[1:], "target"]).to_numpy(bool)
    copies = again | (np.where(item, same, True) & same_facts)
    corrects = np.where(item, known & ~(same & ~changed), changed)
    return np.asarray(copies, dtype=bool), np.asarray(corrects, dtype=bool)


def _contents(statements: pd.DataFrame) -> dict[Key, frozenset[Any]]:
    """What the newest version says of each item of a visit."""
    said = statements[statements["result"].notna()]
    version = said["version"].astype("int64")
    newest = version.groupby([said["visit"], said["item"]]).transform("max")
    said = said[version == newest].astype(object)
    said = said.where(said.notna(), None)
    contents: dict[Key, set[Any]] = {}
    for visit, item, *told in said[["visit", "item", *ITEM]].itertuples(index=False):
        contents.setdefault((visit, item), set()).add(tuple(told))
    return {key: frozenset(told) for key, told in contents.items()}


def _facts(good: pd.DataFrame, before: pd.DataFrame) -> tuple[Mask, Mask]:
    """Whether all that a row says of its visit was said before; and whether any of it changed."""
    names = [*checks.FACTS, *checks.TEXTS]
    last = before.groupby("visit")[names].last()
    known = np.ones(len(good), dtype=bool)
    changed = np.zeros(len(good), dtype=bool)
    there = good["visit"].isin(before["visit"]).to_numpy(bool)
    for name in names:
        old = good["visit"].map(last[name]).astype(object)
        given = good[name].notna().to_numpy(bool)
        differs = given & (good[name].astype(object) != old).to_numpy(bool)
        known &= ~differs
        changed |= differs & old.notna().to_numpy(bool)
    return known & there, changed & there
