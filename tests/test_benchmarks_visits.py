"""The measures of an order of visits, on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.visits import (
    Block,
    Visits,
    auc,
    auc_gain,
    auc_within,
    days_earlier,
    estimate,
    first_half,
)


def visits(day: list[int], found: list[int], stratum: list[int] | None = None) -> Visits:
    n = len(day)
    return Visits(np.array(day), np.array(found, bool), np.array(stratum or [0] * n), np.arange(n))


def score(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, np.float64)


MADE = visits([1, 1, 3, 7], [0, 0, 1, 1])


def test_the_best_order_meets_both_problems_on_the_first_day() -> None:
    # originally on days 3 and 7, now both on day 1: (2 + 6) / 2
    assert days_earlier(MADE, score(0.1, 0.2, 0.8, 0.9)) == 4.0
    assert first_half(MADE, score(0.1, 0.2, 0.8, 0.9)) == 1.0


def test_a_constant_score_leaves_the_visits_as_they_were() -> None:
    assert days_earlier(MADE, score(5, 5, 5, 5)) == 0.0
    assert first_half(MADE, score(5, 5, 5, 5)) == 0.0
    assert auc(MADE, score(5, 5, 5, 5)) == 0.5


def test_visiting_a_problem_later_counts_against() -> None:
    # the problem of day 1 moves to day 7
    assert days_earlier(visits([1, 1, 3, 7], [1, 0, 0, 0]), score(1, 2, 3, 4)) == -6.0


def test_the_first_half_of_an_odd_number_is_rounded_down() -> None:
    assert first_half(visits([1, 2, 3], [1, 1, 0]), score(3, 2, 1)) == 0.5


def test_auc_counts_pairs_and_half_of_ties() -> None:
    # pairs (.8 > .1), (.8 > .5), (.5 > .1), (.5 = .5)
    assert auc(visits([1, 2, 3, 4], [0, 0, 1, 1]), score(0.1, 0.5, 0.8, 0.5)) == 3.5 / 4


def test_auc_within_ignores_what_only_tells_the_strata_apart() -> None:
    # stratum 1 is strict: it scores high and finds more, which says nothing within a stratum
    strict = visits([1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1])
    by_stratum = score(0, 0, 0, 1, 1, 1)
    assert auc(strict, by_stratum) == 6 / 9
    assert auc_within(strict, by_stratum) == 0.5
    assert auc_within(strict, score(0, 0, 1, 1, 1, 0)) == 1.0


def test_a_stratum_without_problems_has_no_pairs() -> None:
    assert auc_within(visits([1, 2, 3], [0, 0, 1], [0, 1, 1]), score(9, 1, 2)) == 1.0


def test_estimate_is_the_mean_over_seeds_and_blocks_inside_its_interval() -> None:
    random = np.random.default_rng(1)
    blocks = []
    for n in (100, 300):
        random_found, firm = random.random(n) < 0.3, np.arange(n)
        made = Visits(firm, random_found, np.zeros(n, np.int64), firm)
        blocks.append(Block(made, [made.found + random.normal(size=n) for _ in range(2)]))
    got = estimate(auc, blocks, draws=200, seed=7)
    small, large = ((auc(b.visits, b.scores[0]) + auc(b.visits, b.scores[1])) / 2 for b in blocks)
    assert got.mean == pytest.approx((100 * small + 300 * large) / 400)
    assert got.low < got.mean < got.high
    assert got == estimate(auc, blocks, draws=200, seed=7)


def test_a_gain_is_paired_and_compares_within_blocks_only() -> None:
    # ours orders each block rightly, though the second block scores lower throughout
    blocks = [visits([1, 2], [0, 1]), visits([3, 4, 5, 6], [0, 1, 0, 1])]
    ours = [Block(blocks[0], [score(8, 9)]), Block(blocks[1], [score(0, 2, 1, 3)])]
    theirs = [Block(blocks[0], [score(9, 8)]), Block(blocks[1], [score(0, 2, 1, 3)])]
    got = auc_gain(ours, theirs, draws=50, seed=1)
    assert got.by_block == [(1.0, 0.0), (1.0, 1.0)]
    assert got.auc == 1.0
    assert got.other == pytest.approx(4 / 6)
    assert got.difference.mean == pytest.approx(2 / 6)


def test_a_score_gains_nothing_over_itself_and_noise_gains_nothing_surely() -> None:
    random = np.random.default_rng(3)
    n = 600
    made = Visits(np.arange(n), random.random(n) < 0.3, np.zeros(n, np.int64), np.arange(n) // 2)
    own, noise = (Block(made, [made.found + s * random.normal(size=n)]) for s in (1, 1000))
    same = auc_gain([own], [own], draws=100, seed=1).difference
    assert (same.mean, same.low, same.high) == (0.0, 0.0, 0.0)
    assert auc_gain([own], [noise], draws=200, seed=1).difference.low > 0
    other = Block(made, [random.normal(size=n)])
    chance = auc_gain([other], [noise], draws=200, seed=1).difference
    assert chance.low < 0 < chance.high
