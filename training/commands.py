"""The front door's commands of this room: `train`, and `models …`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, stages, table, tell

STAGES = 6
"""Without trials, each of which is a stage too; the declared settings are one of them."""

Name = Annotated[str, typer.Option("--model", help="The model's registered name.")]
Version = Annotated[str, typer.Argument(help="A version's number, or an alias.")]

models = typer.Typer(
    name="models",
    help="Registered versions of a model: seen, promoted, rolled back.",
    no_args_is_help=True,
)


def train(
    store: Annotated[Path, typer.Argument(help="The store of records.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Learn from before.")],
    model: Annotated[
        str, typer.Option(help="A shipped model's name, or a model's folder.")
    ] = "general",
    trials: Annotated[
        int,
        typer.Option(min=0, help="Settings to try with Optuna; a study that was begun goes on."),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every bit.")] = 0,
    quick: Annotated[
        bool, typer.Option(help="Leave out the fits that only the report compares with.")
    ] = False,
    rules: Annotated[
        Path | None,
        typer.Option(help="A folder of points rules to stand beside it, for models/national."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on inspection outcomes, register it in MLflow, tell the gate's verdict.

    Example: xinfen train var/store --model general --until 2026-07-01 --trials 20
    """
    from models import points
    from models.definition import folder_of, load
    from records.store import Store
    from training import flow, registry, screen

    definition = load(folder_of(model))
    beside = points.rules(rules, definition.catalogue) if rules else None
    with stages(f"train {definition.name}", STAGES + (trials + 1 if trials else 0)) as stage:
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
            rules=beside,
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
        screen.show(facts)


@models.command("list")
def models_list(model: Name = "general", as_json: AsJson = False) -> None:
    """Every registered version of a model, newest first, with the gate's verdict.

    Example: xinfen models list --model general
    """
    from training import registry

    found = registry.versions(model)
    if as_json:
        tell({one["version"]: one for one in found}, as_json)
    else:
        table([list(one.values()) for one in found], list(found[0]), title=model)


@models.command("promote")
def models_promote(version: Version, model: Name = "general", as_json: AsJson = False) -> None:
    """Make a version champion that the gate has promoted; no other can be.

    Example: xinfen models promote 3 --model general
    """
    from training import registry

    tell({"model": model, "champion": registry.promote(model, version)}, as_json)


@models.command("rollback")
def models_rollback(model: Name = "general", as_json: AsJson = False) -> None:
    """Make the champion before the present one champion again.

    Example: xinfen models rollback --model general
    """
    from training import registry

    tell({"model": model, "champion": registry.rollback(model)}, as_json)


@models.command("card")
def models_card(
    version: Version = "champion",
    model: Name = "general",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Print a version's model card (Markdown).

    Example: xinfen models card champion --lang en
    """
    from records.errors import NotFound
    from training import card, registry

    if lang not in card.LANGUAGES:
        raise NotFound.among("language", lang, card.LANGUAGES)
    classifier = registry.fetch(model, version)
    typer.echo(card.card(classifier, classifier.facts, lang))
