"""The draw: a blind slice of all live firms, then a plan by strata, topped up without classes.

The slice's places are spread over the bureaus, and in a bureau they go to the smallest tickets of
`slice`: no class, history or exclusion is looked at. Then, in each stratum, the n smallest tickets
of the eligible firms that are not in the slice are in by the plan, and the T next by the top-up.
Sizes are `sizes`, chances `chances`; both are known before the seed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from supervision.chances import CHANCES, chances
from supervision.plan import PlanDefinition
from supervision.sizes import Sizes
from supervision.spread import shares, spread, uniform
from supervision.tickets import Indices, Tickets

SLICE, PLAN, TOP_UP = WAYS = ("slice", "plan", "top_up")
"""The ways a firm can come to be drawn."""

FRAME = (
    "entity_id", "frame_hash", "risk_class", "public_grade", "bureau", "stratum", "eligible",
    "refused_by", *CHANCES, "drawn", "drawn_by", "ticket",
)  # fmt: skip
"""What is kept for every live firm. `refused_by` is null for who is eligible, `drawn_by` and
`ticket` for who is not drawn."""

_CARRIED = ["risk_class", "public_grade", "bureau", "stratum", "eligible", "refused_by"]


def draw(
    plan: PlanDefinition, marked: pd.DataFrame, sized: Sizes, seed: str, frame_hash: str = ""
) -> pd.DataFrame:
    """Draw the firms to visit.

    Parameters
    ----------
    plan : the checked plan.
    marked : `eligible.mark`, every live firm once, in any order.
    sized : `sizes.sizes` of these.
    seed : `tickets.opened`, 64 hex digits.
    frame_hash : names the lists the draw speaks for; kept with each row.

    Returns
    -------
    Frame of shape (firms, 16), columns `FRAME`, in the order of `marked`: every firm with its
    stratum and chances, drawn or not, and by which of slice, plan and top-up.
    """
    tickets = Tickets(seed, plan.task, marked["entity_id"].tolist())
    strata, eligible = Groups(marked["stratum"]), marked["eligible"].to_numpy()
    way = np.zeros(len(marked), dtype=np.int8)  # 0, or 1 + the position in WAYS
    held = np.full(len(marked), None, dtype=object)
    for chosen in _sliced(plan, marked, sized, seed, tickets):
        way[chosen] = 1 + WAYS.index(SLICE)
        held[chosen] = [tickets.hex(SLICE, at) for at in chosen.tolist()]
    for stratum, planned, more in _places(plan, sized, seed):
        members = strata.members(stratum)
        left = members[eligible[members] & (way[members] == 0)]
        chosen = tickets.smallest(stratum, left, min(planned + more, len(left)))
        way[chosen[:planned]] = 1 + WAYS.index(PLAN)
        way[chosen[planned:]] = 1 + WAYS.index(TOP_UP)
        held[chosen] = [tickets.hex(stratum, at) for at in chosen.tolist()]
    ways = np.array([None, *WAYS], dtype=object)
    frame = marked[["entity_id", *_CARRIED]].assign(
        frame_hash=frame_hash,
        **_chances(marked, sized),
        drawn=way > 0,
        drawn_by=pd.Series(ways[way], index=marked.index, dtype="str"),
        ticket=pd.Series(held, index=marked.index, dtype="str"),
    )
    return frame[list(FRAME)]


class Groups:
    """The positions of each name in a column."""

    def __init__(self, names: pd.Series[str]) -> None:
        codes, known = pd.factorize(names)
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(known)))[:-1]
        self._members = dict(zip(map(str, known), np.split(order, ends), strict=False))

    def members(self, name: str) -> Indices:
        """Where a name stands; nowhere, if it is unknown."""
        return self._members.get(name, np.zeros(0, dtype=np.intp))


def _sliced(
    plan: PlanDefinition, marked: pd.DataFrame, sized: Sizes, seed: str, tickets: Tickets
) -> list[Indices]:
    """The slice of each bureau."""
    if not sized.slice:
        return []
    bureaus, free = Groups(marked["bureau"]), ~marked["barred"].to_numpy()
    u = uniform(seed, plan.task, f"spread/{SLICE}")
    places = spread(sized.slice_shares, u)
    chosen = []
    for name, count in zip(sized.bureaus["bureau"], places, strict=True):
        members = bureaus.members(name)
        chosen.append(tickets.smallest(SLICE, members[free[members]], count))
    return chosen


def _places(plan: PlanDefinition, sized: Sizes, seed: str) -> list[tuple[str, int, int]]:
    """(stratum, places of the plan, places of the top-up) where there are any.

    A bureau's top-up is spread over its strata in proportion to the eligible firms they have over.
    """
    spare = sized.strata["eligible"] - sized.strata["planned"]
    more = np.zeros(len(sized.strata), dtype=np.int64)
    inside = Groups(sized.strata["bureau"])
    places = spread(sized.top_up_shares, uniform(seed, plan.task, f"spread/{TOP_UP}"))
    for bureau, count in zip(sized.bureaus["bureau"], places, strict=True):
        if count:
            at = inside.members(bureau)
            own = spare.iloc[at].tolist()
            u = uniform(seed, plan.task, f"spread/{TOP_UP}/{bureau}")
            more[at] = spread(shares(count, own, own), u)
    rows = zip(sized.strata["stratum"], sized.strata["planned"], more.tolist(), strict=True)
    return [(str(name), int(planned), topped) for name, planned, topped in rows if planned + topped]


def _chances(marked: pd.DataFrame, sized: Sizes) -> dict[str, np.ndarray]:
    """The chances of each firm: those of its stratum, the slice's alone, or none."""
    table = chances(sized)
    codes = pd.Index(sized.strata["stratum"]).get_indexer(marked["stratum"])
    eligible, free = marked["eligible"].to_numpy(), ~marked["barred"].to_numpy()
    slice_ = table["slice_probability"].to_numpy()[codes] * free
    held = {name: table[name].to_numpy()[codes] * eligible for name in CHANCES}
    inclusion = np.where(eligible, held["inclusion_probability"], slice_)
    return held | {"slice_probability": slice_, "inclusion_probability": inclusion}
