from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from models import definition as definitions
from models.definition import Outcome
from records.errors import NotPossible
from tests.a_store import opaque, put, rows
from training.outcomes import in_scope, labels

OUTCOME = Outcome(
    version="1.0.0",
    basket=["住所", "公示"],
    positive=["unreachable", "problem_corrected"],
    negative=["no_problem"],
    maturity_days=30,
)
ITEM = "source_id inspection_id entity_id event_time known_time item result way class_run_on"
ITEMS = rows(
    ITEM,
    "1 V1 F1 2024-03-10 2024-03-20 住所 no_problem drawn 2024-02-01",
    "2 V1 F1 2024-03-10 2024-03-20 公示 problem_corrected drawn 2024-02-01",
    "3 V2 F2 2024-03-11 2024-03-20 住所 no_problem drawn 2024-02-01",
    "4 V2 F2 2024-03-11 2024-03-20 食品 problem_corrected drawn 2024-02-01",  # not in the basket
    "5 V3 F3 2024-03-12 2024-03-20 住所 closed targeted -",
    "6 V4 F1 2024-03-13 2024-03-20 住所 unreachable targeted -",
    "7 V5 F2 2024-03-14 2024-06-20 住所 problem_corrected drawn 2024-02-01",  # known too late
    "8 V6 F2 2024-05-20 2024-05-25 住所 problem_corrected drawn 2024-05-01",  # not mature
)


def test_items_become_one_outcome_a_visit(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "inspections", ITEMS)
    found = labels(store.snapshot(), OUTCOME, date(2024, 6, 1))
    assert found[
        ["inspection_id", "label", "as_of", "items", "unreachable"]
    ].to_numpy().tolist() == [
        ["V1", 1.0, date(2024, 2, 1), 2, False],
        ["V2", 0.0, date(2024, 2, 1), 2, False],
        ["V3", pytest.approx(float("nan"), nan_ok=True), date(2024, 3, 1), 1, False],
        ["V4", 1.0, date(2024, 3, 1), 1, True],
    ]


def test_on_request_a_label_is_as_of_the_visit(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "inspections", ITEMS)
    by_visit = OUTCOME.model_copy(update={"as_of": "visit"})
    found = labels(store.snapshot(), by_visit, date(2024, 6, 1))
    assert found["as_of"].tolist()[:2] == [date(2024, 3, 10), date(2024, 3, 11)]


def test_before_anything_is_mature_there_is_nothing_to_learn(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "inspections", ITEMS)
    with pytest.raises(NotPossible, match="no inspection was known and matured on 2024-03-25"):
        labels(store.snapshot(), OUTCOME, date(2024, 3, 25))


def test_only_firms_that_the_model_classifies_are_learned_from(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "inspections", ITEMS, "items")
    put(
        store,
        "enterprises",
        rows(
            "source_id entity_id event_time known_time name entity_type status",
            "1 F1 2020-01-01 2020-01-02 甲 1100 live",
            "2 F2 2020-01-01 2020-01-02 乙 9500 live",
        ),
        "firms",
    )
    records, policy = store.snapshot(), definitions.load(definitions.folder_of("general")).policy
    visits = labels(records, OUTCOME, date(2024, 6, 1))
    kept = in_scope(visits, records, policy, date(2024, 6, 1))
    assert kept["inspection_id"].tolist() == ["V1", "V4"]
    with pytest.raises(NotPossible, match="no inspected enterprise is in the model's scope"):
        in_scope(
            pd.DataFrame(visits[visits["entity_id"] == "F2"]), records, policy, date(2024, 6, 1)
        )
