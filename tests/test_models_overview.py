from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import overview
from tests import a_small_model

RNG = np.random.default_rng(3)


def test_importance_is_the_weighted_mean_size() -> None:
    told = np.array([[1.0, -0.5], [-3.0, 0.5]])
    assert overview.importance(told, ["a", "b"]).to_dict() == {"a": 2.0, "b": 0.5}
    weighted = overview.importance(told, ["a", "b"], np.array([3.0, 1.0]))
    assert weighted.to_dict() == {"a": 1.5, "b": 0.5}
    assert overview.importance(told[:, ::-1], ["b", "a"]).index.tolist() == ["a", "b"]


def test_dependence_follows_the_value_and_keeps_the_unknown_apart() -> None:
    values = np.array([np.nan, *np.repeat(np.arange(10.0), 20)])
    told = overview.dependence(values, np.where(np.isnan(values), 7.0, 2 * values))
    assert told["firms"].sum() == len(values)
    assert told["mean"].iloc[0] == 7.0
    assert np.isnan(told["low"].iloc[0])
    assert told["mean"].iloc[1:].is_monotonic_increasing
    assert (told["spread"] == 0).all()


def test_an_interaction_is_found_where_it_is_and_nowhere_else() -> None:
    values = RNG.integers(0, 4, (5000, 4)).astype(float)
    told = np.column_stack([values[:, 0] + values[:, 0] * values[:, 1], 2 * values[:, 1],
                            3 * values[:, 2], 0.5 * values[:, 3]])  # fmt: skip
    found = overview.interactions(values, told, [*"abcd"], top=3)
    assert found[["first", "second"]].to_numpy()[0].tolist() == ["a", "b"]
    strength = found["strength"].to_numpy()
    assert strength[0] > 1
    assert strength[1:].max() < 0.2


def test_the_model_that_was_made_with_one_shows_it() -> None:
    model = a_small_model.fitted()
    values = np.floor(RNG.random((3000, 6)) * (a_small_model.RANGE + 1))
    told = model.explain(values)
    found = overview.interactions(values, told.contributions, model.definition.fitted, top=1)
    assert {*found[["first", "second"]].to_numpy()[0]} == {"G3-01", "G5-01"}


def test_drift_is_the_change_of_the_mean_reason() -> None:
    months = {
        "06": pd.DataFrame({"indicator": ["a", "a", "b"], "contribution": [1.0, -1.0, 0.5]}),
        "07": pd.DataFrame({"indicator": ["a", "a", "c"], "contribution": [2.0, 1.0, 0.5]}),
    }
    told = overview.drift(months)
    assert told.index[0] == "a"
    row = {str(name): told.xs(name).to_dict() for name in told.index}
    assert row["a"]["change", ""] == 1.5
    assert row["a"]["importance", "06"] == 1.0
    assert row["b"]["mean", "06"] == 0.5
    assert np.isnan(row["b"]["mean", "07"])


@pytest.mark.filterwarnings("ignore")  # shap's and Matplotlib's own
def test_shap_holds_and_draws_our_contributions() -> None:
    shap = pytest.importorskip("shap", reason="the extra `dev` is not installed")
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    model = a_small_model.fitted()
    values = np.floor(RNG.random((60, 6)) * (a_small_model.RANGE + 1))
    shown = overview.explanation(model, values, "zh")
    assert shown.feature_names[0] == "G1-06 经营年限"
    assert np.abs(shown.base_values + shown.values.sum(axis=1) - model.raw(values)).max() < 1e-5
    with overview.chinese() as font:
        if font is not None:
            assert mpl.rcParams["font.sans-serif"][0] == font
        shap.plots.beeswarm(shown, show=False)
        labels = [label.get_text() for label in plt.gca().get_yticklabels()]
    plt.close("all")
    assert any("经营年限" in label for label in labels)
