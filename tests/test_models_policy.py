from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import definition as definitions
from models.corrections import COLUMNS, Corrections
from models.policy import CLASSES, STEPS, Policy
from records.errors import BadInput

POLICY: Policy = definitions.load(definitions.folder_of("general")).policy
BOUNDARIES = np.array([-2.0, -1.0, 0.0])


def decide(**columns: Any) -> dict[str, Any]:
    """The ladder of one firm; `given` are its corrections, all else its columns."""
    given = columns.pop("given", None)
    firm = {
        "raw": -3.0,
        "public_grade": None,
        "previous_class": None,
        "held_months": None,
        "G3-05": 0.0,
        "G3-08": 0.0,
        "G3-09": 0.0,
    } | columns
    told = POLICY.decide(pd.DataFrame([firm]), BOUNDARIES, given)
    return {str(name): value for name, value in told.to_dict("records")[0].items()}


@pytest.mark.parametrize(
    ("raw", "risk_class"),
    [
        (-2.01, "A"),
        (-2.0, "B"),
        (-1.5, "B"),
        (-1.0, "C"),
        (-0.01, "C"),
        (0.0, "D"),
        (9.0, "D"),
    ],
)
def test_the_model_class_follows_the_boundaries(raw: float, risk_class: str) -> None:
    assert decide(raw=raw)["final_class"] == risk_class


@pytest.mark.parametrize(
    ("raw", "previous", "months", "final", "held"),
    [
        (-1.95, "A", 0, "A", 1),  # past the boundary by less than the margin: held
        (-1.75, "A", 0, "B", 0),  # past it by the margin: moves
        (-1.95, "A", 1, "B", 0),  # for the second run in a row: moves
        (-2.05, "B", 0, "B", 1),  # downwards the same
        (-2.25, "B", 0, "A", 0),
        (-0.95, "A", 0, "C", 0),  # two classes up: far behind the boundary it left
    ],
)
def test_hysteresis_holds_small_moves_for_a_while(
    raw: float, previous: str, months: int, final: str, held: int
) -> None:
    told = decide(raw=raw, previous_class=previous, held_months=months)
    assert (told["final_class"], told["held_months"]) == (final, held)


def test_hysteresis_never_delays_a_repair_or_a_serious_record() -> None:
    assert decide(raw=-2.05, previous_class="B", **{"G3-08": 1.0})["final_class"] == "A"
    assert decide(raw=-1.95, previous_class="A", **{"G3-09": 1.0})["final_class"] == "D"


@pytest.mark.parametrize(
    ("raw", "grade", "final"),
    [
        (-3.0, "C", "A"),  # one step apart: stays
        (-3.0, "D", "B"),  # two apart: one step towards the grade
        (-3.0, "E", "B"),
        (0.5, "A", "C"),
        (0.5, None, "D"),
    ],
)
def test_the_public_grade_moves_one_step_when_far_apart(
    raw: float, grade: str | None, final: str
) -> None:
    assert decide(raw=raw, public_grade=grade)["final_class"] == final


def test_a_direct_rule_sets_the_class_and_is_named() -> None:
    told = decide(**{"G3-05": 1.0})
    assert (told["direct_class"], told["direct_rule"]) == ("D", "DR1")
    assert told["public_grade_class"] == "A"


def test_each_step_tells_what_it_rests_on() -> None:
    held = decide(raw=-1.9, previous_class="A", public_grade="D")
    assert (held["model_class"], held["hysteresis_rule"], held["hysteresis_given"]) == (
        "B", "H1", "A",
    )  # fmt: skip
    assert (held["hysteresis_months"], held["hysteresis_margin"]) == (1, pytest.approx(0.1))
    assert (held["public_grade_rule"], held["public_grade_given"]) == ("GA1", "D")
    assert held["final_class"] == "B"
    same = decide(previous_class="A")
    assert same["hysteresis_given"] == "A"
    assert pd.isna(same["hysteresis_months"])
    assert pd.isna(same["hysteresis_margin"])


CORRECTION: dict[str, Any] = {
    "entity_id": "F1",
    "risk_class": "B",
    "asked_by": "王",
    "decided_by": "李",
    "decided_on": "2026-02-10",
    "until": "2026-05-31",
    "evidence": "更正-2026-7",
}


def corrected(*corrections: dict[str, Any], as_of: str, **columns: Any) -> dict[str, Any]:
    given = Corrections.of(pd.DataFrame(corrections), ["F1", "F2"])
    own = {"entity_id": "F1", "as_of": date.fromisoformat(as_of), **columns}
    return decide(given=given, **own)


@pytest.mark.parametrize(
    ("as_of", "final"),
    [
        ("2026-02-10", "D"),  # what was decided before the date counts, as with records
        ("2026-02-11", "B"),
        ("2026-05-31", "B"),
        ("2026-06-01", "D"),
    ],
)
def test_a_correction_beats_a_direct_rule_while_it_is_in_force(as_of: str, final: str) -> None:
    told = corrected(CORRECTION, as_of=as_of, **{"G3-09": 1.0})
    assert (told["direct_class"], told["final_class"]) == ("D", final)
    assert told["correction_given"] == ("更正-2026-7" if final == "B" else None)
    if final == "B":
        assert told["correction_rule"] == "CO1"
        assert str(told["correction_since"])[:10] == "2026-02-10"
        assert str(told["correction_until"])[:10] == "2026-05-31"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"decided_by": " 王 "}, r"row 1, decided_by(.|\n)*another person"),
        ({"until": "2026-02-09"}, "row 1, until"),
        ({"until": None}, "row 1, until"),
        ({"decided_on": "soon"}, "row 1, decided_on"),
        ({"entity_id": "F9"}, "row 1, entity_id(.|\n)*'F9'"),
        ({"risk_class": "E"}, "row 1, risk_class"),
        ({"evidence": " "}, "row 1, evidence"),
    ],
)
def test_a_wrong_correction_is_named(changed: dict[str, Any], message: str) -> None:
    rows = [CORRECTION | {"entity_id": "F2"}, CORRECTION | changed]
    with pytest.raises(BadInput, match=message):
        Corrections.of(pd.DataFrame(rows), ["F1", "F2"])


def test_two_corrections_in_force_are_an_error_and_a_lacking_column_too() -> None:
    with pytest.raises(BadInput, match="two corrections of one class"):
        corrected(CORRECTION, CORRECTION | {"risk_class": "C"}, as_of="2026-03-01")
    ended = CORRECTION | {"until": "2026-02-20", "risk_class": "C"}
    assert corrected(ended, CORRECTION, as_of="2026-03-01")["final_class"] == "B"
    with pytest.raises(BadInput, match="without evidence"):
        Corrections.of(pd.DataFrame([CORRECTION]).drop(columns="evidence"), ["F1"])


maybe_class = st.one_of(st.none(), st.sampled_from(CLASSES))
flags = st.sampled_from([0.0, 1.0, float("nan")])
firms = st.fixed_dictionaries(
    {
        "raw": st.floats(-5, 5),
        "public_grade": st.one_of(st.none(), st.sampled_from("ABCDE")),
        "previous_class": maybe_class,
        "held_months": st.one_of(st.none(), st.integers(0, 3)),
        "G3-05": flags,
        "G3-08": flags,
        "G3-09": flags,
        "correction": maybe_class,
        "until": st.dates(date(2026, 2, 1), date(2026, 4, 30)),
    }
)
AS_OF = date(2026, 3, 15)


@settings(max_examples=50)
@given(st.lists(firms, min_size=1, max_size=20))
def test_the_ladder_always_explains_the_final_class(drawn: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(drawn).assign(as_of=AS_OF)
    frame["entity_id"] = [f"F{number}" for number in range(len(frame))]
    asked = frame.dropna(subset="correction").rename(columns={"correction": "risk_class"})
    asked = asked.assign(asked_by="王", decided_by="李", evidence="E", decided_on=date(2026, 2, 1))
    given = Corrections.of(asked[list(COLUMNS)], frame["entity_id"])
    told = POLICY.decide(frame, BOUNDARIES, given)

    for row in told.to_dict("records"):
        assert POLICY.replay(recorded(row)) == row["final_class"]
    # The model's class follows from the score alone.
    levels = np.searchsorted(BOUNDARIES, frame["raw"], side="right")
    assert told["model_class"].map(CLASSES.index).tolist() == levels.tolist()
    # No repair or serious record is held back, and nothing for longer than declared.
    free = (frame[POLICY.hysteresis.unless].fillna(0) > 0).any(axis=1)
    held = told["hysteresis_rule"].notna()
    assert not (held & free).any()
    assert (told["hysteresis_class"] == told["model_class"])[free].all()
    assert (told["held_months"] < POLICY.hysteresis.or_months).all()
    assert (told["held_months"] > 0).tolist() == held.tolist()
    # A direct rule beats everything but a correction; an ended correction does nothing.
    stands = frame["correction"].notna() & (frame["until"] >= AS_OF)
    ruled = (frame["G3-05"] > 0) | (frame["G3-09"] > 0)
    assert (told["final_class"] == "D")[ruled & ~stands].all()
    assert (told["final_class"] == frame["correction"])[stands].all()
    without = POLICY.decide(frame, BOUNDARIES)
    assert (told["final_class"] == without["final_class"])[~stands].all()


@settings(max_examples=30)
@given(firms, st.sampled_from(STEPS), st.sampled_from(CLASSES))
def test_a_step_that_was_altered_is_found(firm: dict[str, Any], step: str, letter: str) -> None:
    steps = recorded(decide(**firm))
    at = STEPS.index(step)
    if at == 0 or steps[at]["class"] == letter:
        return
    steps[at]["class"] = letter
    with pytest.raises(BadInput, match="does not follow"):
        POLICY.replay(steps)


def test_a_step_with_a_rule_that_is_not_its_own_is_found() -> None:
    steps = recorded(decide())
    with pytest.raises(BadInput, match="not those of the policy"):
        POLICY.replay(steps[1:])
    for name, rule in (
        ("hysteresis", "DR1"),
        ("public_grade", "GA1"),
        ("direct", "H1"),
        ("final", "CO1"),
    ):
        wrong = [step | {"rule": rule} if step["step"] == name else step for step in steps]
        with pytest.raises(BadInput, match=f"step {name} does not follow"):
            POLICY.replay(wrong)


def recorded(row: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """The steps as a run records them."""
    return [
        {
            "step": step,
            "class": row[f"{step}_class"],
            "rule": _none(row.get(f"{step}_rule")),
            "given": _none(row.get(f"{step}_given")),
        }
        for step in STEPS
    ]


def _none(value: object) -> object:
    return value if isinstance(value, str) else None


def test_an_entity_type_in_no_scope_is_an_error() -> None:
    types = pd.Series(["1100", "9500", "7200"])
    assert POLICY.scope.of(types).tolist() == ["model", "grade_only", "out"]
    with pytest.raises(BadInput, match="'8888' is in no scope"):
        POLICY.scope.of(pd.Series(["1100", "8888"]))


@settings(max_examples=30)
@given(st.lists(st.from_regex(r"[0-9]{4}", fullmatch=True), min_size=1, max_size=5))
def test_every_entity_type_is_in_one_scope_or_an_error(types: list[str]) -> None:
    scope = POLICY.scope
    patterns = {"model": scope.model, "grade_only": scope.grade_only, "out": scope.out}
    expected = [
        next((name for name, own in patterns.items() if any(fnmatchcase(one, p) for p in own)), "")
        for one in types
    ]
    if "" in expected:
        with pytest.raises(BadInput, match="in no scope"):
            scope.of(pd.Series(types))
    else:
        assert scope.of(pd.Series(types)).tolist() == expected
