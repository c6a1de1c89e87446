"""The estimated rates: by hand where a hand can, and over draws of a population that is known."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supervision.errors import PlanError
from supervision.estimates import estimate, sample
from supervision.estimates.pooling import pooled
from tests.a_draw import drawn, population

GROUPS = ("risk_class", "bureau", "industry")


def small(**changed: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten firms of one stratum, five of them in the slice, with one problem."""
    ids = [f"F{number}" for number in range(10)]
    way = ["slice"] * 5 + [None] * 5
    frame = pd.DataFrame({
        "entity_id": ids, "frame_hash": "f" * 64, "stratum": "class A/2301", "eligible": True,
        "risk_class": "A", "slice_probability": 0.5, "plan_probability": 0.0,
        "top_up_probability": 0.0, "drawn_by": way,
    })  # fmt: skip
    visits = pd.DataFrame({
        "entity_id": ids[:5], "drawn_by": "slice", "state": "visited",
        "label": [1.0, 0.0, 0.0, 0.0, 0.0],
    })  # fmt: skip
    return frame, visits.assign(**changed)


def test_half_of_ten_firms_by_hand() -> None:
    """1 of 5: effective size 5 / (1 - 5/10) = 10; limits at whole firms; 1 is there, 4 are not."""
    [row] = estimate.table(sample.of(*small())).to_dict("records")
    assert (row["firms"], row["drawn"], row["measured"], row["problems"]) == (10, 5, 5, 1)
    assert row["rate"] == pytest.approx(0.2)
    assert row["effective"] == pytest.approx(10)
    assert (row["low"], row["high"]) == (0.1, 0.6)  # 1 of 10 to 6 of 10
    assert row["if_clean"] == row["if_problem"] == pytest.approx(0.2)


def test_whom_nobody_visited_is_taken_as_alike_and_bounded() -> None:
    frame, visits = small()
    visits.loc[4, ["state", "label"]] = ["not_visited", None]
    [row] = estimate.table(sample.of(frame, visits)).to_dict("records")
    assert (row["measured"], row["missing"]) == (4, 1)
    assert row["rate"] == pytest.approx(1 / 4)
    assert (row["if_clean"], row["if_problem"]) == pytest.approx((1 / 5, 2 / 5))


def test_a_drawn_firm_without_a_row_is_missing() -> None:
    frame, visits = small()
    [row] = estimate.table(sample.of(frame, visits.iloc[:3])).to_dict("records")
    assert (row["drawn"], row["measured"], row["missing"]) == (5, 3, 2)
    [row] = estimate.table(sample.of(frame, visits.iloc[:0])).to_dict("records")
    assert (row["drawn"], row["measured"], row["missing"]) == (5, 0, 5)


def test_who_has_left_is_outside_the_rate() -> None:
    frame, visits = small(label=[1.0, 0.0, 0.0, 0.0, None])
    [row] = estimate.table(sample.of(frame, visits)).to_dict("records")
    assert (row["measured"], row["left"], row["missing"]) == (4, 1, 0)
    assert row["rate"] == pytest.approx(1 / 4)


def test_when_everybody_is_seen_the_rate_is_the_truth() -> None:
    frame, _ = small()
    frame = frame.assign(drawn_by="slice", slice_probability=1.0)
    visits = frame[["entity_id", "drawn_by"]].assign(state="visited", label=[1.0] * 3 + [0.0] * 7)
    [row] = estimate.table(sample.of(frame, visits)).to_dict("records")
    assert (row["rate"], row["low"], row["high"]) == (0.3, 0.3, 0.3)


def test_nothing_found_still_has_an_upper_limit() -> None:
    """0 of 300 of very many: mid-P leaves 1 - .05^(1/300), just below 3 / n."""
    firms = population(300_000, 2).assign(drawn_by=None, slice_probability=0.001)
    firms.loc[:299, "drawn_by"] = "slice"
    frame = firms.assign(plan_probability=0.0, top_up_probability=0.0)
    visits = frame.loc[:299, ["entity_id", "drawn_by"]].assign(state="visited", label=0.0)
    [row] = estimate.table(sample.of(frame, visits)).to_dict("records")
    assert row["low"] == 0
    assert row["high"] == pytest.approx(1 - 0.05 ** (1 / 300), rel=2e-3)


def test_a_group_nobody_saw_is_told_as_unknown() -> None:
    frame, visits = small()
    frame["risk_class"] = ["A"] * 5 + ["B"] * 4 + [None]
    rows = estimate.table(sample.of(frame, visits), ["risk_class"]).set_index("group")
    assert rows["rate"].isna()["B"]
    assert (rows.loc["B", "low"], rows.loc["B", "high"]) == (0, 1)
    assert rows.loc["B", "firms"] == 4


def test_plan_visits_count_only_where_alike() -> None:
    frame, visits = drawn(population(2000), np.random.default_rng(3), on_site=0.5)
    blind, both = sample.of(frame, visits), sample.of(frame, visits, sample.ALIKE)
    assert len(blind.row) == (frame["drawn_by"] == "slice").sum()
    assert len(both.row) == visits["alike"].sum()
    without = sample.of(frame.drop(columns="alike_share"), visits, sample.ALIKE)
    assert len(without.row) == len(blind.row)


def test_weights_add_up_to_the_frame_on_both_bases() -> None:
    frame, visits = drawn(population(6000), np.random.default_rng(4))
    for basis in sample.BASES:
        assert sample.of(frame, visits, basis).weight.sum() == pytest.approx(6000, rel=0.1)


def test_the_estimates_are_unbiased_and_their_intervals_hold_the_truth() -> None:
    """100 draws: rates of .01 to .3 and cells of 1 to 46 expected problems.

    Of 100 intervals of 95 % fewer than 86 would hold by chance once in 10,000. Where a cell has
    few problems the next interval that can be had holds 97 to 100 %, never less. The 20,000
    draws are `make prove`'s.
    """
    firms = population()
    truth = {("all", "all"): firms["label"].mean()}
    for by in GROUPS:
        truth |= {(by, str(name)): rate for name, rate in firms.groupby(by)["label"].mean().items()}
    held: Counter[tuple[str, ...]] = Counter()
    total: Counter[str] = Counter()
    for number in range(100):
        frame, visits = drawn(firms, np.random.default_rng([5, number]), on_site=0.8)
        for basis in sample.BASES:
            found = estimate.table(sample.of(frame, visits, basis), GROUPS)
            total[basis] += found["rate"].iloc[0]
            for row in found.to_dict("records"):
                inside = row["low"] <= truth[row["by"], row["group"]] <= row["high"]
                held[basis, row["by"], row["group"]] += int(inside)
    for cell, count in held.items():
        assert count >= 86, cell
    for basis in sample.BASES:
        assert total[basis] / 100 == pytest.approx(truth["all", "all"], abs=0.004)


def test_without_a_slice_intervals_hold_the_truth_of_whom_the_plan_might_meet() -> None:
    """80 draws: fewer than 68 of 80 intervals of 95 % would hold by chance once in 2,000."""
    firms = population()
    spoken = firms[firms["eligible"]]
    truth = {("all", "all"): spoken["label"].mean()}
    for by in GROUPS:
        truth |= {(by, str(one)): rate for one, rate in spoken.groupby(by)["label"].mean().items()}
    held: Counter[tuple[str, str]] = Counter()
    rates = []
    for number in range(80):
        frame, visits = drawn(firms, np.random.default_rng([7, number]), 0.0, on_site=0.8)
        told = sample.of(frame, visits, sample.PLAN)
        assert len(told.firms) == len(spoken)
        assert told.weight.sum() == pytest.approx(len(spoken), rel=0.15)
        found = estimate.table(told, GROUPS)
        rates.append(found["rate"].iloc[0])
        for row in found.to_dict("records"):
            cell = (row["by"], row["group"])
            held[cell] += int(row["low"] <= truth[cell] <= row["high"])
    assert min(held.values()) >= 68, held
    assert np.mean(rates) == pytest.approx(truth["all", "all"], abs=0.004)


@settings(max_examples=40)
@example(126, sample.ALIKE)  # more problems seen in a tiny group than its weighted rate says
@given(st.integers(0, 10_000), st.sampled_from(sample.BASES))
def test_a_rate_lies_within_its_limits_and_bounds(seed: int, basis: str) -> None:
    rng = np.random.default_rng(seed)
    frame, visits = drawn(population(400, seed), rng, on_site=0.7)
    visits.loc[rng.random(len(visits)) < 0.2, "state"] = "missing"
    visits.loc[rng.random(len(visits)) < 0.1, "label"] = None
    rows = estimate.table(sample.of(frame, visits, basis), GROUPS)
    assert (rows["drawn"] == rows["measured"] + rows["left"] + rows["missing"]).all()
    told = rows[rows["measured"] > 0]
    low, high, rate = (told[name].to_numpy(float) for name in ("low", "high", "rate"))
    assert ((low <= rate + 1e-9) & (rate <= high + 1e-9)).all()
    assert (told["if_clean"] <= told["if_problem"] + 1e-12).all()
    assert (rows["low"].min(), rows["high"].max()) >= (0, 0)
    assert rows["high"].max() <= 1


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"label": 2.0}, "label of F0"),
        ({"state": "done"}, "state of F0"),
        ({"entity_id": "F1"}, "entity_id of F1"),
        ({"drawn_by": "plan"}, "drawn_by of F0"),
        ({"entity_id": [f"X{number}" for number in range(5)]}, "drawn_by of X0"),
    ],
)
def test_visits_that_cannot_be_are_refused(changed: dict[str, object], what: str) -> None:
    with pytest.raises(PlanError, match=f"visits, row ., {what}"):
        sample.of(*small(**changed))


def test_a_frame_without_slice_or_column_is_refused() -> None:
    frame, visits = small()
    with pytest.raises(PlanError, match="no blind slice"):
        sample.of(frame.assign(slice_probability=0.0), visits)
    with pytest.raises(PlanError, match="frame: no column stratum"):
        sample.of(frame.drop(columns="stratum"), visits)
    with pytest.raises(PlanError, match="the basis of an estimate"):
        sample.of(frame, visits, "plan")


def test_draws_together_speak_for_the_newest_frame_and_tell_more() -> None:
    firms = population()
    months = [drawn(firms, np.random.default_rng([11, month])) for month in range(4)]
    for basis in sample.BASES:
        each = [sample.of(*month, basis) for month in months]
        both = pooled(each)
        assert both.weight.sum() == pytest.approx(6000, rel=0.1)
        one, all_ = (estimate.table(told).to_dict("records")[0] for told in (each[-1], both))
        assert all_["measured"] == sum(len(told.row) for told in each)
        assert all_["rate"] == pytest.approx(
            np.mean([estimate.table(told)["rate"].iloc[0] for told in each]), rel=0.05
        )
        assert all_["high"] - all_["low"] < 0.7 * (one["high"] - one["low"])
        assert all_["low"] <= firms["label"].mean() <= all_["high"]


def test_a_firm_that_is_gone_from_the_newest_frame_is_not_spoken_for() -> None:
    firms = population(1000)
    earlier, later = (drawn(firms, np.random.default_rng(seed)) for seed in (1, 2))
    gone = set(earlier[1]["entity_id"].iloc[:5])
    frame = later[0][~later[0]["entity_id"].isin(gone)]
    visits = later[1][~later[1]["entity_id"].isin(gone)]
    parts = [sample.of(*earlier), sample.of(frame, visits)]
    both = pooled(parts)
    lost = parts[0].firms["entity_id"].iloc[parts[0].row].isin(gone).sum()
    assert len(both.row) == len(parts[0].row) + len(parts[1].row) - lost
    assert not set(both.firms["entity_id"]) & gone
    assert pooled(parts[:1]) is parts[0]
    with pytest.raises(PlanError, match="different bases"):
        pooled([parts[0], sample.of(*earlier, sample.ALIKE)])
    with pytest.raises(PlanError, match="no sample"):
        pooled([])
