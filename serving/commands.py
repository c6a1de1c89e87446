"""The front door's commands of this room: score, publish, explain, plans and the service."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, bar, stages, tell

Run = Annotated[Path, typer.Argument(help="Folder written by `xinfen score`.")]
Plan = Annotated[Path, typer.Argument(help="Folder written by `xinfen commit`.")]


def publish(run: Run, as_json: AsJson = False) -> None:
    """Make a run the one that the service serves; readers see the old run or the new.

    Example: xinfen publish var/run-2026-07
    """
    from serving import results

    with bar("publish") as progress:
        published = results.publish(run, progress=progress)
    tell({"run": published.run, **published.about}, as_json)


def explain(
    run: Run,
    entity: Annotated[str, typer.Argument(help="The enterprise's code.")],
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    as_json: AsJson = False,
) -> None:
    """Tell why an enterprise is in its class; the look-up is recorded.

    Example: xinfen explain var/run-2026-07 91230103MA18XXXXX5 --lang en
    """
    from serving import access, audit, database, lookup, runfolder, terminal

    told = lookup.ladder_of(run, entity, lang)
    reader = access.Caller(f"terminal:{getpass.getuser()}", "inspector")
    audit.append(database.connect(), reader, "explanation", [entity], run=runfolder.identity(run))
    if as_json:
        tell(told, as_json)
    else:
        terminal.show(told)


def moves(
    run: Run,
    previous: Annotated[Path, typer.Argument(help="The run that it is held against.")],
    out: Annotated[
        Path | None, typer.Option(help="Parquet file to write with every mover and its cause.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell whose class is another one than in an earlier run: how many, from where to where, why.

    Example: xinfen moves var/run-2026-08 var/run-2026-07 --out moves.parquet
    """
    from records.files import write_parquet
    from serving import moves as between

    counts, movers = between.moves(run, previous)
    if out is not None:
        write_parquet(out, movers)
    tell(counts, as_json)


def commit(
    run: Run,
    plan: Annotated[Path, typer.Option(help="YAML of the plan.")],
    lists: Annotated[Path, typer.Option(help="Folder with objects and inspectors.")],
    seed_file: Annotated[Path, typer.Option(help="The sealed seed, 16 bytes of text or more.")],
    out: Annotated[Path, typer.Option(help="Plan folder to make.")],
    as_json: AsJson = False,
) -> None:
    """Fix an inspection plan and publish its commitment, before anybody can know whom it draws.

    Example: xinfen commit var/run --plan plan.yaml --lists lists --seed-file seed --out var/plan
    """
    from serving import plans

    with stages("commit", 1) as stage:
        stage(out.name)
        done = plans.commit(run, plan, lists, seed_file, out)
    tell(done, as_json)


def draw(
    plan: Plan,
    public_value: Annotated[
        str | None, typer.Option(help="A value nobody could know when the plan was committed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open a committed plan and draw it, once.

    Example: xinfen draw var/plan --public-value 20260801-08-13-22-27-31-33-05
    """
    from serving import plans

    with stages("draw", 1) as stage:
        stage(plan.name)
        done = plans.draw(plan, public_value)
    tell(done, as_json)


def verify(plan: Plan, as_json: AsJson = False) -> None:
    """Recompute a draw from the files of its folder alone and tell the verdict.

    Example: xinfen verify var/plan
    """
    from serving import plans

    with stages("verify", 1) as stage:
        stage(plan.name)
        done = plans.verify(plan)
    tell(done, as_json)
    if done["verdict"] == "differs":
        raise typer.Exit(1)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the published run: pages for inspectors, an API for systems.

    Example: xinfen serve --port 8000
    """
    from serving import app

    app.run(host, port)
