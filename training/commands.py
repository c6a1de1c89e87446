"""The front door's command of this room: `train`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from records.console import AsJson, stages, table, tell

STAGES = 7


def train(
    store: Annotated[Path, typer.Argument(help="The store of records.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Learn from before.")],
    model: Annotated[
        str, typer.Option(help="A shipped model's name, or a model's folder.")
    ] = "general",
    trials: Annotated[int, typer.Option(min=0, help="Settings to try with Optuna.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every bit.")] = 0,
    quick: Annotated[
        bool, typer.Option(help="Leave out the fits that only the report compares with.")
    ] = False,
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
        trained = flow.train(
            records,
            definition,
            day,
            seed=seed,
            trials=trials,
            champion=registry.champion(definition.name),
            thorough=not quick,
            progress=stage,
        )
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
    """One screen: what was learned from, how well it tells risk, and the gate's verdict last."""
    labels, reference, rates = facts["labels"], facts["reference"], facts["rates"]
    rows = [
        ["model", f"{facts['model']} version {facts['version']}  ({facts['content']})"],
        ["labels", "  ".join(f"{way} {count:,}" for way, count in labels.items())],
        [
            "calibrated on",
            (
                f"{reference['basis']}: {reference['n']:,} visits, {reference['positives']:,} with "
                f"a problem, worth {reference['effective']:,.0f}; {facts['calibration']['method']}"
            ),
        ],
        [
            "problem rate",
            (
                f"{_rate(rates['weighted'])} of all firms; doubly robust "
                f"{_rate(rates['doubly_robust'])}; {rates['labelled']['rate']:.1%} of the labels"
            ),
        ],
        ["judged on", _judged(facts)],
        *([f"skill over {name}", _ends(facts, f"skill_over_{name}")] for name in _rivals(facts)),
        *_beside(facts["beside"]),
        ["classes begin at", f"{_rates(facts['cuts'])}  ({facts['cuts']['method']})"],
        *([kind.replace("_", " "), _classes(facts[kind])] for kind in CLASSES),
    ]
    table(rows, title="Trained")
    noise = [name for name in _rivals(facts) if facts["limits"][f"skill_over_{name}"][0] <= 0]
    if noise:
        typer.echo(f"within noise of the model: {', '.join(noise)}")
    if reference["basis"] not in ("slice", "alike", "draws"):
        typer.echo(
            "No visit was drawn with a known chance: weights are estimated, what inspectors knew "
            "besides stays in them, and no class can claim to hold for all firms."
        )
    typer.echo(f"gate: {facts['gate']['text']}")


CLASSES = ("model_classes", "final_classes")


def _judged(facts: dict[str, Any]) -> str:
    found = facts["metrics"]
    figures = ("auc", "slope", "expected_over_observed")
    told = "  ".join(f"{name.replace('_', ' ')} {_ends(facts, name)}" for name in figures)
    return f"{found['n']:,} later visits, {found['positives']:,} with a problem: {told}"


def _rivals(facts: dict[str, Any]) -> list[str]:
    start = "skill_over_"
    return [name.removeprefix(start) for name in facts["metrics"] if name.startswith(start)]


def _ends(facts: dict[str, Any], name: str) -> str:
    low, high = facts["limits"][name]
    return f"{facts['metrics'][name]:.3f} [{low:.3f}, {high:.3f}]"


def _beside(beside: dict[str, Any]) -> list[list[str]]:
    """The AUC that another fit would gain, and the log-loss saved against the champion."""
    return [
        [name.replace("_", " "), f"{one['gain']:+.4f} [{one['low']:+.4f}, {one['high']:+.4f}]"]
        for name, one in beside.items()
        if "gain" in one
    ]


def _rate(rate: dict[str, Any]) -> str:
    return f"{rate['rate']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]"


def _rates(cuts: dict[str, Any]) -> str:
    return "  ".join(f"{name} {rate:.1%}" for name, rate in zip("BCD", cuts["rates"], strict=True))


def _classes(rows: list[dict[str, Any]]) -> str:
    return "  ".join(
        f"{row['class']} {row['share']:.0%}: " + ("–" if row["rate"] is None else f"{_rate(row)}")
        for row in rows
    )
