"""How many visits: exact numbers by stratum and bureau, known before any seed is opened.

With `part` the batch's part of a year (`period.Period.part`), for N firms not barred, N_b of a
bureau, and in a stratum N_h firms the plan is for and E_h eligible:

    slice      S = part(N ratio); a bureau has S N_b / N of it, rounded down or up by the seed
    re-checks  R = ceil(S recheck)
    wanted     min(part(N_h ratio_h), E_h); each stratum begins its year at a batch of its own
    planned    n_h: what is wanted, less what gives way to the bureau's capacity
    floor      F = part(overall_floor sum N_h)
    top-up     T = F - floor(S sum N_h / N) - sum n_h, if above 0; a bureau has its part in
               proportion to its spare firms, the sum of E_h - n_h, as far as its capacity goes,
               rounded down or up by the seed

Capacity holds for the slice and re-checks of a bureau at their most, its plan and its top-up
(`capacity`). What cannot be met is refused: which rule, where, and by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd

from supervision.canonical import digest, document
from supervision.draws import capacity
from supervision.draws.spread import shares
from supervision.errors import PlanError
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition

STRATA = (
    "stratum", "bureau", "group", "ratio", "firms", "eligible", "asked", "wanted", "given_way",
    "planned", "top_up",
)  # fmt: skip
BUREAUS = (
    "bureau", "firms", "slice_most", "recheck_most", "planned", "spare", "top_up", "top_up_most",
    "visits_most", "capacity",
)  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """The sizes of one batch; every number is a number of visits or firms.

    strata : a row a stratum, by name, columns `STRATA`: its yearly ratio (text), the firms the plan
        is for, those eligible, visits asked by the ratio, wanted (no more than are eligible),
        given way to capacity, planned, and expected by top-up (a float; all else is exact).
    bureaus : a row a bureau, by name, columns `BUREAUS`: firms not barred, slice and re-checks at
        their most, plan, eligible firms left over by it, top-up expected (a float) and at its
        most, all visits at their most, and the capacity of the batch (null: no limit).
    firms, slice, recheck, floor, top_up : N, S, R, F and T, of all bureaus.
    slice_shares, top_up_shares : each bureau's part of S and T, exactly.
    """

    strata: pd.DataFrame
    bureaus: pd.DataFrame
    firms: int
    slice: int
    recheck: int
    floor: int
    top_up: int
    slice_shares: tuple[Fraction, ...]
    top_up_shares: tuple[Fraction, ...]


def sizes(
    plan: PlanDefinition, marked: pd.DataFrame, period: Period, inspectors: pd.DataFrame
) -> Sizes:
    """The sizes of a batch.

    Parameters
    ----------
    plan : the checked plan.
    marked : `eligible.mark`.
    period : the batch.
    inspectors : `lists.inspectors`, for the capacity of bureaus.

    Raises
    ------
    PlanError : a capacity or the floor cannot be met.
    """
    free = (~marked["barred"]).groupby(marked["bureau"]).sum().sort_index()
    counts, firms = [int(count) for count in free], int(free.sum())
    sliced, again = _blind(plan, period, firms)
    parts = tuple(shares(sliced, counts, counts))
    bureaus = pd.DataFrame({"bureau": free.index.astype("str"), "firms": counts})
    bureaus["slice_most"] = [ceil(part) for part in parts]
    bureaus["recheck_most"] = [
        -(-again * most // sliced) if sliced else 0 for most in bureaus["slice_most"].tolist()
    ]
    bureaus["capacity"] = capacity.of_bureaus(plan, bureaus["bureau"], period, inspectors)

    strata = _strata(plan, marked, period)
    strata["given_way"] = capacity.given_way(plan, strata, bureaus)
    strata["planned"] = strata["wanted"] - strata["given_way"]
    strata["spare"] = strata["eligible"] - strata["planned"]
    sums = strata.groupby("bureau")[["planned", "spare"]].sum().reindex(bureaus["bureau"])
    bureaus[["planned", "spare"]] = sums.to_numpy()

    planned_for = int(strata["firms"].sum())
    floor = period.part(Fraction(plan.overall_floor) * planned_for)
    counted = sliced * planned_for // firms if firms else 0
    places = max(0, floor - counted - int(strata["planned"].sum()))
    topped = tuple(_top_up(plan, bureaus, places))
    bureaus["top_up"] = [float(part) for part in topped]
    bureaus["top_up_most"] = [ceil(part) for part in topped]
    bureaus["visits_most"] = bureaus[["slice_most", "recheck_most", "planned", "top_up_most"]].sum(
        axis=1
    )
    spare = strata.groupby("bureau")["spare"].transform("sum")
    expected = strata["bureau"].map(bureaus.set_index("bureau")["top_up"])
    strata["top_up"] = expected * strata["spare"] / spare.where(spare > 0, 1)
    return Sizes(
        strata[list(STRATA)], bureaus[list(BUREAUS)], firms, sliced, again, floor, places,
        parts, topped,
    )  # fmt: skip


def offset(task: str, stratum: str, batches: int) -> int:
    """The batch a stratum's year begins at: SHA-256 of the JSON of [task, stratum], mod batches."""
    return int(digest(document([task, stratum])), 16) % batches


def _blind(plan: PlanDefinition, period: Period, firms: int) -> tuple[int, int]:
    """S and R."""
    if plan.blind_slice is None:
        return 0, 0
    sliced = period.part(Fraction(plan.blind_slice.ratio) * firms)
    return sliced, ceil(Fraction(plan.blind_slice.recheck) * sliced)


def _strata(plan: PlanDefinition, marked: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The strata with their counts, and what the ratio asks for."""
    codes, names = pd.factorize(marked["stratum"], sort=True)
    first = np.full(len(names), -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    strata = marked[["stratum", "bureau", "group"]].iloc[first].astype("str").reset_index(drop=True)
    for column, flags in (("firms", "planned_for"), ("eligible", "eligible")):
        counts = np.bincount(codes[marked[flags].to_numpy()], minlength=len(names))
        strata[column] = counts.astype(np.int64)
    ratios = [
        plan.ratio(group, keys(name)) for name, group in zip(names, strata["group"], strict=True)
    ]
    strata["ratio"] = [str(ratio) for ratio in ratios]
    strata["asked"] = [
        period.part(Fraction(ratio) * count, offset(plan.task, name, period.of))
        for name, count, ratio in zip(names, strata["firms"].tolist(), ratios, strict=True)
    ]
    strata["wanted"] = strata[["asked", "eligible"]].min(axis=1)
    return strata


def keys(stratum: str) -> list[str]:
    """The fields with a key ratio that a stratum's name holds."""
    return stratum.partition("/+")[2].split("+")


def _top_up(plan: PlanDefinition, bureaus: pd.DataFrame, places: int) -> list[Fraction]:
    """Each bureau's part of the top-up, in proportion to its spare firms, within its capacity."""
    used = bureaus[["slice_most", "recheck_most", "planned"]].sum(axis=1)
    left = (bureaus["capacity"] - used).astype("Int64").fillna(places)
    rooms = [min(int(room), spare) for room, spare in zip(left, bureaus["spare"], strict=True)]
    short = places - sum(rooms)
    if short > 0:
        spare = int(bureaus["spare"].sum())
        cause = "nobody else eligible" if spare < places else "no more capacity"
        raise PlanError(
            f"overall_floor: short by {short} of {plan.overall_floor}: there is {cause}",
            found=f"{places} to be filled; {spare} eligible firms left, room for {sum(rooms)}",
            allowed="a floor that eligible firms and capacity can fill",
            hint="lower overall_floor" + (", or raise capacity" if spare >= places else ""),
        )
    return shares(places, bureaus["spare"].tolist(), rooms)
