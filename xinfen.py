"""The front door: `xinfen`, which composes the rooms' commands and does nothing itself.

Exit codes: 0 done, 1 something a person can mend (one message says what), 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

# Before any room loads: nothing of ours reports to anybody.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

import typer

import benchmarks.commands
import models.commands
import records.care
import records.commands
import serving.commands.access
import serving.commands.asking
import serving.commands.correcting
import serving.commands.estimating
import serving.commands.planning
import serving.commands.returning
import serving.commands.runs
import serving.commands.storing
import serving.commands.tasking
import training.commands
from records.console import AsJson, bar, tell

app = typer.Typer(
    help="Xinfen (信分): classes of enterprise credit risk, their reasons, fair inspection plans.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def score(
    store: Annotated[Path, typer.Argument(help="The store of records.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="What was known before.")],
    out: Annotated[Path, typer.Option(help="Run folder to make, or to go on with.")],
    model: Annotated[str, typer.Option(help="The model's registered name.")] = "general",
    model_version: Annotated[
        str | None, typer.Option(help="A registered version or alias; else the champion.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The run before, for stability and moves.")
    ] = None,
    corrections: Annotated[
        Path | None, typer.Option(help="CSV of `xinfen correction export`: classes corrected.")
    ] = None,
    engine: Annotated[str, typer.Option(help="duckdb, or spark (extra `spark`).")] = "duckdb",
    as_json: AsJson = False,
) -> None:
    """Give every live enterprise its class and its reasons.

    A run that was cut off goes on where it was; the folder appears when it is whole.

    Example: xinfen score var/store --model general --as-of 2026-07-01 --out var/run-2026-07
    """
    # Here and not in a room: it joins the registry of `training` to the batch of `serving`.
    from records.store import Store
    from serving.corrections import carrying
    from serving.scoring import batch
    from training import registry

    with bar("score") as counted:
        opened = Store.open(store)
        snapshot, day = opened.snapshot(), opened.day(as_of.date())
        summary = batch.score(
            snapshot,
            registry.fetch(model, model_version),
            day,
            out,
            previous=previous,
            corrections=carrying.read(corrections) if corrections else None,
            on=engine,
            progress=lambda stage: counted(0, 1, stage),
            counted=counted,
        )
    told = {"run": str(out), **summary}
    if "moves" in told and not as_json:
        told["from_to"] = told["moves"].pop("from_to")  # a table of its own
    tell(told, as_json)


COMMANDS = (
    records.commands.province,
    records.commands.ingest,
    models.commands.features,
    training.commands.train,
    score,
    serving.commands.runs.sign_run,
    serving.commands.runs.publish,
    serving.commands.runs.explain,
    serving.commands.runs.moves,
    serving.commands.runs.whatif,
    serving.commands.runs.changed,
    serving.commands.runs.sheet,
    serving.commands.asking.compare,
    serving.commands.planning.commit,
    serving.commands.planning.draw,
    serving.commands.planning.abort,
    serving.commands.planning.verify,
    serving.commands.planning.publish_plan,
    serving.commands.tasking.tasks,
    serving.commands.tasking.letters,
    serving.commands.returning.results,
    serving.commands.returning.accountability,
    serving.commands.estimating.estimate,
    serving.commands.estimating.simulate,
    serving.commands.runs.serve,
    benchmarks.commands.demo,
)
for command in COMMANDS:
    app.command()(command)
app.command("list")(serving.commands.asking.list_)  # the name of a type, in Python
for group in (
    records.care.quarantine,
    records.care.store,
    records.care.mapping,
    models.commands.indicators,
    training.commands.models,
    serving.commands.access.token,
    serving.commands.access.audit,
    serving.commands.storing.db,
    serving.commands.correcting.correction,
):
    app.add_typer(group)


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    sys.stderr.write(f"warning: {message}\n")


def main() -> None:
    """Run a command; an error a person can mend is one message and exit code 1."""
    warnings.showwarning = _warn
    try:
        app()
    except Exception as error:
        if not hasattr(error, "hint"):  # ours carry what, found, allowed and hint
            raise
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
