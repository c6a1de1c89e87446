"""From when on tasks are told, and which stay blind."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.errors import PlanError
from supervision.fieldwork.tasks import (
    BLIND,
    check_released,
    hidden,
    joined,
    last_visits,
    of_inspector,
    visible_from,
)

WAYS = ("slice", "recheck", "plan", "top_up")


def test_the_release_date() -> None:
    start = date(2026, 3, 1)
    assert visible_from(start, 3) == date(2026, 2, 26)
    check_released(date(2026, 2, 26), start, 3)
    check_released(start, start, 0)
    with pytest.raises(PlanError) as refused:
        check_released(date(2026, 2, 25), start, 3)
    assert str(refused.value) == (
        "the tasks are not visible yet\n"
        "  found: 2026-02-25\n"
        "  allowed: 2026-02-26 or later\n"
        "  hint: the period begins on 2026-03-01; its tasks are told 3 days before"
    )


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["F1", "F2", "F3"]), st.sampled_from(WAYS), st.booleans()),
        max_size=10,
    )
)
def test_a_firm_is_blind_until_all_its_blind_visits_have_reported(
    rows: list[tuple[str, str, bool]],
) -> None:
    drawn = pd.DataFrame(rows, columns=["entity_id", "drawn_by", "in"])
    drawn["visit"] = [f"V{number}" for number in range(len(rows))]
    reported = set(drawn.loc[drawn["in"].astype(bool), "visit"])
    told = hidden(drawn, reported).tolist()
    for (firm, way, _), now in zip(rows, told, strict=True):
        waiting = any(other == firm and how in BLIND and not done for other, how, done in rows)
        assert now == (way in BLIND and waiting)


def test_texts_and_days_by_firm() -> None:
    rows = pd.DataFrame({"entity_id": ["B", "A", "B", "B"], "text": ["2", "1", "3", "2"]})
    assert joined(rows, "text").to_dict() == {"B": "2\n3", "A": "1"}
    assert joined(rows.head(0), "text").empty
    visits = pd.DataFrame(
        {"entity_id": ["A", "A"], "event_time": [date(2026, 1, 9), date(2025, 12, 30)]}
    )
    assert last_visits(visits).to_dict() == {"A": "2026-01-09"}
    assert last_visits(visits.head(0)).empty
    pairs = pd.DataFrame({"inspector_1": ["I1", "I2"], "inspector_2": ["I3", "I1"]})
    assert of_inspector(pairs, "I1").tolist() == [True, True]
    assert of_inspector(pairs, "I3").tolist() == [True, False]
