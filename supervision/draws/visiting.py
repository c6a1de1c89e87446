"""From the firms drawn to the visits made: which are repeated, by which method, on which items."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import numpy as np
import pandas as pd

from supervision.draws.chances import CHANCES
from supervision.draws.drawing import PLAN, SLICE, TOP_UP, Groups
from supervision.draws.sizes import Sizes
from supervision.draws.spread import shares, spread, uniform
from supervision.draws.tickets import Indices, Tickets
from supervision.plans.entries import Item
from supervision.plans.plan import PlanDefinition

RECHECK = "recheck"
"""A second visit to a firm of the slice by another pair, equally blind."""

WAYS = (SLICE, PLAN, TOP_UP, RECHECK)

VISITS = (
    "visit", "entity_id", "name", "division", "address", "bureau", "risk_class", "public_grade",
    "stratum", "drawn_by", "ticket", *CHANCES, "method", "items",
)  # fmt: skip

_TELLING = ("risk_class", "public_grade", *(name for name in CHANCES if not name.startswith(SLICE)))
"""What would tell the pair of a blind visit the firm's class."""


def visits(
    plan: PlanDefinition, marked: pd.DataFrame, frame: pd.DataFrame, sized: Sizes, seed: str
) -> pd.DataFrame:
    """The visits of a draw, by ticket.

    Parameters
    ----------
    plan, marked, sized, seed : as in `drawing.draw`.
    frame : what it returned.

    Returns
    -------
    Frame with columns `VISITS`, a row a visit: `visit` (the first 16 hex digits of its ticket) and
    `items` (ids with `;`, in the order of the plan). Blind visits are on site with the basket, in
    stratum `slice`, and null in all that tells the class.
    """
    at = np.flatnonzero(frame["drawn"].to_numpy())
    first = pd.concat(
        [frame.iloc[at], marked[["name", "division", "address", "group", "due"]].iloc[at]], axis=1
    ).reset_index(drop=True)
    first = first.astype(dict.fromkeys(first.select_dtypes("category"), "str"))
    tickets = Tickets(seed, plan.task, first["entity_id"])
    again = _again(plan, first, sized, seed, tickets)
    second = first.iloc[again].assign(
        drawn_by=RECHECK,
        ticket=pd.Series([tickets.hex(RECHECK, one) for one in again.tolist()], again, dtype="str"),
    )
    rows = pd.concat([first, second])
    rows["visit"] = rows["ticket"].str[:16]
    blind = rows["drawn_by"].isin([SLICE, RECHECK])
    rows["method"] = [
        "on_site" if hidden else _method(plan, group, tickets, one)
        for hidden, group, one in zip(blind, rows["group"], rows.index.tolist(), strict=True)
    ]
    basket = ";".join(plan.blind_slice.basket) if plan.blind_slice else ""
    rows["items"] = [
        basket if hidden else items(plan, int(due))
        for hidden, due in zip(blind, rows["due"], strict=True)
    ]
    rows["stratum"] = rows["stratum"].where(~blind, SLICE)
    rows[list(_TELLING)] = rows[list(_TELLING)].mask(blind)
    return rows.sort_values("ticket", ignore_index=True)[list(VISITS)]


def items(plan: PlanDefinition, due: int) -> str:
    """The items of a visit from the mask of those due: all (综合查一次), or the first."""
    listed: list[Item] = [item for bit, item in enumerate(plan.items) if due >> bit & 1]
    return ";".join(item.id for item in (listed if plan.joint_visits else listed[:1]))


def _again(
    plan: PlanDefinition, drawn: pd.DataFrame, sized: Sizes, seed: str, tickets: Tickets
) -> Indices:
    """The firms of the slice that are visited twice, in each bureau in proportion to its slice."""
    sliced = np.flatnonzero((drawn["drawn_by"] == SLICE).to_numpy())
    inside = Groups(drawn["bureau"].iloc[sliced])
    parts = [sliced[inside.members(name)] for name in sized.bureaus["bureau"]]
    u = uniform(seed, plan.task, f"spread/{RECHECK}")
    sizes = [len(part) for part in parts]
    places = spread(shares(sized.recheck, sizes, sizes), u)
    chosen = [
        tickets.smallest(RECHECK, part, count) for part, count in zip(parts, places, strict=True)
    ]
    return np.concatenate([np.zeros(0, dtype=np.intp), *chosen])


def _method(plan: PlanDefinition, group: str, tickets: Tickets, position: int) -> str:
    """The method whose share, in the order of names, holds the firm's ticket of `method`."""
    methods = sorted(plan.methods(group).items())
    if len(methods) == 1:
        return methods[0][0]
    u = Fraction(int(tickets.hex("method", position), 16), 1 << 256)
    upto = accumulate(Fraction(share) for _, share in methods)
    return next(method for (method, _), end in zip(methods, upto, strict=True) if u < end)
