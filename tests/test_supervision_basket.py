"""Which visits stand beside the slice, and what of them counts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from supervision import basket
from supervision.errors import PlanError

BASKET = ("licence", "address")


def visits(**changed: Any) -> pd.DataFrame:
    """A slice visit, a plan visit alike, one in writing, one of a single item, and a re-check."""
    both = "licence;address"
    return pd.DataFrame({
        "visit": list("abcde"),
        "entity_id": ["F1", "F2", "F3", "F4", "F1"],
        "drawn_by": ["slice", "plan", "plan", "top_up", "recheck"],
        "state": "visited",
        "items": [both, f"food;{both}", both, "address", both],
        "items_done": [both, f"food;{both}", both, "address", both],
        "method": ["on_site", "on_site", "written", "on_site", "on_site"],
        "method_drawn": ["on_site", "on_site", "written", "on_site", "on_site"],
    }).assign(**changed)  # fmt: skip


def results(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["visit", "item", "label"])


def test_only_what_was_drawn_to_be_alike_is() -> None:
    told = basket.measured(visits(), results(), BASKET).set_index("entity_id")
    assert told.index.tolist() == ["F1", "F2", "F3", "F4"]  # the re-check is another visit
    assert told["alike"].tolist() == [True, True, False, False]
    assert told["on_site"].tolist() == [True, True, False, True]
    assert told["state"].tolist() == ["visited", "visited", "unlike", "unlike"]


def test_a_problem_outside_the_basket_is_none_here() -> None:
    found = results(("a", "licence", 0), ("a", "address", 1), ("b", "food", 1), ("b", "licence", 0))
    told = basket.measured(visits(), found, BASKET).set_index("entity_id")["label"]
    assert (told["F1"], told["F2"]) == (1, 0)


def test_items_that_tell_nothing_leave_no_label() -> None:
    told = basket.measured(visits(), results(("a", "licence", None)), BASKET)
    assert told["label"].isna().iloc[0]


def test_a_visit_made_otherwise_than_drawn_is_missing_not_gone() -> None:
    made = visits(method=["written", "on_site", "on_site", "on_site", "on_site"])
    told = basket.measured(made, results(("a", "licence", 1)), BASKET).set_index("entity_id")
    assert told.loc["F1", "state"] == "unlike"
    assert told["label"].isna()["F1"]
    assert told.loc["F1", "alike"]
    assert not told.loc["F3", "alike"]  # drawn in writing, whatever it then was


def test_a_swapped_visit_was_not_visited() -> None:
    told = basket.measured(visits(state=["swapped"] * 5), results(), BASKET)
    assert set(told["state"]) == {"not_visited"}


def test_a_share_is_the_group_s_unless_items_were_missing_there() -> None:
    frame = pd.DataFrame({
        "entity_id": ["F1", "F2", "F3", "F4", "F5"],
        "stratum": ["class A/2301", "class A/2301", "class A/2302", "class D/2301", "grade C/2301"],
    })  # fmt: skip
    made = basket.measured(visits(), results(), BASKET)
    told = basket.shares(frame, made, {"class A": 0.5, "class D": 1})
    assert told.tolist() == [0.5, 0.5, 0.5, 0.0, 0.0]  # F4 lacks an item; no word on grade C


def test_a_missing_column_is_named() -> None:
    with pytest.raises(PlanError, match="visits: no column method_drawn"):
        basket.measured(visits().drop(columns="method_drawn"), results(), BASKET)
