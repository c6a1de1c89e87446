"""Letters of a class run or of a drawn plan, written as pages to print, with an index of them.

A run gives reminders (class B, with a minor record in force) and proposals of talks (class C); a
plan gives a notice of each visit. A file holds the letters of one kind and county, a page each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from features.firms import records_of, synthetic
from models.wording import day as said
from records.errors import BadInput, NotFound, NotPossible
from records.files import write_bytes
from records.store import Store
from serving.access.recorded import record
from serving.fieldwork import settings
from serving.fieldwork.behind import behind
from serving.fieldwork.letters import Letter, Maker
from serving.fieldwork.letterwords import INDEX, KIND
from serving.fieldwork.taskfacts import standing_records
from serving.plans import planinputs
from serving.plans.drawnplan import DrawnPlan
from serving.runs import runcolumns
from serving.telling import languages
from serving.telling.tablefiles import file_name, write_table
from supervision.fieldwork import letters as chosen
from supervision.fieldwork.tasks import check_released
from supervision.proofs import proof

NOWHERE = "nowhere"
"""Stands in a file's name for a county that the register does not tell."""

_FIRM = ["entity_id", "name", "division", "risk_class", "as_of", "snapshot"]


def letters(
    source: Path,
    store: Path,
    out: Path,
    *,
    on: date | None = None,
    reader: str = "",
    division: str = "",
    lang: str = "zh",
    rules: Path | None = None,
    hold: Sequence[Path] = (),
) -> dict[str, Any]:
    """Write the letters of a run or a plan.

    Parameters
    ----------
    source : a run folder (reminders, talks) or the folder of a drawn plan (notices).
    store : the store of records; a record counts as it stands on the day.
    out : folder of the letters; it must not exist, or be empty.
    on : the day of the letters; today in the store's time zone where nothing is said, or a day
        before it.
    reader : whose name stands in the watermark of what is internal.
    division : only firms whose division begins so.
    rules : settings like `supervision/letters.yaml`.
    hold : drawn plans under way: a firm whose class has to stay hidden from a pair of theirs gets
        no letter of a run, which would tell it.

    Returns
    -------
    `letters` (the folder) and how many there are of each kind.

    Raises
    ------
    NotPossible : a plan's notices before its release date, anything on a day that has not come;
        the folder is not empty.
    """
    languages.checked(lang)
    if out.exists() and (out.is_file() or any(out.iterdir())):
        raise NotPossible(f"{out} is not empty", hint="name a new folder for the letters")
    opened = Store.open(store)
    day = opened.past(on)
    maker = Maker(day, lang, synthetic(opened.snapshot()))
    if (source / proof.COMMITMENT).is_file():
        made, shared = _of_plan(source, opened, maker)
    elif (source / "classes.parquet").is_file():
        using = settings.letters(rules)
        held = {firm for plan in hold for firm in DrawnPlan.read(plan).blind}
        made, shared = _of_run(source, opened, maker, using, division, held)
        record(source, "batch", sorted({one.entity_id for one in made}), f"letters of {day}")
    else:
        raise NotFound(
            f"{source} is neither a run nor a plan",
            hint="`xinfen score` or `xinfen commit` makes one",
        )
    mine = [one for one in made if one.division.startswith(division)]
    _write(out, mine, maker, shared | {"reader": reader})
    return {"letters": str(out), **Counter(one.kind for one in mine)}


def _of_plan(path: Path, store: Store, maker: Maker) -> tuple[list[Letter], dict[str, Any]]:
    plan = DrawnPlan.read(path)
    with planinputs.told(NotPossible, path):
        check_released(maker.on, plan.period.start, plan.definition.release)
    ids = sorted(set(plan.drawn["entity_id"]))
    visits = records_of(store.named(plan.run["snapshot"]), "inspections", plan.as_of, ids)
    year = pd.to_datetime(visits["event_time"]).dt.year == plan.period.year
    counts = visits[year].groupby("entity_id")["inspection_id"].nunique()
    before = dict(zip(map(str, counts.index), counts.tolist(), strict=True))
    shared = {
        "start": said(plan.period.start, maker.lang),
        "end": said(plan.period.end, maker.lang),
        "publish": plan.definition.deadlines.publish,
    }
    return maker.notices(plan, before), shared


def _of_run(
    run: Path,
    store: Store,
    maker: Maker,
    rules: chosen.Letters,
    division: str,
    held: Collection[str],
) -> tuple[list[Letter], dict[str, Any]]:
    firms = runcolumns.classes(run, _FIRM).to_pandas()
    as_of = str(firms["as_of"].iloc[0]) if len(firms) else ""
    firms = firms[firms["division"].fillna("").str.startswith(division)]
    firms = firms[~firms["entity_id"].isin(list(held))]
    reminded = firms.loc[firms["risk_class"] == rules.reminder.class_, "entity_id"]
    with planinputs.told(BadInput, run):
        records = standing_records(store.snapshot(), rules.tables, maker.on, sorted(reminded))
        minor = chosen.reminders(rules, firms, records, maker.on)
    talks = chosen.talks(rules, firms)
    known = firms.set_index("entity_id")
    made = maker.reminders(known[["name", "division"]], minor)
    made += maker.talks(known.loc[talks], behind(run, talks, maker.lang))
    return made, {"as_of": as_of}


def _write(out: Path, letters: Sequence[Letter], maker: Maker, shared: dict[str, Any]) -> None:
    """Pages by kind and county, and the index of them."""
    out.mkdir(parents=True, exist_ok=True)
    index = []
    ordered = sorted(
        letters, key=lambda one: (one.kind, one.division[:6], one.entity_id, one.serial)
    )
    for (kind, county), these in groupby(ordered, lambda one: (one.kind, one.division[:6])):
        group = list(these)
        name = file_name(f"{kind}-{county or NOWHERE}") + ".html"
        write_bytes(out / name, maker.html(kind, group, **shared).encode())
        index += [{"file": name, "kind": kind, **_row(one)} for one in group]
    frame = pd.DataFrame(index, columns=[*INDEX])
    name = "索引" if maker.lang == "zh" else "Index"
    write_table(out / "index", name, INDEX, frame, maker.lang, {"kind": KIND})


def _row(letter: Letter) -> dict[str, Any]:
    told = letter.told
    return {
        "serial": letter.serial, "entity_id": letter.entity_id, "name": told["name"],
        "division": letter.division, "visit": told.get("visit"),
        "count": len(told.get("records", ())),
    }  # fmt: skip
