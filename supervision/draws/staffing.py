"""Who can be sent: inspectors who are qualified, there in the period, and in no conflict.

Whether every firm can be given a pair follows from the list alone, so it is checked before
anything is drawn: nobody's visit may fall away because nobody could go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supervision.draws.ids import among
from supervision.draws.tickets import Indices
from supervision.errors import PlanError

PAIR_SIZE = 2
"""Inspectors a visit needs, by law."""

_NAMED = 5  # inspectors an error names of each kind


class Staffing:
    """The inspectors of a list, and who of them is free for which firm.

    Parameters
    ----------
    inspectors : `lists.inspectors`. Without a column `qualification` all are qualified; where it
        stands, whoever has none is not. `leave` may be null.
    period : first and last day of the visits, or null: then leave does not count.
    """

    def __init__(self, inspectors: pd.DataFrame, period: tuple[date, date] | None) -> None:
        ordered = inspectors.sort_values("inspector_id", ignore_index=True)
        self.names: list[str] = ordered["inspector_id"].tolist()
        self.specialties = [frozenset(_parts(one)) for one in _column(ordered, "specialties")]
        self._units = ordered["unit"].astype("str").tolist()
        if "qualification" in ordered:
            self.unqualified = {at for at, one in enumerate(ordered["qualification"]) if _no(one)}
        else:
            self.unqualified = set()
        away = _column(ordered, "leave") if period else ()
        self.away = {at for at, one in enumerate(away) if period and _throughout(one, *period)}
        self._pools: dict[str, Indices] = {}
        self._held: dict[frozenset[str], NDArray[np.int64]] = {}
        self._aside: dict[str, set[int]] = {}
        for at, firms in enumerate(_column(ordered, "conflicts")):
            for firm in _parts(firms):
                self._aside.setdefault(firm, set()).add(at)

    def free(self, firm: str, start: str, been: Sequence[int] = ()) -> Indices:
        """Positions in `names`, ascending, of who may visit a firm, of the units beginning so.

        `been` are those who were there already and shall not go again.
        """
        if start not in self._pools:
            unable = self.unqualified | self.away
            mine = [at for at, unit in enumerate(self._units) if unit.startswith(start)]
            self._pools[start] = np.array([at for at in mine if at not in unable], dtype=np.intp)
        pool, barred = self._pools[start], [*self._aside.get(firm, ()), *been]
        return pool[~np.isin(pool, barred)] if barred else pool

    def held(self, asked: frozenset[str]) -> NDArray[np.int64]:
        """How many of the asked specialties each inspector holds, shape (inspectors,)."""
        if asked not in self._held:
            self._held[asked] = np.array([len(asked & one) for one in self.specialties])
        return self._held[asked]

    def check(self, firms: Iterable[str], needed: int = PAIR_SIZE) -> None:
        """Refuse a list that leaves a firm without its inspectors; tells how many firms.

        `needed` is 2, or 4 where a firm may be re-checked by another pair.
        """
        if len(self.free("", "")) >= needed:  # then only a conflict can leave too few
            aside = pd.Series(sorted(self._aside), dtype="str")
            firms = aside[among(aside, pd.Series(firms, dtype="str"))]
        short = [firm for firm in firms if len(self.free(firm, "")) < needed]
        if short:
            raise self.short(short[0], needed=needed, firms=len(short))

    def short(
        self, firm: str, been: Sequence[int] = (), *, needed: int = PAIR_SIZE, firms: int = 1
    ) -> PlanError:
        """The error of a firm to which no pair can be sent: who cannot go, and why."""
        apart: dict[str, Collection[int]] = {
            "not qualified": self.unqualified,
            "on leave throughout the period": self.away - self.unqualified,
            "must step aside": self._aside.get(firm, set()) - self.unqualified - self.away,
            "visited it first": been,
        }
        reasons = [f"{len(who)} {why} ({self._listed(who)})" for why, who in apart.items() if who]
        left = len(self.free(firm, "", been))
        found = f"{left} of {len(self.names)}" + (": " + ", ".join(reasons) if reasons else "")
        pairs = "no pair" if needed == PAIR_SIZE else "no second pair"
        others = _others(firms - 1)
        return PlanError(
            f"inspectors: {pairs} for {firm}{others}",
            found=found,
            allowed=f"{needed} who are qualified, there, and without a conflict",
            hint="add inspectors to the list"
            + ("" if needed == PAIR_SIZE else ", or set blind_slice.recheck to 0"),
        )

    def _listed(self, who: Collection[int]) -> str:
        names = [self.names[at] for at in sorted(who)]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return ", ".join(names[:_NAMED]) + more


def check(
    firms: Iterable[str],
    inspectors: pd.DataFrame,
    period: tuple[date, date] | None,
    *,
    rechecked: bool,
) -> None:
    """Refuse, before anything is drawn, lists under which a firm could be left without a pair.

    Raises
    ------
    PlanError : the first such firm, how many there are, who cannot be sent and why.
    """
    Staffing(inspectors, period).check(firms, 2 * PAIR_SIZE if rechecked else PAIR_SIZE)


def _throughout(leave: object, start: date, end: date) -> bool:
    """Whether spells of leave (`2026-07-01/2026-07-10;…`) together cover a period."""
    spells = sorted(
        tuple(date.fromisoformat(day.strip()) for day in spell.split("/"))
        for spell in _parts(leave)
    )
    day = start
    for first, last in spells:
        if first <= day:
            day = max(day, last + timedelta(days=1))
    return day > end


def _column(frame: pd.DataFrame, name: str) -> list[object]:
    return frame[name].tolist() if name in frame else [None] * len(frame)


def _parts(value: object) -> list[str]:
    """The parts of a `;`-joined text; none of a null."""
    if _no(value):
        return []
    return [part.strip() for part in str(value).split(";") if part.strip()]


def _no(value: object) -> bool:
    return not isinstance(value, str) or not value.strip()


def _others(count: int) -> str:
    return f" and {count:,} other firm{'s' if count > 1 else ''}" if count else ""
