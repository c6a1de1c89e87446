"""Long proofs, run by `make prove`: what a plan states of its draws holds over thousands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from supervision.drawing import WAYS
from tests import a_binding_list as binding
from tests import draws_counted as counted
from tests.a_moment import around_zero

pytestmark = pytest.mark.slow

Floats = npt.NDArray[np.float32]
Proved = Callable[[str, str, str], None]

DRAWS = 20_000
YEARS = 1_667
"""Of twelve draws each: 20,004."""

NAME = f"{DRAWS:,} draws of {counted.LIST.count} firms on which everything binds"


@pytest.fixture(scope="module")
def drawn() -> binding.Drawn:
    return counted.LIST.drawn(DRAWS)


@pytest.mark.parametrize("name", [*counted.INCLUSION, *counted.PAIRS])
def test_draws_are_as_stated(name: str, drawn: binding.Drawn, proved: Proved) -> None:
    tested = (counted.INCLUSION | counted.PAIRS)[name](drawn)
    proved(f"{NAME}: {name}", str(tested), "p > 0.001")
    assert tested.p > 0.001
    assert tested.still < 1e-8


@pytest.mark.parametrize("basis", ["slice", "slice+plan alike"])
def test_intervals_hold_the_truth(basis: str, drawn: binding.Drawn, proved: Proved) -> None:
    told = counted.covered(drawn, basis, ["risk_class"])
    required = {"rate of all": "93–97 %"}
    for name, true, covered in zip(told["name"], told["true"], told["covered"], strict=True):
        what = f"{NAME}, basis {basis}: coverage of 95 % intervals, {name} ({true:.1%})"
        proved(what, f"{covered:.1%}", required.get(name, "93–97 %, more where visits are few"))
    assert told["covered"].min() >= 0.93
    assert told.loc[told["name"] == "rate of all", "covered"].between(0.93, 0.97).all()


@pytest.fixture(scope="module")
def years() -> Floats:
    """What was drawn less its stated chance, shape (years, ways, months, firms)."""
    shape = (YEARS, len(WAYS), 12, counted.YEARLY.count)
    off = np.zeros(shape, np.float32)
    for number in range(YEARS):
        year = binding.year(counted.YEARLY, number)
        for at in range(len(WAYS)):
            off[number, at] = (year.ways == at + 1) - year.chances[at]
        planned = np.isin(year.ways, (2, 3))
        assert not (planned & ~year.eligible).any()
    return off


@pytest.mark.parametrize("way", ["any", *WAYS])
def test_a_year_of_draws_is_as_stated(way: str, years: Floats, proved: Proved) -> None:
    """Each month's chance is stated given the months before: what was drawn less it has mean 0."""
    off = years.sum(axis=1) if way == "any" else years[:, WAYS.index(way)]
    name = f"{YEARS:,} years of twelve draws, nobody inspected twice, each given its history"
    for what, sums in (
        ("by firm", off.sum(axis=1)),
        ("by firm, since July", off[:, 6:].sum(axis=1)),
    ):
        tested = around_zero(sums.astype(np.float64))
        proved(f"{name}: inclusion {what}, {way}", str(tested), "p > 0.001")
        assert tested.p > 0.001
