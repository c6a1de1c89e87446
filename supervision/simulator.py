"""A year of a plan before anybody is visited: its visits, what they would find, who bears them.

Nothing is drawn. Sizes are exact and known before a seed (`sizes`), firms of a stratum are alike
to the draw, and so every expectation follows from counts and the calibrated probabilities:

    visits       of each batch, stratum by stratum, in whole numbers; slice and top-up by share
    findings     visits x mean probability of the stratum's eligible firms (slice: of all)
    burden       a firm's expected visits a year, s + (n_h + t_h) / E_h, summed over its group
    precision    half the width of the interval that the year's visits would leave (`foreseen`)

Firms visited leave the plan for the year as no-repeat and caps say; which firms they are does not
matter, for within a stratum chance decides. A finding is a problem that a visit like the model's
would find; `effect` scales a method's, and is 1 unless somebody knows better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from supervision import eligible, foreseen, lists
from supervision.errors import PlanError
from supervision.intervals import Floats
from supervision.period import Period
from supervision.plan import PlanDefinition
from supervision.sample import Index, Mask
from supervision.sizes import Sizes
from supervision.yearly import MARKED, year_of

VISITS = ("batch", "bureau", "group", "way", "visits", "findings")
WAYS = ("slice", "recheck", "plan", "top_up")


@dataclass(frozen=True)
class Lists:
    """What a plan would be drawn from; checked lists, see `supervision.lists`.

    `firms` is `lists.join` with `probability` (of a problem, none null) and columns to group by.
    """

    firms: pd.DataFrame
    history: pd.DataFrame
    exclusions: pd.DataFrame
    inspectors: pd.DataFrame
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Simulated:
    """A plan's year. Frames are empty where `unfit` says why the plan cannot be drawn.

    visits : columns `VISITS`; slice and top-up of a group are expected numbers.
    burden, precision : `foreseen.BURDEN` and `foreseen.PRECISION`, by group.
    totals : numbers of the whole year, see `_totals`.
    unfit : the first batch that capacity or floor refuse, and the refusal.
    """

    visits: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(VISITS)))
    burden: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(foreseen.BURDEN))
    )
    precision: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(foreseen.PRECISION))
    )
    totals: dict[str, float] = field(default_factory=dict)
    unfit: dict[str, Any] | None = None


def simulate(
    plan: PlanDefinition, given: Lists, year: int, effect: Mapping[str, float] | None = None
) -> Simulated:
    """What a plan would do in a calendar year.

    Parameters
    ----------
    plan : the checked plan.
    given : the lists as they stand at the beginning of the year.
    effect : by method, the share of a problem's chance that it keeps; a method not named keeps 1.
    """
    try:
        marked = eligible.mark(
            plan, given.firms, given.history, given.exclusions,
            Period.containing(date(year, 1, 1), plan.batches),
        )  # fmt: skip
    except PlanError as error:
        return Simulated(unfit=_unfit(0, error))
    slim = marked[list(MARKED)].astype({"stratum": "category"})
    batches = []
    try:
        for period, told in year_of(plan, slim, given.inspectors, year):
            batches.append((period.batch, told))
    except PlanError as error:
        return Simulated(unfit=_unfit(len(batches) + 1, error))
    world = _World.of(plan, slim.assign(probability=marked["probability"]), effect or {})
    visits = pd.concat([world.visits(batch, told) for batch, told in batches], ignore_index=True)
    chances = world.chances([told for _, told in batches])
    return Simulated(
        visits,
        foreseen.burden(given.firms, chances.visits, given.by),
        foreseen.precision(given.firms, chances, given.by),
        _totals(visits, chances.visits, world, [told for _, told in batches]),
    )


def _unfit(batch: int, error: PlanError) -> dict[str, Any]:
    return {
        "batch": batch, "what": error.what, "found": error.found, "allowed": error.allowed,
        "hint": error.hint,
    }  # fmt: skip


@dataclass(frozen=True)
class _World:
    """The firms as arrays of shape (firms,), and means by stratum."""

    code: Index
    names: list[str]
    free: Mask
    able: Mask
    probability: Floats
    bureau: pd.Series[Any]
    group: pd.Series[Any]
    kept: Floats
    on_site: Floats

    @cached_property
    def count(self) -> Index:
        """Eligible firms by stratum."""
        return np.bincount(self.code[self.able], minlength=len(self.names))

    @cached_property
    def found(self) -> Floats:
        """The mean chance, by stratum, that a plan visit finds a problem."""
        risk = np.bincount(self.code[self.able], self.probability[self.able], len(self.names))
        found: Floats = self.kept * risk / np.maximum(self.count, 1)
        return found

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Firms not barred and their risk, by bureau and group."""
        firms = pd.DataFrame({
            "bureau": self.bureau, "group": self.group, "firms": 1, "risk": self.probability,
        })[self.free]  # fmt: skip
        by = firms.groupby(["bureau", "group"], observed=True)
        cells: pd.DataFrame = by[["firms", "risk"]].sum().reset_index()
        return cells

    @classmethod
    def of(cls, plan: PlanDefinition, marked: pd.DataFrame, effect: Mapping[str, float]) -> _World:
        strata = marked["stratum"].cat
        names = [str(name) for name in strata.categories]
        methods = [plan.methods(name.partition("/")[0]) for name in names]
        kept = [sum(float(part) * effect.get(m, 1.0) for m, part in of.items()) for of in methods]
        return cls(
            strata.codes.to_numpy().astype(np.int64), names,
            ~marked["barred"].to_numpy(bool), marked["eligible"].to_numpy(bool),
            marked["probability"].to_numpy(float), marked["bureau"], marked["group"],
            np.array(kept), np.array([float(of.get("on_site", 0)) for of in methods]),
        )  # fmt: skip

    def visits(self, batch: int, told: Sizes) -> pd.DataFrame:
        """A batch's visits and findings by bureau, group and way."""
        own = told.strata.set_index("stratum").reindex(self.names)
        parts = [
            pd.DataFrame({
                "bureau": own["bureau"].astype("str"), "group": own["group"].astype("str"),
                "way": way, "visits": own[column].to_numpy(float),
                "findings": own[column].to_numpy(float) * self.found,
            })
            for way, column in (("plan", "planned"), ("top_up", "top_up"))
        ]  # fmt: skip
        cells = self.cells
        for way, size in (("slice", told.slice), ("recheck", told.recheck)):
            share = size / max(told.firms, 1)
            findings = cells["risk"] * share * (way == "slice")  # a second look finds nothing new
            parts.append(cells[["bureau", "group"]].assign(
                way=way, visits=cells["firms"] * share, findings=findings
            ))  # fmt: skip
        rows = pd.concat([part.astype({"bureau": "str", "group": "str"}) for part in parts])
        return rows[rows["visits"] > 0].assign(batch=batch)[list(VISITS)]

    def chances(self, year: list[Sizes]) -> foreseen.Chances:
        """Each firm's expected visits of the year, and those that are measured alike."""
        blind = sum(told.slice / max(told.firms, 1) for told in year)
        own = sum(
            told.strata.set_index("stratum")[["planned", "top_up"]].sum(axis=1).reindex(self.names)
            for told in year
        )
        each: Floats = np.nan_to_num(np.asarray(own, float)) / np.maximum(self.count, 1)
        steered = each[self.code] * self.able
        sliced = blind * self.free.astype(np.float64)
        alike = sliced + steered * self.on_site[self.code]
        return foreseen.Chances(sliced, sliced + steered, alike)


def _totals(
    visits: pd.DataFrame, each: Floats, world: _World, year: list[Sizes]
) -> dict[str, float]:
    """Visits and findings of the year by way, per visit, against as many blind visits."""
    by_way = visits.groupby("way")[["visits", "findings"]].sum().reindex(list(WAYS), fill_value=0.0)
    made = float(by_way["visits"].sum())
    first = float(by_way.loc[["slice", "plan", "top_up"], "visits"].sum())
    found = float(by_way["findings"].sum())
    mean = float(world.probability[world.free].mean()) if world.free.any() else 0.0
    monthly = visits.groupby(["batch", "bureau"])["visits"].sum()
    return {
        "firms": float(world.free.sum()), "visits": made,
        **{f"visits_{way}": float(count) for way, count in by_way["visits"].items()},
        "visited_share": first / max(float(world.free.sum()), 1.0),
        "most_in_a_bureau_and_batch": float(monthly.max()) if len(monthly) else 0.0,
        "given_way": float(sum(told.strata["given_way"].sum() for told in year)),
        "findings": found, "findings_per_visit": found / made if made else 0.0,
        "findings_blind": made * mean, "findings_over_blind": found - made * mean,
        "firms_without_chance": float((each <= 0).sum()),
    }  # fmt: skip


def by_class(simulated: Simulated) -> pd.DataFrame:
    """Visits and findings of the year by group, all ways together."""
    told = simulated.visits.groupby("group")[["visits", "findings"]].sum()
    return told.assign(per_visit=told["findings"] / told["visits"]).reset_index()


def unknown_filled(firms: pd.DataFrame) -> tuple[pd.Series[float], int]:
    """Probabilities with none null: a firm without one has the mean of its public grade, or of all.

    Returns them, and how many firms they were taken for.
    """
    given = firms["probability"].astype(float)
    if given.notna().sum() == 0:
        raise PlanError(
            "the run has no probability for any listed firm", hint="take the run of this register"
        )
    graded = given.groupby(firms["public_grade"].fillna(lists.UNCLASSIFIED)).transform("mean")
    return given.fillna(graded).fillna(given.mean()), int(given.isna().sum())
