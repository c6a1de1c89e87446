"""The front door's commands on plans: commit, draw, abort, verify, publish-plan."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, stages, tell
from serving.commands.runs import Run

Plan = Annotated[Path, typer.Argument(help="Folder written by `xinfen commit`.")]


def commit(
    run: Run,
    plan: Annotated[Path, typer.Option(help="YAML of the plan.")],
    lists: Annotated[
        Path,
        typer.Option(help="Folder with objects, inspectors and, if any, history and exclusions."),
    ],
    seed_file: Annotated[Path, typer.Option(help="The sealed seed, 16 bytes of text or more.")],
    out: Annotated[Path, typer.Option(help="Plan folder to make.")],
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A day of the period; else the run's as-of date."),
    ] = None,
    lodge: Annotated[
        Path | None,
        typer.Option(envvar="XINFEN_LODGE", help="Folder outside for a copy of the commitment."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fix an inspection plan and publish its commitment, before anybody can know whom it draws.

    Example: xinfen commit var/run --plan plan.yaml --lists lists --seed-file seed --out var/plan
    """
    from serving.plans import plans

    day = None if start is None else start.date()
    with stages("commit", 1) as stage:
        stage(out.name)
        done = plans.commit(run, plan, lists, seed_file, out, start=day, lodge=lodge)
    if not as_json:
        del done["sizes"]  # by bureau and group: long in a large province
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
    from serving.plans import plans

    with stages("draw", 1) as stage:
        stage(plan.name)
        done = plans.draw(plan, public_value)
    tell(done, as_json)


def abort(
    plan: Plan,
    reason: Annotated[str, typer.Option(help="Why; it stands in the register for good.")],
    as_json: AsJson = False,
) -> None:
    """Declare a plan void, on record; it is never drawn after.

    Example: xinfen abort var/plan --reason 名录库有误
    """
    from serving.plans import plans

    tell(plans.abort(plan, reason), as_json)


def verify(
    plan: Plan,
    lodged: Annotated[
        Path | None, typer.Option(help="The copy of the commitment that was lodged outside.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a draw from the files of its folder alone and tell the verdict.

    Example: xinfen verify var/plan --lodged /mnt/notary/0001-5be0….json
    """
    from serving.plans import plans

    with stages("verify", 1) as stage:
        stage(plan.name)
        done = plans.verify(plan, lodged)
    tell(done, as_json)
    if done["verdict"] == "differs":
        raise typer.Exit(1)


def publish_plan(plan: Plan, as_json: AsJson = False) -> None:
    """Make a plan known to the service, and what has become of it since; it is verified first.

    Example: xinfen publish-plan var/plan
    """
    from serving.planstore import publishing

    with stages("publish plan", 1) as stage:
        stage(plan.name)
        done = publishing.publish(plan)
    tell(done, as_json)
