"""Pairs of inspectors over many whole draws, counted against what is stated of them.

Stated is the chance of a pair given the visits before it and everything that was drawn
(docs/proof.md, *Pairs*). So whatever is known before a visit takes its pair (the firm's class, how
it was drawn, who went to the visit before, who was there first) tells nothing beyond: what came
out less what was stated adds to 0 under every such key. The stated chances of *all* pairs of a
visit are reckoned here anew, from the page and not from `pairing`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supervision.draws import lists, visiting
from supervision.draws.drawing import WAYS, Urn, draw
from supervision.draws.pairing import RECHECK, pair
from tests.a_binding_list import CITIES, List, seed_of
from tests.a_moment import Tested, moved

Floats = npt.NDArray[np.float64]
Two = tuple[str, str]

LIST = List(count=160, batches=4, room=6, recheck=1)
ASKED = {"address": None, "report": None, "food": "food"}
DAY = date(2026, 5, 1)
ENOUGH = 5.0
"""Variance below which a count tells nothing of a normal law."""


def staff() -> pd.DataFrame:
    """Five of each city, two of these for food; in 2303 most must step aside for many firms."""
    units = [unit for unit in CITIES for _ in range(5)]
    firms = LIST.firms["entity_id"]
    told = pd.DataFrame({"inspector_id": [f"I{at:02d}" for at in range(len(units))], "unit": units})
    told["qualification"] = "执法证"
    told["specialties"] = ["food" if at % 5 < 2 else "" for at in range(len(units))]
    told["conflicts"] = [
        ";".join(firms[at % 3 :: 3]) if unit == "2303" else "" for at, unit in enumerate(units)
    ]
    return lists.inspectors(told)


@dataclass(frozen=True)
class Visit:
    """A visit that has its pair, and the stated chances of all it could have had."""

    way: str
    group: str
    pair: Two
    chances: dict[Two, float]
    before: frozenset[str] | None
    first: frozenset[str] | None


class Office:
    """The list, made ready to be drawn and paired with as many seeds as one likes."""

    def __init__(self) -> None:
        self._people = staff()
        self._marked, self._sized = LIST.batch(DAY)
        self._urn = Urn(LIST.plan, self._marked, self._sized)
        self._frame = draw(LIST.plan, self._marked, self._sized, seed_of(0))
        self._groups = dict(zip(self._marked["entity_id"], self._marked["group"], strict=True))

    def visits(self, number: int) -> Iterator[Visit]:
        """The visits of a draw, in the order in which they take their pairs.

        Each is held against what the draw itself stored as the chance of its pair.
        """
        seed = seed_of(number)
        visits = visiting.visits(LIST.plan, self._marked, self.drawn(seed), self._sized, seed)
        sent = pair(visits, self._people, seed, LIST.plan.task, specialties=ASKED)
        rows = pd.concat([visits, sent], axis=1).to_dict("records")
        rows.sort(key=lambda row: (row["drawn_by"] == RECHECK, row["ticket"], row["entity_id"]))
        return _visits(rows, self._groups, _Desk(self._people))

    def drawn(self, seed: str) -> pd.DataFrame:
        """What `draw` gives: of one list, chances are the same under every seed."""
        way = np.full(len(self._frame), None, dtype=object)
        ticket, tickets = way.copy(), self._urn.tickets(seed)
        for number, stratum, chosen in self._urn.drawn(seed, tickets):
            way[chosen] = WAYS[number]
            ticket[chosen] = [tickets.hex(stratum, at) for at in chosen.tolist()]
        drawn = pd.Series(way, dtype="str").notna()
        told = {name: pd.Series(one, dtype="str") for name, one in
                (("drawn_by", way), ("ticket", ticket))}  # fmt: skip
        return self._frame.assign(drawn=drawn, **told)


def _visits(
    ordered: Iterable[dict[Any, Any]], groups: Mapping[str, str], desk: _Desk
) -> Iterator[Visit]:
    been: dict[str, Two] = {}
    before: frozenset[str] | None = None
    for row in ordered:
        firm, again = row["entity_id"], row["drawn_by"] == RECHECK
        first = been[firm] if again else None
        one = (row["inspector_1"], row["inspector_2"])
        chances = desk.chances(firm, row["division"], row["items"].split(";"), first or ())
        assert abs(chances[one] - row["pair_probability"]) < 1e-12
        assert abs(sum(chances.values()) - 1) < 1e-12
        yield Visit(row["drawn_by"], groups[firm], one, chances, before, first and frozenset(first))
        been[firm], before = one, frozenset(one)
        desk.send(one)


class _Desk:
    """The page's rules of pairs, in plain words."""

    def __init__(self, people: pd.DataFrame) -> None:
        rows = people.fillna("").to_dict("records")
        self._visits = {row["inspector_id"]: 0 for row in rows}
        self._unit = {row["inspector_id"]: row["unit"] for row in rows}
        self._holds = {row["inspector_id"]: {*row["specialties"].split(";")} for row in rows}
        self._aside = {row["inspector_id"]: {*row["conflicts"].split(";")} for row in rows}

    def chances(
        self, firm: str, division: str, items: list[str], been: Collection[str]
    ) -> dict[Two, float]:
        """Of every pair in its order that may be sent."""
        for start in (division[:6], division[:4], ""):
            free = [
                one for one, unit in self._unit.items()
                if unit.startswith(start) and firm not in self._aside[one] and one not in been
            ]  # fmt: skip
            if len(free) >= 2:
                break
        needed = {asked for item in items if (asked := ASKED[item])}
        told: dict[Two, float] = {}
        for one in self._alike(free, needed):
            others = self._alike([two for two in free if two != one], needed - self._holds[one])
            ways = len(self._alike(free, needed)) * len(others)
            told |= {(one, two): 1 / ways for two in others}
        return told

    def send(self, pair: Two) -> None:
        for one in pair:
            self._visits[one] += 1

    def _alike(self, free: list[str], needed: set[str]) -> list[str]:
        most = max(len(needed & self._holds[one]) for one in free)
        able = [one for one in free if len(needed & self._holds[one]) == most]
        least = min(self._visits[one] for one in able)
        return [one for one in able if self._visits[one] == least]


@dataclass
class Sum:
    """Under one key, by pair: came out less stated, and the covariance of that as stated."""

    off: dict[Two, float] = field(default_factory=dict)
    chances: list[dict[Two, float]] = field(default_factory=list)

    def add(self, visit: Visit) -> None:
        for one, chance in visit.chances.items():
            self.off[one] = self.off.get(one, 0.0) - chance
        self.off[visit.pair] += 1
        self.chances.append(visit.chances)

    def moments(self) -> tuple[Floats, Floats]:
        """Sums, shape (pairs,), and their covariance; pairs that hardly ever come left out."""
        at = {one: place for place, one in enumerate(self.off)}
        covariance = np.zeros((len(at), len(at)))
        for chances in self.chances:
            places = [at[one] for one in chances]
            p = np.fromiter(chances.values(), float)
            covariance[np.ix_(places, places)] += np.diag(p) - np.outer(p, p)
        often = np.diag(covariance) >= ENOUGH
        return np.fromiter(self.off.values(), float)[often], covariance[np.ix_(often, often)]


@dataclass(frozen=True)
class Counted:
    """All visits of many draws, summed by key."""

    sums: dict[str, dict[object, Sum]]

    def tested(self, name: str) -> Tested:
        """Chi-square over the keys of one name: their visits are others, or other pairs' turns."""
        return moved([one.moments() for one in self.sums[name].values()])


KEYS: dict[str, Callable[[Visit], object]] = {
    "each pair of a visit, as stored": lambda visit: visit.way == RECHECK,
    "pair and the firm's class, independent": lambda visit: visit.group,
    "pair and the way the firm was drawn, independent": lambda visit: visit.way,
    "pair and who went to the visit before, independent": lambda visit: visit.before,
    "pair of a re-check and the first pair, independent but that nobody goes twice": (
        lambda visit: visit.first
    ),
}
"""What is known before a visit takes its pair; a key of None is passed over."""


def counted(draws: int) -> Counted:
    """So many draws of the list."""
    office = Office()
    sums: dict[str, dict[object, Sum]] = {name: {} for name in KEYS}
    for number in range(draws):
        for visit in office.visits(number):
            for name, key in KEYS.items():
                if (found := key(visit)) is not None:
                    sums[name].setdefault(found, Sum()).add(visit)
    return Counted(sums)
