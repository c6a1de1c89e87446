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
import serving.accesscommands
import serving.asking
import serving.commands
import serving.estimating
import serving.planning
import serving.returning
import serving.storing
import serving.tasking
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
    engine: Annotated[str, typer.Option(help="duckdb, or spark (extra `spark`).")] = "duckdb",
    as_json: AsJson = False,
) -> None:
    """Give every live enterprise its class and its reasons.

    A run that was cut off goes on where it was; the folder appears when it is whole.

    Example: xinfen score var/store --model general --as-of 2026-07-01 --out var/run-2026-07
    """
    # Here and not in a room: it joins the registry of `training` to the batch of `serving`.
    from records.store import Store
    from serving import batch
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
    serving.commands.publish,
    serving.commands.explain,
    serving.commands.moves,
    serving.commands.whatif,
    serving.commands.changed,
    serving.commands.sheet,
    serving.asking.compare,
    serving.planning.commit,
    serving.planning.draw,
    serving.planning.abort,
    serving.planning.verify,
    serving.tasking.tasks,
    serving.tasking.letters,
    serving.returning.results,
    serving.returning.accountability,
    serving.estimating.estimate,
    serving.estimating.simulate,
    serving.commands.serve,
    benchmarks.commands.demo,
)
for command in COMMANDS:
    app.command()(command)
app.command("list")(serving.asking.list_)  # the name of a type, in Python
for group in (
    records.care.quarantine,
    records.care.store,
    records.care.mapping,
    models.commands.indicators,
    training.commands.models,
    serving.accesscommands.token,
    serving.accesscommands.audit,
    serving.storing.db,
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
