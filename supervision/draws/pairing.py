"""Who visits: a pair of inspectors for each visit, drawn like the firms, the work shared evenly.

Visits take their pair one after the other, re-checks last, each by its ticket. *Free* for a visit
is who is qualified, not on leave throughout the period, has no conflict with the firm and, for a
re-check, was not of the first pair; of these, the nearest level that has two. Then, for
`inspector_1` and for `inspector_2`:

    of the free, those who hold most of the specialties that the visit's items still need,
    of these, those with the fewest visits so far, by id: n who are alike,
    of these, number (ticket modulo n), counted from 0.

The ticket is SHA-256 of the JSON of [seed, task, `pair/` + entity_id, `inspector_1` or
`inspector_2`], read as a number; a re-check's says `recheck/`. Given the visits before it, a pair
in its order has the probability 1 / (n of the first x n of the second).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd

from supervision.canonical import text
from supervision.draws.lists import area
from supervision.draws.staffing import PAIR_SIZE, Staffing
from supervision.draws.tickets import Indices

LEVELS = ("county", "city", "all")
"""From near to far: inspectors whose unit lies in the firm's county, in its city, anywhere."""

PAIR = ("inspector_1", "inspector_2", "pair_level", "pair_probability", "specialty_met")

RECHECK = "recheck"

Period = tuple[date, date]
"""First and last day of the visits."""

Row = tuple[str, str, str, float, bool | None]


def pair(
    drawn: pd.DataFrame,
    inspectors: pd.DataFrame,
    seed: str,
    task: str,
    *,
    period: Period | None = None,
    specialties: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """Draw a pair for each visit.

    Parameters
    ----------
    drawn : a row a visit: `entity_id`, `division`, `ticket` and, where there are any, `drawn_by`
        (`recheck` is another pair's second visit) and `items` (ids, `;`-joined, may be null).
    inspectors : `lists.inspectors`.
    seed, task : as in the draw.
    period : the visits' first and last day; without it nobody is on leave.
    specialties : what an item asks of who inspects it, by item id; null asks nothing.

    Returns
    -------
    Frame of shape (visits, 5), columns `PAIR`, in the order of `drawn`. `pair_level` is how far
    one had to go; `specialty_met` whether the two together hold what the items ask for, null
    where these ask nothing.

    Raises
    ------
    PlanError : somebody's visit finds no two even on the whole list; it names firm and reasons.
    """
    staffing = Staffing(inspectors, period)
    staffing.check(drawn.loc[~_rechecks(drawn), "entity_id"])
    draw = _Draw(staffing, seed, task, specialties or {})
    rows: dict[int, Row] = {}
    for position, firm, division, items, again in _in_turn(drawn):
        rows[position] = draw.visit(firm, division, items, again)
    told = [rows[position] for position in range(len(drawn))]
    pairs = pd.DataFrame(told, columns=list(PAIR), index=drawn.index)
    return pairs.astype({"pair_probability": float, "specialty_met": object})


def _rechecks(drawn: pd.DataFrame) -> pd.Series[bool]:
    if "drawn_by" not in drawn:
        return pd.Series(data=False, index=drawn.index)
    return drawn["drawn_by"] == RECHECK


def _in_turn(drawn: pd.DataFrame) -> Iterable[tuple[int, str, str, str | None, bool]]:
    """(position, firm, division, items, is a re-check) of visits, in the order they are paired."""
    again = _rechecks(drawn)
    order = np.lexsort((drawn["entity_id"].to_numpy(str), drawn["ticket"].to_numpy(str), again))
    items = drawn["items"].tolist() if "items" in drawn else [None] * len(drawn)
    columns = (drawn["entity_id"].tolist(), drawn["division"].tolist(), items, again.tolist())
    visits = list(zip(*columns, strict=True))
    for position in order.tolist():
        firm, division, asked, second = visits[position]
        yield position, firm, division, asked if isinstance(asked, str) else None, second


class _Draw:
    """Pairs drawn so far: how many visits each inspector has, and who was at which firm."""

    def __init__(
        self, staffing: Staffing, seed: str, task: str, specialties: Mapping[str, str | None]
    ) -> None:
        self._staffing, self._asked = staffing, specialties
        self._start = b"[" + text(seed) + b"," + text(task) + b","
        self._visits = np.zeros(len(staffing.names), dtype=np.int64)
        self._been: dict[str, tuple[int, ...]] = {}

    def visit(self, firm: str, division: str, items: str | None, again: bool) -> Row:
        """The row of a visit, columns `PAIR`."""
        been = self._been.get(firm, ()) if again else ()
        stratum = text(f"{RECHECK if again else 'pair'}/{firm}")
        level, free = self._free(firm, division, been)
        needed = missing = self._needed(items)
        chosen, ways = [], 1
        for place in PAIR[:2]:
            alike = self._alike(free, missing)
            ticket = sha256(b"%b%b,%b]" % (self._start, stratum, text(place))).digest()
            one = int(alike[int.from_bytes(ticket) % len(alike)])
            chosen.append(one)
            ways *= len(alike)
            self._visits[one] += 1
            free, missing = free[free != one], missing - self._staffing.specialties[one]
        self._been[firm] = (*been, *chosen)
        first, second = (self._staffing.names[one] for one in chosen)
        return first, second, level, 1 / ways, not missing if needed else None

    def _alike(self, free: Indices, missing: frozenset[str]) -> Indices:
        """Among whom the ticket decides."""
        if missing:
            held = self._staffing.held(missing)[free]
            free = free[held == held.max()]
        visits = self._visits[free]
        alike: Indices = free[visits == visits.min()]
        return alike

    def _free(self, firm: str, division: str, been: tuple[int, ...]) -> tuple[str, Indices]:
        for level in LEVELS:
            start = "" if level == "all" else area(division, level)
            free = self._staffing.free(firm, start, been)
            if len(free) >= PAIR_SIZE:
                return level, free
        raise self._staffing.short(firm, been)

    def _needed(self, items: str | None) -> frozenset[str]:
        if not items:
            return frozenset()
        asked = (self._asked.get(item) for item in items.split(";"))
        return frozenset(one for one in asked if one)
