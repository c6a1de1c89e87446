"""The front door's commands for those who carry a plan out: tasks and letters."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, stages, tell
from serving.commands import Lang, Plan

RunOption = Annotated[
    Path, typer.Option("--run", help="The class run that the plan was committed over.")
]
StoreOption = Annotated[Path, typer.Option("--store", help="The store of records.")]
Day = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="The day it is done for; else today."),
]


def tasks(
    plan: Plan,
    run: RunOption,
    store: StoreOption,
    out: Annotated[Path, typer.Option(help="Folder to write the lists into.")],
    inspector: Annotated[
        str | None, typer.Option(help="Only this inspector's list; else all, and the units'.")
    ] = None,
    on: Day = None,
    travel: Annotated[Path | None, typer.Option(help="YAML like supervision/travel.yaml.")] = None,
    lang: Lang = "zh",
    as_json: AsJson = False,
) -> None:
    """Write what each pair is to do, from the plan's release date on; classes told are recorded.

    Example: xinfen tasks var/plan --run var/run --store var/store --out var/tasks
    """
    from serving import carryout

    with stages("tasks", 1) as stage:
        stage(out.name)
        day = on.date() if on else None
        done = carryout.tasks(
            plan, run, store, out, inspector=inspector, on=day, travel=travel, lang=lang
        )
    tell(done, as_json)
