"""Whom the policies visit in a month: drawn alike, the highest score, or as an oracle would."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Counts = dict[str, int]


@dataclass
class Visited:
    """Who has been visited in the present calendar year."""

    year: int
    firms: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, before: pd.DataFrame, day: date) -> Visited:
        return cls(day.year, set(before["entity_id"]))

    def free(self, entity: pd.Series[str], day: date) -> npt.NDArray[np.bool_]:
        """Firms that may still be visited this year."""
        if day.year != self.year:
            self.year, self.firms = day.year, set()
        return ~entity.isin(self.firms).to_numpy()

    def add(self, entity: pd.Series[str]) -> None:
        self.firms |= set(entity)


def uniform(firms: pd.DataFrame, size: int, seed: int, day: date) -> pd.DataFrame:
    """So many live firms, all with the same chance."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x10, day.toordinal()]))
    rows = np.sort(rng.choice(len(firms), size, replace=False))
    return pd.DataFrame(
        {
            "entity_id": firms["entity_id"].to_numpy()[rows],
            "drawn_by": "slice",
            "class_seen": None,
            "inclusion_probability": size / len(firms),
            "chance": size / len(firms),
        }
    )


def greedy(
    firms: pd.DataFrame, score: Floats, visited: Visited, size: int, day: date
) -> pd.DataFrame:
    """The highest scores among those not visited this year; NaN is never visited."""
    free = visited.free(firms["entity_id"], day)
    rows = _best(np.where(free, score, np.nan), size)
    chosen = firms["entity_id"].iloc[rows]
    visited.add(chosen)
    return pd.DataFrame(
        {
            "entity_id": chosen.to_numpy(),
            "drawn_by": "plan",
            "class_seen": None,
            "inclusion_probability": np.nan,
            "chance": np.nan,
        }
    )


def oracle(
    firms: pd.DataFrame, score: Floats, visited: Visited, floors: Counts, rest: int, day: date
) -> pd.Series[str]:
    """Whom a plan would visit beside the slice that knows the scores of all.

    Parameters
    ----------
    firms : `entity_id`, `group`, and `sliced`, who is in the slice of this month.
    floors : how many of a group are visited at least; the best of the group.
    rest : how many more visits there are, to anybody.
    """
    free = visited.free(firms["entity_id"], day) & ~firms["sliced"].to_numpy(bool)
    left = np.where(free, score, np.nan)
    chosen: list[npt.NDArray[np.int64]] = []
    for group, count in floors.items():
        rows = _best(np.where(firms["group"] == group, left, np.nan), count)
        left[rows] = np.nan
        chosen.append(rows)
    chosen.append(_best(left, rest + sum(floors.values()) - sum(map(len, chosen))))
    entity = firms["entity_id"].iloc[np.concatenate(chosen)]
    visited.add(entity)
    visited.add(firms.loc[firms["sliced"], "entity_id"])
    return entity


def _best(score: Floats, size: int) -> npt.NDArray[np.int64]:
    """The places of the highest scores, the first of equal ones; NaN is none."""
    order = np.argsort(-score, kind="stable")[:size]
    return order[~np.isnan(score[order])]
