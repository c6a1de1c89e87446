"""What a plan's visits were worth: problems found per visit, and what the blind slice cost.

The slice's visits say what class-blind visits find. What the plan found beyond as many of them is
the plan's value; what the slice's visits would have found as plan visits is the slice's price. The
price is an upper one: further visits of a plan find less than those it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from supervision.errors import PlanError
from supervision.intervals import LEVEL, difference, mid_p
from supervision.sample import DONE

BLIND, STEERED = "slice", "plan"
WAYS = (BLIND, STEERED, "top_up", "recheck")
ALL = "all"

FOUND = ("way", "group", "visits", "problems", "rate", "low", "high")
WORTH = ("what", "visits", "rate", "against", "problems", "low", "high")


def found(visits: pd.DataFrame, group: str | None = None, level: float = LEVEL) -> pd.DataFrame:
    """Problems found per visit, by way and, within it, by group.

    Parameters
    ----------
    visits : `drawn_by`, `state`, `label` (1 a problem, 0 none, null: the firm had left, which is
        a visit that found nothing) and the column `group`.

    Returns
    -------
    Columns `FOUND`: a row for each way (`group` is ``all``) and for each group of it. `visits`
    are those made; `rate` is problems / visits as they were made, each way with its own methods
    and items, and speaks for these visits, not for all firms.
    """
    for column in ("drawn_by", "state", "label", *([group] if group else [])):
        if column not in visits:
            raise PlanError.among(f"visits: no column {column}", column, map(str, visits))
    made = visits[visits["state"].isin(DONE)]
    told = pd.DataFrame(
        _counted(made.assign(label=made["label"].astype(float)), group), columns=list(FOUND[:4])
    )
    count = told["visits"].to_numpy(float)
    told["rate"] = told["problems"].to_numpy(float) / np.where(count > 0, count, np.nan)
    ends = mid_p(told["rate"], count, 0, level)
    return told.assign(low=ends.low, high=ends.high)


def worth(found: pd.DataFrame) -> pd.DataFrame:
    """The value of the plan and the price of the slice, in problems.

    Parameters
    ----------
    found : `found`.

    Returns
    -------
    Columns `WORTH`: `value` of the plan, over its visits: problems found beyond as many blind
    visits; `price` of the slice, over its visits: problems that as many plan visits would have
    found beyond it; both (rate - against) x visits, limits from those of the two rates (Zou and
    Donner 2008). No row where one of the two made no visit.
    """
    ways = found[found["group"] == ALL].set_index("way")
    blind, steered = ways.loc[BLIND], ways.loc[STEERED]
    if not (blind["visits"] and steered["visits"]):
        return pd.DataFrame(columns=list(WORTH))
    more = difference(_limits(steered), _limits(blind))
    rows = [
        (what, int(visits), steered["rate"], blind["rate"],
         visits * (steered["rate"] - blind["rate"]), visits * more.low, visits * more.high)
        for what, visits in (("value", steered["visits"]), ("price", blind["visits"]))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(WORTH))


def _limits(way: Any) -> tuple[float, float, float]:
    return float(way["rate"]), float(way["low"]), float(way["high"])


def _counted(made: pd.DataFrame, group: str | None) -> Iterator[tuple[Any, ...]]:
    for way in WAYS:
        own = made[made["drawn_by"] == way]
        yield way, ALL, len(own), int(own["label"].sum())
        if group is not None:
            for name, part in own.groupby(group):
                yield way, str(name), len(part), int(part["label"].sum())
