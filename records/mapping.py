"""Mapping files: a bureau's own columns, codes and dates become ours, declared in YAML.

    table: inspections
    source: {name: 密云区应急管理局, id: "{entity_key}/{checked_on}/{items}",
             file: "安全检查*.xlsx"}                 # which files of a folder it is for
    columns: {entity_id: uscc, event_time: checked_on, result: result}     # ours: theirs
    constants: {way: unknown}
    templates: {inspection_id: "{entity_key}/{checked_on}"}
    split: {result: ",;"}                            # one row a token, cut at any of these marks
    values: {result: {合格: no_problem, 不合格: problem_corrected}}   # exact tokens; `*`: any other
    units: {amount: wan}                             # yuan or wan -> 分, in exact decimals
    sums: {amount: [penAm, forfAm]}                  # one amount of several columns
    hmac: [legal_rep]                                # identity numbers, only as keyed hashes
    dates: ["%d.%m.%Y"]                              # or excel: bare numbers are Excel's days
    given: {listed_on: {fills: [event_time], zh: 取得日期, en: day it was taken}}
    known_time: {after: event_time, days: 7}         # where the file does not say it
    header: 3                                        # the row of the names, below title rows

Optional: `joins` looks columns up in further files, `unpivot` turns one column an item into one
row an item. `given` names what the file does not hold and whoever ingests must say, by
`--given listed_on=2024-06-30` (see `records.given`). `known_time: {…, floor: true}` also lifts a
day that the file gives and that is earlier. Templates and ids name the source's columns; `{name?}`
may be null, `{row}` is the row's number, and a column under `hmac` stands there as its hash. The
steps follow one another in the order unpivot, split, values, units, hmac, given, known_time
(`records.translate`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from records import cells, declarations, reshape
from records.declarations import Entry
from records.entries import Derived, Join, Source, Unpivot
from records.errors import NotFound, nearest
from records.given import Given
from records.lines import Lines
from records.mapcheck import first_fault
from records.readers import read

SHIPPED = Path(__file__).parent / "mappings"
"""Mappings that come with us, named by their path here without ending, as `gsxt/penalties`."""


class Mapping(BaseModel):
    """How one kind of source file becomes rows of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    source: Source
    columns: dict[str, str] = {}
    constants: dict[str, Any] = {}
    templates: dict[str, str] = {}
    split: dict[str, str] = {}
    values: dict[str, dict[str, Any]] = {}
    units: dict[str, Literal["yuan", "wan"]] = {}
    sums: dict[str, list[str]] = {}
    hmac: list[str] = []
    dates: list[str] = []
    joins: list[Join] = []
    unpivot: Unpivot | None = None
    given: dict[str, Given] = {}
    known_time: Derived | None = None
    header: int = Field(default=1, ge=1, le=1000)
    _lines: Lines = PrivateAttr(default=Lines("the mapping", None))

    def model_post_init(self, context: object) -> None:
        if isinstance(context, Lines):
            self._lines = context

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        if fault := first_fault(self):
            raise fault
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a mapping file, or a shipped one by its name.

        Raises
        ------
        NotFound : there is no such mapping.
        BadDefinition : it is wrong; file, line and the nearest valid name are told.
        """
        return declarations.read(find(path), cls)

    def others(self, folder: Path, zone: str | None = None) -> dict[str, pd.DataFrame]:
        """The files that `joins` name, read from their folder as texts."""
        files = {join.file: read(folder / join.file) for join in self.joins}
        return {name: frame.apply(cells.texts, zone=zone) for name, frame in files.items()}

    def where(self, entry: Entry) -> str:
        """File and line of an entry."""
        return self._lines.at(entry)

    def named(self) -> dict[str, Entry]:
        """The columns that rows are made of, and the entry that names each."""
        named: dict[str, Entry] = {}
        named |= {theirs: ("columns", ours) for ours, theirs in self.columns.items()}
        named |= {theirs: ("sums", ours) for ours, many in self.sums.items() for theirs in many}
        for ours, template in self.templates.items():
            named |= dict.fromkeys(reshape.fields(template), ("templates", ours))
        return named | dict.fromkeys(reshape.fields(self.source.id), ("source", "id"))

    def reads(self) -> set[str]:
        """All columns that a step reads, the source's own and those that steps make."""
        keys = {name for join in self.joins for name in join.pairs}
        return {*self.named(), *keys, *(self.unpivot.columns if self.unpivot else ())}

    def fills(self) -> set[str]:
        """Our columns that a `given` value fills."""
        return {ours for one in self.given.values() for ours in one.fills}

    def follows(self) -> dict[str, set[str]]:
        """Our columns that are made from others, and those of ours that hold the others."""
        found = {
            name: {ours for ours, theirs in self.columns.items() if theirs in fields}
            for name, template in {**self.templates, "source_id": self.source.id}.items()
            if (fields := reshape.fields(template))
        }
        return found | ({"known_time": {self.known_time.after}} if self.known_time else {})


def find(path: Path) -> Path:
    """A mapping file, or a shipped mapping by its name, such as `gsxt/penalties`."""
    shipped = SHIPPED / f"{path}.yaml"
    for candidate in (path, shipped):
        if candidate.is_file():
            return candidate
    known = [str(one.relative_to(SHIPPED).with_suffix("")) for one in SHIPPED.rglob("*.yaml")]
    near = nearest(str(path), sorted(known))
    raise NotFound(
        f"no mapping file {path}",
        allowed=f"a path, or one of ours: {', '.join(sorted(known))}",
        hint=" ".join(filter(None, (near, "check the path; nothing was read"))),
    )
