"""Selection: which labels speak for all firms, and with what weight.

Who is inspected follows from earlier classes and complaints. Only a draw with a known
probability can be weighted back to all firms (Hájek), and only draws that looked alike can be
compared. In order of trust, the first that holds enough:

slice       the blind slice: drawn from all, on site, a fixed basket, by pairs that know no class
alike       draws on site with the whole basket, weighted by the chance of a draw *and* such a look
draws       every draw, however it looked
propensity  no probability is known: estimated from who was visited (`training.propensity`)
unweighted  labels as they are, where not even that can be done; they speak for themselves alone
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from records.errors import NotPossible
from training.intervals import kish

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Basis = Literal["slice", "alike", "draws", "propensity", "unweighted"]

ENOUGH, CLEAN = 30, 10
"""Positives a reference must hold, as must all labels together; and visits that found nothing."""


@dataclass(frozen=True)
class Reference:
    """The labels to calibrate, cut and judge on.

    `rows` marks them among all visits; `weights` are inverse inclusion probabilities with mean
    1 over the rows; `basis` says what they are.
    """

    rows: Mask
    weights: Floats
    basis: Basis

    @property
    def effective(self) -> float:
        """Effective sample size."""
        return kish(self.weights)

    @property
    def speaks_for_all(self) -> bool:
        """Whether the weights come from draws, not from a guess at them."""
        return self.basis in ("slice", "alike", "draws")


def reference(visits: pd.DataFrame) -> Reference:
    """The best reference that labelled visits allow.

    Raises
    ------
    NotPossible : fewer positives, or fewer negatives, than any reference needs.
    """
    labelled = visits["label"].notna().to_numpy()
    _enough(visits.loc[labelled, "label"])
    chance = visits["inclusion_probability"].to_numpy(np.float64)
    drawn = labelled & visits["way"].eq("drawn").to_numpy() & (chance > 0)
    blind = drawn & visits["drawn_by"].eq("slice").fillna(False).to_numpy(bool)
    looked, share = _alike(visits, drawn, chance)
    known: list[tuple[Basis, Mask, Floats]] = [
        ("slice", blind, chance),
        ("alike", looked, chance * share),
        ("draws", drawn, chance),
    ]
    for basis, rows, probability in known:
        if visits.loc[rows, "label"].sum() >= ENOUGH:
            return _weighted(rows, 1 / probability[rows], basis)
    return Reference(labelled, np.ones(int(labelled.sum())), "unweighted")


def estimated(visits: pd.DataFrame, weights: Floats) -> Reference:
    """All labelled visits with weights that were estimated; shape (n,) over the visits."""
    labelled = visits["label"].notna().to_numpy()
    return _weighted(labelled, weights[labelled], "propensity")


def counts(visits: pd.DataFrame) -> dict[str, int]:
    """Visits by the way they came about, and those without a label; exclusive."""
    labelled = visits["label"].notna()
    ways = visits.loc[labelled, "way"].value_counts()
    by_way = {way: int(ways.get(way, 0)) for way in ("drawn", "targeted")}
    unknown = int(ways.get("unknown", 0))
    return by_way | ({"unknown": unknown} if unknown else {}) | {"censored": int((~labelled).sum())}


def _alike(visits: pd.DataFrame, drawn: Mask, chance: Floats) -> tuple[Mask, Floats]:
    """Draws on site with the whole basket, and the share of such looks among the like drawn.

    How to look is decided before anything is found, so that within firms of one draw and one
    probability the share of such looks is their chance.
    """
    whole = visits["basket_items"].to_numpy() >= visits["basket_items"].max()
    looked = visits["method"].eq("on_site").fillna(False).to_numpy(bool) & whole
    cell = [visits["drawn_by"].fillna("-").where(drawn, "-"), np.round(np.log2(chance), 1)]
    share = pd.Series(looked).groupby(cell, dropna=False).transform("mean").to_numpy(np.float64)
    return drawn & looked, np.where(share > 0, share, 1.0)


def _enough(labels: pd.Series) -> None:
    positives = int(labels.sum())
    clean = len(labels) - positives
    if positives < ENOUGH or clean < CLEAN:
        raise NotPossible(
            "too few labels to learn from",
            found=f"{positives} visits that found a problem and {clean} that found none",
            allowed=f"at least {ENOUGH} and {CLEAN}",
            hint="give more history, or widen `outcome` in model.yaml",
        )


def _weighted(rows: Mask, weights: Floats, basis: Basis) -> Reference:
    return Reference(rows, weights / weights.mean(), basis)
