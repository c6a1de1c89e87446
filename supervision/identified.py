"""Which visit a row of results speaks of.

By its visit; else by its enterprise, where that has one visit; a row with `swapped_for` speaks of a
visit of its own: another enterprise, visited in a drawn one's place, and nobody drew it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from supervision import refusals as why
from supervision.canonical import digest, document
from supervision.drawnvisits import Drawn
from supervision.refusals import Refusals

NAMED = 16
"""Hex digits that name a visit, as those of a ticket do."""


def swap_of(target: str, firm: str) -> str:
    """The name of a visit to `firm` in the place of the drawn visit `target`."""
    return digest(document([target, firm]))[:NAMED]


def identify(rows: pd.DataFrame, drawn: Drawn, swaps: pd.DataFrame, found: Refusals) -> None:
    """Fill `visit`, `entity_id` and `target` (the drawn visit that a swap replaces) in place.

    Parameters
    ----------
    swaps : the swaps taken in before: `visit`, `entity_id`, `target`.
    found : takes what cannot be told; such a row's `visit` is null or of no use.
    """
    rows["target"] = pd.Series([None] * len(rows), dtype=object)
    if drawn.elsewhere:
        _elsewhere(rows, found)
        return
    swapping = rows["swapped_for"].notna().to_numpy(bool)
    _targets(rows, drawn, swapping, found)
    firms = dict(zip(drawn.visits["visit"], drawn.visits["entity_id"], strict=True))
    firms |= dict(zip(swaps["visit"], swaps["entity_id"], strict=True))
    _by_visit(rows, firms, ~swapping, found)
    of_firms = drawn.of_firms()
    for visit, firm in zip(swaps["visit"], swaps["entity_id"], strict=True):
        of_firms.setdefault(str(firm), []).append(str(visit))
    _by_firm(rows, of_firms, ~swapping, found)
    rows["entity_id"] = rows["visit"].map(firms).where(~swapping, rows["entity_id"])
    again = rows["visit"].map(dict(zip(swaps["visit"], swaps["target"], strict=True)))
    rows["target"] = rows["target"].where(rows["target"].notna(), again.astype(object))


def _elsewhere(rows: pd.DataFrame, found: Refusals) -> None:
    """A visit is an enterprise, a day and a task, where the file does not name it."""
    nobody = rows["entity_id"].isna().to_numpy(bool)
    found.refuse(nobody, "entity_id", why.NOBODY)
    unnamed = rows["visit"].isna() & ~nobody
    parts = rows.loc[unnamed, ["entity_id", "inspected_on", "task_name"]].astype(object)
    parts = parts.where(parts.notna(), None)
    rows.loc[unnamed, "visit"] = [
        digest(document([firm, None if day is None else str(day), task]))[:NAMED]
        for firm, day, task in parts.itertuples(index=False)
    ]


def _by_visit(rows: pd.DataFrame, firms: dict[str, str], asked: why.Mask, found: Refusals) -> None:
    named = rows["visit"].notna().to_numpy(bool) & asked
    known = rows["visit"].isin(firms).to_numpy(bool)
    found.refuse(named & ~known, "visit", why.NO_VISIT)
    own = rows["visit"].map(firms)
    other = rows["entity_id"].notna() & (rows["entity_id"] != own)
    found.refuse(named & known & other.to_numpy(bool), "entity_id", why.OTHER_FIRM)


def _by_firm(
    rows: pd.DataFrame, of_firms: dict[str, list[str]], asked: why.Mask, found: Refusals
) -> None:
    unnamed = rows["visit"].isna().to_numpy(bool) & asked
    nobody = unnamed & rows["entity_id"].isna().to_numpy(bool)
    found.refuse(nobody, "visit", why.NOBODY)
    firm = rows["entity_id"]
    found.refuse(
        unnamed & ~nobody & ~firm.isin(of_firms).to_numpy(bool), "entity_id", why.NOT_DRAWN
    )
    for one in firm[unnamed & ~nobody].unique():
        visits = of_firms.get(one, [])
        if len(visits) > 1:
            mask = unnamed & (firm == one).to_numpy(bool)
            found.refuse(mask, "entity_id", why.SEVERAL, ", ".join(visits))
    only = {name: visits[0] for name, visits in of_firms.items() if len(visits) == 1}
    rows.loc[unnamed, "visit"] = firm[unnamed].map(only)


def _targets(rows: pd.DataFrame, drawn: Drawn, swapping: why.Mask, found: Refusals) -> None:
    """The drawn visit that each swap replaces, and the swap's own name."""
    of_firms = drawn.of_firms()
    visits = set(drawn.visits["visit"])
    told = rows[["entity_id", "swapped_for", "visit"]].astype(object)
    asked: list[tuple[str | None, str, str | None]] = [
        tuple(row) for row in told.where(told.notna(), None).to_numpy().tolist()
    ]
    for at in np.flatnonzero(swapping).tolist():
        one = np.array([at])
        firm, place, visit = asked[at]
        own = [place] if place in visits else of_firms.get(place, [])
        if firm is None:
            found.refuse(one, "entity_id", why.NOBODY)
        elif firm in of_firms:
            found.refuse(one, "entity_id", why.SWAPS_ITSELF)
        elif not own:
            found.refuse(one, "swapped_for", why.NO_VISIT)
        elif len(own) > 1:
            found.refuse(one, "swapped_for", why.SEVERAL, ", ".join(own))
        else:
            name = swap_of(own[0], firm)
            if visit not in (None, own[0], name):
                found.refuse(one, "visit", why.OTHER_FIRM)
            rows.loc[rows.index[at], ["visit", "target"]] = [name, own[0]]
