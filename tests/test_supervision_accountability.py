"""Planned and executed by class and bureau, exceptions with reasons, use of the class."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supervision import accountability as account
from supervision.deadlines import WorkingDays
from supervision.drawnvisits import Drawn
from supervision.results import nothing, take
from supervision.steering import rising, steering
from supervision.visits import fold

ON = date(2026, 3, 20)


def drawn() -> tuple[Drawn, pd.DataFrame]:
    """Two bureaus of 10 firms each, A … D; slice S0 (a D firm), re-check R0, plan P1 … P5."""
    groups = ["A"] * 4 + ["B"] * 3 + ["C"] * 2 + ["D"]
    frame = pd.DataFrame(
        {
            "entity_id": [f"F{n}" for n in range(20)],
            "bureau": ["2301"] * 10 + ["2302"] * 10,
            "stratum": [f"class {letter}/x" for letter in groups * 2],
        }
    )
    visits = [
        ("S0", "F9", "slice"), ("R0", "F9", "recheck"), ("P1", "F0", "plan"), ("P2", "F4", "plan"),
        ("P3", "F7", "plan"), ("P4", "F19", "plan"), ("P5", "F10", "top_up"),
    ]  # fmt: skip
    table = pd.DataFrame(visits, columns=["visit", "entity_id", "drawn_by"]).assign(
        name="企业", division="230102", items="住所", method="on_site", inspector_1="I1",
        inspector_2="I2",
    )  # fmt: skip
    table["bureau"] = ["2301" if int(firm[1:]) < 10 else "2302" for firm in table["entity_id"]]
    return Drawn(table, end=date(2026, 3, 31)), frame


def told(*rows: dict[str, object]) -> tuple[pd.DataFrame, pd.DataFrame]:
    plan, frame = drawn()
    given = [{"row": n, "inspected_on": date(2026, 3, 12)} | row for n, row in enumerate(rows)]
    taken = take(pd.DataFrame(given), plan, nothing(), 1, ON)
    assert taken.refused.empty, taken.refused
    visits = fold(taken.statements, plan, WorkingDays())
    return account.grouped(plan, visits, frame), frame


WHY = {"reason": "患病", "decided_by": "王科长"}
RESULT = {"item": "住所", "result": "no_problem"}


def test_counts_ratios_and_frequencies_by_bureau_and_class() -> None:
    visits, frame = told(
        {"visit": "P1", **RESULT},
        {"visit": "P2", **RESULT, "method": "written", **WHY},
        {"visit": "P3", "not_visited_reason": "closed", "inspected_on": None},
        {"visit": "P4", **RESULT, "inspected_on": date(2026, 3, 2)},
    )
    rows = account.table(visits, frame, 12, {"class A": Decimal("0.6")})
    by: Any = rows.set_index(["bureau", "group"])
    whole = by.loc[("all", "all")]
    assert whole[list(account.COUNTS)].tolist() == [6, 3, 1, 1, 0, 2, 1]
    assert (whole["firms"], whole["recheck"]) == (20, 1)
    assert by.loc[("2301", "class A"), "planned_ratio"] == pytest.approx(0.25)
    assert by.loc[("2301", "class A"), "executed_a_year"] == pytest.approx(3)
    assert by.loc[("2301", "class A"), "asked_a_year"] == 0.6
    assert by.loc[("2302", "class D"), "late"] == 1
    assert by.loc[("2301", "class D"), "planned"] == 0  # the slice visit is still blind
    assert by.loc[("2301", "hidden"), ["planned", "missing", "recheck"]].tolist() == [1, 1, 1]
    assert rows.iloc[-1][["bureau", "group"]].tolist() == ["all", "all"]
    ways: Any = account.methods(visits).set_index(["bureau", "group", "method"])
    assert ways.loc[("2301", "class B", "written")].tolist() == [0, 1]
    assert ways.loc[("2301", "class B", "on_site")].tolist() == [1, 0]
    odd: Any = account.exceptions(visits).set_index("visit")
    assert set(odd.index) == {"S0", "R0", "P2", "P3", "P4", "P5"}
    assert odd.loc["P2", ["what_zh", "what_en", "reason", "decided_by"]].tolist() == [
        "改变检查方式", "other method", "患病", "王科长",
    ]  # fmt: skip
    assert odd.loc["P3", "what_en"] == "not visited; closed"
    assert odd.loc["P4", "what_zh"] == "逾期；逾期录入"
    assert (odd.loc["S0", "group"], odd.loc["S0", "what_zh"]) == ("hidden", "无结果")


def test_a_blind_visit_is_counted_under_its_class_when_results_are_in() -> None:
    visits, frame = told({"visit": "S0", **RESULT}, {"visit": "R0", **RESULT})
    by: Any = account.table(visits, frame).set_index(["bureau", "group"])
    assert by.loc[("2301", "class D"), ["planned", "executed", "recheck"]].tolist() == [1, 1, 1]
    assert ("2301", "hidden") not in by.index


def test_a_swap_stands_with_both_visits() -> None:
    visits, _ = told({"entity_id": "X1", "swapped_for": "P1", **RESULT, **WHY})
    odd = account.exceptions(visits)
    swapped = odd[odd["state"] == "swapped"].iloc[0]
    new = odd[odd["what_en"].str.contains("in place of P1")].iloc[0]
    assert swapped["what_en"] == f"swapped; for visit {new['visit']}"
    assert (new["reason"], new["group"]) == ("患病", "undrawn")


def shares(executed: list[int], firms: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"bureau": "2301", "group": [f"class {x}" for x in "ABCD"], "firms": firms,
         "executed": executed}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("executed", "firms", "verdict"),
    [
        ([10, 9, 10, 12], [1000, 300, 100, 40], "rises"),
        ([30, 9, 3, 1], [1000, 300, 100, 40], "flat"),
        ([60, 9, 3, 0], [1000, 300, 1000, 40], "falls"),
        ([1, 0, 0, 0], [1000, 300, 100, 40], "few"),
        ([0, 0, 0, 0], [1000, 300, 100, 40], "few"),
        ([1, 1, 0, 0], [4, 3, 2, 1], "few"),
    ],
)
def test_whether_the_class_was_used(executed: list[int], firms: list[int], verdict: str) -> None:
    told_ = steering(shares(executed, firms)).iloc[0]
    assert told_["verdict"] == verdict
    assert (told_["where"] != "") == (verdict == "falls")


def test_chance_alone_is_rarely_called_a_rise() -> None:
    rng = np.random.default_rng(5)
    firms = np.array([2000, 600, 200, 80])
    visited = rng.binomial(firms, 0.03, (4000, 4))
    false = np.mean([rising(row, firms) <= 0.05 for row in visited])
    assert 0.03 < false < 0.07
