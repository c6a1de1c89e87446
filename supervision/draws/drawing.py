"""The draw: a blind slice of all live firms, then a plan by strata, topped up without classes.

The slice's places are spread over the bureaus, and in a bureau they go to the smallest tickets of
`slice`: no class, history or exclusion is looked at. Then, in each stratum, the n smallest tickets
of the eligible firms that are not in the slice are in by the plan, and the T next by the top-up.
Sizes are `sizes`, chances `chances`; both are known before the seed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from supervision.draws.chances import CHANCES, chances
from supervision.draws.coded import coded, placed, spelled
from supervision.draws.sizes import Sizes
from supervision.draws.spread import shares, spread, uniform
from supervision.draws.tickets import Indices, Tickets
from supervision.plans.plan import PlanDefinition

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
    way = np.zeros(len(marked), dtype=np.int8)  # 0, or 1 + the position in WAYS
    held, names = np.full(len(marked), -1), list[str]()
    urn = Urn(plan, marked, sized)
    tickets = urn.tickets(seed)
    for number, stratum, chosen in urn.drawn(seed, tickets):
        way[chosen] = 1 + number
        held[chosen] = len(names) + np.arange(len(chosen))
        names += [tickets.hex(stratum, at) for at in chosen.tolist()]
    frame = marked[["entity_id", *_CARRIED]].assign(
        frame_hash=spelled(np.zeros(len(marked), dtype=int), [frame_hash], marked.index),
        **_chances(marked, sized),
        drawn=way > 0,
        drawn_by=spelled(way - 1, WAYS, marked.index),
        ticket=spelled(held, names, marked.index),
    )
    return frame[list(FRAME)]


class Urn:
    """A list made ready to be drawn from, with as many seeds as one likes (simulations do)."""

    def __init__(self, plan: PlanDefinition, marked: pd.DataFrame, sized: Sizes) -> None:
        self._task, self._sized = plan.task, sized
        self._ids = marked["entity_id"]
        free, eligible = ~marked["barred"].to_numpy(), marked["eligible"].to_numpy()
        bureaus, strata = Groups(marked["bureau"]), Groups(marked["stratum"])
        self._free = [
            members[free[members]] for members in map(bureaus.members, sized.bureaus["bureau"])
        ]
        self._eligible = {
            name: members[eligible[members]]
            for name, members in ((name, strata.members(name)) for name in sized.strata["stratum"])
        }
        spare = (sized.strata["eligible"] - sized.strata["planned"]).tolist()
        inside = Groups(sized.strata["bureau"])
        self._inside = [inside.members(name).tolist() for name in sized.bureaus["bureau"]]
        self._spare = [[spare[at] for at in places] for places in self._inside]
        self._names = sized.strata["stratum"].tolist()
        self._planned = sized.strata["planned"].tolist()

    def tickets(self, seed: str) -> Tickets:
        """The tickets of the whole list."""
        return Tickets(seed, self._task, self._ids)

    def drawn(self, seed: str, tickets: Tickets) -> Iterator[tuple[int, str, Indices]]:
        """Who is drawn: (position in `WAYS`, stratum of the tickets, positions in the list)."""
        taken = np.zeros(len(self._ids), dtype=bool)
        places = spread(self._sized.slice_shares, uniform(seed, self._task, f"spread/{SLICE}"))
        for members, count in zip(self._free, places, strict=True):
            chosen = tickets.smallest(SLICE, members, count)
            taken[chosen] = True
            yield WAYS.index(SLICE), SLICE, chosen
        for name, planned, more in zip(self._names, self._planned, self._more(seed), strict=True):
            if planned + more:
                members = self._eligible[name]
                left = members[~taken[members]]
                chosen = tickets.smallest(name, left, min(planned + more, len(left)))
                yield WAYS.index(PLAN), name, chosen[:planned]
                yield WAYS.index(TOP_UP), name, chosen[planned:]

    def _more(self, seed: str) -> list[int]:
        """The top-up's places by stratum: a bureau's are spread in proportion to the firms that
        the plan leaves over."""
        more = [0] * len(self._names)
        u = uniform(seed, self._task, f"spread/{TOP_UP}")
        places = spread(self._sized.top_up_shares, u)
        rows = zip(self._sized.bureaus["bureau"], places, self._inside, self._spare, strict=True)
        for bureau, count, inside, spare in rows:
            if count:
                own = uniform(seed, self._task, f"spread/{TOP_UP}/{bureau}")
                for at, part in zip(inside, spread(shares(count, spare, spare), own), strict=True):
                    more[at] = part
        return more


class Groups:
    """The positions of each name in a column."""

    def __init__(self, names: pd.Series[str]) -> None:
        codes, known = coded(names)
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(known)))
        self._members = {
            name: order[start:end]
            for name, start, end in zip(known, [0, *ends], ends, strict=False)
        }

    def members(self, name: str) -> Indices:
        """Where a name stands; nowhere, if it is unknown."""
        return self._members.get(name, np.zeros(0, dtype=np.intp))


def _chances(marked: pd.DataFrame, sized: Sizes) -> dict[str, np.ndarray]:
    """The chances of each firm: those of its stratum, the slice's alone, or none."""
    table = chances(sized)
    codes = placed(marked["stratum"], sized.strata["stratum"])
    eligible, free = marked["eligible"].to_numpy(), ~marked["barred"].to_numpy()
    slice_ = table["slice_probability"].to_numpy()[codes] * free
    held = {name: table[name].to_numpy()[codes] * eligible for name in CHANCES}
    inclusion = np.where(eligible, held["inclusion_probability"], slice_)
    return held | {"slice_probability": slice_, "inclusion_probability": inclusion}
