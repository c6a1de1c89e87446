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
batches: 12
bureau: city
strata: [class, city]
items:
  - {id: address, name: {zh: 住所, en: address}}
  - {id: food, name: {zh: 食品, en: food}, kind: key, field: food, ratio: 0.5}
blind_slice: {ratio: 0.005, basket: [address], recheck: 0.03}
ratio_by_class:
  A: 0.01
  B: 0.03
  C: 0.1
  D: 0.3
ratio_by_grade: {A: 0.01, B: 0.01, C: 0.03, D: 0.1, E: 0.3}
overall_floor: 0.03
max_per_year_by_class: {A: 1, B: 1, C: 2}
max_per_year_by_grade: {}
no_repeat: true
joint_visits: true
exclude: [complaint]
higher_rules: [{id: H1, rule: 某法, max_per_year: 4}]
capacity: {visits_per_pair: 20, by_bureau: {2301: 400}}
method_by_class: {A: {on_site: 0.5, written: 0.5}}
deadlines: {enter: 7, publish: 20}
"""
PERCENT = "write 0.03 for 3 %"
ABOVE, MOST = ("a number above 0", PERCENT), ("at most 1", PERCENT)
OURS = "has no cap of ours; name the higher rule that limits it"


def refusal(text: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        PlanDefinition.from_yaml(text)
    return caught.value


def test_the_shipped_plan_stands_and_its_numbers_are_marked_as_guesses() -> None:
    plan = PlanDefinition.from_yaml(SHIPPED).plain()
    assert plan["ratio_by_class"] == {"A": "0.01", "B": "0.03", "C": "0.1", "D": "0.3"}
    assert plan["max_per_year_by_class"]["D"] is None
    assert plan["blind_slice"]["ratio"] == "0.005"
    numbers = [line for line in SHIPPED.splitlines() if "0." in line and not line.startswith("#")]
    assert len(numbers) == 15
    assert all("[guess]" in line for line in numbers)


def test_a_plan_survives_its_json() -> None:
    plan = PlanDefinition.from_yaml(PLAN)
    assert PlanDefinition.checked(plan.plain()) == plan


@pytest.mark.parametrize(
    ("group", "fields", "ratio"),
    [
        ("class A", (), "0.01"),
        ("class D", (), "0.3"),
        ("grade E", (), "0.3"),
        ("unclassified", (), "0.03"),
        ("class A", ("food", "toys"), "0.5"),
        ("class A", ("toys",), "0.01"),
    ],
)
def test_the_ratio_of_a_group(group: str, fields: tuple[str, ...], ratio: str) -> None:
    assert PlanDefinition.from_yaml(PLAN).ratio(group, fields) == Decimal(ratio)


def test_d_has_no_cap_of_ours() -> None:
    plan = PlanDefinition.from_yaml(PLAN.replace("  D: 0.3\n", "  D: 3\n"))
    assert plan.ratio("class D") == 3
    assert plan.uncapped("class D")
    assert plan.uncapped("grade E")
    assert not plan.uncapped("grade D")
    assert (plan.max_per_year("class C"), plan.max_per_year("class D")) == (2, None)


def test_methods_are_on_site_unless_said() -> None:
    plan = PlanDefinition.from_yaml(PLAN)
    assert plan.methods("class A") == {"on_site": Decimal("0.5"), "written": Decimal("0.5")}
    assert plan.methods("class B") == plan.methods("unclassified") == {"on_site": 1}


@pytest.mark.parametrize(
    ("change", "what", "found", "allowed", "hint"),
    [
        (("  A: 0.01\n", "  A: 0\n"), "line 11, ratio_by_class.A", "0", *ABOVE),
        (("  A: 0.01\n", "  A: .nan\n"), "line 11, ratio_by_class.A", "nan", "a number", PERCENT),
        (("  C: 0.1\n", "  C: 10%\n"), "line 13, ratio_by_class.C", "'10%'", "a number", PERCENT),
        (
            ("  A: 0.01\n", "  A: 1e-999999\n"),
            "line 11, ratio_by_class.A", "'1e-999999'",
            "at most 30 digits", "",
        ),
        (("no_repeat: true", "no_repeat: perhaps"), "line 19, no_repeat", "'perhaps'",
         "true or false", ""),
        (("{A: 1, B: 1, C: 2}", "{A: 1.5, B: 1, C: 2}"),
         "line 17, max_per_year_by_class.A", "1.5", "a whole number", ""),
        (
            ("[{id: H1, rule: 某法, max_per_year: 4}]", "4"),
            "line 22, higher_rules", "4", "a list", "",
        ),
        (("floor: 0.03", "floor: 3"), "line 16, overall_floor", "3", *MOST),
        (("{ratio: 0.005", "{ratio: 0"), "line 9, blind_slice.ratio", "0", *ABOVE),
        (
            ("recheck: 0.03", "recheck: 3"),
            "line 9, blind_slice.recheck", "3", *MOST,
        ),
        (
            ("type: undirected", "type: undirectd"),
            "line 2, type", "'undirectd'", "directed, undirected", "did you mean 'undirected'?",
        ),
        (
            ("batches: 12", "batches: 5"),
            "line 3, batches", "'5'", "1, 2, 3, 4, 6, 12", "",
        ),
        (
            ("{ratio: 0.005", "{ratios: 0.005"),
            "line 9, blind_slice.ratios: unknown entry", "'ratios'", "ratio, basket, recheck",
            "did you mean 'ratio'?",
        ),
        (
            ("kind: key", "kinds: key"),
            "line 8, items.1.kinds: unknown entry", "'kinds'",
            "id, name, kind, field, specialty, basis, ratio", "did you mean 'kind'?",
        ),
        (("  D: 0.3\n", ""), "line 10, ratio_by_class.D is missing", "", "A, B, C, D", ""),
        (
            ("[class, city]", "[class, town]"),
            "line 5, strata.1", "'town'", "class, city, county", "",
        ),
        (
            ("task: 双随机抽查", "task: ' '"),
            "line 1, task", "' '", "a text that is not empty", "",
        ),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_told_by_line(
    change: tuple[str, str], what: str, found: str, allowed: str, hint: str
) -> None:
    error = refusal(PLAN.replace(*change))
    told = (error.what, error.found, error.allowed, error.hint)
    assert told == (f"plan, {what}", found, allowed, hint)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            ("  B: 0.03\n", "  B: 0.2\n"),
            (
                "line 12, ratio_by_class.B and line 13, ratio_by_class.C clash: "
                "B is drawn at 0.2, more than C at 0.1"
            ),
        ),
        (
            ("{A: 0.01, B: 0.01", "{A: 0.02, B: 0.01"),
            (
                "line 15, ratio_by_grade.A and line 15, ratio_by_grade.B clash: "
                "A is drawn at 0.02, more than B at 0.01"
            ),
        ),
        (
            ("[class, city]", "[city]"),
            (
                "line 5, strata and line 10, ratio_by_class clash: "
                "ratios differ by class, but the strata do not hold it"
            ),
        ),
        (
            ("bureau: city", "bureau: county"),
            (
                "line 4, bureau and line 5, strata clash: "
                "a stratum would lie in more than one bureau: the strata do not hold county"
            ),
        ),
        (
            ("[class, city]", "[class, city, city]"),
            "line 5, strata.1 and line 5, strata.2 clash: city stands twice",
        ),
        (
            ("kind: key, field: food", "kind: key"),
            (
                "line 8, items.1.kind and line 8, items.1.field clash: "
                "the key item food names no field, so nobody knows whose key item it is"
            ),
        ),
        (
            ("kind: key, field: food", "kind: general, field: food"),
            (
                "line 8, items.1.kind and line 8, items.1.ratio clash: "
                "the general item food follows the ratios by class; only key items have one"
            ),
        ),
        (
            ("id: food", "id: address"),
            "line 7, items.0.id and line 8, items.1.id clash: address stands twice",
        ),
        (
            ("basket: [address]", "basket: [adress]"),
            (
                "line 9, blind_slice.basket.0 and line 6, items clash: "
                "the basket holds adress, which is no item of the plan"
            ),
        ),
        (
            ("{ratio: 0.005, basket: [address], recheck: 0.03}", "null"),
            (
                "line 2, type and line 9, blind_slice clash: "
                "an undirected plan has a blind slice; only a directed one may leave it out"
            ),
        ),
        (
            ("overall_floor: 0.03", "overall_floor: 0.003"),
            (
                "line 16, overall_floor and line 9, blind_slice.ratio clash: "
                "the floor 0.003 is below the slice 0.005 alone"
            ),
        ),
        (
            ("type: undirected", "type: directed\nscope: {divisions: null}"),
            "line 2, type and line 3, scope clash: a directed plan says whom it is about",
        ),
        (
            ("batches: 12", "scope: {divisions: [2301]}\nbatches: 12"),
            "line 2, type and line 3, scope clash: an undirected plan is about every firm",
        ),
        (
            ("  D: 0.3\n", "  D: 13\n"),
            (
                "line 14, ratio_by_class.D and line 3, batches clash: "
                "13 visits a year do not fit in 12 batches"
            ),
        ),
        (
            ("{A: 1, B: 1, C: 2}", "{A: 0, B: 1, C: 2}"),
            (
                "line 17, max_per_year_by_class.A and line 11, ratio_by_class.A clash: "
                "class A may be visited 0 times a year and is drawn at 0.01"
            ),
        ),
        (
            ("ratio: 0.5}", "ratio: 2}"),
            (
                "line 17, max_per_year_by_class.A and line 8, items.1.ratio clash: "
                "class A may be visited 1 times a year and is drawn at 2"
            ),
        ),
        (
            ("  C: 0.1\n  D: 0.3\n", "  C: 2\n  D: 3\n"),
            (
                "line 19, no_repeat and line 13, ratio_by_class.C clash: "
                "class C is drawn at 2, but an item is inspected once a year"
            ),
        ),
        (
            ("C: 2}", "C: 2, D: 3}"),
            f"line 17, max_per_year_by_class.D and line 22, higher_rules clash: class D {OURS}",
        ),
        (
            ("grade: {}", "grade: {E: 3}"),
            f"line 18, max_per_year_by_grade.E and line 22, higher_rules clash: grade E {OURS}",
        ),
        (
            ("{on_site: 0.5, written: 0.5}", "{on_site: 0.5, written: 0.4}"),
            (
                "line 24, method_by_class.A.on_site and line 24, method_by_class.A.written clash: "
                "the shares sum to 0.9, not 1"
            ),
        ),
        (
            ("{A: {on_site: 0.5, written: 0.5}}", "{D: {on_site: 0.5, written: 0.5}}"),
            "line 24, method_by_class.D.written: class D is inspected on site (实行严格的现场检查)",
        ),
        (
            ("max_per_year: 4}", "max_per_year: 4, reason: sealed}"),
            (
                "line 22, higher_rules.0.max_per_year and line 22, higher_rules.0.reason clash: "
                "H1 says neither or both of max_per_year and reason"
            ),
        ),
        (
            ("max_per_year: 4}", "reason: complaint}"),
            "line 21, exclude.0 and line 22, higher_rules.0.reason clash: complaint stands twice",
        ),
        (
            ("{2301: 400}", "{230102: 400}"),
            "line 23, capacity.by_bureau.230102 and line 4, bureau clash: 230102 is no city",
        ),
        (
            ("{enter: 7, publish: 20}", "{enter: 7, publish: 5}"),
            (
                "line 25, deadlines.enter and line 25, deadlines.publish clash: "
                "a result is published before it is entered"
            ),
        ),
    ],
)
def test_a_contradiction_is_told_with_both_lines(change: tuple[str, str], what: str) -> None:
    assert change[0] in PLAN
    assert refusal(PLAN.replace(*change)).what == f"plan, {what}"


def test_an_entry_that_stands_twice() -> None:
    error = refusal(PLAN.replace("  C: 0.1\n", "  C: 0.1\n  C: 0.2\n"))
    assert error.what == "plan, lines 13 and 14: ratio_by_class.C stands twice"


@pytest.mark.parametrize(
    "text", ["", "- a\n", "a: [", "three", "2026-13-40: 1", "{a: &x [*x]}", "\t", "\x00"]
)
def test_what_is_not_a_mapping_is_no_plan(text: str) -> None:
    assert refusal(text).what.startswith(("a plan is a mapping", "the plan "))
