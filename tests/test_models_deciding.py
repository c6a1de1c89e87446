"""The policy for one firm is the policy for a column of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models import definition
from models.deciding import Case, decide
from models.definition import SHIPPED
from models.policy import STEPS

POLICY = definition.load(SHIPPED / "general").policy
BOUNDARIES = [-2.0, -1.0, 0.25]
DAY = date(2026, 3, 1)

CASES = st.builds(
    Case,
    raw=st.floats(-4, 3) | st.sampled_from([-2.0, -1.0, 0.25, -2.2, -1.8, 0.05, 0.45]),
    public_grade=st.sampled_from([None, *"ABCDE"]),
    held_class=st.sampled_from([None, *"ABCD"]),
    held_months=st.integers(0, 3),
    evidence=st.dictionaries(
        st.sampled_from(POLICY.indicators()), st.sampled_from([None, 0.0, 1.0, 2.0])
    ),
    graded_on=st.just(DAY),
)


@settings(max_examples=200)
@given(CASES)
def test_one_firm_is_decided_as_a_column_is(case: Case) -> None:
    row: dict[str, Any] = {
        "raw": case.raw, "public_grade": case.public_grade, "previous_class": case.held_class,
        "held_months": case.held_months,
        **{name: case.evidence.get(name) for name in POLICY.indicators()},
    }  # fmt: skip
    frame = pd.DataFrame([row]).astype(dict.fromkeys(POLICY.indicators(), float))
    told = POLICY.decide(frame, np.array(BOUNDARIES)).iloc[0]
    steps = decide(POLICY, BOUNDARIES, case)
    assert [step["step"] for step in steps] == list(STEPS)
    for step in steps:
        for name in ("class", "rule", "given", "months", "margin"):
            whole = told.get(f"{step['step']}_{name}")
            assert step[name] == (None if pd.isna(whole) else whole), (step["step"], name)
    assert POLICY.replay(steps) == told["final_class"]
