from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from models import definition as definitions
from models.settings import Outcome
from records.errors import NotPossible
from records.store import Snapshot
from tests.a_store import opaque, put, rows
from training.outcomes import in_scope, labels, tally

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

FIRMS = rows(
    "source_id entity_id event_time known_time name entity_type status",
    "1 F1 2020-01-01 2020-01-02 甲 1100 live",
    "2 F2 2020-01-01 2020-01-02 乙 9500 live",
)


def inspected(folder: Path) -> Snapshot:
    """A store of the firms and the items above."""
    store = opaque(folder)
    put(store, "inspections", ITEMS, "items")
    put(store, "enterprises", FIRMS, "firms")
    return store.snapshot()


def test_items_become_one_outcome_a_visit(tmp_path: Path) -> None:
    found = labels(inspected(tmp_path), OUTCOME, date(2024, 6, 1))
    assert found[
        ["inspection_id", "label", "as_of", "items", "unreachable"]
    ].to_numpy().tolist() == [
        ["V1", 1.0, date(2024, 2, 1), 2, False],
        ["V2", 0.0, date(2024, 2, 1), 2, False],
        ["V3", pytest.approx(float("nan"), nan_ok=True), date(2024, 3, 1), 1, False],
        ["V4", 1.0, date(2024, 3, 1), 1, True],
    ]


def test_on_request_a_label_is_as_of_the_visit(tmp_path: Path) -> None:
    by_visit = OUTCOME.model_copy(update={"as_of": "visit"})
    found = labels(inspected(tmp_path), by_visit, date(2024, 6, 1))
    assert found["as_of"].tolist()[:2] == [date(2024, 3, 10), date(2024, 3, 11)]


def test_before_anything_is_mature_there_is_nothing_to_learn(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="no inspection was known and matured on 2024-03-25"):
        labels(inspected(tmp_path), OUTCOME, date(2024, 3, 25))


def test_a_store_without_visits_or_firms_says_which(tmp_path: Path) -> None:
    for name, given, absent in (
        ("one", ("enterprises", FIRMS), "inspections"),
        ("two", ("inspections", ITEMS), "enterprises"),
    ):
        store = opaque(tmp_path / name)
        put(store, *given)
        with pytest.raises(NotPossible, match=f"the store has no {absent}"):
            labels(store.snapshot(), OUTCOME, date(2024, 6, 1))


def test_only_firms_that_the_model_classifies_are_learned_from(tmp_path: Path) -> None:
    records = inspected(tmp_path)
    policy = definitions.load(definitions.folder_of("general")).policy
    visits = labels(records, OUTCOME, date(2024, 6, 1))
    kept = in_scope(visits, records, policy, date(2024, 6, 1))
    assert kept["inspection_id"].tolist() == ["V1", "V4"]
    with pytest.raises(NotPossible, match="no inspected enterprise is in the model's scope"):
        in_scope(
            pd.DataFrame(visits[visits["entity_id"] == "F2"]), records, policy, date(2024, 6, 1)
        )


GENERAL = definitions.load(definitions.folder_of("general")).outcome
MIXED = rows(
    ITEM,
    "1 A F1 2024-03-01 2024-03-02 住所 no_problem drawn -",
    "2 A F1 2024-03-01 2024-03-02 公示信息 closed drawn -",  # gone: nobody can say
    "3 B F1 2024-03-02 2024-03-03 住所 unreachable drawn -",
    "4 B F1 2024-03-02 2024-03-03 许可 closed drawn -",  # a problem was found before
    "5 C F1 2024-03-03 2024-03-04 年报 false_information targeted -",
    "6 C F1 2024-03-03 2024-03-04 住所 no_problem targeted -",
    "7 D F1 2024-03-04 2024-03-05 广告行为 obstructed targeted -",  # outside the basket
    "8 E F1 2025-03-04 2025-03-05 许可 not_carried_on unknown -",  # needs no licence
    "9 F F1 2025-03-05 2025-03-06 许可 not_carried_on unknown -",
    "10 F F1 2025-03-05 2025-03-06 住所 no_problem unknown -",
)


def test_every_state_of_a_visit_and_what_is_told_aside(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "inspections", MIXED, "items")
    put(store, "enterprises", FIRMS, "firms")
    found = labels(store.snapshot(), GENERAL, date(2025, 6, 1))
    told = ["inspection_id", "state", "items", "basket_items", "unreachable", "serious"]
    assert found[told].to_numpy().tolist() == [
        ["A", "censored", 2, 2, False, False],
        ["B", "positive", 2, 2, True, False],
        ["C", "positive", 2, 2, False, True],
        ["D", "off_basket", 1, 0, False, False],
        ["E", "off_basket", 1, 1, False, False],
        ["F", "negative", 2, 2, False, False],
    ]
    none = {"positive": 0, "negative": 0, "censored": 0, "off_basket": 0}
    assert tally(found) == [
        {"year": 2024, "way": "drawn"}
        | none
        | {"positive": 1, "censored": 1, "unreachable": 1, "serious": 0},
        {"year": 2024, "way": "targeted"}
        | none
        | {"positive": 1, "off_basket": 1, "unreachable": 0, "serious": 1},
        {"year": 2025, "way": "unknown"}
        | none
        | {"negative": 1, "off_basket": 1, "unreachable": 0, "serious": 0},
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positive": ["1,6,10"]}, "'1,6,10' is no inspection result"),
        ({"positive": ["no_problem"]}, "no_problem stands in two lists"),
        ({"censored": ["no_problem"]}, "no_problem stands in two lists"),
        ({"aside": {"serious": ["closed"]}}, "aside.serious: closed is not among `positive`"),
    ],
)
def test_a_result_means_one_thing(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Outcome.model_validate(GENERAL.model_dump() | change)
