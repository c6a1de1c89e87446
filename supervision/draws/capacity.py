"""What a bureau can visit, and what gives way where that is not enough.

The plan gives way from class A upwards, never below one visit where a stratum had one (A is never
zero), and never D. Within a class all strata give way alike. The blind slice and its re-checks
never do.
"""

from __future__ import annotations

import pandas as pd

from supervision.draws import lists
from supervision.draws.spread import apportion
from supervision.errors import PlanError
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition

RANKS = (
    ("class A", "grade A", "grade B"),
    ("class B", "grade C", lists.UNCLASSIFIED),
    ("class C", "grade D"),
)
"""Who gives way, first to last; after them the firms of a field with a key ratio, then nobody."""

_KEY, _NEVER = len(RANKS), len(RANKS) + 1


def of_bureaus(
    plan: PlanDefinition, bureaus: pd.Series[str], period: Period, inspectors: pd.DataFrame
) -> pd.Series[int]:
    """Visits each bureau can make in a batch (null: no limit), in the order of `bureaus`."""
    limits: list[int | None] = [None] * len(bureaus)
    if plan.capacity is not None:
        units = inspectors.loc[inspectors["qualification"].notna(), "unit"].astype("str")
        for at, name in enumerate(bureaus):
            monthly = plan.capacity.by_bureau.get(name)
            if monthly is None and plan.capacity.visits_per_pair is not None:
                within = len(units) if name == lists.PROVINCE else units.str.startswith(name).sum()
                monthly = int(within) // 2 * plan.capacity.visits_per_pair
            limits[at] = None if monthly is None else monthly * period.months
    return pd.Series(limits, index=bureaus.index, dtype="Int64")


def given_way(plan: PlanDefinition, strata: pd.DataFrame, bureaus: pd.DataFrame) -> list[int]:
    """The visits each stratum gives up, in the order of `strata`.

    Parameters
    ----------
    strata : by name, with `bureau`, `group`, `stratum` and `wanted`.
    bureaus : with `bureau`, `slice_most`, `recheck_most` and `capacity` (null: no limit).

    Raises
    ------
    PlanError : what may not give way is more than a bureau's capacity.
    """
    wanted, given = strata["wanted"].tolist(), [0] * len(strata)
    ranks = [rank(plan, *row) for row in zip(strata["group"], strata["stratum"], strict=True)]
    members = strata.groupby("bureau").indices
    told = []
    for row in bureaus[bureaus["capacity"].notna()].to_dict("records"):
        limit, blind = int(row["capacity"]), int(row["slice_most"] + row["recheck_most"])
        inside = members.get(row["bureau"], [])
        over = blind + sum(wanted[at] for at in inside) - limit
        for turn in range(_NEVER):
            turned = [at for at in inside if ranks[at] == turn]
            rooms = [max(0, wanted[at] - 1) for at in turned]
            parts = apportion(min(max(0, over), sum(rooms)), rooms, rooms)
            for at, part in zip(turned, parts, strict=True):
                given[at] = part
            over -= sum(parts)
        if over > 0:
            worst = sum(wanted[at] for at in inside if ranks[at] == _NEVER)
            ones = sum(wanted[at] - given[at] for at in inside) - worst
            told.append((str(row["bureau"]), over, limit, blind, worst, ones))
    if told:
        raise _refused(told)
    return given


def rank(plan: PlanDefinition, group: str, stratum: str) -> int:
    """When a stratum gives way: a position of `RANKS`, then key fields, then never."""
    if plan.uncapped(group):
        return _NEVER
    if "/+" in stratum:
        return _KEY
    return next(at for at, groups in enumerate(RANKS) if group in groups)


def _refused(told: list[tuple[str, int, int, int, int, int]]) -> PlanError:
    """The first bureau that cannot, the rule that stands against it, and how many more."""
    bureau, over, limit, blind, worst, ones = told[0]
    if blind > limit:
        rule = "blind_slice gives way to nothing"
    elif blind + worst > limit:
        rule = "ratio_by_class.D has no cap of ours"
    else:
        rule = "A is never zero: a stratum keeps one visit"
    more = f"; so are {len(told) - 1} more" if len(told) > 1 else ""
    return PlanError(
        f"capacity: bureau {bureau} is short by {over} in this batch: {rule}{more}",
        found=f"slice and re-checks {blind}, class D {worst}, others at least {ones}",
        allowed=f"{limit} visits",
        hint=f"give {bureau} capacity for {over} more visits a batch, or lower what it must visit",
    )
