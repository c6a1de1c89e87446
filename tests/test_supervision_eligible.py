"""Who may be drawn, and the first reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from supervision.errors import PlanError
from supervision.plans.period import Period
from tests import a_list

ITEMS = [
    *a_list.ITEMS,
    {"id": "food", "name": {"zh": "食品", "en": "food"}, "kind": "key", "field": "food"},
]
FIRMS = {("class A", "230102"): 2, ("class C", "230103"): 2, ("class D", "230204"): 2}
A0, A1, C0, C1, D0, D1 = (f"F0000{at}" for at in range(6))


@pytest.fixture(autouse=True, params=[False, True], ids=["short", "long"])
def _lengths(request: pytest.FixtureRequest) -> Iterator[None]:
    with a_list.lengths(request.param):
        yield


def visited(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["entity_id", "visited_on", "items"])


def refused(
    history: pd.DataFrame | None = None,
    exclusions: dict[str, str] | None = None,
    columns: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, str]:
    rows = list((exclusions or {}).items())
    aside = pd.DataFrame(rows, columns=["entity_id", "reason"])
    frame = a_list.firms(FIRMS, **(columns or {}))
    plan = a_list.plan(**({"items": ITEMS} | changes))
    marked, _ = a_list.marked(plan, frame, history, aside, date(2026, 7, 1))
    assert (marked["eligible"] == marked["refused_by"].isna()).all()
    known = marked.set_index("entity_id")["refused_by"].dropna()
    return {str(name): str(reason) for name, reason in known.items()}


def test_without_a_limit_everybody_is_eligible() -> None:
    assert refused() == {}


def test_an_item_is_inspected_once_a_year_but_for_d() -> None:
    past = visited(
        (A0, "2026-01-05", None),  # every item
        (A1, "2026-01-05", "address"),  # the report is still due
        (C0, "2026-02-01", "address"),
        (C0, "2026-03-01", "年报"),  # an item by its name
        (C1, "2025-12-31", None),  # another year
        (D0, "2026-01-05", None),
    )
    assert refused(past) == {A0: "no_repeat", C0: "no_repeat"}
    assert refused(past, no_repeat=False) == {}


def test_what_lies_after_the_period_is_not_known_to_it() -> None:
    assert refused(visited((A0, "2026-08-01", None)), batches=12) == {}
    assert refused(visited((A0, "2026-07-31", None)), batches=12) == {A0: "no_repeat"}


def test_a_firm_is_visited_so_often_a_year_but_for_d() -> None:
    past = visited(
        *((firm, "2026-01-05", item) for firm in (A0, C0, D0) for item in ("address", "report")),
        *((firm, "2026-02-05", "address") for firm in (C0, D0)),
    )
    yearly = {"A": 1, "B": 1, "C": 2, "D": None}
    found = refused(past, max_per_year_by_class=yearly, no_repeat=False)
    assert found == {A0: "max_per_year", C0: "max_per_year"}


def test_exclusions_leave_d_alone() -> None:
    found = refused(exclusions={A0: "complaint", D0: "complaint"}, exclude=["complaint"])
    assert found == {A0: "excluded: complaint"}


def test_a_higher_rule_limits_d_and_is_cited() -> None:
    rules = [
        {"id": "H1", "rule": "某法第一条", "max_per_year": 2},
        {"id": "H2", "rule": "协助执行通知", "reason": "sealed"},
    ]
    past = visited((D0, "2026-01-05", None), (D0, "2026-02-05", None), (D1, "2026-01-05", None))
    found = refused(past, {A0: "sealed"}, higher_rules=rules)
    assert found == {D0: "higher_rule: H1", A0: "higher_rule: H2"}
    plan = a_list.plan(higher_rules=rules)
    marked, _ = a_list.marked(plan, a_list.firms(FIRMS), past)
    assert marked.set_index("entity_id")["barred"].to_dict() == dict.fromkeys(
        [A0, A1, C0, C1, D1], False
    ) | {D0: True}


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(PlanError, match="the plan knows no such") as caught:
        refused(exclusions={A0: "complain"}, exclude=["complaint"])
    assert caught.value.hint == "did you mean 'complaint'?"


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ({"divisions": [2301]}, {A0, A1, C0, C1}),
        ({"divisions": [230103, 2302]}, {C0, C1, D0, D1}),
        ({"fields": ["food"]}, {A0, C0}),
        ({"industries": ["C13"]}, {A1, D1}),
        ({"divisions": [2301], "fields": ["food", "toys"]}, {A0, A1, C0}),
        ({"divisions": []}, set()),
    ],
)
def test_the_scope_of_a_directed_plan(scope: dict[str, Any], inside: set[str]) -> None:
    columns = {
        "fields": ["food", "toys", "food;toys", None, None, None],
        "industry": ["F52", "C1311", None, "F13", "F", "C13"],
    }
    found = refused(columns=columns, type="directed", scope=scope)
    assert found == dict.fromkeys(sorted({A0, A1, C0, C1, D0, D1} - inside), "scope")


def test_a_firm_without_an_item_is_not_for_the_plan() -> None:
    blind = {"ratio": "0.1", "basket": ["food"], "recheck": 0}
    columns = {"fields": ["food", None, "food;toys", "toys", "food", None]}
    found = refused(items=ITEMS[2:], blind_slice=blind, columns=columns)
    assert found == {A1: "no_item", C1: "no_item", D1: "no_item"}


def test_the_first_reason_counts() -> None:
    past = visited((A0, "2026-01-05", None))
    found = refused(past, {A0: "complaint"}, exclude=["complaint"])
    assert found == {A0: "excluded: complaint"}


@pytest.mark.parametrize(
    ("day", "batches", "batch", "start", "end"),
    [
        ("2026-07-09", 12, 7, "2026-07-01", "2026-07-31"),
        ("2026-02-28", 12, 2, "2026-02-01", "2026-02-28"),
        ("2028-02-28", 12, 2, "2028-02-01", "2028-02-29"),
        ("2026-12-31", 4, 4, "2026-10-01", "2026-12-31"),
        ("2026-12-31", 1, 1, "2026-01-01", "2026-12-31"),
        ("2026-06-30", 2, 1, "2026-01-01", "2026-06-30"),
    ],
)
def test_the_period_of_a_day(day: str, batches: int, batch: int, start: str, end: str) -> None:
    period = Period.containing(date.fromisoformat(day), batches)
    plain = {"year": int(day[:4]), "batch": batch, "of": batches, "start": start, "end": end}
    assert period.plain() == plain
    assert Period.checked(plain) == period
    with pytest.raises(PlanError, match="the period does not stand"):
        Period.checked(plain | {"batch": batch + 1})
