"""How the visits of a plan are shared out: who has how many, and who could not be sent."""

from __future__ import annotations

import pandas as pd

from supervision.pairing import Period
from supervision.staffing import Staffing

WORKLOAD = ("inspector_id", "unit", "visits", "led", "blind", "outside", "unavailable")
"""Columns, a row an inspector: `visits`; of these `led` as the pair's first, `blind`, and
`outside` the own county or city; `unavailable` is unqualified, away or null."""


def workload(drawn: pd.DataFrame, inspectors: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Every inspector's share of the visits, those without any included.

    Parameters
    ----------
    drawn : `inspector_1`, `inspector_2`, `pair_level`, `drawn_by`; a row a visit.
    inspectors : `lists.inspectors`.
    period : the visits' first and last day.

    Returns
    -------
    Frame of columns `WORKLOAD`, sorted by `inspector_id`.
    """
    staffing = Staffing(inspectors, period)
    ids = pd.Index(staffing.names)
    both = pd.concat(
        [
            drawn.assign(inspector=drawn[place], led=place == "inspector_1")
            for place in ("inspector_1", "inspector_2")
        ]
    )
    counted = {
        "visits": both["inspector"].notna(),
        "led": both["led"],
        "blind": both["drawn_by"].isin(["slice", "recheck"]),
        "outside": both["pair_level"] == "all",
    }
    frame = pd.DataFrame({"inspector_id": ids})
    frame["unit"] = inspectors.set_index("inspector_id")["unit"].reindex(ids).to_numpy()
    for name, chosen in counted.items():
        sums = both.loc[chosen.to_numpy(bool), "inspector"].value_counts()
        frame[name] = sums.reindex(ids, fill_value=0).to_numpy()
    why = dict.fromkeys(staffing.away, "away") | dict.fromkeys(staffing.unqualified, "unqualified")
    frame["unavailable"] = pd.Series([why.get(at) for at in range(len(ids))], dtype="str")
    return frame[list(WORKLOAD)]
