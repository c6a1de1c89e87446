"""Tune: Optuna's TPE over LightGBM's settings, judged on held-out blocks."""

from __future__ import annotations

from collections.abc import Callable

import optuna

from models.settings import Fit

Objective = Callable[[Fit], float]


def tune(
    start: Fit,
    objective: Objective,
    *,
    trials: int,
    seed: int,
    progress: Callable[[], None] | None = None,
) -> Fit:
    """The settings with the least weighted log-loss among `start` and `trials` others.

    The same seed gives the same trials; the declared settings are always the first of them.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(
        {
            name: getattr(start, name)
            for name in (
                "rounds",
                "num_leaves",
                "max_depth",
                "min_child_samples",
                "lambda_l2",
                "feature_fraction",
            )
        }
    )

    def trial_loss(trial: optuna.Trial) -> float:
        loss = objective(_suggest(trial, start))
        if progress is not None:
            progress()
        return loss

    study.optimize(trial_loss, n_trials=trials + 1)
    return _settings(study.best_params, start)


def _suggest(trial: optuna.Trial, start: Fit) -> Fit:
    return _settings(
        {
            "rounds": trial.suggest_int("rounds", 40, 400, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 4, 31),
            "max_depth": trial.suggest_int("max_depth", 2, 6),
            "min_child_samples": trial.suggest_int("min_child_samples", 20, 300, log=True),
            "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 100.0, log=True),
            "feature_fraction": trial.suggest_float("feature_fraction", 0.3, 1.0),
        },
        start,
    )


def _settings(chosen: dict[str, float | int], start: Fit) -> Fit:
    return Fit.model_validate(start.model_dump() | chosen)
