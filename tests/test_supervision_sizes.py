"""Sizes are exact, hold every limit, and what cannot be met is told with its amount."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import supervision
from supervision.draws.sizes import offset
from supervision.draws.spread import apportion, shares, spread
from supervision.errors import PlanError
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from tests import a_list
from tests.a_list import CITY

SHIPPED = PlanDefinition.from_yaml(
    Path(supervision.__file__).with_name("plan.yaml").read_text("utf-8")
)
MONTHS = [date(2026, month, 1) for month in range(1, 13)]


def planned(counts: dict[tuple[str, str], int], **changes: Any) -> dict[str, int]:
    _, sized = a_list.sized(a_list.plan(**changes), a_list.firms(counts))
    return dict(zip(sized.strata["stratum"], sized.strata["planned"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("firms", "ratio", "visits"),
    [(100, "0.07", 7), (100, "0.03", 3), (101, "0.03", 4), (1, "0.001", 1), (7, "1", 7)],
)
def test_sizes_are_exact(firms: int, ratio: str, visits: int) -> None:
    counts = {("class D", "230102"): firms, ("class A", "230204"): 3}
    found = planned(counts, ratio_by_class=dict.fromkeys("ABC", "0.001") | {"D": ratio})
    assert found == {"class D/2301": visits, "class A/2302": 1}


@pytest.mark.parametrize("batches", [1, 2, 3, 4, 6, 12])
@pytest.mark.parametrize("yearly", ["0.001", "0.3", "1", "3", "3.01", "17", "120.5"])
def test_a_year_adds_up_and_no_part_is_far_off(batches: int, yearly: str) -> None:
    whole = Fraction(yearly)
    periods = [Period.containing(MONTHS[month], batches) for month in range(0, 12, 12 // batches)]
    for begin in (0, 1, batches - 1):
        parts = [period.part(whole, begin) for period in periods]
        assert sum(parts) == ceil(whole)
        assert max(parts) - min(parts) <= 1


def test_every_stratum_is_visited_as_planned_over_a_year() -> None:
    plan, frame = a_list.plan(batches=12, overall_floor="0.1"), a_list.firms(CITY)
    total: dict[str, int] = {}
    for day in MONTHS:
        _, sized = a_list.sized(plan, frame, day=day)
        for name, count in zip(sized.strata["stratum"], sized.strata["planned"], strict=True):
            total[name] = total.get(name, 0) + int(count)
    assert total == {
        "class A/2301": 3, "class B/2301": 3, "class C/2301": 6, "class D/2301": 6,
        "unclassified/2301": 1, "class A/2302": 1, "grade B/2302": 2, "class D/2302": 1,
    }  # fmt: skip


def test_small_strata_begin_their_year_at_different_batches() -> None:
    begins = {offset("抽查", f"class A/23{number:02d}", 12) for number in range(60)}
    assert begins == set(range(12))


def test_a_key_item_raises_the_ratio_of_its_field() -> None:
    items = [
        *a_list.ITEMS,
        {"id": "food", "name": {"zh": "食品", "en": "food"}, "kind": "key", "field": "food",
         "ratio": "0.5"},
    ]  # fmt: skip
    frame = a_list.firms({("class A", "230102"): 100, ("class D", "230102"): 10})
    frame["fields"] = ["food;toys"] * 20 + [None] * 80 + ["food"] * 4 + ["toys"] * 6
    _, sized = a_list.sized(a_list.plan(items=items), frame)
    rows = sized.strata[["stratum", "ratio", "firms", "planned"]].to_numpy().tolist()
    assert rows == [
        ["class A/2301", "0.01", 80, 1],
        ["class A/2301/+food", "0.5", 20, 10],
        ["class D/2301", "0.3", 6, 2],
        ["class D/2301/+food", "0.5", 4, 2],
    ]


def test_no_more_are_wanted_than_are_eligible() -> None:
    frame = a_list.firms({("class C", "230102"): 10, ("class A", "230102"): 5})
    past = pd.DataFrame({"entity_id": frame["entity_id"][:8], "visited_on": "2026-01-01"})
    plan = a_list.plan(
        ratio_by_class=dict.fromkeys("ABCD", "0.5"), overall_floor="0.1",
        blind_slice={"ratio": "0.1", "basket": ["address"], "recheck": 0},
    )  # fmt: skip
    _, sized = a_list.sized(plan, frame, past)
    rows = sized.strata[["asked", "wanted", "planned"]].to_numpy().tolist()
    assert rows == [[3, 3, 3], [5, 2, 2]]


def test_the_floor_is_filled_by_a_top_up() -> None:
    _, sized = a_list.sized(a_list.plan(overall_floor="0.3"), a_list.firms(CITY))
    assert (sized.firms, sized.slice, sized.floor) == (610, 61, 183)
    assert sized.top_up == 183 - 61 - sized.strata["planned"].sum()
    assert sum(sized.top_up_shares) == sized.top_up
    assert sized.strata["top_up"].sum() == pytest.approx(sized.top_up)
    spare = sized.strata["eligible"] - sized.strata["planned"]
    assert (sized.strata["top_up"] / spare).round(12).nunique() == 1  # blind to class and bureau


def test_the_slice_and_floor_of_a_directed_plan() -> None:
    plan = a_list.plan(type="directed", scope={"divisions": ["2302"]}, overall_floor="0.3")
    _, sized = a_list.sized(plan, a_list.firms(CITY))
    assert (sized.firms, sized.slice, sized.floor) == (610, 61, 37)
    assert sized.top_up == 37 - 12 - sized.strata["planned"].sum()
    assert sized.strata.groupby("bureau")["planned"].sum()["2301"] == 0
    alone = a_list.plan(
        type="directed", scope={"divisions": ["2302"]}, blind_slice=None, overall_floor="0.3"
    )
    _, sized = a_list.sized(alone, a_list.firms(CITY))
    assert (sized.slice, sized.recheck, sized.floor) == (0, 0, 37)


def test_capacity_by_pairs_and_by_name() -> None:
    staff = {"230102": 5, "2301": 2, "230204": 2, "23": 8}
    plan = a_list.plan(capacity={"visits_per_pair": 20, "by_bureau": {2302: 400}}, batches=4)
    _, sized = a_list.sized(plan, a_list.firms(CITY), staff=staff)
    assert sized.bureaus["capacity"].tolist() == [3 * 20 * 3, 400 * 3]
    plan = a_list.plan(capacity={"by_bureau": {2302: 400}})
    _, sized = a_list.sized(plan, a_list.firms(CITY), staff=staff)
    assert sized.bureaus["capacity"].isna().tolist() == [True, False]


WIDE = {
    ("class A", "230102"): 400, ("grade A", "230102"): 200, ("class B", "230102"): 100,
    ("class C", "230102"): 60, ("class D", "230102"): 12,
}  # fmt: skip
MONTHLY: dict[str, Any] = {
    "batches": 12,
    "no_repeat": False,
    "ratio_by_class": {"A": "0.12", "B": "0.36", "C": "1", "D": "3"},
    "ratio_by_grade": dict.fromkeys("ABCDE", "0.36"),
    "blind_slice": {"ratio": "0.001", "basket": ["address"], "recheck": 1},
    "overall_floor": "0.001",
}


@pytest.mark.parametrize(
    ("capacity", "kept"),
    [
        # slice 1, re-check 1, then A 4, grade A 6, B 3, C 5, D 3
        (23, {"class A": 4, "grade A": 6, "class B": 3, "class C": 5, "class D": 3}),
        (19, {"class A": 2, "grade A": 4, "class B": 3, "class C": 5, "class D": 3}),
        (13, {"class A": 1, "grade A": 1, "class B": 1, "class C": 5, "class D": 3}),
        (9, {"class A": 1, "grade A": 1, "class B": 1, "class C": 1, "class D": 3}),
    ],
)
def test_what_is_too_much_gives_way_from_a_upwards(capacity: int, kept: dict[str, int]) -> None:
    found = planned(WIDE, capacity={"by_bureau": {"2301": capacity}}, **MONTHLY)
    assert {name.partition("/")[0]: count for name, count in found.items()} == kept


@pytest.mark.parametrize(
    ("capacity", "what", "found"),
    [
        (
            8,
            (
                "capacity: bureau 2301 is short by 1 in this batch: "
                "A is never zero: a stratum keeps one visit"
            ),
            "slice and re-checks 2, class D 3, others at least 4",
        ),
        (
            4,
            (
                "capacity: bureau 2301 is short by 5 in this batch: "
                "ratio_by_class.D has no cap of ours"
            ),
            "slice and re-checks 2, class D 3, others at least 4",
        ),
        (
            1,
            "capacity: bureau 2301 is short by 8 in this batch: blind_slice gives way to nothing",
            "slice and re-checks 2, class D 3, others at least 4",
        ),
    ],
)
def test_what_still_does_not_fit_is_refused(capacity: int, what: str, found: str) -> None:
    with pytest.raises(PlanError) as caught:
        planned(WIDE, capacity={"by_bureau": {"2301": capacity}}, **MONTHLY)
    assert (caught.value.what, caught.value.found) == (what, found)
    assert caught.value.allowed == f"{capacity} visits"


def test_the_top_up_goes_where_there_is_capacity() -> None:
    capacity = {"by_bureau": {2301: 20, 2302: 400}}
    plan = a_list.plan(overall_floor="1", batches=12, capacity=capacity)
    _, sized = a_list.sized(plan, a_list.firms(CITY))
    assert sized.bureaus["visits_most"].tolist()[0] == 20
    assert sum(sized.top_up_shares) == sized.top_up


def test_a_floor_out_of_reach_is_refused() -> None:
    with pytest.raises(PlanError) as caught:
        planned(CITY, overall_floor="1", batches=12, capacity={"by_bureau": {2301: 20, 2302: 10}})
    assert caught.value.what == ("overall_floor: short by 24 of 1: there is no more capacity")
    frame = a_list.firms(CITY)
    past = pd.DataFrame({"entity_id": frame["entity_id"], "visited_on": "2026-01-01"})
    with pytest.raises(PlanError, match="there is nobody else eligible"):
        a_list.sized(a_list.plan(overall_floor="0.3"), frame, past)


def test_the_shipped_plan_is_feasible() -> None:
    for size in (1, 10, 100):
        counts = {place: max(1, count * size // 100) for place, count in CITY.items()}
        for day in MONTHS:
            _, sized = a_list.sized(SHIPPED, a_list.firms(counts), day=day)
            assert sized.slice + sized.strata["planned"].sum() + sized.top_up >= sized.floor


def test_rounding_keeps_totals() -> None:
    weights, rooms = [5, 3, 3, 1, 0], [2, 9, 9, 9, 9]
    assert apportion(6, weights, rooms) == [2, 2, 2, 0, 0]
    assert shares(6, weights, rooms) == [2, Fraction(12, 7), Fraction(12, 7), Fraction(4, 7), 0]
    for numerator in range(20):
        found = spread(shares(6, weights, rooms), Fraction(numerator, 20))
        assert sum(found) == 6
        assert found[0] == 2
