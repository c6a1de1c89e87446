"""What visits found by way, what plan and slice were worth, and whom the plan reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import coverage, worth
from supervision.errors import PlanError


def made(blind: tuple[int, int], plan: tuple[int, int]) -> pd.DataFrame:
    """So many visits and problems of each way."""
    rows = [
        (way, "visited", float(number < problems), "C" if number % 2 else "D")
        for way, (visits, problems) in (("slice", blind), ("plan", plan))
        for number in range(visits)
    ]
    return pd.DataFrame(rows, columns=["drawn_by", "state", "label", "risk_class"])


def counts(told: pd.DataFrame, at: Any) -> tuple[int, int]:
    return told["visits"][at], told["problems"][at]


def test_value_and_price_by_hand() -> None:
    """Plan 30 of 100, slice 5 of 50: value 100 (.3 - .1) = 20, price 50 (.3 - .1) = 10."""
    told = worth.worth(worth.found(made((50, 5), (100, 30)))).set_index("what")
    assert told["problems"].to_dict() == pytest.approx({"value": 20, "price": 10})
    assert (told["rate"].iloc[0], told["against"].iloc[0]) == pytest.approx((0.3, 0.1))
    assert told["low"]["value"] == pytest.approx(2 * told["low"]["price"])
    assert 0 < told["low"]["value"] < 20 < told["high"]["value"]


def test_found_tells_each_way_and_its_classes() -> None:
    told = worth.found(made((50, 5), (100, 30)), "risk_class").set_index(["way", "group"])
    assert counts(told, ("plan", "all")) == (100, 30)
    assert counts(told, ("plan", "C")) == (50, 15)
    assert counts(told, ("top_up", "all")) == (0, 0)
    assert told["rate"].isna()["top_up", "all"]


def test_a_visit_to_a_firm_that_left_found_nothing_and_one_not_made_does_not_count() -> None:
    visits = made((2, 1), (2, 2))
    visits.loc[1, "label"] = None
    visits.loc[3, "state"] = "not_visited"
    told = worth.found(visits).set_index("way")
    assert counts(told, "slice") == (2, 1)
    assert counts(told, "plan") == (1, 1)


def test_without_a_slice_there_is_nothing_to_hold_the_plan_against() -> None:
    assert worth.worth(worth.found(made((0, 0), (10, 3)))).empty


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_the_value_lies_within_its_limits(blind: int, plan: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, blind)), data.draw(st.integers(0, plan))
    told = worth.worth(worth.found(made((blind, found[0]), (plan, found[1]))))
    assert (told["low"] <= told["problems"] + 1e-9).all()
    assert (told["problems"] <= told["high"] + 1e-9).all()
    assert (told["high"] <= told["visits"] + 1e-9).all()


FRAME = pd.DataFrame({
    "entity_id": ["F1", "F2", "F3", "F4"],
    "county": ["230101", "230101", "230102", None],
    "inclusion_probability": [0.1, 0.3, 0.0, 0.5],
    "drawn": [True, True, False, True],
})  # fmt: skip
VISITS = pd.DataFrame({
    "entity_id": ["F1", "F2"], "state": ["visited", "missing"],
    "inspected_on": [pd.Timestamp("2026-07-20"), None],
})  # fmt: skip


def test_coverage_by_hand() -> None:
    history = pd.DataFrame({"entity_id": ["F1", "F3"], "visited_on": ["2026-08-01", "2025-01-02"]})
    told = coverage.coverage(FRAME, VISITS, ["county"], 12, history).set_index("group")
    one = told.loc["230101"]
    assert (one["firms"], one["with_chance"], one["drawn"], one["visited"]) == (2, 1, 2, 1)
    assert (one["expected"], one["a_year"]) == pytest.approx((0.4, 4.8))
    assert one["last_visit"] == pd.Timestamp("2026-08-01")
    assert told.loc["230102", "with_chance"] == 0
    assert told.loc["230102", "last_visit"] == pd.Timestamp("2025-01-02")
    assert told.loc["unknown", "expected"] == 0.5
    assert told["last_visit"].isna()["unknown"]


def test_coverage_needs_its_columns() -> None:
    with pytest.raises(PlanError, match="frame: no column ownership"):
        coverage.coverage(FRAME, VISITS, ["ownership"])


def test_how_far_apart() -> None:
    assert coverage.apart(pd.Series([2.0, 5.0])) == 2.5
    assert coverage.apart(pd.Series([0.0, 5.0])) == np.inf
    assert coverage.apart(pd.Series([0.0, 0.0])) == 1
