"""Selection: which labels speak for all firms, and with what weight.

Who is inspected follows from earlier classes and complaints. Only a draw with a known
probability can be weighted back to all firms (Hájek): the blind slice first, because its visits
are measured alike; else every draw; else, where no probability is known, all labels as they
are, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

ENOUGH = 30
"""Positives the slice must hold before it is used alone."""


@dataclass(frozen=True)
class Reference:
    """The labels to calibrate, cut and judge on.

    `rows` marks them among all visits; `weights` are inverse inclusion probabilities with mean
    1 over the rows; `basis` says in a word what they are: slice, draws or unweighted.
    """

    rows: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]
    basis: str

    @property
    def effective(self) -> float:
        """Effective sample size, (Σw)² / Σw² (Kish 1965)."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())


def reference(visits: pd.DataFrame) -> Reference:
    """The best reference that labelled visits allow."""
    labelled = visits["label"].notna().to_numpy()
    chance = visits["inclusion_probability"].to_numpy(np.float64)
    drawn = labelled & visits["way"].eq("drawn").to_numpy() & (chance > 0)
    blind = drawn & visits["drawn_by"].eq("slice").fillna(False).to_numpy(bool)
    if visits.loc[blind, "label"].sum() >= ENOUGH:
        return _weighted(blind, chance, "slice")
    if visits.loc[drawn, "label"].sum() >= ENOUGH:
        return _weighted(drawn, chance, "draws")
    return Reference(labelled, np.ones(int(labelled.sum())), "unweighted")


def _weighted(
    rows: npt.NDArray[np.bool_], chance: npt.NDArray[np.float64], basis: str
) -> Reference:
    weights = 1 / chance[rows]
    return Reference(rows, weights / weights.mean(), basis)


def counts(visits: pd.DataFrame) -> dict[str, int]:
    """Visits by the way they came about, and those without a label; exclusive."""
    labelled = visits["label"].notna()
    ways = visits.loc[labelled, "way"].value_counts()
    by_way = {way: int(ways.get(way, 0)) for way in ("drawn", "targeted")}
    unknown = int(ways.get("unknown", 0))
    return by_way | ({"unknown": unknown} if unknown else {}) | {"censored": int((~labelled).sum())}
