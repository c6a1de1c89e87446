"""Pairs of some hundred draws, counted; tests/test_prove_supervision.py counts thousands."""

from __future__ import annotations

from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from supervision.draws import pairing
from supervision.draws.drawing import draw
from tests import a_binding_list as binding
from tests import pairs_counted as counted

FEW = 0.0005
"""As in test_supervision_draws.py; seeds are fixed."""
DRAWS = 150


@pytest.fixture(scope="module")
def told() -> counted.Counted:
    return counted.counted(DRAWS)


@pytest.mark.parametrize("name", counted.KEYS)
def test_pairs_are_as_stated(name: str, told: counted.Counted) -> None:
    tested = told.tested(name)
    assert tested.freedom > 10
    assert tested.still < 1e-8
    assert tested.p > FEW, f"{name}: {tested}"


def test_what_is_counted_is_what_is_drawn() -> None:
    office, (marked, sized) = counted.Office(), counted.LIST.batch(counted.DAY)
    seed = binding.seed_of(5)
    whole = draw(counted.LIST.plan, marked, sized, seed)
    pd.testing.assert_frame_equal(
        office.drawn(seed), whole, check_dtype=False, check_categorical=False
    )


def test_everything_that_pairs_know_is_met() -> None:
    visits = [visit for number in range(3) for visit in counted.Office().visits(number)]
    assert {visit.way for visit in visits} == {"slice", "plan", "top_up", "recheck"}
    ways = {round(1 / chance) for visit in visits for chance in visit.chances.values()}
    assert {1, 2} < ways  # settled by the work done so far, and by the ticket
    units = dict(zip(*(counted.staff()[name] for name in ("inspector_id", "unit")), strict=True))
    assert any(len({units[one] for one in visit.pair}) == 2 for visit in visits)  # from afar


def test_what_is_not_as_stated_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tickets that favour the first of those alike, at firms of class A alone."""
    firms = counted.LIST.firms
    favoured = set(firms.loc[firms["risk_class"] == "A", "entity_id"].str.encode("utf-8"))

    def favouring(data: bytes) -> Any:
        firm = data.rsplit(b"/", 1)[1][:5]
        return SimpleNamespace(digest=lambda: bytes(32)) if firm in favoured else sha256(data)

    monkeypatch.setattr(pairing, "sha256", favouring)
    told = counted.counted(30)
    assert told.tested("pair and the firm's class, independent").p < 1e-6
