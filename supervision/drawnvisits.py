"""The visits that a draw asks for, as its results are held against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

VISITS = (
    "visit",
    "entity_id",
    "name",
    "division",
    "bureau",
    "drawn_by",
    "items",
    "method",
    "inspector_1",
    "inspector_2",
)
"""What is known of a drawn visit; all but `visit`, `entity_id` and `drawn_by` may be null."""

BLIND = ("slice", "recheck")
"""Draws whose pairs see neither class nor reasons until results are in."""


@dataclass(frozen=True)
class Drawn:
    """A draw and what its visits may hold.

    Parameters
    ----------
    visits : one row a visit, columns `VISITS`; `items` are ids joined by `;`.
    items : names of the plan's items by id; empty where the plan lists none.
    inspectors : everybody on the list, and the enterprises each must step aside for.
    start, end : first and last day of the plan's period; null where it has none.
    elsewhere : drawn outside Xinfen: only results are known, and every row makes its own visit.
    """

    visits: pd.DataFrame
    items: Mapping[str, str] = field(default_factory=dict)
    inspectors: Mapping[str, frozenset[str]] = field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    elsewhere: bool = False

    @classmethod
    def outside(cls) -> Drawn:
        """A plan that somebody else drew, of which only the results are known."""
        return cls(pd.DataFrame(columns=list(VISITS), dtype="str"), elsewhere=True)

    @property
    def ids(self) -> dict[str, str]:
        """The ids of the items by id and by name."""
        return {name: id_ for id_, name in self.items.items()} | {id_: id_ for id_ in self.items}

    def of_firms(self) -> dict[str, list[str]]:
        """The visits of each drawn enterprise; a slice visit may have a re-check beside it."""
        told: dict[str, list[str]] = {}
        for firm, visit in zip(self.visits["entity_id"], self.visits["visit"], strict=True):
            told.setdefault(str(firm), []).append(str(visit))
        return told

    def other_pairs(self) -> dict[str, set[str]]:
        """By blind visit, who was drawn for the enterprise's other blind visits."""
        blind = self.visits[self.visits["drawn_by"].isin(BLIND)]
        named = blind[["visit", "entity_id", "inspector_1", "inspector_2"]].to_numpy(object)
        pairs: dict[str, dict[str, set[str]]] = {}
        for visit, firm, one, two in named.tolist():
            pairs.setdefault(firm, {})[visit] = {one, two}
        return {
            visit: set().union(*(pair for other, pair in own.items() if other != visit))
            for own in pairs.values()
            if len(own) > 1
            for visit in own
        }
