"""What proves a draw, to be taken away: each file from when on, and for whom.

Before the draw there is the commitment alone, and after it until the release date as well: with
seed and lists anybody could compute whom the plan visits. The sealed seed is never told before it
is opened. Files that name firms are for those who see the whole province and all fields; those
that tell classes also need the right to read a class, and wait for all blind results where whoever
asks visits: an inspector, or one whom the plan's list of inspectors names.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from records.errors import NotFound
from serving.access.caller import Caller
from serving.access.scope import WHOLE
from serving.plans import planfolder
from serving.planstore import reading
from serving.planstore.refusals import PlanRefused
from serving.store.plantables import plan_visits
from supervision.proofs import proof

PLAIN = ("plan.json", "sizes.json", proof.COMMITMENT, "sealed_seed", proof.OPENING, proof.PROOF)
"""Files that name no firm."""

NAMING = ("objects.jsonl", "inspectors.jsonl", "history.jsonl", "exclusions.jsonl")
"""Files that name firms, and tell no class."""

TELLING = ("classes.jsonl", "strata.jsonl", proof.DRAWN, proof.FRAME)
"""Files that tell classes."""

BLINDING = ("classes.jsonl", "strata.jsonl", proof.FRAME)
"""Of these the files that tell the class of a blind visit's firm too."""


def seen(connection: Connection, row: dict[str, Any], caller: Caller, today: date) -> list[str]:
    """The names of the files of a plan that a caller may take away today.

    Raises
    ------
    PlanRefused : the folder is gone, or is another plan's.
    """
    files = _folder(row)
    if not reading.is_open(row, today) or proof.PROOF not in files:
        return [proof.COMMITMENT]
    named = [*PLAIN]
    if caller.scope == WHOLE:
        named += NAMING
        if caller.may("class"):
            named += TELLING
    if _visits(files, caller) and _waiting(connection, row["number"]):
        named = [name for name in named if name not in BLINDING]
    return [name for name in planfolder.FILES if name in named and name in files]


def path(
    connection: Connection, row: dict[str, Any], caller: Caller, name: str, today: date
) -> Path:
    """Where a file is that a caller may take away.

    Raises
    ------
    PlanRefused : there is none of this name for him today.
    """
    names = seen(connection, row, caller, today)
    if name not in names:
        raise PlanRefused.no_file(name, names)
    return Path(row["folder"]) / name


def _folder(row: dict[str, Any]) -> planfolder.Folder:
    try:
        files = planfolder.Folder(Path(row["folder"]))
        stored = json.loads(files[proof.COMMITMENT])["commitment"]
    except (NotFound, KeyError, ValueError):
        raise PlanRefused.gone(row["number"]) from None
    if stored != row["commitment"]:
        raise PlanRefused.gone(row["number"])
    return files


def _visits(files: planfolder.Folder, caller: Caller) -> bool:
    """Whether somebody may be in a pair: by his role, or by the plan's list."""
    if caller.role == "inspector":
        return True
    lines = files[proof.COMMITTED["inspectors"]].splitlines()
    return any(json.loads(line)["inspector_id"] == caller.user for line in lines)


def _waiting(connection: Connection, number: int) -> bool:
    wanted = sa.select(plan_visits.c.visit)
    wanted = wanted.where(plan_visits.c.number == number, plan_visits.c.hidden).limit(1)
    return connection.scalar(wanted) is not None
