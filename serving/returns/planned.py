"""A drawn plan as its results are held against it: its visits, items, inspectors, deadlines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from records.errors import BadInput, NotFound
from records.files import write_json
from serving.plans.drawnplan import ELSEWHERE, DrawnPlan, no_plan
from supervision.proofs import proof
from supervision.returns.drawnvisits import VISITS, Drawn
from supervision.returns.identified import NAMED
from supervision.returns.visits import ENTER, PUBLISH


@dataclass(frozen=True)
class Planned:
    """A plan whose results come back.

    Parameters
    ----------
    id : names the plan in records; its number and the start of its commitment.
    name, draw_type, class_run_on : as records of inspections have them; null: not known.
    enter, publish : working days after a visit.
    release : days before the period on which its visits are told.
    """

    folder: Path
    drawn: Drawn
    id: str
    name: str
    draw_type: str | None = None
    class_run_on: date | None = None
    enter: int = ENTER
    publish: int = PUBLISH
    release: int = 0
    commitment: str | None = None
    number: int | None = None


def planned(folder: Path, elsewhere: str | None = None) -> Planned:
    """A plan folder that was drawn; or, with `elsewhere` (a name), one drawn outside Xinfen.

    Raises
    ------
    NotFound : the folder is no plan.
    NotPossible : it is not drawn yet, or was aborted.
    BadInput : what was drawn is not what its proof names; or it is drawn by us and `elsewhere` is
        given, or has another name.
    """
    if (folder / proof.COMMITMENT).is_file():
        if elsewhere is not None:
            raise BadInput(
                f"{folder} was drawn by Xinfen", found=f"--elsewhere {elsewhere}",
                hint="leave --elsewhere out, or name another folder",
            )  # fmt: skip
        return _ours(folder)
    return _outside(folder, elsewhere)


def ours(folder: Path) -> Planned:
    """A plan folder that Xinfen drew, so that it is known what was to be done.

    Raises
    ------
    NotPossible : it was drawn elsewhere.
    """
    found = planned(folder)
    if found.drawn.elsewhere:
        raise no_plan(folder)
    return found


def begin(plan: Planned) -> None:
    """Make the folder of a plan drawn elsewhere, as its first results come in."""
    if plan.drawn.elsewhere and not (plan.folder / ELSEWHERE).is_file():
        write_json(plan.folder / ELSEWHERE, {"name": plan.name})


def _outside(folder: Path, name: str | None) -> Planned:
    named = folder / ELSEWHERE
    known = _named(named) if named.is_file() else None
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file", allowed="a folder", hint="PLAN comes before FILE")
    if known is None and (name is None or not name.strip()):
        raise NotFound(
            f"{folder} is not a plan folder",
            allowed="a folder that `xinfen commit` made, or --elsewhere NAME",
            hint="for a plan drawn outside Xinfen, name it with --elsewhere",
        )
    if known is not None and name is not None and name.strip() != known:
        raise BadInput(
            f"{folder} holds another plan's results", found=name, allowed=known,
            hint="name a new folder, or leave --elsewhere out",
        )  # fmt: skip
    if known is None and folder.is_dir() and any(folder.iterdir()):
        raise BadInput(f"{folder} holds something else", hint="name a new folder for the results")
    told = str(known or name).strip()
    return Planned(folder, Drawn.outside(), f"elsewhere/{told}", told)


def _named(file: Path) -> str:
    try:
        return str(json.loads(file.read_text("utf-8"))["name"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{file} cannot be read", found=repr(error), allowed='{"name": …}',
            hint="it was changed by hand: write the plan's name into it again",
        ) from None  # fmt: skip


def _ours(folder: Path) -> Planned:
    plan = DrawnPlan.read(folder)
    commitment = json.loads((folder / proof.COMMITMENT).read_bytes())["commitment"]
    known = plan.inspectors[["inspector_id", "conflicts"]].to_numpy(object).tolist()
    visits = plan.drawn.reindex(columns=list(VISITS)).astype(object)
    return Planned(
        folder=folder,
        drawn=Drawn(
            visits=visits.where(visits.notna(), None),
            items={item.id: item.name.zh for item in plan.definition.items},
            inspectors={
                name: frozenset(filter(None, str(firms or "").split(";"))) for name, firms in known
            },
            start=plan.period.start,
            end=plan.period.end,
        ),
        id=f"{plan.number}-{commitment[:NAMED]}",
        name=plan.definition.task,
        draw_type=plan.definition.type,
        class_run_on=plan.as_of,
        enter=plan.definition.deadlines.enter,
        publish=plan.definition.deadlines.publish,
        release=plan.definition.release,
        commitment=commitment,
        number=plan.number,
    )
