"""References, propensities, bounds and doubly robust rates, on worlds of known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from records.errors import NotPossible
from tests.a_simulation import FIRMS, drawn, world
from training import selection
from training.propensity import bounds, propensity
from training.robust import doubly_robust


def plans(n: int, method: str, items: int, chance: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": np.tile([1.0, 0.0], n // 2),
            "way": "drawn",
            "drawn_by": "plan",
            "inclusion_probability": chance,
            "method": method,
            "basket_items": items,
        }
    )


def test_draws_that_looked_alike_are_weighted_by_the_chance_of_such_a_look() -> None:
    frame = pd.concat(
        [
            plans(60, "on_site", 5, 0.5),
            plans(60, "written", 5, 0.5),
            plans(40, "on_site", 5, 0.1),
            plans(20, "on_site", 3, 0.1),
        ],
        ignore_index=True,
    )
    found = selection.reference(frame)
    assert (found.basis, int(found.rows.sum())) == ("alike", 100)
    # ½ of the first cell and ⅔ of the second looked alike: 1/(.5·.5) to 1/(.1·⅔).
    assert found.weights[-1] / found.weights[0] == pytest.approx((1 / (0.1 * 2 / 3)) / 4)
    assert found.speaks_for_all


def test_too_few_labels_are_refused_with_what_is_needed() -> None:
    frame = plans(200, "on_site", 5, 0.5)
    frame["label"] = [1.0] * 29 + [0.0] * 171
    with pytest.raises(NotPossible, match="29 visits that found a problem and 171"):
        selection.reference(frame)
    frame["label"] = 1.0
    with pytest.raises(NotPossible, match="at least 30 and 10"):
        selection.reference(frame)


def test_estimated_weights_mend_what_the_indicators_show() -> None:
    """Visits go to firms of high x; the estimate knows x, and the rate comes back."""
    firms, rng = world(), np.random.default_rng(0)
    pull = 1 / (1 + np.exp(-(-3 + 1.2 * firms.x)))
    visited = np.flatnonzero(rng.random(FIRMS) < pull)
    labels = (rng.random(len(visited)) < firms.chance[visited]).astype(float)
    noise = rng.normal(0, 1, FIRMS)
    values = np.column_stack([firms.x, noise])
    everyone = np.arange(FIRMS)
    found = propensity(values[visited], visited, values, everyone, seed=0)
    truth, naive = firms.chance.mean(), labels.mean()
    mended = np.average(labels, weights=found.weights)
    assert naive - truth > 0.08
    assert abs(mended - truth) < 0.25 * (naive - truth)
    assert found.left < 0.3 * found.before
    assert found.apart > 0.6
    again = propensity(values[visited], visited, values, everyone, seed=0)
    assert again.weights.tolist() == found.weights.tolist()


def test_bounds_say_what_cannot_be_known() -> None:
    labels, weights = np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4)
    told = bounds(labels, weights, covered=0.4)
    by_factor = {row["factor"]: (row["low"], row["high"]) for row in told}
    assert by_factor[2.0] == pytest.approx((0.5 / (0.5 + 6), 2 / (2 + 1.5)))
    assert by_factor[None] == pytest.approx((0.1, 0.7))  # ¼ of 40 %, and all of the other 60 %
    ends = [row["high"] - row["low"] for row in told[:-1]]
    assert ends == sorted(ends)


@pytest.mark.parametrize(("wrong", "moved"), [("predictions", 1.0), ("weights", 0.0)])
def test_one_of_two_wrongs_is_forgiven(wrong: str, moved: float) -> None:
    firms, rng = world(), np.random.default_rng(5)
    found = drawn(firms, rng)
    told = 1 / (1 + np.exp(-(np.log(firms.chance / (1 - firms.chance)) + moved)))
    weights = np.ones(len(found.firm)) if wrong == "weights" else found.weights
    estimate = doubly_robust(told, told[found.firm], found.labels, weights, found.firm)
    assert estimate.low < firms.chance.mean() < estimate.high
    plain = np.average(found.labels, weights=weights)
    if wrong == "weights":
        assert abs(estimate.rate - firms.chance.mean()) < abs(plain - firms.chance.mean())
