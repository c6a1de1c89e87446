"""A drawn plan handed to those who carry it out: their task lists, each class told on record."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from records.errors import NotPossible
from records.store import Store
from serving.access.recorded import record
from serving.fieldwork import settings, taskfiles
from serving.fieldwork.taskfacts import Facts
from serving.fieldwork.tasklist import TaskList, inspector_of
from serving.plans import planinputs
from serving.plans.drawnplan import DrawnPlan
from serving.telling import languages
from supervision.fieldwork.tasks import check_released


def tasks(
    plan: Path,
    run: Path,
    store: Path,
    out: Path,
    *,
    inspector: str | None = None,
    on: date | None = None,
    travel: Path | None = None,
    lang: str = "zh",
) -> dict[str, Any]:
    """Write the task lists of a drawn plan.

    Parameters
    ----------
    plan, run, store : the drawn plan, the run it was committed over, the store of that run.
    out : folder of the lists (`taskfiles`); an earlier list in it is replaced.
    inspector : only this one's list, put into the folder beside what there is.
    on : the day they are told; today in the store's time zone where nothing is said, or a day
        before it.
    travel : settings like `travel.yaml`.

    Returns
    -------
    `tasks` (the folder or file), `plan` (its number), `visits`, `pairs`, `class_told`, and
    estimated `km` and `days` beside those of the order drawn.

    Raises
    ------
    NotPossible : before the release date (it says from when), or on a day that has not come (it
        would walk around that date), or the plan is not drawn.
    BadInput : the run is another one, or the language unknown.
    """
    languages.checked(lang)
    opened, folder = Store.open(store), DrawnPlan.read(plan)
    with planinputs.told(NotPossible, plan):
        day = opened.past(on)
        check_released(day, folder.period.start, folder.definition.release)
    assumed, rules = settings.travel(travel), settings.entitlements()
    if inspector is None:
        taskfiles.check(out)
    drawn = folder.drawn if inspector is None else inspector_of(folder, inspector)
    facts = Facts.of(folder, run, opened, rules, drawn, lang)
    made = TaskList.of(folder, drawn, facts, assumed, lang)
    whom = f" for {inspector}" if inspector else ""
    record(run, "batch", made.told, f"tasks of plan {folder.number}{whom}")
    if inspector is None:
        return {"tasks": str(out), **taskfiles.write(out, made, folder.number)}
    path = taskfiles.write_one(out, made, inspector)
    return {"tasks": str(path), "plan": folder.number, **made.summary()}
