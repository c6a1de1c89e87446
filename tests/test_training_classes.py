"""Observed rates by class, agreement with the grade, ties at capacity, groups, all by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training import classes, intervals


def test_at_capacity_counts_ties_at_worst_at_best_and_as_expected() -> None:
    """Ten firms, room for two: one is sure, four tie for the second place, one of them positive."""
    raw = np.array([9.0, 5, 5, 5, 5, 1, 1, 1, 1, 1])
    labels = np.array([1.0, 1, 0, 0, 0, 0, 0, 0, 0, 1])
    told = {row["share"]: row for row in classes.at_capacity(raw, labels, np.ones(10))}
    assert told[0.2]["recall"] == pytest.approx((1 + 0.25) / 3)
    assert (told[0.2]["least"], told[0.2]["most"]) == pytest.approx((1 / 3, 2 / 3))
    assert told[0.2]["precision"] == pytest.approx(1.25 / 2)
    assert told[0.2]["draws"] == pytest.approx(2)
    assert told[0.1]["recall"] == pytest.approx(1 / 3)
    assert told[0.05]["recall"] == pytest.approx(1 / 6)  # half of the one sure firm


def test_equal_scores_order_nothing() -> None:
    labels = np.array([1.0, 0, 0, 1])
    for row in classes.at_capacity(np.zeros(4), labels, np.ones(4)):
        assert row["lift"] == pytest.approx(1)


def test_kappa_is_one_for_equal_classes_and_none_by_chance() -> None:
    level = np.array([0, 1, 2, 3, 0, 1])
    same = pd.Series([*"ABCDAB"])
    assert classes.beside_grade(level, same, np.ones(6))["kappa"] == pytest.approx(1)
    by_chance = classes.beside_grade(np.array([0, 0, 3, 3]), pd.Series([*"ADAD"]), np.ones(4))
    assert by_chance["kappa"] == pytest.approx(0)
    assert np.array(by_chance["table"]).sum() == pytest.approx(1)
    nobody = classes.beside_grade(level, pd.Series([None] * 6, dtype="str"), np.ones(6))
    assert nobody == {"table": None, "kappa": None}


def test_classes_are_out_of_order_only_where_draws_say_so() -> None:
    level = np.repeat([0, 1], [400, 40])
    labels = np.concatenate([np.tile([1.0, 0, 0, 0], 100), np.zeros(40)])
    flat, firms = np.ones(440), np.arange(440)
    rows = classes.observed(level, np.full(440, 0.2), labels, flat, firms)
    assert [row["n"] for row in rows] == [400, 40, 0, 0]
    assert rows[0]["rate"] == pytest.approx(0.25)
    assert (rows[2]["rate"], rows[2]["low"], rows[2]["high"]) == (None, 0.0, 1.0)
    assert not classes.ordered(rows)
    few = classes.observed(level[:404], np.full(404, 0.2), labels[:404], flat[:404], firms[:404])
    assert classes.ordered(few)  # four clean visits prove nothing


def test_reliability_has_an_interval_in_every_bin() -> None:
    probability = np.linspace(0.01, 0.5, 200)
    labels = (np.random.default_rng(0).random(200) < probability).astype(float)
    rows = classes.reliability(probability, labels, np.ones(200), np.arange(200))
    assert [row["n"] for row in rows] == [20] * 10
    assert all(row["low"] <= row["rate"] <= row["high"] for row in rows)


@pytest.mark.parametrize(
    ("labels", "low", "high"),
    [
        ([0.0] * 20, 0.0, 0.139),  # mid-P of 0 in 20: 1 - (2 · .025)^(1/20)
        ([1.0] * 20, 0.861, 1.0),
    ],
)
def test_a_rate_of_none_or_all_has_the_exact_limits(
    labels: list[float], low: float, high: float
) -> None:
    found = intervals.rate(np.array(labels), np.ones(20), np.arange(20))
    # One degree of freedom is lost to the unknown spread: a little wider than the binomial's.
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)


def test_a_firm_drawn_ten_times_is_one_firm() -> None:
    labels = np.tile([1.0, 0.0], 50)
    apart = intervals.rate(labels, np.ones(100), np.arange(100))
    same = intervals.rate(labels, np.ones(100), np.tile([0, 1], 50))
    assert same.effective < 3 < apart.effective
    assert (same.low, same.high) == (0.0, 1.0)
    nothing = intervals.rate(np.array([]), np.array([]), np.array([], np.int64))
    assert nothing.plain()["rate"] is None
