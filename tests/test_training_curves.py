"""Calibration curves: against their definitions, and the choice between them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models.calibration import Band, Calibration
from training import calibrate, curves

Floats = np.ndarray


def draws(n: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2, 1.2, n)
    labels = (rng.random(n) < 1 / (1 + np.exp(-raw))).astype(float)
    return raw, labels, rng.uniform(0.5, 3, n)


def test_lines_are_weighted_maximum_likelihood() -> None:
    raw, labels, weights = draws(2000)
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=5000)
    model.fit(raw[:, None], labels, sample_weight=weights)
    expected = [float(model.intercept_[0]), float(model.coef_[0, 0])]
    assert curves.lines(raw, labels, weights) == pytest.approx(expected, abs=1e-5)
    both = curves.lines(raw, labels, np.stack([weights, np.ones(2000)]))
    assert both[0] == pytest.approx(expected, abs=1e-5)
    assert both[1] == pytest.approx(curves.lines(raw, labels, np.ones(2000)), abs=1e-9)


def test_a_line_that_does_not_exist_is_nan() -> None:
    raw = np.array([0.0, 1.0, 2.0, 3.0])
    parted = curves.lines(raw, np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4))
    one = curves.lines(raw, np.ones(4), np.ones(4))
    assert np.isnan(parted).all()
    assert np.isnan(one).all()


def test_an_offset_is_taken_out() -> None:
    raw, labels, weights = draws(3000)
    plain = curves.lines(raw, labels, weights)
    moved = curves.lines(raw, labels, weights, np.full(3000, 0.7))
    assert moved == pytest.approx(plain - [0.7, 0.0], abs=1e-6)


def test_isotonic_blocks_have_their_weighted_means() -> None:
    raw = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    labels = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    weights = np.array([1.0, 1.0, 3.0, 1.0, 1.0, 1.0])
    made = curves.isotonic(raw, labels, weights)
    # Blocks: {0} at 0; {1, 2} of weight 4, mean 1/4, middle 7/4; {3, 4} mean 1/2; {5} at 1.
    at = [knot[0] for knot in made.knots]
    assert at == pytest.approx([0.0, 1.75, 3.5, 5.0])
    assert made.probability(np.array([1.75, 3.5])) == pytest.approx([0.25, 0.5])


def test_venn_abers_is_its_definition() -> None:
    """With the new firm added once as clean and once as a problem, by another implementation."""
    raw, labels, _ = draws(150, seed=3)
    raw = raw.round(2)
    weights = np.ones(150)
    made = curves.venn_abers(raw, labels, weights)
    told = []
    for at, _ in made.knots:
        near = float(np.unique(raw)[np.abs(np.unique(raw) - at).argmin()])
        both = [
            IsotonicRegression()
            .fit(np.append(raw, near), np.append(labels, new))
            .predict([near])[0]
            for new in (0.0, 1.0)
        ]
        told.append(both[1] / (1 - both[0] + both[1]))
    knots = np.array([knot[0] for knot in made.knots])
    assert made.probability(knots) == pytest.approx(told, abs=0.02)


@pytest.mark.parametrize("name", list(curves.FITTERS))
def test_every_curve_rises_and_can_be_read_backwards(name: str) -> None:
    made = curves.FITTERS[name](*draws(800))
    at = np.linspace(-8, 5, 400)
    told = made.probability(at)
    assert (np.diff(told) > 0).all()
    assert ((told > 0) & (told < 1)).all()
    assert made.raw_at(told) == pytest.approx(at, abs=1e-6)
    assert Calibration.read(made.plain()) == made


def test_the_straight_line_stays_unless_another_is_clearly_better() -> None:
    raw, labels, weights = draws(4000)
    blocks = np.arange(4000) // 1000
    chosen = calibrate.choose(raw, labels, weights, blocks)
    assert chosen.calibration.method == "logistic"
    assert set(chosen.losses) == {"logistic", "isotonic", "venn_abers"}
    step = np.where(raw > -2, 0.9, 0.02)
    bent = (np.random.default_rng(1).random(4000) < step).astype(float)
    assert calibrate.choose(raw, bent, weights, blocks).calibration.method != "logistic"


def test_the_band_lies_around_the_line_and_widens_by_drift() -> None:
    raw, labels, weights = draws(2000)
    again = np.stack([np.random.default_rng(s).poisson(1, 2000) * weights for s in range(60)])
    made = calibrate.calibrate(raw, labels, weights)
    plain = calibrate.band(made, raw, labels, again, raw)
    at = np.array([-3.0, -2.0, 0.0])
    low, high = plain.of(at)
    told = made.probability(at)
    assert ((low < told) & (told < high)).all()
    up = calibrate.band(made, raw, labels, again, raw, drift=0.3).of(at)
    assert (up[0] < low).all()
    assert up[1].tolist() == high.tolist()
    assert Band.read(plain.plain()) == plain
