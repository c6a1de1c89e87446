"""What a plan may say, and how it is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import supervision
from supervision.errors import PlanError
from supervision.plan import PlanDefinition

SHIPPED = Path(supervision.__file__).with_name("plan.yaml").read_text("utf-8")

PLAN = """\
task: 双随机抽查
type: undirected
blind_slice:
  ratio: 0.005
ratio_by_class:
  A: 0.01
  B: 0.03
  C: 0.1
  D: 0.3
ratio_by_grade: {A: 0.01, B: 0.01, C: 0.03, D: 0.1, E: 0.3}
overall_floor: 0.03
strata: [class, city]
"""


FALLING = (
    "plan, line 7, ratio_by_class.B and line 8, ratio_by_class.C clash: "
    "B is drawn at 0.2, more than C at 0.1"
)
CLASSLESS = (
    "plan, line 12, strata and line 5, ratio_by_class clash: "
    "ratios differ by class, but the strata do not hold it"
)


def refusal(text: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        PlanDefinition.from_yaml(text)
    return caught.value


def test_the_shipped_plan_is_feasible_and_marked_as_a_guess() -> None:
    plan = PlanDefinition.from_yaml(SHIPPED)
    assert plan.plain() == {
        "task": "企业信用风险分类双随机抽查",
        "type": "undirected",
        "blind_slice": {"ratio": "0.005"},
        "ratio_by_class": {"A": "0.01", "B": "0.03", "C": "0.1", "D": "0.3"},
        "ratio_by_grade": {"A": "0.01", "B": "0.01", "C": "0.03", "D": "0.1", "E": "0.3"},
        "overall_floor": "0.03",
        "strata": ["class", "city"],
    }
    numbers = [line for line in SHIPPED.splitlines() if "0." in line and not line.startswith("#")]
    assert len(numbers) == 11
    assert all("[guess]" in line for line in numbers)


def test_a_plan_survives_its_json() -> None:
    plan = PlanDefinition.from_yaml(PLAN)
    assert PlanDefinition.checked(plan.plain()) == plan


@pytest.mark.parametrize(
    ("group", "ratio"),
    [("class A", "0.01"), ("class D", "0.3"), ("grade E", "0.3"), ("unclassified", "0.03")],
)
def test_the_ratio_of_a_group(group: str, ratio: str) -> None:
    assert PlanDefinition.from_yaml(PLAN).ratio(group) == Decimal(ratio)


def test_d_has_no_cap_of_ours() -> None:
    plan = PlanDefinition.from_yaml(PLAN.replace("D: 0.3\n", "D: 1\n"))
    assert plan.ratio("class D") == 1


@pytest.mark.parametrize(
    ("change", "what", "found", "allowed", "hint"),
    [
        (
            ("  A: 0.01\n", "  A: 0\n"),
            "plan, line 6, ratio_by_class.A",
            "0",
            "above 0, at most 1",
            "write 0.03 for 3 %",
        ),
        (
            ("overall_floor: 0.03", "overall_floor: 3"),
            "plan, line 11, overall_floor",
            "3",
            "above 0, at most 1",
            "write 0.03 for 3 %",
        ),
        (
            ("  C: 0.1\n", "  C: 10%\n"),
            "plan, line 8, ratio_by_class.C",
            "'10%'",
            "above 0, at most 1",
            "write 0.03 for 3 %",
        ),
        (
            ("type: undirected", "type: undirectd"),
            "plan, line 2, type",
            "'undirectd'",
            "directed, undirected",
            "did you mean 'undirected'?",
        ),
        (
            ("overall_floor", "overal_floor"),
            "plan, line 11, overal_floor: unknown entry",
            "'overal_floor'",
            "task, type, blind_slice, ratio_by_class, ratio_by_grade, overall_floor, strata",
            "did you mean 'overall_floor'?",
        ),
        (
            ("  ratio: 0.005", "  ratios: 0.005"),
            "plan, line 4, blind_slice.ratios: unknown entry",
            "'ratios'",
            "ratio",
            "did you mean 'ratio'?",
        ),
        (
            ("  D: 0.3\n", ""),
            "plan, line 5, ratio_by_class.D is missing",
            "",
            "A, B, C, D",
            "",
        ),
        (
            ("[class, city]", "[class, town]"),
            "plan, line 12, strata.1",
            "'town'",
            "class, city, county",
            "",
        ),
        (
            ("  B: 0.03\n", "  B: 0.2\n"),
            FALLING,
            "",
            "",
            "change one of the two",
        ),
        (
            ("[class, city]", "[city]"),
            CLASSLESS,
            "",
            "",
            "change one of the two",
        ),
        (
            ("  C: 0.1\n", "  C: 0.1\n  C: 0.2\n"),
            "plan, lines 8 and 9: ratio_by_class.C stands twice",
            "",
            "",
            "",
        ),
        (
            ("task: 双随机抽查", "task: ' '"),
            "plan, line 1, task",
            "' '",
            "String should have at least 1 character",
            "",
        ),
    ],
)
def test_a_wrong_plan_is_told_by_line(
    change: tuple[str, str], what: str, found: str, allowed: str, hint: str
) -> None:
    error = refusal(PLAN.replace(*change))
    told = (error.what, error.found, error.allowed, error.hint)
    assert told == (what, found, allowed, hint)


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "three"])
def test_what_is_not_a_mapping_is_no_plan(text: str) -> None:
    assert refusal(text).what in {"a plan is a mapping", "the plan is not YAML"}
