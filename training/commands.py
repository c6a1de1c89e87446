"""The front door's command of this room: `train`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from records.console import AsJson, stages, table, tell

STAGES = 6


def train(
    store: Annotated[Path, typer.Argument(help="The store of records.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Learn from before.")],
    model: Annotated[
        str, typer.Option(help="A shipped model's name, or a model's folder.")
    ] = "general",
    trials: Annotated[int, typer.Option(min=0, help="Settings to try with Optuna.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every bit.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train a model on inspection outcomes, register it in MLflow, tell the gate's verdict.

    Example: xinfen train var/store --model general --until 2026-07-01 --trials 20
    """
    from models.definition import folder_of, load
    from records.store import Store
    from training import flow, registry

    definition = load(folder_of(model))
    with stages(f"train {definition.name}", STAGES + trials) as stage:
        opened = Store.open(store)
        records, day = opened.snapshot(), opened.day(until.date())
        trained = flow.train(records, definition, day, seed=seed, trials=trials, progress=stage)
        stage("registry")
        version = registry.register(trained.classifier, trained.report, trained.verdict)
    facts = {
        "model": definition.name,
        "version": version,
        "content": trained.classifier.version,
        **trained.report,
    }
    if as_json:
        tell(facts, as_json)
    else:
        _screen(facts)


def _screen(facts: dict[str, Any]) -> None:
    labels, reference, found = facts["labels"], facts["reference"], facts["metrics"]
    table(
        [
            ["model", f"{facts['model']} version {facts['version']}  ({facts['content']})"],
            ["labels", "  ".join(f"{way} {count:,}" for way, count in labels.items())],
            [
                "calibrated on",
                (
                    f"{reference['basis']}: {reference['n']:,} visits, "
                    f"{reference['positives']:,} with a problem"
                ),
            ],
            [
                "held-out AUC",
                (
                    f"{found['auc']:.3f}  on {found['n']:,} draws, "
                    f"{found['positives']:,} with a problem"
                ),
            ],
            ["expected / observed", f"{found['expected_over_observed']:.2f}"],
            ["calibration slope", f"{found['slope']:.2f}"],
            ["classes begin at", f"{_rates(facts['cuts']['rates'])}  ({facts['cuts']['method']})"],
            ["gate", facts["gate"]["text"]],
        ],
        title="Trained",
    )


def _rates(rates: list[float]) -> str:
    return "  ".join(f"{name} {rate:.1%}" for name, rate in zip("BCD", rates, strict=True))
