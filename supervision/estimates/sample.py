"""The firms a plan drew, as a sample: what each visit found, and how likely it was to tell it.

A firm counts on one basis (see `estimate`): `slice`, or `slice+plan alike`, where plan visits
stand beside the slice if they were *to be* on site with the same basket: which firms those are
was decided by chance before anybody went. A visit that was to be alike and was done otherwise is
missing, like one that was not done. `plan alike` is what a plan without a slice has: those visits
alone, which speak for the firms that the plan might have drawn so, and for no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from supervision.errors import PlanError
from supervision.estimates.intervals import Floats

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Basis = Literal["slice", "slice+plan alike", "plan alike"]
SLICE, ALIKE = BASES = ("slice", "slice+plan alike")
"""The bases of a frame with a blind slice."""
PLAN = "plan alike"

WAYS = ("slice", "plan", "top_up")
DONE = ("visited", "late")
STATES = (*DONE, "not_visited", "missing", "unlike")
"""`late`: the result came after its day; `unlike`: done, but not as it was to be."""

FRAME = (
    "entity_id", "frame_hash", "stratum", "eligible", "slice_probability", "plan_probability",
    "top_up_probability", "drawn_by",
)  # fmt: skip
"""What is read of the draw's frame; `alike_share` too, where plan visits are taken."""

VISITS = ("entity_id", "drawn_by", "state", "label")
"""What is read of the visits; `alike` too: the visit was to be on site with the basket."""

FEWEST = 5
"""Visits that must have answered in a stratum for its missing ones to be taken as alike them."""


@dataclass(frozen=True)
class Sample:
    """Drawn firms on one basis. Arrays have a place for each of them, shape (n,).

    `firms` is the frame that is spoken for: every firm with a chance above zero on this basis;
    `row` says where in it a drawn firm stands. `label` is NaN where nothing was measured.
    `base` is 1 / chance; `weight` is raised for the missing of a stratum. `cell` numbers
    strata, those with a single answer pooled. `share` is the part of the stratum's plan visits
    that was to be measured alike, and `plan_chance` the chance to be drawn as one of these.
    """

    basis: str
    firms: pd.DataFrame
    row: Index
    label: Floats
    measured: Mask
    left: Mask
    base: Floats
    weight: Floats
    blind: Mask
    eligible: Mask
    cell: Index
    plan_chance: Floats
    share: Floats
    slice_chance: float

    @property
    def missing(self) -> Mask:
        return ~(self.measured | self.left)


def of(frame: pd.DataFrame, visits: pd.DataFrame, basis: str = SLICE) -> Sample:
    """The sample of a draw.

    Parameters
    ----------
    frame : columns `FRAME`, a row a firm, as the draw wrote them, and columns to group by;
        `alike_share` (share of the plan visits of a firm's stratum that is to be measured alike,
        null or absent = none) for the bases that take plan visits.
    visits : columns `VISITS`, a row a visit: `label` 1 a problem of the basket, 0 none, null for
        a firm that was found to have left (or nothing was found out). Drawn firms without a row
        are missing; second visits (`drawn_by` recheck) are passed over.

    Raises
    ------
    PlanError : a column is missing, a value is none of those allowed, a visit is of a firm that
        was not drawn so, a firm stands twice, or nobody has a chance on this basis.
    """
    _check(frame, visits, basis)
    sliced, planned, share = _chances(frame, basis)
    spoken = (planned if basis == PLAN else sliced) > 0
    if not spoken.any():
        raise _nobody(basis)
    firms = frame[spoken].reset_index(drop=True)
    sliced, planned, share = sliced[spoken], planned[spoken], share[spoken]
    told = _visits(visits).set_index("entity_id")["alike"].reindex(firms["entity_id"])
    way = firms["drawn_by"]
    blind = (way == "slice").to_numpy(bool) & (sliced > 0)
    # a plan visit without a row is taken to have been alike: it counts as missing, not as clean
    beside = way.isin(WAYS[1:]).to_numpy(bool) & (share > 0)
    beside &= told.astype(object).fillna(basis != SLICE).to_numpy(bool)
    row = np.flatnonzero(blind | beside)
    label, measured, left = _outcomes(firms["entity_id"].iloc[row], visits)
    chance = (sliced + planned)[row]
    stratum, group = _codes(firms["stratum"].iloc[row])
    answered = measured | left
    return Sample(
        basis=basis, firms=firms, row=row, label=label, measured=measured, left=left,
        base=1 / chance,
        weight=_raised(1 / chance, answered, _pooled(stratum, group, answered, FEWEST)),
        blind=blind[row], eligible=firms["eligible"].to_numpy(bool)[row],
        cell=_pooled(stratum, group, answered & firms["eligible"].to_numpy(bool)[row], 2),
        plan_chance=planned[row], share=share[row],
        slice_chance=float(sliced.mean()),
    )  # fmt: skip


def _chances(frame: pd.DataFrame, basis: str) -> tuple[Floats, Floats, Floats]:
    """By firm: the chance of the slice, of a plan visit that is alike, and the share that is."""
    sliced = frame["slice_probability"].to_numpy(float) * (basis != PLAN)
    share = np.zeros(len(frame))
    if basis != SLICE and "alike_share" in frame:
        share = frame["alike_share"].fillna(0).to_numpy(float)
    steered = frame[["plan_probability", "top_up_probability"]].to_numpy(float).sum(axis=1)
    return sliced, share * steered, share


def _nobody(basis: str) -> PlanError:
    if basis == PLAN:
        return PlanError(
            "no firm of the frame had a chance of a visit that is measured alike",
            found="every plan visit off site, or without an item of the basket",
            allowed="a stratum whose visits on site all hold the whole basket",
            hint="draw an undirected plan with a blind slice beside it",
        )  # fmt: skip
    return PlanError(
        "the frame holds no blind slice", found="slice_probability 0",
        allowed="a plan with a blind slice", hint="only a slice says what holds for all firms",
    )  # fmt: skip


def _visits(visits: pd.DataFrame) -> pd.DataFrame:
    """First visits only, each with `alike`."""
    first = visits[visits["drawn_by"].isin(WAYS)]
    if "alike" not in first:
        first = first.assign(alike=first["drawn_by"] == "slice")
    return first


def _outcomes(drawn: pd.Series[str], visits: pd.DataFrame) -> tuple[Floats, Mask, Mask]:
    """Label (NaN = none), measured, and left, in the order of the drawn firms."""
    found = _visits(visits).set_index("entity_id")
    done = found["state"].isin(DONE)
    label = found["label"].where(done).astype(float).reindex(drawn).to_numpy(float)
    visited = done.astype(object).reindex(drawn).fillna(False).to_numpy(bool)
    measured = visited & ~np.isnan(label)
    return np.where(measured, label, np.nan), measured, visited & ~measured


def _codes(strata: pd.Series[str]) -> tuple[Index, Index]:
    """Numbers of the strata and of their groups (`class C` of `class C/2301`)."""
    names = strata.astype("str")
    return pd.factorize(names)[0], pd.factorize(names.str.partition("/")[0])[0]


def _pooled(stratum: Index, group: Index, answered: Mask, fewest: int) -> Index:
    """Numbers of cells: a stratum with enough answers, else the others of its group, else all."""
    if not len(stratum):
        return stratum
    cell = stratum.astype(np.int64)
    count = np.bincount(cell[answered], minlength=int(cell.max()) + 1)
    small = count[cell] < fewest
    beyond = int(cell.max()) + 1
    cell = np.where(small, beyond + group, cell)
    count = np.bincount(cell[answered], minlength=int(cell.max()) + 1)
    rest = int(cell.max()) + 1
    return np.where(small & (count[cell] < fewest), rest, cell)


def _raised(base: Floats, answered: Mask, cell: Index) -> Floats:
    """Weights of those that answered, so that with them a cell weighs what all its drawn did."""
    if not len(base):
        return base
    whole = np.bincount(cell, base)
    told = np.bincount(cell[answered], base[answered], len(whole))
    if not answered.any():
        return base
    # a cell in which nobody answered is spread over all that did
    lost = whole[told == 0].sum()
    factor = np.divide(whole, told, out=np.ones_like(whole), where=told > 0)
    raised: Floats = base * factor[cell]
    weight: Floats = raised * (1 + lost / raised[answered].sum())
    return weight


def _check(frame: pd.DataFrame, visits: pd.DataFrame, basis: str) -> None:
    if basis not in (*BASES, PLAN):
        raise PlanError.among("the basis of an estimate", basis, (*BASES, PLAN))
    for name, given, needed in (("frame", frame, FRAME), ("visits", visits, VISITS)):
        for column in needed:
            if column not in given:
                raise PlanError.among(f"{name}: no column {column}", column, map(str, given))
    _refuse(visits, "state", ~visits["state"].isin(STATES), ", ".join(STATES))
    label = visits["label"]
    _refuse(visits, "label", label.notna() & ~label.isin([0, 1]), "1 (a problem), 0 (none), null")
    first = visits[visits["drawn_by"].isin(WAYS)]
    _refuse(first, "entity_id", first["entity_id"].duplicated(), "each drawn firm once")
    drawn = frame[frame["drawn_by"].notna()].set_index("entity_id")["drawn_by"]
    ways = first["entity_id"].map(drawn)
    _refuse(first, "drawn_by", ways.ne(first["drawn_by"]), "as the frame says it was drawn")


def _refuse(visits: pd.DataFrame, column: str, wrong: Any, allowed: str) -> None:
    bad = np.flatnonzero(np.asarray(wrong, dtype=bool))
    if len(bad):
        value = visits[column].iloc[bad[0]]
        firm = visits["entity_id"].iloc[bad[0]]
        found = repr(getattr(value, "item", lambda: value)())
        raise PlanError.row("visits", int(bad[0]) + 1, f"{column} of {firm}", found, allowed)
