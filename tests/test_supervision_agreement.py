"""Whether told visits find what blind ones do: by hand, and over draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from supervision import sample
from supervision.agreement import agreement
from tests.a_draw import drawn, population


def test_two_classes_by_hand() -> None:
    """Weights n1 n0 / (n1 + n0): 5 and 2.5; differences .2 and .4: (5 x .2 + 2.5 x .4) / 7.5."""
    rows = [("class A", blind, number < problems)
            for blind, count, problems in ((True, 10, 1), (False, 10, 3))
            for number in range(count)]  # fmt: skip
    rows += [("class C", blind, number < problems)
             for blind, count, problems in ((True, 5, 1), (False, 5, 3))
             for number in range(count)]  # fmt: skip
    told = pd.DataFrame(rows, columns=["stratum", "blind", "label"])
    way = told["blind"].map({True: "slice", False: "plan"})
    frame = pd.DataFrame({
        "entity_id": [f"F{number}" for number in range(len(told))], "frame_hash": "f",
        "stratum": told["stratum"], "eligible": True, "slice_probability": 0.1,
        "plan_probability": 0.1, "top_up_probability": 0.0, "drawn_by": way, "alike_share": 1.0,
    })  # fmt: skip
    visits = frame[["entity_id", "drawn_by"]].assign(
        state="visited", label=told["label"].astype(float), alike=True
    )
    found = agreement(sample.of(frame, visits, sample.ALIKE))
    assert found is not None
    assert found.difference == pytest.approx(2 / 7.5)
    assert (found.blind, found.told) == (15, 15)
    assert found.low < 0 < found.high


def test_where_nothing_differs_the_interval_mostly_holds_nothing() -> None:
    firms = population()
    held = 0
    for seed in range(20):
        frame, visits = drawn(firms, np.random.default_rng([8, seed]))
        found = agreement(sample.of(frame, visits, sample.ALIKE))
        assert found is not None
        held += found.low <= 0 <= found.high
    assert held >= 16  # of 20 at 95 %; fewer once in 400


def test_on_the_slice_alone_there_is_nothing_to_hold_it_against() -> None:
    frame, visits = drawn(population(2000), np.random.default_rng(1))
    assert agreement(sample.of(frame, visits)) is None
