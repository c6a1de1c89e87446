"""Tune: Optuna's TPE over LightGBM's settings, judged on held-out blocks, stopped block by block.

What a trial does follows from the seed, its number and the finished trials before it, never from
the process: a study that was cut off goes on from its journal as if it never had been.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from models.settings import Fit
from records.errors import NotPossible
from training.journal import Journal

Objective = Callable[[Fit], Iterator[float]]
"""For settings, the loss on all held-out blocks so far, after each; NaN where not to be told."""

Progress = Callable[[str], None]

SPACE: dict[str, BaseDistribution] = {
    "rounds": IntDistribution(40, 400, log=True),
    "num_leaves": IntDistribution(4, 31),
    "max_depth": IntDistribution(2, 6),
    "min_child_samples": IntDistribution(20, 300, log=True),
    "lambda_l2": FloatDistribution(0.1, 100.0, log=True),
    "feature_fraction": FloatDistribution(0.3, 1.0),
}
GOOD, BEST, FEWEST = 0.1, 5, 20
"""Importance is for being in the best tenth, or of the best 5 where the tenth is fewer; it is
told from 20 completed trials on: of fewer it is chance."""


@dataclass(frozen=True)
class Trial:
    """One trial: the loss after each block, and after all; null where it was stopped before."""

    number: int
    settings: Fit
    blocks: list[float | None]
    loss: float | None


@dataclass(frozen=True)
class Study:
    """What was tried, the declared settings first; importance by setting, adding up to 1."""

    trials: list[Trial]
    importance: dict[str, float]

    @property
    def best(self) -> Trial:
        """The least loss; the earliest of equals."""
        return min(self.trials, key=lambda trial: math.inf if trial.loss is None else trial.loss)

    def plain(self) -> dict[str, Any]:
        """For the report: every trial with the least loss so far, the best, and importance.

        `importance` is empty where fewer than `FEWEST` trials were completed.
        """
        least, rows = math.inf, []
        for trial in self.trials:
            least = min(least, math.inf if trial.loss is None else trial.loss)
            rows.append(
                {
                    "number": trial.number,
                    "state": "stopped" if trial.loss is None else "complete",
                    "settings": {name: getattr(trial.settings, name) for name in SPACE},
                    "blocks": trial.blocks,
                    "loss": trial.loss,
                    "best_so_far": least,
                }
            )
        best = {name: rows[self.best.number][name] for name in ("number", "settings", "loss")}
        return {
            "trials": rows,
            "best": best,
            "declared_loss": rows[0]["loss"],
            "importance": self.importance,
        }


def tune(
    start: Fit,
    objective: Objective,
    *,
    trials: int,
    seed: int,
    journal: Path | None = None,
    progress: Progress = lambda _: None,
) -> Study:
    """Try the declared settings and `trials` others.

    A trial is stopped after a block where it lies behind the median of the completed ones. The
    declared settings never are; where they lie outside what is searched, TPE takes them for the
    nearest inside.

    Parameters
    ----------
    start : the declared settings; what is not searched stays as they say.
    journal : the study's file. More trials than asked for may be in it: the first ones count.
    progress : told of each trial as it begins.

    Raises
    ------
    BadInput : the journal is broken.
    NotPossible : the declared settings cannot be judged.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kept = Journal(journal)
    study = optuna.create_study(pruner=optuna.pruners.MedianPruner())
    left = _Left(progress, trials)
    for trial in kept.trials[: trials + 1]:
        left.tell(trial.number, None)
        study.add_trial(trial)
    known = len(study.trials)
    for number in range(known, trials + 1):
        left.tell(number, _best(study.trials), number - known)
        _try(study, start, objective, np.random.SeedSequence([seed, number]))
        kept.keep(study.trials[-1])
    told = [_told(trial, start) for trial in study.trials]
    return Study(told, _importance(study))


def _try(
    study: optuna.Study, start: Fit, objective: Objective, state: np.random.SeedSequence
) -> None:
    """Run one trial to its end or until it is stopped, and tell the study."""
    seed = int(state.generate_state(1)[0])
    study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=False)
    first = not study.trials
    if first:
        study.enqueue_trial({name: _inside(name, getattr(start, name)) for name in SPACE})
    trial = study.ask(SPACE)
    # Blocks are not equally hard, and the pruner looks at a trial's best: so it is told how far
    # the trial lies behind the declared settings on the same blocks.
    usual = [] if first else study.trials[0].user_attrs["blocks"]
    blocks: list[float | None] = []
    try:
        for block, loss in enumerate(objective(start if first else _settings(trial.params, start))):
            blocks.append(None if math.isnan(loss) else loss)
            if first or blocks[-1] is None or usual[block] is None:
                continue
            trial.report(loss - usual[block], block)
            if block + 1 < len(usual) and trial.should_prune():
                break
    except NotPossible:
        if first:
            raise
        blocks.append(None)
    trial.set_user_attr("blocks", blocks)
    whole = blocks[-1] if first or len(blocks) == len(usual) else None
    state_told = TrialState.PRUNED if whole is None else None
    study.tell(trial, whole, state=state_told)


def _inside(name: str, value: float) -> float:
    return float(min(max(value, SPACE[name].low), SPACE[name].high))


def _settings(chosen: dict[str, float | int], start: Fit) -> Fit:
    return Fit.model_validate(start.model_dump() | chosen)


def _told(trial: FrozenTrial, start: Fit) -> Trial:
    loss = trial.value if trial.state == TrialState.COMPLETE else None
    settings = _settings(trial.params, start) if trial.number else start
    return Trial(trial.number, settings, trial.user_attrs["blocks"], loss)


def _importance(study: optuna.Study) -> dict[str, float]:
    """Of each setting, most important first (PED-ANOVA, Watanabe, Bansal and Hutter 2023)."""
    complete = sum(trial.state == TrialState.COMPLETE for trial in study.trials)
    if complete < FEWEST:
        return {}
    evaluator = PedAnovaImportanceEvaluator(target_quantile=max(GOOD, BEST / complete))
    found = get_param_importances(study, evaluator=evaluator, params=list(SPACE))
    return {name: float(share) for name, share in found.items()}


def _best(trials: list[FrozenTrial]) -> float | None:
    return min(
        (trial.value for trial in trials if trial.state == TrialState.COMPLETE), default=None
    )


class _Left:
    """Words on each trial as it begins, with the time until the last one ends."""

    def __init__(self, progress: Progress, trials: int) -> None:
        self._progress, self._trials = progress, trials
        self._begun = time.monotonic()

    def tell(self, number: int, best: float | None, done: int = 0) -> None:
        """`done`: how many trials were run since the beginning."""
        words = f"trial {number} of {self._trials}"
        if best is not None:
            words += f", best loss {best:.5f}"
        if done:
            mean = (time.monotonic() - self._begun) / done
            left = math.ceil(mean * (self._trials + 1 - number))
            span = f"{left} s" if left < 100 else f"{round(left / 60)} min"
            words += f", trials end in {span}"
        self._progress(words)
