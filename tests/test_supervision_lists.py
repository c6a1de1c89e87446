"""Lists are refused, never mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from supervision.draws import lists
from supervision.errors import PlanError
from supervision.plans.plan import PlanDefinition
from tests import a_list

PLAN: dict[str, Any] = {
    "task": "双随机抽查",
    "type": "undirected",
    "batches": 12,
    "bureau": "province",
    "items": [{"id": "address", "name": {"zh": "住所", "en": "address"}}],
    "blind_slice": {"ratio": 0.005, "basket": ["address"], "recheck": 0.03},
    "ratio_by_class": {"A": 0.01, "B": 0.03, "C": 0.1, "D": 0.3},
    "ratio_by_grade": {"A": 0.01, "B": 0.01, "C": 0.03, "D": 0.1, "E": 0.3},
    "overall_floor": 0.03,
    "strata": ["class", "city"],
}
OBJECTS = pd.DataFrame(
    {
        "entity_id": ["F3", "F1", "F2", "F4"],
        "name": ["丙", " 甲 ", "乙", "丁"],
        "division": ["230103", "230102", "230204", "230204"],
        "address": ["三路", "", None, "四路"],
        "status": "live",
        "telephone": "not carried on",
    }
)
INSPECTORS = pd.DataFrame({"inspector_id": ["I2", "I1"], "unit": ["2301", "230102"]})
RUN = pd.DataFrame(
    {
        "entity_id": ["F1", "F2", "F3", "F9"],
        "risk_class": ["C", None, "A", "B"],
        "public_grade": [None, "E", "D", "A"],
        "scope": ["model", "grade_only", "model", "model"],
    }
)


@pytest.fixture(autouse=True, params=[False, True], ids=["short", "long"])
def _lengths(request: pytest.FixtureRequest) -> Iterator[None]:
    with a_list.lengths(request.param):
        yield


def refused(check: Any, *frames: pd.DataFrame) -> PlanError:
    with pytest.raises(PlanError) as caught:
        check(*frames)
    return caught.value


def test_objects_are_sorted_and_trimmed() -> None:
    listed = lists.objects(OBJECTS)
    assert tuple(listed.columns) == lists.OBJECTS
    assert listed["entity_id"].tolist() == ["F1", "F2", "F3", "F4"]
    assert listed["name"].tolist() == ["甲", "乙", "丙", "丁"]
    assert listed["address"].isna().tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("change", "what", "found"),
    [
        (
            {"status": ["live", "revoked", "live", "moved_out"]},
            "objects, row 2, status",
            "'revoked'",
        ),
        (
            {"entity_id": ["F1", "F2", "F1", "F4"]},
            "objects, rows 1 and 3: entity_id stands twice",
            "'F1'",
        ),
        ({"division": ["1", "2", " ", "4"]}, "objects, row 3, division", "nothing"),
        ({"entity_id": ["F1", None, "F3", "F4"]}, "objects, row 2, entity_id", "nothing"),
    ],
)
def test_a_wrong_object_is_named(change: dict[str, list[str]], what: str, found: str) -> None:
    error = refused(lists.objects, OBJECTS.assign(**change))
    assert (error.what, error.found) == (what, found)


def test_a_missing_column_names_the_nearest() -> None:
    error = refused(lists.objects, OBJECTS.rename(columns={"division": "divison"}))
    assert error.what == "objects: no column division"
    assert error.hint == "did you mean 'divison'?"


def test_empty_and_short_lists() -> None:
    assert refused(lists.objects, OBJECTS.head(0)).what == "objects: the list is empty"
    assert (
        refused(lists.inspectors, INSPECTORS.head(1)).what
        == "inspectors: a visit needs two who are qualified"
    )


def test_inspectors_and_their_conflicts() -> None:
    listed = lists.inspectors(INSPECTORS.assign(conflicts=["F2; F1;F2", ""]))
    assert listed["inspector_id"].tolist() == ["I1", "I2"]
    assert listed["conflicts"].fillna("none").tolist() == ["none", "F1;F2"]
    assert lists.inspectors(INSPECTORS)["conflicts"].isna().all()


def test_the_run_is_cut_to_the_list() -> None:
    used = lists.classes(RUN, lists.objects(OBJECTS))
    assert used["entity_id"].tolist() == ["F1", "F2", "F3"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"risk_class": ["C", "E", "A", "B"]}, "classes, row 2, risk_class"),
        ({"public_grade": ["F", "E", "D", "A"]}, "classes, row 1, public_grade"),
        ({"scope": ["model", "grade_only", "all", "model"]}, "classes, row 3, scope"),
        ({"entity_id": ["F1", "F2", "F1", "F9"]}, "classes, rows 1 and 3: entity_id stands twice"),
        ({"entity_id": ["X1", "X2", "X3", "X4"]}, "classes: no listed firm is in the run"),
    ],
)
def test_a_wrong_run_is_named(change: dict[str, list[str]], what: str) -> None:
    assert refused(lists.classes, RUN.assign(**change), lists.objects(OBJECTS)).what == what


@pytest.mark.parametrize(
    ("strata", "names"),
    [
        (["class"], ["class C", "grade E", "class A", "unclassified"]),
        (["class", "city"], ["class C/2301", "grade E/2302", "class A/2301", "unclassified/2302"]),
        (
            ["county", "class"],
            ["class C/230102", "grade E/230204", "class A/230103", "unclassified/230204"],
        ),
    ],
)
def test_every_live_firm_has_a_stratum(strata: list[str], names: list[str]) -> None:
    listed = lists.objects(OBJECTS)
    frame = lists.join(listed, lists.classes(RUN, listed))
    plan = PlanDefinition.checked(PLAN | {"strata": strata})
    assert lists.strata(plan, frame).tolist() == names


def test_fields_and_lists_within_cells_are_tidied() -> None:
    given = OBJECTS.assign(fields=["food; special_equipment;food", " ", "", ";"], industry="C13")
    listed = lists.objects(given)
    assert listed["fields"].fillna("none").tolist() == [
        "none", "none", "food;special_equipment", "none"
    ]  # fmt: skip
    assert listed["industry"].tolist() == ["C13"] * 4


def test_without_a_column_of_qualifications_all_are_qualified() -> None:
    assert (lists.inspectors(INSPECTORS)["qualification"] == lists.LISTED).all()
    third = pd.DataFrame({"inspector_id": ["I3"], "unit": ["23"]})
    staff = pd.concat([INSPECTORS.assign(qualification=["no. 1", "no. 2"]), third])
    listed = lists.inspectors(staff)
    assert listed["qualification"].fillna("none").tolist() == ["no. 2", "no. 1", "none"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"unit": ["2301", "county"]}, "inspectors, row 2, unit"),
        ({"qualification": ["no. 1", ""]}, "inspectors: a visit needs two who are qualified"),
        ({"leave": ["2026-07-01/2026-07-10", "2026-07-01"]}, "inspectors, row 2, leave"),
        ({"leave": ["2026-07-10/2026-07-01", ""]}, "inspectors, row 1, leave"),
        ({"leave": ["2026-07-01/2026-07-32", ""]}, "inspectors, row 1, leave"),
        ({"leave": ["", "2026-07-01/2026-07-10;;x"]}, "inspectors, row 2, leave"),
    ],
)
def test_a_wrong_inspector_is_named(change: dict[str, list[str]], what: str) -> None:
    assert refused(lists.inspectors, INSPECTORS.assign(**change)).what == what


def test_leave_in_several_parts() -> None:
    leave = ["2026-09-01/2026-09-01; 2026-07-01/2026-07-10", ""]
    listed = lists.inspectors(INSPECTORS.assign(leave=leave))
    assert listed["leave"].fillna("none").tolist() == [
        "none", "2026-07-01/2026-07-10;2026-09-01/2026-09-01"
    ]  # fmt: skip


def test_history_is_cut_to_the_list_and_each_row_stands_once() -> None:
    past = pd.DataFrame(
        {
            "entity_id": ["F2", "F1", "F2", "F9"],
            "visited_on": ["2026-03-01", "2026-02-01", "2026-03-01", "2026-01-01"],
            "items": ["b;a", "", "a;b", "a"],
        }
    )
    found = lists.history(past, lists.objects(OBJECTS))
    assert tuple(found.columns) == lists.HISTORY
    assert found.fillna("every").to_numpy().tolist() == [
        ["F1", "2026-02-01", "every"],
        ["F2", "2026-03-01", "a;b"],
    ]
    dated = past.assign(visited_on=pd.to_datetime(past["visited_on"]))
    pd.testing.assert_frame_equal(lists.history(dated, lists.objects(OBJECTS)), found)


@pytest.mark.parametrize(
    ("check", "columns"), [(lists.history, lists.HISTORY), (lists.exclusions, lists.EXCLUSIONS)]
)
def test_no_list_is_an_empty_list(check: Any, columns: tuple[str, ...]) -> None:
    listed = lists.objects(OBJECTS)
    for frame in (None, pd.DataFrame(columns=columns)):
        found = check(frame, listed)
        assert (tuple(found.columns), len(found)) == (columns, 0)


@pytest.mark.parametrize(
    ("check", "row", "what"),
    [
        (lists.history, {"entity_id": "F1"}, "history: no column visited_on"),
        (
            lists.history,
            {"entity_id": "F1", "visited_on": "2026/3/1"},
            "history, row 1, visited_on",
        ),
        (
            lists.history,
            {"entity_id": "F1", "visited_on": "20260301"},
            "history, row 1, visited_on",
        ),
        (lists.history, {"entity_id": "", "visited_on": "2026-03-01"}, "history, row 1, entity_id"),
        (lists.exclusions, {"entity_id": "F1"}, "exclusions: no column reason"),
        (lists.exclusions, {"entity_id": "F1", "reason": " "}, "exclusions, row 1, reason"),
    ],
)
def test_a_wrong_visit_or_exclusion_is_named(check: Any, row: dict[str, str], what: str) -> None:
    assert refused(check, pd.DataFrame([row]), lists.objects(OBJECTS)).what == what


def test_a_division_is_a_code() -> None:
    error = refused(lists.objects, OBJECTS.assign(division=["230103", "道里区", "2301", "230204"]))
    assert (error.what, error.found) == ("objects, row 2, division", "'道里区'")


def test_strata_of_key_fields_and_bureaus() -> None:
    items = [
        *PLAN["items"],
        *(
            {"id": name, "name": {"zh": name, "en": name}, "kind": "key", "field": name,
             "ratio": 0.5}
            for name in ("food", "lifts")
        ),
    ]  # fmt: skip
    listed = lists.objects(OBJECTS.assign(fields=["lifts;toys;food", "toys", "food", ""]))
    frame = lists.join(listed, lists.classes(RUN, listed))
    plan = PlanDefinition.checked(PLAN | {"strata": ["class"], "items": items})
    assert lists.strata(plan, frame).tolist() == [
        "class C", "grade E/+food", "class A/+food+lifts", "unclassified"
    ]  # fmt: skip
    assert lists.bureaus(plan, frame).tolist() == ["province"] * 4
    plan = PlanDefinition.checked(PLAN | {"bureau": "city", "items": items})
    assert lists.bureaus(plan, frame).tolist() == ["2301", "2302", "2301", "2302"]
