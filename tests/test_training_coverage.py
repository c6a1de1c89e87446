"""Coverage: how often each kind of 95 % interval holds the truth, over 2,000 replicates.

The world stands in `tests.a_simulation`. Truth is over all its firms; outcomes are drawn anew in
each replicate, so that what an interval must hold is the firms' mean chance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.calibration import Calibration
from models.settings import Cuts
from tests.a_simulation import RARE, Drawn, Floats, World, drawn, world
from training import calibrate, evaluate, robust
from training.curves import lines
from training.equate import Scored, boundaries
from training.intervals import limits, rate, resampled

CUTS = Cuts(method="equal_risk", score="G5-07", shares=(0.73, 0.19, 0.05, 0.03), least_share=0)
AT = np.array([-3.0, -1.5, 0.0])


def truths(firms: World) -> dict[str, float]:
    """What each kind of interval must hold."""
    everyone, rare = np.ones(len(firms.x)), firms.x < RARE
    line = lines(firms.raw, firms.chance, everyone)
    told = {
        "rate of all": float(firms.chance.mean()),
        "rate of a rare cell": float(firms.chance[rare].mean()),
        "doubly robust rate": float(firms.chance.mean()),
        "AUC": evaluate.auc_of_chances(firms.raw, firms.chance),
    }
    steep = made(firms)
    odds = steep.log_odds(firms.raw)
    told["calibration slope"] = float(lines(odds, firms.chance, everyone)[1])
    told["expected over observed"] = float(
        steep.probability(firms.raw).mean() / told["rate of all"]
    )
    told["Brier skill"] = 1 - _brier(steep.probability(firms.raw), firms) / _brier(
        np.full(len(firms.x), 0.15), firms
    )
    for at in AT:
        told[f"calibrated rate at {at:g}"] = float(1 / (1 + np.exp(-(line[0] + line[1] * at))))
    by_score = lines((730 - firms.score) / 100, firms.chance, everyone)
    for name, at in zip("BCD", (790, 730, 670), strict=True):
        odds_at = by_score[0] + by_score[1] * (730 - at) / 100
        told[f"cut of class {name}"] = float(1 / (1 + np.exp(-odds_at)))
    return told


def _brier(probability: Floats, firms: World) -> float:
    true = firms.chance
    return float((true * (1 - probability) ** 2 + (1 - true) * probability**2).mean())


def made(firms: World) -> Calibration:
    """A calibration made before, not quite right."""
    return Calibration(0.75, -0.9)


def intervals(firms: World, found: Drawn, seed: int) -> dict[str, tuple[float, float]]:
    """Every kind of interval of one replicate."""
    x, y, w, f = firms.x[found.firm], found.labels, found.weights, found.firm
    raw, rare = firms.raw[f], firms.x[f] < RARE
    all_, cell = rate(y, w, f), rate(y[rare], w[rare], f[rare])
    steep = made(firms)
    part = np.random.default_rng(seed).choice(len(firms.x), 5000, replace=False)
    double = robust.doubly_robust(
        steep.probability(firms.raw[part]), steep.probability(raw), y, w, f
    )
    told = {
        "rate of all": (all_.low, all_.high),
        "rate of a rare cell": (cell.low, cell.high),
        "doubly robust rate": (double.low, double.high),
    }
    draws = evaluate.Draws(raw, y, w, f, {"base": np.full(len(x), 0.15)})
    _, low, high = evaluate.measured(draws, steep, seed)
    for name, figure in (
        ("AUC", "auc"), ("calibration slope", "slope"),
        ("expected over observed", "expected_over_observed"), ("Brier skill", "skill_over_base"),
    ):  # fmt: skip
        told[name] = (float(low[figure]), float(high[figure]))
    again = resampled(w, f, evaluate.REPLICATES, seed)
    line = calibrate.calibrate(raw, y, w)
    band = calibrate.band(line, raw, y, again, firms.raw[part])
    ends = band.of(AT)
    for at, one, two in zip(AT, *ends, strict=True):
        told[f"calibrated rate at {at:g}"] = (float(one), float(two))
    cut = boundaries(CUTS, line, Scored(firms.score[f], y, w, again), firms.raw[part], 5000)
    if cut.low is None or cut.high is None:
        raise AssertionError(cut.verdict)
    for name, one, two in zip("BCD", cut.low, cut.high, strict=True):
        told[f"cut of class {name}"] = (float(one), float(two))
    return told


def coverage(replicates: int) -> dict[str, float]:
    """Share of replicates whose interval holds the truth."""
    firms = world()
    asked = truths(firms)
    held = dict.fromkeys(asked, 0)
    for number in range(replicates):
        rng = np.random.default_rng(np.random.SeedSequence([7, number]))
        told = intervals(firms, drawn(firms, rng), number)
        for name, truth in asked.items():
            held[name] += told[name][0] <= truth <= told[name][1]
    return {name: count / replicates for name, count in held.items()}


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Few replicates: 95 % of 60 is 57, and fewer than 50 would come by chance once in 10,000."""
    for name, held in coverage(60).items():
        assert held >= 50 / 60, name


@pytest.mark.slow
def test_each_kind_of_interval_covers(proved: Callable[[str, str, str], None]) -> None:
    found = coverage(2000)
    for name, held in found.items():
        proved(f"coverage of 95 % intervals, 2,000 replicates: {name}", f"{held:.1%}", "93–97 %")
    assert {name: held for name, held in found.items() if not 0.93 <= held <= 0.97} == {}


def test_limits_leave_out_what_tells_nothing() -> None:
    low, high = limits(np.array([np.nan, *np.arange(101.0)]))
    # The 102 · .025-th of 101 ordered values.
    assert (float(low), float(high)) == pytest.approx((1.55, 98.45))
