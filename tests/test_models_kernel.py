from __future__ import annotations

import itertools
import math
import subprocess
import sys
from collections.abc import Callable

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import compiled, kernel
from models.background import Background
from models.kernel import Kernel
from records.errors import BadDefinition, BadInput, NotPossible
from tests import a_booster

CLOSE = 1e-5

seeds = st.integers(0, 2**32 - 1)
depths = st.integers(1, 6)
few = settings(max_examples=40)


def model(seed: int, depth: int, trees: int = 6) -> tuple[str, np.random.Generator]:
    """A random model, one of its trees constant, and the source of what goes with it."""
    random = np.random.default_rng(seed)
    grown = [a_booster.tree(random, depth) for _ in range(trees)]
    return a_booster.text([a_booster.constant(0.3), *grown]), random


def off(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether two sets of contributions differ anywhere by more than is allowed."""
    return not bool(np.abs(found - expected).max(initial=0.0) <= CLOSE)


@few
@given(seeds, depths)
def test_path_dependent_contributions_are_lightgbms(seed: int, depth: int) -> None:
    text, random = model(seed, depth)
    values, theirs = a_booster.rows(random, 50), a_booster.oracle(text)
    ours, told = Kernel(text).explain(values), a_booster.contributions(theirs, values)
    assert not off(ours.contributions, told[:, :-1])
    assert ours.base == pytest.approx(told[0, -1], abs=1e-9)
    assert ours.score.tolist() == a_booster.scores(theirs, values).tolist()


@few
@given(seeds, depths)
def test_interventional_contributions_are_shapleys_by_definition(seed: int, depth: int) -> None:
    text, random = model(seed, depth, trees=3)
    rows, firms = a_booster.rows(random, 2), a_booster.rows(random, 4)
    weights = random.integers(0, 4, 4) + np.array([1.0, 0, 0, 0])
    against = Background(firms, weights, np.full(4, "", object))
    ours = Kernel(text, against).explain(rows)
    expected = [by_definition(a_booster.oracle(text), row, firms, weights) for row in rows]
    assert not off(ours.contributions, np.array(expected))


def by_definition(
    booster: lgb.Booster, row: np.ndarray, firms: np.ndarray, weights: np.ndarray
) -> list[float]:
    """Shapley's sum over all coalitions, each worth its mean score over the background."""
    k = len(row)
    coalitions = list(itertools.product([False, True], repeat=k))
    mixed = np.concatenate([np.where(who, row, firms) for who in coalitions])
    scores = a_booster.scores(booster, mixed).reshape(len(coalitions), len(firms))
    worth = dict(zip(coalitions, scores @ (weights / weights.sum()), strict=True))
    told = []
    for j in range(k):
        total = 0.0
        for who in (who for who in coalitions if not who[j]):
            joined = (*who[:j], True, *who[j + 1 :])
            share = math.factorial(sum(who)) * math.factorial(k - sum(who) - 1)
            total += share / math.factorial(k) * (worth[joined] - worth[who])
        told.append(total)
    return told


@pytest.fixture(scope="module")
def province() -> tuple[np.ndarray, np.ndarray]:
    """Rows with counts that are mostly 0, amounts, unknown values and two categories; labels."""
    random = np.random.default_rng(3)
    n = 3000
    latent = random.normal(size=n)
    values = np.column_stack(
        [
            random.poisson(np.exp(latent - 1)),
            random.poisson(0.1, n),
            np.where(random.random(n) < 0.3, np.nan, np.round(latent + random.normal(size=n), 1)),
            np.where(random.random(n) < 0.7, 0.0, random.gamma(2.0, 1.0, n)),
            random.integers(0, 40, n),
            np.where(random.random(n) < 0.1, np.nan, random.integers(0, 5, n)),
        ]
    )
    chance = 1 / (1 + np.exp(2 - latent - (values[:, 4] % 3) + 0.5 * (values[:, 5] == 2)))
    return values, (random.random(n) < chance).astype(np.float64)


@pytest.mark.parametrize("more", [{}, {"zero_as_missing": True}, {"use_missing": False}])
@pytest.mark.parametrize(("depth", "rounds"), [(1, 30), (3, 30), (6, 1), (6, 60)])
def test_fitted_models_too(
    province: tuple[np.ndarray, np.ndarray], depth: int, rounds: int, more: dict[str, bool]
) -> None:
    values, labels = province
    booster = a_booster.fitted(values, labels, rounds, [4, 5], max_depth=depth, **more)
    agrees(booster, values[:200])


def agrees(booster: lgb.Booster, values: np.ndarray) -> Kernel:
    told = a_booster.contributions(booster, values)
    made = Kernel(booster.model_to_string())
    ours = made.explain(values)
    assert not off(ours.contributions, told[:, :-1])
    assert ours.score.tolist() == a_booster.scores(booster, values).tolist()
    return made


def test_a_model_that_learned_nothing(province: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = province
    booster = a_booster.fitted(values, labels, 3, [], min_child_samples=10**6)
    told = agrees(booster, values[:5]).explain(values[:5])
    assert told.contributions.tolist() == np.zeros((5, 6)).tolist()
    assert told.base == told.score[0]


@pytest.mark.filterwarnings("ignore")  # shap's own imports
def test_interventional_contributions_are_shaps(province: tuple[np.ndarray, np.ndarray]) -> None:
    import shap

    values, labels = np.nan_to_num(province[0]), province[1]
    booster = a_booster.fitted(values, labels, 60, [], max_depth=6)
    firms = values[1000:1060]
    theirs = shap.TreeExplainer(booster, data=firms, feature_perturbation="interventional")
    ours = Kernel(booster.model_to_string(), Background.alike(firms)).explain(values[:100])
    assert not off(ours.contributions, np.asarray(theirs.shap_values(values[:100])))
    assert ours.base == pytest.approx(float(np.ravel(theirs.expected_value)[0]), abs=1e-9)


@few
@given(seeds, depths, st.booleans())
def test_base_and_contributions_add_up_to_the_score(seed: int, depth: int, path: bool) -> None:
    text, random = model(seed, depth)
    firms = a_booster.rows(random, 30)
    weights = random.random(30)
    compared = None if path else Background(firms, weights, np.full(30, "", object))
    told = Kernel(text, compared).explain(a_booster.rows(random, 50))
    assert np.abs(told.base + told.contributions.sum(axis=1) - told.score).max() <= CLOSE
    if not path:
        mean = np.average(a_booster.scores(a_booster.oracle(text), firms), weights=weights)
        assert told.base == pytest.approx(mean, abs=1e-9)


@few
@given(seeds)
def test_an_indicator_that_no_tree_uses_has_no_part(seed: int) -> None:
    random = np.random.default_rng(seed)
    text = a_booster.text([a_booster.tree(random, 4)], features=9)
    values = np.column_stack([a_booster.rows(random, 20), random.normal(size=(20, 3))])
    for compared in (None, Background.alike(values[:7])):
        told = Kernel(text, compared).explain(values)
        assert told.contributions[:, 6:].tolist() == np.zeros((20, 3)).tolist()


@few
@given(seeds, depths)
def test_what_plays_the_same_part_gets_the_same(seed: int, depth: int) -> None:
    """Features 0 and 1 exchanged in every tree and every firm; a row where both are equal."""
    twins = [
        a_booster.tree(np.random.default_rng(seed), depth, swapped=swapped)
        for swapped in (False, True)
    ]
    random = np.random.default_rng(seed + 1)
    firms, values = a_booster.rows(random, 6), a_booster.rows(random, 30)
    values[:, 1] = values[:, 0]
    both = np.concatenate([firms, firms[:, [1, 0, 2, 3, 4, 5]]])
    told = Kernel(a_booster.text(twins), Background.alike(both)).explain(values)
    assert np.abs(told.contributions[:, 0] - told.contributions[:, 1]).max() <= CLOSE


@few
@given(seeds, st.booleans())
def test_a_row_alone_gets_the_bits_it_gets_in_a_batch(seed: int, path: bool) -> None:
    text, random = model(seed, 6)
    values = a_booster.rows(random, 40)
    made = Kernel(text, None if path else Background.alike(a_booster.rows(random, 9)))
    batch, into = made.explain(values), np.empty(a_booster.FEATURES)
    for at, row in enumerate(values):
        assert made.one(row, into) == batch.score[at]
        assert into.tobytes() == batch.contributions[at].tobytes()
        again = made.explain(values[at : at + 1])
        assert again.contributions.tobytes() == batch.contributions[at].tobytes()


@pytest.mark.parametrize(("chunk", "threads"), [(1, 1), (7, 3), (64, 2), (10_000, 4)])
def test_chunks_threads_and_layout_change_no_bit(
    monkeypatch: pytest.MonkeyPatch, chunk: int, threads: int
) -> None:
    text, random = model(11, 6)
    values = a_booster.rows(random, 500)
    made = Kernel(text)
    expected = made.explain(values, threads=1)
    monkeypatch.setattr(kernel, "CHUNK", chunk)
    for given_as in (values, np.asfortranarray(values), values[::-1][::-1]):
        told = made.explain(given_as, threads=threads)
        assert told.score.tobytes() == expected.score.tobytes()
        assert told.contributions.tobytes() == expected.contributions.tobytes()


def test_no_rows_and_other_types_of_numbers() -> None:
    text, _ = model(4, 3)
    made = Kernel(text)
    nobody = made.explain(np.empty((0, a_booster.FEATURES)))
    assert nobody.contributions.shape == (0, a_booster.FEATURES)
    whole = np.arange(12).reshape(2, 6)
    assert made.explain(whole).score.tolist() == made.explain(whole.astype(float)).score.tolist()


def test_a_contribution_off_by_a_thousandth_is_caught() -> None:
    text, random = model(5, 5)
    values = a_booster.rows(random, 200)
    theirs = a_booster.contributions(a_booster.oracle(text), values)[:, :-1]
    made = Kernel(text)
    assert not off(made.explain(values).contributions, theirs)
    units = made._program.tables.copy()
    made._program = made._program._replace(tables=units)
    used = made.explain(values).contributions
    units += (units != 0) * round(1e-3 / made._unit)  # as a wrong table would do it
    assert off(made.explain(values).contributions, theirs)
    used[17, 2] += 1e-3
    assert off(used, theirs)


def test_peers_are_another_background() -> None:
    text, random = model(6, 4)
    firms = a_booster.rows(random, 200)
    industries = np.array(["F52", "F51", "H62", ""] * 50, object)
    province = Background(firms, np.ones(200), industries)
    made = Kernel(text, province)
    peers = made.against(province.peers("F"))
    scores = a_booster.scores(a_booster.oracle(text), firms)
    assert made.base == pytest.approx(scores.mean(), abs=1e-9)
    assert peers.base == pytest.approx(scores.reshape(50, 4)[:, :2].mean(), abs=1e-9)
    assert province.peers("H62").industries.tolist() == ["H62"] * 50
    with pytest.raises(NotPossible, match="too few firms of industry 'Z'"):
        province.peers("Z")


def test_what_cannot_be_explained_is_refused() -> None:
    text, random = model(7, 3)
    made = Kernel(text)
    with pytest.raises(BadInput, match=r"not the model's indicators\n  found: shape \(2, 3\)"):
        made.explain(np.zeros((2, 3)))
    for row, into in ((6, 5), (5, 6), ((1, 6), 6)):
        with pytest.raises(BadInput, match="not the model's indicators"):
            made.one(np.zeros(row), np.zeros(into))
    with pytest.raises(BadInput, match="allowed: rows of 6 indicators"):
        made.explain(np.zeros(6))
    with pytest.raises(BadInput, match="not the model's indicators"):
        Kernel(text, Background.alike(np.zeros((3, 2))))
    uncounted = text.replace("internal_count=", "internal_count=0 ")
    with pytest.raises(BadDefinition, match="tree 1 cannot be read"):
        Kernel(uncounted)
    none = [
        "internal_count=" + " ".join("0" * len(line.split())) if "nal_count" in line else line
        for line in text.split("\n")
    ]
    with pytest.raises(BadDefinition, match="how many rows came to its leaves"):
        Kernel("\n".join(none))
    assert Kernel("\n".join(none), Background.alike(a_booster.rows(random, 3))).base


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1.0], "do not fit"), ([1.0, -1.0], "no weight"), ([0.0, 0.0], "without any firm")],
)
def test_a_background_that_stands_for_nobody(weights: list[float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Background(np.zeros((2, 3)), np.array(weights), np.array(["", ""], object))


def test_small_commands_load_no_compiler_and_draw_nothing() -> None:
    asked = (
        "import sys, xinfen, models.classifier, serving.scoring.batch, training.report; "
        "print({'numba', 'matplotlib', 'mlflow'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


def test_a_read_only_installation_compiles_without_a_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def njit(function: Callable[[int], int], **options: bool) -> Callable[[int], int]:
        asked.append(options)
        if "cache" in options:
            raise RuntimeError("cannot cache function: no locator available")
        return function

    monkeypatch.setattr("numba.njit", njit)
    assert compiled.compiled(abs)(-3) == 3
    assert asked == [{"cache": True, "nogil": True}, {"nogil": True}]


@pytest.mark.slow
def test_a_thousand_trees(
    province: tuple[np.ndarray, np.ndarray], proved: Callable[[str, str, str], None]
) -> None:
    values, labels = province
    worst = 0.0
    for rate in (0.02, 0.3):
        booster = a_booster.fitted(values, labels, 1000, [4, 5], max_depth=6, learning_rate=rate)
        told = a_booster.contributions(booster, values)[:, :-1]
        ours = agrees(booster, values).explain(values)
        firms = Background.alike(values[:500])
        other = Kernel(booster.model_to_string(), firms).explain(values)
        gaps = [ours.contributions - told]
        gaps += [one.base + one.contributions.sum(axis=1) - one.score for one in (ours, other)]
        worst = max(worst, *(float(np.abs(gap).max()) for gap in gaps))
    proved(
        "1,000 trees of 31 leaves, 3,000 rows: contributions from LightGBM's, sums from the score",
        f"{worst:.1e}",
        "1e-05",
    )
    assert worst <= CLOSE
