"""The draw: a blind slice of all firms, a plan by strata, and a class-blind top-up to the floor.

Slice and plan are drawn independently of each other: a firm in both is visited once, as a slice
visit. The top-up fills the floor from those in neither. So, with N firms, S of them in the slice,
n_h of the N_h of a stratum in the plan, and at least F visits:

    slice_probability      s = S / N
    plan_probability       p = n_h / N_h                                  (given not in the slice)
    top_up_probability     t = max(0, 1 - (N - F) N / ((N - S)(N - sum n_h)))     (given in neither)
    inclusion_probability      1 - (1 - s)(1 - p)(1 - t)

All of these follow from the committed files and are known before the seed is opened. s and p are
exact. t is 1 - (N - F) / R with R, the number left in neither, at its mean; R varies a little
from draw to draw (by the number of firms in both), which moves a true inclusion by less than
sd(R) / N: 0.0001 for 20,000 firms under the shipped plan.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from supervision import lists
from supervision.plan import PlanDefinition
from supervision.tickets import Tickets

SLICE, PLAN, TOP_UP = WAYS = ("slice", "plan", "top_up")
"""The ways a firm can come to be drawn."""

FRAME = (
    "entity_id",
    "frame_hash",
    "risk_class",
    "public_grade",
    "stratum",
    "slice_probability",
    "plan_probability",
    "top_up_probability",
    "inclusion_probability",
    "drawn",
    "drawn_by",
    "ticket",
)
"""What is kept for every eligible firm. `drawn_by` and `ticket` are null for who is not drawn."""

_CODES = (None, *WAYS)


def draw(
    plan: PlanDefinition, frame: pd.DataFrame, seed: str, frame_hash: str = ""
) -> pd.DataFrame:
    """Draw the firms to visit.

    Parameters
    ----------
    plan : the checked plan.
    frame : `lists.join`, every eligible firm once, sorted by `entity_id`.
    seed : `tickets.opened`, 64 hex digits.
    frame_hash : names the lists the draw speaks for; kept with each row.

    Returns
    -------
    Frame of shape (firms, 12), columns `FRAME`, in the order of `frame`: every firm with its
    stratum and probabilities, drawn or not, and by which of slice, plan and top-up.
    """
    total = len(frame)
    tickets = Tickets(seed, plan.task, frame["entity_id"].tolist())
    strata = lists.strata(plan, frame)
    way = np.zeros(total, dtype=np.int8)
    plan_p = np.zeros(total)
    taken = 0
    codes, names = pd.factorize(strata)
    for code, stratum in enumerate(names):
        members = np.flatnonzero(codes == code)
        count = visits(len(members), plan.ratio(stratum.partition("/")[0]))
        way[tickets.smallest(stratum, members, count)] = _CODES.index(PLAN)
        plan_p[members] = count / len(members)
        taken += count
    sliced = visits(total, plan.blind_slice.ratio) if plan.blind_slice else 0
    # over the plan's mark: a firm in both is visited blind
    way[tickets.smallest(SLICE, np.arange(total), sliced)] = _CODES.index(SLICE)
    floor = visits(total, plan.overall_floor)
    left = np.flatnonzero(way == 0)
    short = max(0, floor - (total - len(left)))
    way[tickets.smallest(TOP_UP, left, short)] = _CODES.index(TOP_UP)

    slice_p, top_up_p = sliced / total, top_up_probability(total, sliced, taken, floor)
    drawn_by = [_CODES[code] for code in way.tolist()]
    return pd.DataFrame(
        {
            "entity_id": frame["entity_id"],
            "frame_hash": frame_hash,
            "risk_class": frame["risk_class"],
            "public_grade": frame["public_grade"],
            "stratum": strata,
            "slice_probability": slice_p,
            "plan_probability": plan_p,
            "top_up_probability": top_up_p,
            "inclusion_probability": 1 - (1 - slice_p) * (1 - plan_p) * (1 - top_up_p),
            "drawn": way > 0,
            "drawn_by": pd.Series(drawn_by, dtype="str"),
            "ticket": _winning(tickets, strata, drawn_by),
        }
    )


def visits(firms: int, ratio: Decimal) -> int:
    """ceil(firms x ratio), exactly: a ratio above zero visits at least one firm of any number."""
    return int((firms * ratio).to_integral_value(ROUND_CEILING))


def top_up_probability(total: int, sliced: int, taken: int, floor: int) -> float:
    """The chance of a firm in neither slice nor plan to be topped up (formula t of this module)."""
    left = Fraction((total - sliced) * (total - taken), total)
    return float(max(Fraction(0), 1 - (total - floor) / left)) if left else 0.0


def _winning(
    tickets: Tickets, strata: pd.Series[str], drawn_by: list[str | None]
) -> pd.Series[str]:
    """The ticket each drawn firm was drawn by."""
    held = [
        None if way is None else tickets.hex(stratum if way == PLAN else way, position)
        for position, (stratum, way) in enumerate(zip(strata, drawn_by, strict=True))
    ]
    return pd.Series(held, dtype="str")
