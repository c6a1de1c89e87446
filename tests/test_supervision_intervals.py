"""Limits of rates: known values, both implementations alike, coverage to the last digit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from supervision.intervals import difference, mid_p
from training import intervals


@pytest.mark.parametrize(("found", "n"), [(0, 9), (1, 40), (7, 40), (40, 40), (3, 1000)])
def test_the_limits_are_those_of_training(found: int, n: int) -> None:
    labels = np.r_[np.ones(found), np.zeros(n - found)]
    other = intervals.rate(labels, np.ones(n), np.arange(n))
    low, high = mid_p(other.rate, other.effective, n - 1)
    assert (float(low), float(high)) == pytest.approx((other.low, other.high), abs=1e-9)


def test_the_limits_are_mid_p_of_the_binomial_law() -> None:
    """At its upper limit, half the chance of what was found and all of less is .025."""
    low, high = (float(end) for end in mid_p(0.15, 20, 0))
    law = stats.binom(20, high)
    assert law.cdf(2) + law.pmf(3) / 2 == pytest.approx(0.025)
    law = stats.binom(20, low)
    assert law.sf(3) + law.pmf(3) / 2 == pytest.approx(0.025)


def test_nothing_seen_and_everybody_seen() -> None:
    low, high = mid_p([np.nan, 0.4, 0.0], [0.0, np.inf, np.inf], 0)
    assert low.tolist() == [0.0, 0.4, 0.0]
    assert high.tolist() == [1.0, 0.4, 0.0]


def test_fewer_degrees_of_freedom_widen() -> None:
    few, many = mid_p(0.2, 50, 3), mid_p(0.2, 50, 300)
    assert few.low < many.low < many.high < few.high


@pytest.mark.parametrize(("rate", "n"), [(0.01, 400), (0.05, 100), (0.15, 60), (0.3, 25)])
def test_coverage_of_the_binomial_law_is_near_its_level(rate: float, n: int) -> None:
    """Averaged over rates around, as no interval of counts holds its level at every rate."""
    low, high = mid_p(np.arange(n + 1) / n, n, 0)
    held = [
        stats.binom(n, p).pmf(np.arange(n + 1))[(low <= p) & (p <= high)].sum()
        for p in np.linspace(rate * 0.7, rate * 1.3, 200)
    ]
    assert 0.94 <= float(np.mean(held)) <= 0.97


def test_a_difference_is_as_wide_as_both_and_keeps_their_lean() -> None:
    """Zou and Donner's recovery: Newcombe's known example 56/70 - 48/80, Wilson limits."""
    low, high = difference((0.8, 0.6918, 0.8772), (0.6, 0.4904, 0.7006))
    assert (float(low), float(high)) == pytest.approx((0.0524, 0.3339), abs=2e-4)
