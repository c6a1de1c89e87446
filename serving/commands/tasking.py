"""The front door's commands for those who carry a plan out: tasks and letters."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, stages, tell
from serving.commands.runs import Lang

Plan = Annotated[Path, typer.Argument(help="Folder of a drawn plan.")]
RunOption = Annotated[
    Path, typer.Option("--run", help="The class run that the plan was committed over.")
]
StoreOption = Annotated[Path, typer.Option("--store", help="The store of records.")]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="The day it is done for: today (default) or earlier."
    ),
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
    from serving.fieldwork import carryout

    with stages("tasks", 1) as stage:
        stage(out.name)
        day = on.date() if on else None
        done = carryout.tasks(
            plan, run, store, out, inspector=inspector, on=day, travel=travel, lang=lang
        )
    tell(done, as_json)


def letters(
    source: Annotated[
        Path, typer.Argument(help="A run (reminders, talks) or a drawn plan (notices).")
    ],
    store: StoreOption,
    out: Annotated[Path, typer.Option(help="New folder to write the letters into.")],
    on: Day = None,
    reader: Annotated[
        str, typer.Option("--for", help="Who asks; stands on what is internal.")
    ] = "",
    division: Annotated[str, typer.Option(help="Only firms whose division begins so.")] = "",
    rules: Annotated[Path | None, typer.Option(help="YAML like supervision/letters.yaml.")] = None,
    hold: Annotated[
        list[Path] | None,
        typer.Option(help="A drawn plan under way: firms blind in it get no letter of a run."),
    ] = None,
    lang: Lang = "zh",
    as_json: AsJson = False,
) -> None:
    """Write letters to print, with an index; that classes steered them is recorded.

    A run gives reminders (B, with a minor record in force) and proposals of talks (C); a plan
    gives the notice of each visit.

    Example: xinfen letters var/run --store var/store --out var/letters --for 王敏
    """
    from serving.fieldwork import correspondence

    with stages("letters", 1) as stage:
        stage(out.name)
        done = correspondence.letters(
            source, store, out,
            on=on.date() if on else None, reader=reader or getpass.getuser(),
            division=division, lang=lang, rules=rules, hold=hold or (),
        )  # fmt: skip
    tell(done, as_json)
