"""Lists are refused, never mended."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from supervision import lists
from supervision.errors import PlanError
from supervision.plan import PlanDefinition

PLAN = {
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
