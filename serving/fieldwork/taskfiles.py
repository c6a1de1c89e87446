"""Task lists as files: Excel to work with, Parquet to read on.

A folder holds a list for each inspector and one for each bureau, the pairs' ways (`work`), each
inspector's share (`inspectors`) and `summary.json`. It appears whole, or not at all. No clock
stands in it: the same lists are the same bytes.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import NotPossible
from records.files import write_json
from serving.fieldwork.tasklist import TaskList
from serving.fieldwork.taskwords import COLUMNS, LOAD, TASK, WORK
from serving.telling.tablefiles import file_name, write_table
from supervision.fieldwork.tasks import of_inspector

SUMMARY = "summary.json"


def check(out: Path) -> None:
    """Refuse a place that holds something else than an earlier task list."""
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / SUMMARY).is_file()):
        raise NotPossible(
            f"{out} holds something that is not a task list",
            allowed="a new or empty folder, or an earlier task list", hint="name another folder",
        )  # fmt: skip


def write(out: Path, tasks: TaskList, number: int) -> dict[str, Any]:
    """Write all lists of a plan in the place of earlier ones; returns what `summary.json` holds."""
    summary = {"plan": number, **tasks.summary()}
    out.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    building = making / "lists"
    building.mkdir()
    try:
        both = pd.concat([tasks.rows["inspector_1"], tasks.rows["inspector_2"]])
        for inspector in sorted(set(both)):
            write_one(building, tasks, inspector)
        for bureau, rows in tasks.rows.groupby("bureau"):
            _list(building, f"unit-{bureau}", rows, tasks.lang)
        write_table(building / "work", TASK[tasks.lang]["work"], WORK, tasks.work, tasks.lang)
        load = TASK[tasks.lang]["load"]
        write_table(building / "inspectors", load, LOAD, tasks.load, tasks.lang)
        write_json(building / SUMMARY, summary)
        if out.exists():
            out.rename(making / "earlier")
        building.rename(out)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return summary


def write_one(out: Path, tasks: TaskList, inspector: str) -> Path:
    """Write one inspector's list; returns the workbook."""
    mine = tasks.rows[of_inspector(tasks.rows, inspector)]
    return _list(out, f"inspector-{inspector}", mine, tasks.lang)


def _list(out: Path, name: str, rows: pd.DataFrame, lang: str) -> Path:
    return write_table(out / file_name(name), TASK[lang]["sheet"], COLUMNS, rows, lang)
