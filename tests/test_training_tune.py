"""Tuning: the same bits however often it was cut off; and a fitted model keeps its directions."""

from __future__ import annotations

import json
import math
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models import definition as definitions
from models.classifier import RiskClassifier
from models.settings import Fit
from records.errors import BadInput, NotPossible
from records.places import home
from records.store import Store
from training import flow, screen
from training.fit import Binned, raw_scores
from training.tune import SPACE, Study, tune

GENERAL = definitions.load(definitions.folder_of("general"))
BLOCKS = 4


def losses(settings: Fit) -> Iterator[float]:
    """Blocks of unequal hardness; the best settings are of 20 leaves and little pull."""
    behind = abs(settings.num_leaves - 20) / 100 + math.log(settings.lambda_l2 + 1) / 50
    for block in range(BLOCKS):
        yield 0.3 + 0.1 * math.sin(block) + behind * (1 + 0.1 * block)


def tuned(trials: int, journal: Path | None = None, start: Fit = GENERAL.fit) -> Study:
    return tune(start, losses, trials=trials, seed=3, journal=journal)


def test_the_same_seed_tries_the_same_and_never_ends_worse_than_declared() -> None:
    study = tuned(30)
    assert study == tuned(30)
    assert study != tune(GENERAL.fit, losses, trials=30, seed=4)
    first, *others = study.trials
    assert first.settings == GENERAL.fit
    assert study.best.loss is not None
    assert first.loss is not None
    assert study.best.loss < first.loss
    assert len({trial.settings.model_dump_json() for trial in others}) == 30
    assert abs(study.best.settings.num_leaves - 20) <= 3


def test_a_trial_behind_the_others_is_stopped_after_a_block_and_the_declared_never() -> None:
    bad = GENERAL.fit.model_copy(update={"num_leaves": 4, "lambda_l2": 100.0})
    first, *others = tuned(30, start=bad).trials
    assert len(first.blocks) == BLOCKS
    assert first.loss == first.blocks[-1]
    for trial in others:
        assert (trial.loss is None) == (len(trial.blocks) < BLOCKS)
    stopped = [trial for trial in others if trial.loss is None]
    assert 5 < len(stopped) < 25


CUT = """
import os, signal, sys
from pathlib import Path
from tests.test_training_tune import GENERAL, losses
from training.tune import tune

begun = 0

def cut(settings):
    global begun
    begun += 1
    for block, loss in enumerate(losses(settings)):
        if begun == 8 and block == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        yield loss

tune(GENERAL.fit, cut, trials=20, seed=3, journal=Path(sys.argv[1]))
"""


def test_a_study_killed_goes_on_as_if_it_never_had_been(tmp_path: Path) -> None:
    journal = tmp_path / "study.log"
    command = [sys.executable, "-c", CUT, str(journal)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    kept = journal.read_bytes()
    assert kept.count(b"\n") == 1 + 7  # the study's own line, and one a finished trial
    journal.write_bytes(kept + kept[-300:-20])  # a line cut off in its writing
    begun: list[Fit] = []

    def counted(settings: Fit) -> Iterator[float]:
        begun.append(settings)
        return losses(settings)

    study = tune(GENERAL.fit, counted, trials=20, seed=3, journal=journal)
    assert study == tuned(20)
    assert len(begun) == 21 - 7


def test_more_trials_continue_a_study_and_fewer_are_its_first(tmp_path: Path) -> None:
    journal = tmp_path / "study.log"
    assert tuned(4, journal) == tuned(4)
    assert tuned(12, journal) == tuned(12)
    kept = journal.read_bytes()
    assert tuned(4, journal) == tuned(4)
    assert journal.read_bytes() == kept


def test_an_error_in_a_trial_leaves_the_study_as_before_it(tmp_path: Path) -> None:
    journal = tmp_path / "study.log"
    left = iter(range(6))

    def failing(settings: Fit) -> Iterator[float]:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return losses(settings)

    with pytest.raises(KeyboardInterrupt):
        tune(GENERAL.fit, failing, trials=12, seed=3, journal=journal)
    assert tuned(12, journal) == tuned(12)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("\x00\x01", "line 2"),
        ("[1, 2]", "line 2"),
        ('{"op_code": 4}', "KeyError"),
        ('{"op_code": 77, "worker_id": "x"}', "AssertionError"),
    ],
)
def test_a_broken_journal_is_named(line: str, message: str, tmp_path: Path) -> None:
    journal = tmp_path / "study.log"
    tuned(0, journal)
    first = journal.read_text("utf-8").splitlines()[0]
    journal.write_text(f"{first}\n{line}\n", "utf-8")
    with pytest.raises(BadInput, match=message) as caught:
        tuned(2, journal)
    assert str(journal) in str(caught.value)
    assert "delete the file" in caught.value.hint


def test_declared_settings_outside_the_searched_ones_are_tried_as_they_are() -> None:
    far = GENERAL.fit.model_copy(update={"rounds": 1000, "lambda_l2": 0.0, "max_depth": 1})
    study = tuned(12, start=far)
    assert study.trials[0].settings == far
    assert all(trial.settings.learning_rate == far.learning_rate for trial in study.trials)


def test_settings_that_cannot_be_judged_are_out_unless_they_are_the_declared() -> None:
    def falling(settings: Fit) -> Iterator[float]:
        yield math.nan
        if settings.num_leaves > 15:
            raise NotPossible("a higher score did not mean more problems")
        yield settings.num_leaves / 100

    study = tune(GENERAL.fit, falling, trials=12, seed=3)
    out = [trial for trial in study.trials if trial.settings.num_leaves > 15]
    assert out
    assert all((trial.loss, trial.blocks) == (None, [None, None]) for trial in out)
    with pytest.raises(NotPossible, match="did not mean"):
        tune(GENERAL.fit.model_copy(update={"num_leaves": 16}), falling, trials=1, seed=3)


def test_the_report_tells_every_trial_and_what_matters() -> None:
    told = tuned(50).plain()
    assert json.loads(json.dumps(told)) == told
    assert [row["number"] for row in told["trials"]] == list(range(51))
    so_far = [row["best_so_far"] for row in told["trials"]]
    assert so_far == sorted(so_far, reverse=True)
    assert told["best"]["loss"] == so_far[-1]
    assert set(told["best"]["settings"]) == set(SPACE) == set(told["importance"])
    assert sum(told["importance"].values()) == pytest.approx(1)
    assert next(iter(told["importance"])) == "num_leaves"
    assert tuned(10).plain()["importance"] == {}


def test_the_terminal_is_told_each_trial_the_best_and_the_time_left(tmp_path: Path) -> None:
    said: list[str] = []
    journal = tmp_path / "study.log"
    tuned(2, journal)
    tune(GENERAL.fit, losses, trials=4, seed=3, journal=journal, progress=said.append)
    assert said[:3] == ["trial 0 of 4", "trial 1 of 4", "trial 2 of 4"]
    best = tuned(2).best.loss
    assert said[3] == f"trial 3 of 4, best loss {best:.5f}"
    assert said[4].endswith(", trials end in 1 s")
    assert len(said) == 5


@pytest.fixture
def short(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], flow.Trained]]:
    """Training on the demo, whose indicators are kept, with a study of its own."""
    monkeypatch.setenv("XINFEN_HOME", str(demo / "home"))
    records = Store.open(demo / "store").snapshot()
    yield lambda trials: flow.train(records, GENERAL, date(2026, 7, 1), seed=7, trials=trials)
    shutil.rmtree(home() / "tuning", ignore_errors=True)


def test_training_twice_with_trials_gives_the_same_bits(
    short: Callable[[int], flow.Trained],
) -> None:
    trained = short(2)
    told = trained.report["tuning"]
    assert len(told["trials"]) == 3
    assert trained.report["settings"] == GENERAL.fit.model_dump() | told["best"]["settings"]
    assert screen._tuned(told).startswith("2 trials, 0 stopped early; log-loss 0.")
    (journal,) = (home() / "tuning").iterdir()
    journal.unlink()
    again = short(2)
    assert (again.classifier.text, again.report) == (trained.classifier.text, trained.report)
    assert again.classifier.version == trained.classifier.version


def test_without_trials_nothing_is_told_of_tuning(demo: Path) -> None:
    assert "tuning" not in RiskClassifier.load(demo / "run" / "model").facts


MONOTONE = np.array([GENERAL.catalogue[name].monotone for name in GENERAL.fitted])


@settings(max_examples=6, derandomize=True)
@given(
    seed=some.integers(0, 2**31),
    leaves=some.integers(4, 31),
    depth=some.integers(2, 6),
    fewest=some.integers(1, 20),
)
def test_a_worse_indicator_never_lowers_the_score(
    seed: int, leaves: int, depth: int, fewest: int
) -> None:
    """Outcomes that lean against the declared directions as often as with them.

    What was unknown stays so: LightGBM does not order the unknown among what is known.
    """
    rng = np.random.default_rng(seed)
    shape = (300, len(MONOTONE))
    values = rng.poisson(2, shape).astype(np.float64)
    values += np.where(rng.random(shape) < 0.3, rng.normal(size=shape), 0)
    lean = values @ rng.normal(0, 0.3, len(MONOTONE))
    labels = (rng.random(300) < 1 / (1 + np.exp(-(lean - lean.mean())))).astype(float)
    values[rng.random(shape) < 0.2] = np.nan
    fit = GENERAL.fit.model_copy(
        update={
            "rounds": 40,
            "learning_rate": 0.3,
            "num_leaves": leaves,
            "max_depth": depth,
            "min_child_samples": fewest,
            "lambda_l2": 0.0,
        }
    )
    text, _ = Binned.of(values, labels, GENERAL).fit(np.ones(300, bool), fit, 0)
    before = raw_scores(text, values)
    assert np.ptp(before) > 1
    for at in np.flatnonzero(MONOTONE):
        worse = values.copy()
        worse[:, at] += MONOTONE[at] * rng.exponential(2, 300)
        assert (raw_scores(text, worse) >= before - 1e-12).all(), GENERAL.fitted[at]
