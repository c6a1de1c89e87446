"""docs/tasks.md names every column of a task list, every letter, and every option."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from serving.commands import tasking
from serving.fieldwork.letterwords import KINDS, OUTWARD
from serving.fieldwork.taskwords import COLUMNS

PAGE = (Path(__file__).parents[1] / "docs" / "tasks.md").read_text("utf-8")


def test_the_columns() -> None:
    section = PAGE.split("## What a pair gets\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")][1:]
    assert {name.strip() for names in rows for name in names.split(",")} == set(COLUMNS)


def test_the_letters() -> None:
    told = dict(re.findall(r"\| (?:RUN|PLAN) \| `(\w+)`[^|]*\| (out|stays) \|", PAGE))
    assert told == {kind: "out" if kind in OUTWARD else "stays" for kind in KINDS}


def test_the_options() -> None:
    for command in (tasking.tasks, tasking.letters):
        usage = next(
            line for line in PAGE.splitlines() if line.startswith(f"xinfen {command.__name__}")
        )
        names = set(inspect.signature(command).parameters) - {"plan", "source", "as_json"}
        told = {name.removeprefix("--") for name in re.findall(r"--\w+", usage)}
        assert told == {"for" if name == "reader" else name for name in names}
