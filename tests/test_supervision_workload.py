"""Who has how many visits."""

from __future__ import annotations

from datetime import date

import pandas as pd

from supervision.workload import WORKLOAD, workload


def test_everybody_has_a_row() -> None:
    inspectors = pd.DataFrame(
        {
            "inspector_id": ["I3", "I1", "I2", "I4"],
            "unit": ["23", "2301", "230102", "2302"],
            "qualification": ["x", "x", "x", None],
            "leave": [None, None, None, None],
        }
    )
    inspectors.loc[0, "leave"] = "2026-06-30/2026-08-01"
    drawn = pd.DataFrame(
        {
            "inspector_1": ["I1", "I2", "I1"],
            "inspector_2": ["I2", "I1", "I2"],
            "pair_level": ["county", "city", "all"],
            "drawn_by": ["slice", "plan", "recheck"],
        }
    )
    told = workload(drawn, inspectors, (date(2026, 7, 1), date(2026, 7, 31)))
    assert list(told.columns) == list(WORKLOAD)
    assert told.astype(object).where(told.notna(), None).to_numpy().tolist() == [
        ["I1", "2301", 3, 2, 2, 1, None],
        ["I2", "230102", 3, 1, 2, 1, None],
        ["I3", "23", 0, 0, 0, 0, "away"],
        ["I4", "2302", 0, 0, 0, 0, "unqualified"],
    ]
