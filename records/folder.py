"""A folder of files, each through the mapping that is for it.

A mapping says in `source.file` which files it is for; one file may be for several mappings and
several files for one. What does not meet is named: a file that no mapping is for, a mapping
without a file. A file that only another one looks things up in needs no mapping of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from records import given
from records.errors import BadInput, NotFound, XinfenError
from records.given import NOTHING, Values
from records.intake import Report
from records.mapping import SHIPPED, Mapping
from records.quality import Quality, observed
from records.queries import Query
from records.readers import Source
from records.store import Store


@dataclass(frozen=True)
class Step:
    """A file and the mapping it goes through."""

    file: Path
    name: str
    mapping: Path
    rules: Mapping


@dataclass(frozen=True)
class Plan:
    """What of a folder goes where, by mapping and file; and the names of what does not meet."""

    steps: tuple[Step, ...]
    without_mapping: tuple[str, ...]
    without_file: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """What became of a step: its figures, or the error a person can mend."""

    step: Step
    quality: Quality | None
    error: XinfenError | None

    @property
    def report(self) -> Report | None:
        return self.quality.report if self.quality else None


def plan(folder: Path, mappings: Path) -> Plan:
    """Which file goes through which mapping; nothing is ingested yet.

    Parameters
    ----------
    folder : its files count, but for hidden ones; a folder inside it is named, not entered.
    mappings : a folder of mapping files, or the name of one of ours, such as `gsxt`.

    Raises
    ------
    NotFound : there is no such folder, or nothing in it meets.
    BadDefinition : a mapping is wrong.
    """
    rules = {path: Mapping.load(path) for path in _mappings(mappings)}
    if not folder.is_dir():
        raise NotFound(f"no folder {folder}", hint="check the path; nothing was read")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = [path for path in entries if path.is_file()]
    steps = [
        Step(file, path.stem, path, one)
        for path, one in rules.items()
        for file in files
        if one.source.file and fnmatchcase(file.name, one.source.file)
    ]
    met = {step.file for step in steps} | {
        folder / join.file for step in steps for join in step.rules.joins
    }
    used = {step.mapping for step in steps}
    if not steps:
        raise NotFound(
            f"no file of {folder} is for a mapping of {mappings}",
            allowed=", ".join(sorted({one.source.file for one in rules.values()} - {""})),
            hint="name the files in the mappings, as source: {file: …}",
        )
    return Plan(
        tuple(steps),
        tuple(path.name for path in entries if path not in met),
        tuple(path.stem for path in rules if path not in used),
    )


def ingest(
    store: Store,
    found: Plan,
    *,
    values: Values = NOTHING,
    database: str | None = None,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> list[Done]:
    """Take in every file of a plan, in order; one that fails does not stop the others.

    Parameters
    ----------
    values : given to each mapping that asks for them (see `records.given`).
    database : the SQLAlchemy URL for files that are queries.
    progress : called with (steps done, of all, the file at hand).

    Raises
    ------
    NotFound : no mapping of the plan asks for one of the values; nothing was stored.
    """
    asked = {name for step in found.steps for name in step.rules.given}
    given.known(values, asked, "no mapping of the folder asks for it")
    done = []
    for at, step in enumerate(found.steps):
        progress(at, len(found.steps), step.file.name)
        own = {name: value for name, value in values.items() if name in step.rules.given}
        try:
            source = queried(step.file, database)
            figures = observed(store, step.rules.table, source, step.mapping, own)
            done.append(Done(step, figures, None))
        except XinfenError as error:
            done.append(Done(step, None, error))
    return done


def queried(file: Path, database: str | None) -> Source:
    """The file as a source: a query with its database, or itself."""
    return Query(file, database) if database and file.suffix.lower() == ".sql" else file


def _mappings(named: Path) -> Sequence[Path]:
    for folder in (named, SHIPPED / named):
        if folder.is_dir():
            found = sorted(folder.glob("*.yaml"))
            if found:
                return found
            raise BadInput(f"no mapping file in {folder}", allowed="files that end in .yaml")
    ours = (path.name for path in SHIPPED.iterdir())
    raise NotFound.among("folder of mappings", str(named), ours, hint="give a folder, or a name")
