"""Chances of one and of two firms, against every possible draw of a tiny list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import comb

import numpy as np
import pandas as pd
import pytest

from supervision.draws.chances import short
from supervision.draws.drawing import draw
from supervision.draws.joint import joint
from supervision.draws.sizes import Sizes
from supervision.draws.spread import shares, spread
from tests import a_list

HALF = {"A": "0.2", "B": "0.3", "C": "0.5", "D": "1"}
SLICE = {"basket": ["address"], "recheck": 0}


def roundings(parts: Sequence[Fraction]) -> list[tuple[Fraction, list[int]]]:
    """Every result of `spread` with its chance: it changes only where u passes a fraction."""
    ends = [sum(parts[: at + 1], Fraction(0)) for at in range(len(parts))]
    cuts = sorted({Fraction(0), Fraction(1), *(-end % 1 for end in ends)})
    return [(b - a, spread(parts, a)) for a, b in pairwise(cuts)]


def slices(marked: pd.DataFrame, places: dict[str, int]) -> Iterator[tuple[set[int], Fraction]]:
    """Every slice with so many places in each bureau, all equally likely."""
    ways = []
    for bureau, count in places.items():
        inside = np.flatnonzero((marked["bureau"] == bureau) & ~marked["barred"])
        ways.append(list(combinations(inside.tolist(), count)))
    chance = Fraction(1)
    for each in ways:
        chance /= len(each)
    for chosen in product(*ways):
        yield {firm for part in chosen for firm in part}, chance


def enumerated(marked: pd.DataFrame, sized: Sizes) -> tuple[np.ndarray, np.ndarray]:
    """The exact chances of each firm and of each two, over every slice and rounding."""
    count = len(marked)
    one, two = np.zeros(count), np.zeros((count, count))
    names = sized.bureaus["bureau"].tolist()
    strata = {
        str(row["stratum"]): (row["bureau"], row["planned"], row["eligible"] - row["planned"])
        for row in sized.strata.to_dict("records")
    }
    members = {
        name: np.flatnonzero((marked["stratum"] == name) & marked["eligible"]) for name in strata
    }
    for weight, places in more(sized, names, strata):
        for chance, slice_places in roundings(sized.slice_shares):
            for slice_, likely in slices(marked, dict(zip(names, slice_places, strict=True))):
                own = np.zeros(count)
                pair = np.zeros((count, count))
                own[list(slice_)] = 1
                groups = []
                for name, firms in members.items():
                    left = [at for at in firms.tolist() if at not in slice_]
                    drawn = min(strata[name][1] + places[name], len(left))
                    if left:
                        own[left] = drawn / len(left)
                        groups.append((left, drawn))
                pair = np.outer(own, own)
                for left, drawn in groups:
                    square = np.ix_(left, left)
                    size = len(left)
                    pair[square] = drawn * (drawn - 1) / (size * (size - 1)) if size > 1 else 0
                share = float(weight * chance * likely)
                one += share * own
                two += share * pair
    np.fill_diagonal(two, one)
    return one, two


def more(
    sized: Sizes, names: list[str], strata: dict[str, tuple[str, int, int]]
) -> Iterator[tuple[Fraction, dict[str, int]]]:
    """Every top-up by stratum."""
    for weight, places in roundings(sized.top_up_shares):
        inner = []
        for name, count in zip(names, places, strict=True):
            inside = [(key, spare) for key, (bureau, _, spare) in strata.items() if bureau == name]
            own = [spare for _, spare in inside]
            inner.append(
                [
                    (chance, dict(zip([key for key, _ in inside], found, strict=True)))
                    for chance, found in roundings(shares(count, own, own))
                ]
            )
        for chosen in product(*inner):
            likely, together = weight, dict[str, int]()
            for chance, found in chosen:
                likely *= chance
                together |= found
            yield likely, together


CASES = [
    # one bureau, nobody runs out
    ({("class A", "230102"): 6, ("class C", "230102"): 4}, {"ratio": "0.2"}, "0.6", {}),
    # the slice may take all of a stratum
    ({("class A", "230102"): 5, ("class D", "230102"): 2}, {"ratio": "0.4"}, "0.5", {}),
    ({("class B", "230102"): 2, ("class D", "230102"): 3}, {"ratio": "0.5"}, "1", {}),
    # two and three bureaus, slice and top-up rounded
    (
        {("class A", "230102"): 4, ("class D", "230102"): 2, ("class A", "230204"): 3},
        {"ratio": "0.3"}, "0.7", {},
    ),
    (
        {("class A", "230102"): 3, ("class B", "230204"): 3, ("class D", "230204"): 1,
         ("class C", "230301"): 2},
        {"ratio": "0.35"}, "0.8", {},
    ),
    # some are not eligible
    (
        {("class A", "230102"): 4, ("class D", "230102"): 2, ("class C", "230204"): 3},
        {"ratio": "0.3"}, "0.6", {"F00000": "complaint", "F00006": "complaint"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "blind", "floor", "aside"), CASES)
def test_chances_are_those_of_every_possible_draw(
    counts: dict[tuple[str, str], int], blind: dict[str, str], floor: str, aside: dict[str, str]
) -> None:
    plan = a_list.plan(
        blind_slice=SLICE | blind, overall_floor=floor, ratio_by_class=HALF, exclude=["complaint"]
    )
    exclusions = pd.DataFrame({"entity_id": list(aside), "reason": list(aside.values())})
    marked, sized = a_list.sized(plan, a_list.firms(counts), exclusions=exclusions)
    one, two = enumerated(marked, sized)
    frame = draw(plan, marked, sized, "5" * 64)
    np.testing.assert_allclose(frame["inclusion_probability"], one, atol=1e-12)
    found = joint(sized)
    np.testing.assert_allclose(found.matrix(found.of(frame)), two, atol=1e-10)


def test_the_variance_by_cells_is_the_variance_by_pairs() -> None:
    counts = {("class A", "230102"): 40, ("class D", "230102"): 9, ("class B", "230204"): 30}
    plan = a_list.plan(blind_slice=SLICE | {"ratio": "0.2"}, overall_floor="0.5")
    marked, sized = a_list.sized(plan, a_list.firms(counts))
    frame = draw(plan, marked, sized, "5" * 64)
    found = joint(sized)
    drawn = frame[frame["drawn"]]
    cells, chance = found.of(drawn), drawn["inclusion_probability"].to_numpy()
    z = np.arange(len(drawn)) % 3 / chance
    pairs = found.matrix(cells)
    expected = z @ (1 - np.outer(chance, chance) / pairs) @ z
    assert found.variance(cells, z) == pytest.approx(expected, rel=1e-9)


def test_no_variance_where_everybody_is_visited() -> None:
    plan = a_list.plan(overall_floor="1", ratio_by_class=dict.fromkeys("ABCD", "1"))
    marked, sized = a_list.sized(plan, a_list.firms({("class A", "230102"): 20}))
    frame = draw(plan, marked, sized, "5" * 64)
    found = joint(sized)
    assert frame["drawn"].all()
    assert found.variance(found.of(frame), np.arange(20.0)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("firms", "eligible", "sliced", "visits"),
    [(9, 4, 3, 4), (9, 4, 3, 2), (9, 8, 7, 5), (9, 8, 7, 8), (30, 6, 12, 5), (30, 12, 6, 3)],
)
def test_a_stratum_falls_short_as_often_as_it_may(
    firms: int, eligible: int, sliced: int, visits: int
) -> None:
    expected = sum(
        Fraction(comb(eligible, k) * comb(firms - eligible, sliced - k), comb(firms, sliced))
        * max(0, visits - (eligible - k))
        for k in range(min(eligible, sliced) + 1)
    )
    assert short(firms, eligible, sliced, visits) == expected
