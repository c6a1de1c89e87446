"""Strict pairs are told from unlucky ones, and partners of the strict are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from supervision import strictness as watched
from supervision.errors import PlanError

CLASSES = {"A": 0.06, "B": 0.18, "C": 0.32, "D": 0.45}
PEOPLE = 8
"""Of each bureau; there are ten, whose firms differ."""


def visits(seed: int, ratios: dict[str, float], count: int = 6000) -> pd.DataFrame:
    """Visits by pairs drawn by chance; those of `ratios` find more, or less."""
    rng = np.random.default_rng(seed)
    bureau = rng.integers(0, 10, count)
    first = rng.integers(0, PEOPLE, count)
    second = (first + rng.integers(1, PEOPLE, count)) % PEOPLE
    one = np.array([f"I{code}{who}" for code, who in zip(bureau, first, strict=True)])
    two = np.array([f"I{code}{who}" for code, who in zip(bureau, second, strict=True)])
    classes = rng.choice(list(CLASSES), count, p=[0.4, 0.3, 0.2, 0.1])
    chance = np.array([CLASSES[name] for name in classes]) * rng.uniform(0.7, 1.3, 10)[bureau]
    each = [np.array([ratios.get(name, 1.0) for name in who]) for who in (one, two)]
    return pd.DataFrame({
        "state": "visited", "bureau": bureau.astype(str), "risk_class": classes,
        "method": "on_site", "drawn_by": "plan", "inspector_1": one, "inspector_2": two,
        "label": (rng.random(count) < np.clip(chance * sum(each) / 2, 0, 1)).astype(float),
    })  # fmt: skip


def test_the_strict_and_the_lenient_are_flagged_and_their_partners_are_not() -> None:
    odd = {"I33": 3.0, "I71": 3.0, "I50": 0.05}
    flags = pd.concat([
        watched.strictness(visits(seed, odd)).dropna(subset="flag") for seed in range(5)
    ])  # fmt: skip
    assert set(flags["inspector"]) <= {*odd}
    assert (flags.set_index("inspector").loc[["I33", "I71"], "flag"] == "strict").all()
    assert len(flags) >= 10


def test_where_nobody_differs_hardly_anybody_is_flagged() -> None:
    told = [watched.strictness(visits(seed, {}))["flag"].notna().any() for seed in range(12)]
    assert sum(told) <= 2  # one run in twenty, and more than two of twelve once in 50


def test_ratios_are_drawn_towards_one_and_their_intervals_hold() -> None:
    odd = {"I33": 2.0, "I50": 0.5}
    told = watched.strictness(visits(3, odd))
    assert told["ratio"].std() < told["observed_ratio"].std()
    truth = told["inspector"].map(odd).fillna(1.0)
    assert ((told["low"] <= truth) & (truth <= told["high"])).mean() >= 0.9


def test_the_order_of_visits_and_of_a_pair_does_not_matter() -> None:
    made = visits(1, {"I33": 3.0}, 800)
    turned = made.iloc[::-1].rename(
        columns={"inspector_1": "inspector_2", "inspector_2": "inspector_1"}
    )
    told, again = watched.strictness(made), watched.strictness(turned)
    pd.testing.assert_frame_equal(told, again, rtol=1e-6)


def test_both_of_a_pair_share_its_visits() -> None:
    made = visits(2, {}, 500)
    told = watched.strictness(made)
    assert told["visits"].sum() == 1000
    assert told["problems"].sum() == 2 * made["label"].sum()


def test_the_model_s_probability_is_scaled_to_what_was_found() -> None:
    made = visits(4, {}, 3000)
    made["probability"] = made["risk_class"].map(CLASSES) / 3
    given = watched.expected(made)
    assert given.sum() == pytest.approx(made["label"].sum(), rel=0.05)


def test_the_exact_law_is_the_binomial_one_where_chances_are_equal() -> None:
    law = watched._law(np.full(7, 0.3))
    assert law == pytest.approx(stats.binom(7, 0.3).pmf(np.arange(8)))


def test_adjusted_values_are_benjamini_and_hochberg_s() -> None:
    p = np.array([0.02, 0.001, 0.9, 0.03])
    assert watched._adjusted(p) == pytest.approx(stats.false_discovery_control(p))


def test_no_visit_and_no_column() -> None:
    made = visits(1, {}, 20)
    assert watched.strictness(made.assign(state="missing")).empty
    with pytest.raises(PlanError, match="visits: no column inspector_2"):
        watched.strictness(made.drop(columns="inspector_2"))
