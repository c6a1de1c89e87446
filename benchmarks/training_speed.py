"""How long a fit takes beside bare LightGBM on the same matrix, and how long tuning takes.

Labels are synthetic (`benchmarks.training_data`). LightGBM has one thread on both sides, so that
fits are compared by seconds of the processor, by turns in one process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np

from benchmarks.chicago_report import Row, row
from benchmarks.training_data import labelled
from models import definition as definitions
from models.definition import ModelDefinition
from models.settings import Fit
from records.places import at_home
from training.fit import Binned, parameters
from training.held_out import losses
from training.labelled import Labelled
from training.splits import splits
from training.tune import tune

LABELS = {"small": 6_000, "full": 200_000}
TRIALS = {"small": 6, "full": 50}
TURNS = 5

FIT, MINUTES = 1.3, 30
"""Goals: seconds to LightGBM's for a fit at declared settings; minutes for all trials."""


def rows(size: str, seed: int) -> list[Row]:
    """Rows of both figures; at small size `ok` is for the caller to leave out."""
    definition = definitions.load(definitions.folder_of("general"))
    with tempfile.TemporaryDirectory(prefix="xinfen-speed-") as scratch:
        folder = Path(scratch)
        with at_home(folder / "home"):
            data = labelled(folder, LABELS[size], definition, seed)
        return [
            *fit_rows(data.binned, definition.fit, seed),
            *tune_rows(data, definition, TRIALS[size], folder / "study.log", seed),
        ]


def fit_rows(binned: Binned, fit: Fit, seed: int) -> list[Row]:
    """A fit to all labels, without and with the effects of how visits looked."""
    every = np.ones(len(binned.labels), bool)
    plain = replace(binned, design=None)
    settings = parameters(fit, binned.monotone, seed)
    sides = [
        lambda: lgb.train(settings, binned.data.set_init_score(None), fit.rounds),
        lambda: plain.fit(every, fit, seed),
        lambda: binned.fit(every, fit, seed),
    ]
    turns = np.array([[_seconds(side) for side in sides] for _ in range(TURNS)])
    bare, *ours = np.median(turns, axis=0).tolist()
    ratios = np.median(turns[:, 1:] / turns[:, :1], axis=0).tolist()
    what = (f"fit, {len(every):,} synthetic labels", "the same with nuisances fitted first")
    goals = ((FIT, ratios[0] <= FIT), (None, None))
    return [
        row(name, figure, "CPU s", peer="lightgbm.train", peer_figure=bare, goal=goal, ok=ok)
        | {"ratio": ratio}
        for name, figure, ratio, (goal, ok) in zip(what, ours, ratios, goals, strict=True)
    ]


def tune_rows(
    data: Labelled, definition: ModelDefinition, trials: int, journal: Path, seed: int
) -> list[Row]:
    """The declared settings and so many others, on the blocks that training tunes on."""
    parts = list(splits(data.visits["visited_on"], definition.blocks))
    earlier = parts[: -definition.blocks.judged]
    begun, worked = time.perf_counter(), time.process_time()
    study = tune(
        definition.fit,
        lambda settings: losses(data, earlier, settings, seed),
        trials=trials,
        seed=seed,
        journal=journal,
    )
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    stopped = sum(trial.loss is None for trial in study.trials)
    what = f"{trials} trials, {len(data.labels):,} synthetic labels"
    limit = 60.0 * MINUTES
    best, declared = study.best.loss, study.trials[0].loss
    return [
        row(what, seconds, "s", goal=limit, ok=seconds <= limit),
        row(f"{what}: processor", cpu, "CPU s"),
        row(f"{what}: stopped early", float(stopped), "trials"),
        row(f"{what}: log-loss", best, "nats", peer="declared settings", peer_figure=declared),
    ]


def _seconds(side: Callable[[], object]) -> float:
    begun = time.process_time()
    side()
    return time.process_time() - begun
