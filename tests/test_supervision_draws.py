"""Hundreds of draws of a small list, counted; tests/test_prove_supervision.py counts thousands."""

from __future__ import annotations

import numpy as np
import pytest

from tests import a_binding_list as binding
from tests import draws_counted as counted
from tests.a_moment import against

FEW = 0.0005
"""Of these tests, at most one in two thousand fails where all is well; seeds are fixed."""


@pytest.fixture(scope="module")
def drawn() -> binding.Drawn:
    return counted.LIST.drawn(200)


def test_everything_binds_on_the_list(drawn: binding.Drawn) -> None:
    strata, sized = drawn.sized.strata, drawn.sized
    assert strata["given_way"].sum() > 0
    assert sized.top_up > 0
    told = strata.set_index("stratum")
    first = drawn.frame[drawn.frame["eligible"]].groupby("stratum")["plan_probability"].first()
    whole = (told["planned"] / told["eligible"])[first.index]
    assert (first < whole - 1e-9).any()  # some may run out of firms
    assert {"no_repeat", "max_per_year", "excluded: complaint", "higher_rule: H1"} <= set(
        drawn.marked["refused_by"].dropna()
    )
    assert (drawn.ways[:, drawn.marked["barred"]] == 0).all()


@pytest.mark.parametrize("name", [*counted.INCLUSION, *counted.PAIRS])
def test_draws_are_as_stated(name: str, drawn: binding.Drawn) -> None:
    tested = (counted.INCLUSION | counted.PAIRS)[name](drawn)
    assert tested.still < 1e-8, name
    assert tested.p > FEW, f"{name}: {tested}"


def test_what_stands_still_is_seen() -> None:
    drawn = np.zeros((50, 4), bool)
    drawn[:, 0] = True
    chance = np.full(4, 0.25)
    pairs = np.diag(chance)  # one of four is drawn: the sum does not move
    fair = np.eye(4, dtype=bool)[np.arange(400) % 4]
    assert against(fair, chance, pairs).p == pytest.approx(1)
    assert against(drawn, chance, pairs).p < 1e-6
    assert against(drawn[:, :2] | True, chance[:2], pairs[:2, :2]).p < 1e-6


def test_a_few_years_of_draws() -> None:
    """Nobody but D is inspected twice for an item, and chances are those given the history."""
    listed, off, most = counted.YEARLY, [], []
    for number in range(3):
        year = binding.year(listed, number)
        stated, planned = year.chances.sum(axis=0), year.ways > 1
        assert not (planned & ~year.eligible).any()
        off.append((year.ways > 0).sum() - stated.sum())
        most.append(planned.sum(axis=0)[(listed.firms["risk_class"] != "D").to_numpy()].max())
    assert abs(sum(off)) < 4 * np.sqrt(3 * 12 * 2)  # sizes are exact but where firms run out
    assert max(most) <= 2
