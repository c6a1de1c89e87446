"""Long proofs, run by `make prove`: what a plan states of its draws holds over thousands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from supervision.draws.drawing import WAYS
from tests import a_binding_list as binding
from tests import draws_counted as counted
from tests import pairs_counted
from tests.a_moment import by_firm

pytestmark = pytest.mark.slow

Floats = npt.NDArray[np.float64]
Proved = Callable[[str, str, str], None]

DRAWS = 20_000
PAIRED = 2_500
"""Whole draws whose pairs are counted: about a hundred thousand visits."""
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
def paired() -> pairs_counted.Counted:
    return pairs_counted.counted(PAIRED)


@pytest.mark.parametrize("name", pairs_counted.KEYS)
def test_pairs_of_inspectors_are_as_stated(
    name: str, paired: pairs_counted.Counted, proved: Proved
) -> None:
    """Each pair's stored chance is the true one, and what is known before changes nothing of it."""
    tested = paired.tested(name)
    what = f"{PAIRED:,} draws of {pairs_counted.LIST.count} firms, their inspectors"
    proved(f"{what}: {name}", str(tested), "p > 0.001")
    assert tested.p > 0.001
    assert tested.still < 1e-8


@pytest.fixture(scope="module")
def years() -> tuple[Floats, Floats]:
    """By way (the last: any), half of the year and firm, shape (4, 2, firms), over all years: how
    often it was drawn less its chance, given the months before, and the variance of that."""
    shape = (len(WAYS) + 1, 2, counted.YEARLY.count)
    off, variance = np.zeros(shape), np.zeros(shape)
    for number in range(YEARS):
        year = binding.year(counted.YEARLY, number)
        assert not ((year.ways > 1) & ~year.eligible).any()
        drawn = [year.ways == 1 + at for at in range(len(WAYS))]
        for at, way in enumerate([*drawn, year.ways > 0]):
            chance = year.chances[at] if at < len(WAYS) else year.chances.sum(axis=0)
            for half in range(2):
                months = slice(6 * half, 6 * half + 6)
                off[at, half] += (way - chance)[months].sum(axis=0)
                variance[at, half] += (chance * (1 - chance))[months].sum(axis=0)
    return off, variance


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("way", [*WAYS, "any way"])
def test_a_year_of_draws_is_as_stated(
    way: str, half: int, years: tuple[Floats, Floats], proved: Proved
) -> None:
    """Chances are stated given the months before, so that what was drawn less them adds to 0."""
    off, variance = (told[[*WAYS, "any way"].index(way), half] for told in years)
    tested = by_firm(off, variance)
    when = ("January to June", "July to December")[half]
    name = f"{YEARS:,} years of twelve draws, each given its history"
    proved(f"{name}: inclusion by {way}, {when}", str(tested), "p > 0.001")
    assert tested.p > 0.001
