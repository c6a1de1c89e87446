"""Selection, blocks, calibration, cuts, evaluation, gate: literal cases and simulated laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.calibration import Calibration
from models.settings import Blocks, Cuts, Gate
from records.errors import NotPossible
from training import evaluate, selection
from training.calibrate import calibrate
from training.equate import Scored, boundaries
from training.gate import judge
from training.splits import splits


def visits(n: int, positives: int, way: str, drawn_by: str | None, chance: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": [1.0] * positives + [0.0] * (n - positives),
            "way": way,
            "drawn_by": drawn_by,
            "inclusion_probability": chance,
            "method": "written",
            "basket_items": 5,
        }
    )


def test_the_blind_slice_is_the_reference_where_it_is_large_enough() -> None:
    frame = pd.concat(
        [
            visits(100, 40, "drawn", "slice", 0.1),
            visits(50, 30, "drawn", "plan", 0.5),
            visits(20, 15, "targeted", None, np.nan),
        ],
        ignore_index=True,
    )
    found = selection.reference(frame)
    assert (found.basis, int(found.rows.sum())) == ("slice", 100)
    assert found.weights.tolist() == [1.0] * 100
    assert selection.counts(frame) == {"drawn": 150, "targeted": 20, "censored": 0}


def test_else_every_draw_weighted_else_all_labels_as_they_are() -> None:
    frame = pd.concat(
        [
            visits(10, 4, "drawn", "slice", 0.1),
            visits(50, 30, "drawn", "plan", 0.5),
            visits(20, 15, "targeted", None, np.nan),
        ],
        ignore_index=True,
    )
    found = selection.reference(frame)
    assert (found.basis, int(found.rows.sum())) == ("draws", 60)
    assert found.weights[0] / found.weights[-1] == pytest.approx(5)
    assert found.effective == pytest.approx(60**2 / (found.weights**2).sum())
    unknown = visits(50, 30, "unknown", None, np.nan)
    assert selection.reference(unknown).basis == "unweighted"
    assert selection.counts(unknown) == {"drawn": 0, "targeted": 0, "unknown": 50, "censored": 0}


def test_blocks_keep_a_gap_and_never_look_ahead() -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=100, freq="D"))
    parts = list(splits(days, Blocks(count=4, held_out=2, gap_days=10)))
    assert [int(part.held_out.sum()) for part in parts] == [25, 26]
    for part in parts:
        assert days[part.fit].max() < part.first - pd.Timedelta(days=10)
    with pytest.raises(NotPossible, match="too little history"):
        list(
            splits(
                pd.Series(pd.to_datetime(["2024-01-01"] * 9)),
                Blocks(count=4, held_out=2, gap_days=10),
            )
        )


def test_weighted_calibration_is_true_for_all_firms_where_naive_is_not() -> None:
    """100,000 firms; inspectors know something that the score does not, and draw by it."""
    rng = np.random.default_rng(0)
    raw = rng.normal(-2, 1, 100_000)
    known = rng.random(raw.size) < 0.3
    plain, suspect = (1 / (1 + np.exp(-(raw + extra))) for extra in (0.0, 1.0))
    labels = (rng.random(raw.size) < np.where(known, suspect, plain)).astype(float)
    chance = np.where(known, 0.4, 0.05)
    drawn = rng.random(raw.size) < chance
    truth = 0.7 * plain + 0.3 * suspect  # given the score
    found = {
        name: evaluate.calibration_error(
            calibrate(raw[drawn], labels[drawn], weights).probability(raw), truth
        )
        for name, weights in (("weighted", 1 / chance[drawn]), ("naive", np.ones(drawn.sum())))
    }
    assert found["weighted"] < 0.01
    assert found["naive"] > 0.04


@pytest.mark.parametrize(
    ("raw", "labels", "message"),
    [
        ([1.0, 2.0], [1.0, 1.0], "only one outcome"),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 0.0, 1.0], "did not mean more problems"),
    ],
)
def test_calibration_refuses_what_it_cannot_do(
    raw: list[float], labels: list[float], message: str
) -> None:
    with pytest.raises(NotPossible, match=message):
        calibrate(np.array(raw), np.array(labels), np.ones(len(raw)))


def test_classes_begin_where_the_score_carries_equal_risk() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(800, 60, 20_000).round()
    risk = 1 / (1 + np.exp((scores - 600) / 60))
    labels = (rng.random(scores.size) < risk).astype(float)
    cut = boundaries(
        Cuts(method="equal_risk", score="G5-07", shares=(0.7, 0.2, 0.06, 0.04)),
        Calibration(1.0, 0.0),
        Scored(scores, labels, np.ones(scores.size), np.ones((3, scores.size))),
        np.array([-9.0, -2.5, -1.9, 0.0]),
        4,
    )
    expected = 1 / (1 + np.exp((np.array([790, 730, 670]) - 600) / 60))
    assert cut.method == "equal_risk"
    assert cut.rates == pytest.approx(expected, rel=0.1)
    assert (np.diff(cut.raw) > 0).all()


def test_where_the_score_says_nothing_shares_are_used_and_that_is_said() -> None:
    population = np.arange(1000.0)
    cut = boundaries(
        Cuts(method="equal_risk", score="G5-07", shares=(0.7, 0.2, 0.06, 0.04)),
        Calibration(1.0, -500.0),
        Scored(np.full(1000, np.nan), np.tile([0.0, 1.0], 500), np.ones(1000), np.ones((3, 1000))),
        population,
        1000,
    )
    assert cut.method == "share, for only 0 of 1000 draws have a public score"
    assert "at least 50 draws and 50% of them" in cut.verdict
    assert "ingest public_grades" in cut.verdict
    assert cut.raw == pytest.approx([699.3, 899.1, 959.04])


def test_calibration_error_is_the_mean_gap_of_equal_bins() -> None:
    probability = np.array([0.1, 0.1, 0.2, 0.2])
    assert evaluate.calibration_error(probability, np.array([0.0, 0.2, 0.2, 0.4]), bins=2) == (
        pytest.approx(0.05)
    )
    assert evaluate.calibration_error(probability, probability, bins=4) == 0


def test_the_expected_auc_of_known_chances() -> None:
    assert evaluate.auc_of_chances(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 1.0
    assert evaluate.auc_of_chances(np.array([0.0, 1.0]), np.array([0.5, 0.5])) == 0.5


def test_metrics_come_with_their_counts() -> None:
    raw, labels = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0, 1.0])
    found = evaluate.metrics(raw, labels, np.ones(4), Calibration(1.0, 0.0))
    assert (found["n"], found["positives"], found["auc"]) == (4, 2, 0.75)
    expected = (1 / (1 + np.exp(-raw))).sum() / 2
    assert found["expected_over_observed"] == pytest.approx(expected)
    with pytest.raises(NotPossible, match="only one outcome"):
        evaluate.metrics(raw, np.zeros(4), np.ones(4), Calibration(1.0, 0.0))


def test_the_gate_names_what_failed() -> None:
    gate = Gate(min_positives=50, min_auc=0.6, expected_over_observed=(0.7, 1.4), slope=(0.4, 2.5))
    good = {"positives": 50, "auc": 0.7, "expected_over_observed": 1.0, "slope": 1.0}
    assert judge(good, gate).text == "promoted"
    verdict = judge(good | {"positives": 49, "slope": 0.1}, gate)
    assert not verdict.promoted
    assert verdict.text == (
        "not promoted: positives 49, allowed at least 50; slope 0.1, allowed 0.4 to 2.5"
    )
