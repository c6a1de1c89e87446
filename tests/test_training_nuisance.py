"""Nuisances: found where they are planted, taken out of the trees, never a reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import definition as definitions
from models.settings import Nuisance
from training.fit import Binned, raw_scores
from training.nuisance import Design, fit_effects

N = 6000
EFFECTS = {"a": -0.8, "b": 0.0, "c": 0.8}


def visits(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "way": "drawn",
            "drawn_by": "plan",
            "method": rng.choice(["on_site", "written"], N),
            "office": "one",
            "inspector": rng.choice([*EFFECTS], N),
            "items": 5,
            "basket_items": 5,
        }
    )


def outcomes(made: pd.DataFrame, risk: np.ndarray, seed: int = 1) -> np.ndarray:
    odds = risk + made["inspector"].map(EFFECTS).to_numpy(float)
    odds = odds - 0.9 * made["method"].eq("written").to_numpy(float)
    chance = 1 / (1 + np.exp(-odds))
    return (np.random.default_rng(seed).random(N) < chance).astype(float)


def test_planted_effects_are_found_and_what_is_constant_is_left_out() -> None:
    made = visits()
    risk = np.random.default_rng(2).normal(-1, 1, N)
    design = Design.of(made, Nuisance())
    assert design.factors == ["method", "inspector"]
    found = fit_effects(design, np.ones(N, bool), outcomes(made, risk), risk)
    told = dict(zip(design.levels, found.effects.tolist(), strict=True))
    assert told["c"] - told["a"] == pytest.approx(1.6, abs=0.25)
    assert told["on_site"] - told["written"] == pytest.approx(0.9, abs=0.2)
    offset = found.offset(made["method"].eq("on_site").to_numpy())
    assert offset[made["method"].eq("on_site")].mean() == pytest.approx(0, abs=1e-12)
    without = found.offset(np.ones(N, bool), without="inspector")
    assert len(set(without.round(9))) == 2
    plain = {row["factor"]: row for row in found.plain()}
    assert set(plain["method"]["effects"]) == {"on_site", "written"}
    assert "effects" not in plain["inspector"]  # counted, not named


def test_an_inspector_of_few_visits_is_pulled_towards_none() -> None:
    made = visits()
    made.loc[:3, "inspector"] = "new"
    labels = outcomes(made, np.full(N, -1.0))
    labels[:4] = 1.0
    design = Design.of(made, Nuisance(factors=("inspector",)))
    found = fit_effects(design, np.ones(N, bool), labels, np.full(N, -1.0))
    told = dict(zip(design.levels, found.effects.tolist(), strict=True))
    assert 0 < told["new"] < 2


def test_the_trees_learn_the_firm_and_not_who_came() -> None:
    """Strict inspectors are sent to firms of a high value that says nothing of risk."""
    definition = definitions.load(definitions.folder_of("general"))
    rng = np.random.default_rng(4)
    values = np.zeros((N, len(definition.fitted)))
    free = [
        i for i, name in enumerate(definition.fitted) if not definition.catalogue[name].monotone
    ]
    told, bait = free[:2]
    values[:, told], values[:, bait] = rng.normal(0, 1, (2, N))
    made = visits()
    made["inspector"] = np.where(rng.random(N) < 1 / (1 + np.exp(-3 * values[:, bait])), "c", "a")
    labels = outcomes(made, values[:, told] - 1)
    everyone = np.ones(N, bool)
    spread = {}
    for name, design in (("blind", None), ("knows", Design.of(made, definition.nuisance))):
        binned = Binned.of(values, labels, definition, design, everyone)
        text, _ = binned.fit(everyone, definition.fit, 0)
        probe = np.zeros((2, len(definition.fitted)))
        probe[:, bait] = [-1.5, 1.5]
        low, high = raw_scores(text, probe)
        spread[name] = high - low
        assert binned.fit(everyone, definition.fit, 0)[0] == text
    assert spread["blind"] > 0.8
    assert abs(spread["knows"]) < 0.5 * spread["blind"]
