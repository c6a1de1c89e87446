"""Results against a draw: every row accounted for, states, deadlines, swaps, blindness."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.schema import RESULTS as STORED
from supervision.returns import resultcodes as codes
from supervision.returns.deadlines import WorkingDays
from supervision.returns.drawnvisits import Drawn
from supervision.returns.results import Taken, nothing, revealed, take
from supervision.returns.visits import fold, results

ON = date(2026, 3, 20)
CALENDAR = WorkingDays()
DRAWN = Drawn(
    visits=pd.DataFrame(
        [
            # visit firm drawn_by items method pair
            ("V1", "F1", "plan", "住所;公示", "on_site", "I1", "I2"),
            ("V2", "F2", "slice", "住所;公示", "on_site", "I1", "I3"),
            ("V3", "F2", "recheck", "住所;公示", "on_site", "I4", "I2"),
            ("V4", "F4", "top_up", "住所", "written", "I3", "I4"),
        ],
        columns=["visit", "entity_id", "drawn_by", "items", "method", "inspector_1", "inspector_2"],
    ).assign(name="企业", division="230102", bureau="2301"),
    items={"住所": "住所核查", "公示": "公示信息"},
    inspectors={name: frozenset({"F4"} if name == "I5" else ()) for name in
                ("I1", "I2", "I3", "I4", "I5")},
    start=date(2026, 3, 1),
    end=date(2026, 3, 31),
)  # fmt: skip


def rows(*given: dict[str, Any]) -> pd.DataFrame:
    """Rows with what tests mostly leave out: a day of visit for a result."""
    told = []
    for number, row in enumerate(given, 1):
        day = date(2026, 3, 11) if "result" in row else None
        told.append({"row": number, "inspected_on": day} | row)
    return pd.DataFrame(told)


def took(*given: dict[str, Any], before: pd.DataFrame | None = None, version: int = 1) -> Taken:
    return take(rows(*given), DRAWN, nothing() if before is None else before, version, ON)


def states(*parts: Taken) -> dict[str, str]:
    statements = pd.concat([part.statements for part in parts], ignore_index=True)
    told = fold(statements, DRAWN, CALENDAR)
    return dict(zip(told["visit"], told["state"], strict=True))


CLEAN = {"visit": "V1", "item": "住所", "result": "no_problem"}
PUBLIC = {"visit": "V1", "item": "公示", "result": "not_published"}


def test_codes_are_those_of_the_record_table() -> None:
    assert tuple(codes.RESULTS) == STORED


def test_items_come_back_and_the_visit_is_its_gravest() -> None:
    taken = took(CLEAN, PUBLIC, PUBLIC | {"result": "false_information", "finding": "虚报"})
    assert taken.counts == {
        "read": 3, "accepted": 3, "corrected": 0, "duplicate": 0, "refused": 0,
    }  # fmt: skip
    items = results(taken.statements, DRAWN)
    assert items[["item", "item_name", "result", "label"]].to_numpy().tolist() == [
        ["住所", "住所核查", "no_problem", 0.0],
        ["公示", "公示信息", "false_information;not_published", 1.0],
    ]
    visit = fold(taken.statements, DRAWN, CALENDAR).iloc[0]
    assert (visit["state"], visit["severity"], visit["label"]) == ("visited", 4, 1.0)
    assert (visit["items_missing"], visit["inspector_1"]) == (None, "I1")
    assert visit["entered_on"] == ON
    assert visit["enter_by"] == date(2026, 3, 20)


def test_late_counts_working_days() -> None:
    late = took(CLEAN | {"inspected_on": date(2026, 3, 10)}, PUBLIC | {"inspected_on": None})
    visit = fold(late.statements, DRAWN, CALENDAR).iloc[0]
    assert (visit["state"], visit["late"], visit["days_late"]) == ("late", "entered", 1)
    assert visit["publish_by"] == date(2026, 4, 8)  # over 清明


REFUSED = [
    ({"visit": "V9", "item": "住所", "result": "no_problem"}, "visit"),
    ({"entity_id": "F9", "item": "住所", "result": "no_problem"}, "entity_id"),
    ({"entity_id": "F2", "item": "住所", "result": "no_problem"}, "entity_id"),  # two visits
    ({"visit": "V1", "entity_id": "F4", "item": "住所", "result": "no_problem"}, "entity_id"),
    ({"item": "住所", "result": "no_problem"}, "visit"),
    ({"visit": "V1", "item": "住所", "result": "合格"}, "result"),
    ({"visit": "V1", "item": "住所", "result": "NO_PROBLEM"}, "result"),
    ({"visit": "V1", "item": "住所"}, "result"),
    ({"visit": "V1", "result": "no_problem"}, "item"),
    ({"visit": "V1"}, "result"),
    ({"visit": "V1", "not_visited_reason": "unreachable"}, "not_visited_reason"),
    ({"visit": "V1", "not_visited_reason": "忙"}, "not_visited_reason"),
    ({"visit": "V1", "not_visited_reason": "other"}, "reason"),
    (CLEAN | {"not_visited_reason": "closed"}, "not_visited_reason"),
    (CLEAN | {"inspected_on": None}, "inspected_on"),
    (CLEAN | {"inspected_on": date(2026, 3, 21)}, "inspected_on"),
    (CLEAN | {"inspected_on": date(2026, 2, 28)}, "inspected_on"),
    (CLEAN | {"entered_on": date(2026, 3, 9)}, "entered_on"),
    (CLEAN | {"published_on": date(2026, 3, 9)}, "published_on"),
    ({"visit": "V1", "published_on": date(2026, 3, 9)}, "published_on"),
    (CLEAN | {"method": "written"}, "method"),
    (CLEAN | {"item": "食品"}, "item"),
    (CLEAN | {"inspector_1": "I3"}, "inspector_2"),
    (CLEAN | {"inspector_1": "I1", "inspector_2": "I1"}, "inspector_2"),
    (CLEAN | {"inspector_1": "I1", "inspector_2": "I9", "reason": "病", "decided_by": "王"},
     "inspector_2"),
    ({"visit": "V4", "item": "住所", "result": "no_problem", "inspector_1": "I3",
      "inspector_2": "I5", "reason": "病", "decided_by": "王"}, "inspector_2"),
    (CLEAN | {"inspector_1": "I1", "inspector_2": "I3"}, "inspector_1"),
    ({"visit": "V3", "item": "住所", "result": "no_problem", "inspector_1": "I1",
      "inspector_2": "I2", "reason": "病", "decided_by": "王"}, "inspector_1"),  # of the first pair
    ({"visit": "V2", "item": "住所", "result": "no_problem", "inspector_1": "I1",
      "inspector_2": "I4", "reason": "病", "decided_by": "王"}, "inspector_1"),  # of the re-check
    ({"entity_id": "F9", "swapped_for": "V1", "item": "住所", "result": "no_problem"}, "reason"),
    ({"entity_id": "F4", "swapped_for": "V1", "item": "住所", "result": "no_problem",
      "reason": "停业", "decided_by": "王"}, "entity_id"),
    ({"entity_id": "F9", "swapped_for": "V7", "item": "住所", "result": "no_problem",
      "reason": "停业", "decided_by": "王"}, "swapped_for"),
    ({"entity_id": "F9", "swapped_for": "F2", "item": "住所", "result": "no_problem",
      "reason": "停业", "decided_by": "王"}, "swapped_for"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "field"), REFUSED)
def test_what_is_refused_names_its_field(row: dict[str, Any], field: str) -> None:
    taken = took(row)
    assert taken.counts["refused"] == 1, taken.counts
    assert field in taken.refused["field"].tolist()
    for column in ("problem_zh", "problem_en", "allowed_zh", "allowed_en"):
        assert taken.refused[column].map(bool).all()
    for column in ("problem_en", "allowed_en"):
        assert not taken.refused[column].str.contains("[一-鿿]").any()
    assert taken.statements.empty


def test_what_is_left_out_is_not_told_to_differ_from_the_draw() -> None:
    taken = took({"visit": "V1", "result": "no_problem", "inspected_on": date(2026, 3, 10)})
    assert taken.refused["problem_en"].tolist() == ["a result without its item"]


def test_no_problem_excludes_all_others_of_its_item_only() -> None:
    taken = took(CLEAN, CLEAN | {"result": "unreachable"}, PUBLIC)
    assert taken.refused["row"].tolist() == [1, 2]
    assert taken.statements["item"].tolist() == ["公示"]


def test_one_visit_has_one_day_and_one_pair() -> None:
    taken = took(CLEAN, PUBLIC | {"inspected_on": date(2026, 3, 12)})
    assert taken.refused["field"].tolist() == ["inspected_on"] * 2


def test_what_differs_is_recorded_with_reason_and_who_decided() -> None:
    why = {"reason": "人员患病", "decided_by": "王科长"}
    taken = took(
        CLEAN | {"method": "written", "inspector_1": "I1", "inspector_2": "I3"} | why,
        CLEAN | {"item": "许可"},
    )
    assert taken.counts["accepted"] == 2, taken.refused
    visit = fold(taken.statements, DRAWN, CALENDAR).iloc[0]
    assert visit["overrides"] == "pair;method;items"
    assert (visit["reason"], visit["decided_by"]) == ("人员患病", "王科长")
    assert (visit["method"], visit["method_drawn"]) == ("written", "on_site")
    assert (visit["drawn_2"], visit["inspector_2"]) == ("I2", "I3")
    assert visit["items_missing"] == "公示"


def test_a_swap_is_a_visit_of_its_own_that_nobody_drew() -> None:
    swap = {"entity_id": "F9", "swapped_for": "V1", "reason": "停业", "decided_by": "王科长"}
    first = took(
        {"visit": "V1", "not_visited_reason": "closed"},
        {**swap, "item": "住所", "result": "problem_corrected"},
    )
    assert first.counts["accepted"] == 2, first.refused
    told = fold(first.statements, DRAWN, CALENDAR)
    assert told["state"].tolist() == ["swapped", "missing", "missing", "missing", "visited"]
    new = told.iloc[-1]
    assert (new["way"], new["swapped_for"], new["overrides"]) == ("targeted", "V1", "firm")
    assert told["swapped_by"].iloc[0] == new["visit"]
    assert told["not_visited_reason"].iloc[0] == "closed"
    again = took(
        CLEAN,
        {**swap, "entity_id": "F8", "item": "住所", "result": "no_problem"},
        {"entity_id": "F9", "item": "公示", "result": "no_problem"},  # known by now
        {**swap, "item": "住所", "result": "problem_corrected"},
        before=first.statements,
        version=2,
    )
    told_of = again.refused[["row", "field"]].drop_duplicates().to_numpy().tolist()
    assert told_of == [[1, "visit"], [2, "swapped_for"]]
    assert (again.counts["accepted"], again.counts["duplicate"]) == (1, 1)


def test_the_same_rows_again_change_nothing_and_other_ones_correct() -> None:
    first = took(CLEAN, PUBLIC)
    again = took(CLEAN, PUBLIC, PUBLIC, before=first.statements, version=2)
    assert (again.counts["duplicate"], again.counts["accepted"]) == (3, 0)
    newer = took(CLEAN, PUBLIC | {"result": "problem_pending"}, before=first.statements, version=2)
    assert newer.counts == {
        "read": 2, "accepted": 1, "corrected": 1, "duplicate": 1, "refused": 0,
    }  # fmt: skip
    both = pd.concat([first.statements, newer.statements], ignore_index=True)
    told = results(both, DRAWN).set_index("item")["result"].to_dict()
    assert told == {"公示": "problem_pending", "住所": "no_problem"}
    fewer = took(CLEAN, CLEAN | {"result": "unreachable"}, version=1)
    assert fewer.statements.empty


def test_a_visit_that_was_not_made_may_be_made_later_and_not_the_other_way_round() -> None:
    first = took({"visit": "V4", "not_visited_reason": "capacity"})
    assert states(first)["V4"] == "not_visited"
    made = {"visit": "V4", "item": "住所", "result": "no_problem"}
    second = took(made, before=first.statements, version=2)
    assert states(first, second)["V4"] == "visited"
    both = pd.concat([first.statements, second.statements], ignore_index=True)
    third = took({"visit": "V4", "not_visited_reason": "closed"}, before=both, version=3)
    assert third.refused["field"].tolist() == ["not_visited_reason"]


def test_publication_follows_results() -> None:
    first = took(CLEAN, PUBLIC)
    told = {"visit": "V1", "published_on": date(2026, 3, 20)}
    second = took(told, before=first.statements, version=2)
    assert second.counts["accepted"] == 1, second.refused
    assert second.counts["corrected"] == 0
    both = pd.concat([first.statements, second.statements], ignore_index=True)
    assert fold(both, DRAWN, CALENDAR)["published_on"].iloc[0] == date(2026, 3, 20)


def test_a_blind_visit_is_hidden_until_all_blind_results_of_the_firm_are_in() -> None:
    def shown(*parts: Taken) -> list[bool]:
        statements = pd.concat([part.statements for part in parts], ignore_index=True)
        return revealed(DRAWN.visits, fold(statements, DRAWN, CALENDAR)).tolist()

    one = {"visit": "V2", "item": "住所", "result": "no_problem"}
    first = took(one)
    assert shown(took()) == [True, False, False, True]
    assert shown(first) == [True, False, False, True]
    second = took(one | {"item": "公示"}, before=first.statements, version=2)
    assert shown(first, second) == [True, False, False, True]  # the second pair is still to go
    both = pd.concat([first.statements, second.statements], ignore_index=True)
    third = took(
        {"visit": "V3", "item": "住所", "result": "unreachable"},
        {"visit": "V3", "item": "公示", "result": "unreachable"},
        before=both, version=3,
    )  # fmt: skip
    assert shown(first, second, third) == [True, True, True, True]


def test_a_plan_drawn_elsewhere_takes_every_visit() -> None:
    given = rows(
        {"entity_id": "X1", "item": "年报", "result": "no_problem", "task_name": "甲"},
        {"entity_id": "X1", "item": "年报", "result": "unreachable", "task_name": "乙"},
        {"item": "年报", "result": "no_problem"},
    )
    taken = take(given, Drawn.outside(), nothing(), 1, ON)
    assert taken.counts["accepted"] == 2
    told = fold(taken.statements, Drawn.outside(), CALENDAR)
    assert told["state"].tolist() == ["visited", "visited"]
    assert told["enter_by"].isna().all()


VALUES = st.sampled_from([None, "", "V1", "V9", "F1", "F9", "住所", "no_problem", "unreachable",
                          "closed", "=1+1", "I1", "I9", "王", "on_site"])  # fmt: skip


ASKED = (
    "visit",
    "entity_id",
    "item",
    "result",
    "method",
    "inspector_1",
    "inspector_2",
    "not_visited_reason",
    "swapped_for",
    "reason",
    "decided_by",
)


@settings(max_examples=60)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(ASKED, VALUES)), max_size=6))
def test_every_row_is_accounted_for(given_rows: list[dict[str, Any]]) -> None:
    told = [{key: value or None for key, value in row.items()} for row in given_rows]
    taken = took(*told)
    counts = taken.counts
    assert counts["read"] == counts["accepted"] + counts["duplicate"] + counts["refused"]
    assert counts["refused"] == taken.refused["row"].nunique()
    assert len(taken.statements) == counts["accepted"]
    again = took(*told, before=taken.statements, version=2)
    assert again.counts["accepted"] == 0
    assert set(states(taken)) >= set(DRAWN.visits["visit"])
