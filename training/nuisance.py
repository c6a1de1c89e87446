"""How a visit looked: effects of inspector, office, method, way and items on what it finds.

They say nothing of the firm, so they are no features: they are fitted beside the trees as an
offset (log-odds), the trees learn what is left, and at scoring they are averaged out: the
calibration is made on draws that were made alike, by whoever was drawn to make them.

Effects of one factor are taken for draws from a normal law whose spread is estimated too
(penalised quasi-likelihood, Breslow and Clayton 1993): an inspector of few visits is pulled to 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import cg

from models.settings import Nuisance

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ROUNDS, STEPS = 4, 20
CLOSE = 1e-4  # log-odds
FREE = 1e-6  # the pull of what may be anything
FEWEST = 2
"""A factor needs so many levels to be told from the level of all visits."""


@dataclass(frozen=True)
class Design:
    """Columns of a nuisance model, sparse of shape (n, k), and which factor each belongs to."""

    columns: sparse.csr_array
    factor: npt.NDArray[np.int64]
    factors: list[str]
    levels: list[str]

    @classmethod
    def of(cls, visits: pd.DataFrame, settings: Nuisance) -> Design:
        """What can be told of visits: each level of each factor, and the items as logarithms."""
        parts: list[sparse.csr_array] = []
        factor: list[int] = []
        factors: list[str] = []
        levels: list[str] = []
        for name in settings.factors:
            given = _way(visits) if name == "way" else visits[name]
            codes, found = pd.factorize(given, sort=True)
            if len(found) < FEWEST:
                continue
            rows = np.flatnonzero(codes >= 0)  # what nobody told has no effect
            shape = (len(visits), len(found))
            ones = np.ones(len(rows))
            parts.append(sparse.csr_array((ones, (rows, codes[rows])), shape=shape))
            factor += [len(factors)] * len(found)
            factors.append(name)
            levels += [str(level) for level in found]
        counts = ("items", "basket_items") if settings.items else ()
        for count in counts:
            if visits[count].nunique() < FEWEST:
                continue
            items = np.log(np.maximum(visits[count].to_numpy(np.float64), 1))
            parts.append(sparse.csr_array((items - items.mean())[:, None]))
            factor.append(len(factors))
            factors.append(count)
            levels.append("logarithm")
        empty = sparse.csr_array((len(visits), 0))
        columns = sparse.csr_array(sparse.hstack(parts)) if parts else empty
        return cls(columns, np.array(factor, np.int64), factors, levels)


@dataclass(frozen=True)
class Effects:
    """Fitted effects in log-odds: one a column of the design, `spread` one a factor."""

    design: Design
    effects: Floats
    spread: Floats

    def offset(self, centre: Mask, without: str = "") -> Floats:
        """The visits' effects, shape (n,), less their mean over the visits of `centre`.

        `without` names a factor whose effects are left out.
        """
        names = np.array([*self.design.factors, ""])[self.design.factor]
        whole = np.asarray(self.design.columns @ np.where(names == without, 0, self.effects))
        mean = float(whole[centre].mean() if centre.any() else whole.mean())
        return np.asarray(whole - mean, np.float64)

    def plain(self) -> list[dict[str, Any]]:
        """For the report: a factor's spread and levels; who inspected is counted, not named."""
        told: list[dict[str, Any]] = []
        for number, name in enumerate(self.design.factors):
            own = np.flatnonzero(self.design.factor == number)
            row: dict[str, Any] = {"factor": name, "levels": len(own)}
            row["spread"] = float(self.spread[number])
            row["least"] = float(self.effects[own].min())
            row["most"] = float(self.effects[own].max())
            if name not in ("office", "inspector"):
                row["effects"] = {
                    self.design.levels[at]: float(self.effects[at]) for at in own.tolist()
                }
            told.append(row)
        return told


def fit_effects(design: Design, rows: Mask, labels: Floats, known: Floats) -> Effects:
    """Effects of visits' nuisances on their outcomes, given what is known of the firms.

    Parameters
    ----------
    rows : which visits to learn from. labels : 0.0 or 1.0, shape (n,).
    known : log-odds of the firms by a model without nuisances, shape (n,).
    """
    kinds = len(design.factors)
    x, y, offset = design.columns[rows], labels[rows], known[rows]
    x = sparse.csr_array(sparse.hstack([x, np.ones((len(y), 1))]))  # the last tells the level
    variance, effects = np.full(kinds, 0.25), np.zeros(x.shape[1])
    for _ in range(ROUNDS if kinds else 0):
        pull = np.append(1 / variance[design.factor], FREE)
        effects, normal = _solve(x, y, offset, pull, effects)
        # Each factor's spread: its effects' squares and what is not known of them.
        square = (effects**2 + 1 / normal.diagonal())[:-1]
        sizes = np.bincount(design.factor, minlength=kinds)
        variance = np.maximum(np.bincount(design.factor, square, kinds) / sizes, 1e-4)
    return Effects(design, effects[:-1], np.sqrt(variance))


def _solve(
    x: sparse.csr_array, y: Floats, offset: Floats, pull: Floats, effects: Floats
) -> tuple[Floats, sparse.csr_array]:
    """Penalised logistic regression with an offset, by Newton's method; also its last Hessian."""
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-(offset + x @ effects)))
        weight = told * (1 - told)
        gradient = np.asarray(x.T @ (y - told)) - pull * effects
        normal = sparse.csr_array(x.T @ (x * weight[:, None]) + sparse.diags_array(pull))
        scale = sparse.diags_array(1 / normal.diagonal())
        step, _ = cg(normal, gradient, rtol=1e-6, maxiter=200, M=scale)
        effects = effects + step
        if float(np.abs(step).max()) < CLOSE:
            break
    return effects, normal


def _way(visits: pd.DataFrame) -> pd.Series:
    """Targeted, or drawn by slice or by plan; a pair that saw no class looks like no other."""
    way = visits["way"].where(visits["way"].ne("unknown"))
    drawn_by = visits["drawn_by"].fillna("draw")
    return way.where(way.ne("drawn"), "drawn: " + drawn_by)
