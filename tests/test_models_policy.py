from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import definition as definitions
from models.policy import CLASSES, STEPS, Policy
from records.errors import BadInput

POLICY: Policy = definitions.load(definitions.folder_of("general")).policy
BOUNDARIES = np.array([-2.0, -1.0, 0.0])


def decide(**columns: object) -> dict[str, object]:
    firm = {
        "raw": -3.0,
        "public_grade": None,
        "previous_class": None,
        "held_months": None,
        "G3-05": 0.0,
        "G3-08": 0.0,
        "G3-09": 0.0,
    } | columns
    told = POLICY.decide(pd.DataFrame([firm]), BOUNDARIES).iloc[0]
    return {str(name): value for name, value in told.items()}


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
    assert (told["direct_class"], told["rule"]) == ("D", "DR1")
    assert told["public_grade_class"] == "A"


maybe_class = st.one_of(st.none(), st.sampled_from(CLASSES))
flags = st.sampled_from([0.0, 1.0, float("nan")])


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "raw": st.floats(-5, 5),
                "public_grade": st.one_of(st.none(), st.sampled_from("ABCDE")),
                "previous_class": maybe_class,
                "held_months": st.one_of(st.none(), st.integers(0, 3)),
                "G3-05": flags,
                "G3-08": flags,
                "G3-09": flags,
            }
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_steps_always_explain_the_final_class(firms: list[dict[str, object]]) -> None:
    frame = pd.DataFrame(firms)
    told = POLICY.decide(frame, BOUNDARIES)
    level = {step: told[f"{step}_class"].map(CLASSES.index) for step in STEPS}
    held = level["hysteresis"] != level["model"]
    assert (frame["previous_class"][held] == told["hysteresis_class"][held]).all()
    assert ((level["public_grade"] - level["hysteresis"]).abs() <= 1).all()
    direct = level["direct"] != level["public_grade"]
    assert told["rule"][direct].notna().all()
    assert (told["final_class"] == told["direct_class"]).all()
    free = (frame["G3-08"] > 0) | (frame["G3-05"] > 0) | (frame["G3-09"] > 0)
    assert not (held & free).any()


def test_an_entity_type_in_no_scope_is_an_error() -> None:
    types = pd.Series(["1100", "9500", "7200"])
    assert POLICY.scope.of(types).tolist() == ["model", "grade_only", "out"]
    with pytest.raises(BadInput, match="'8888' is in no scope"):
        POLICY.scope.of(pd.Series(["1100", "8888"]))
