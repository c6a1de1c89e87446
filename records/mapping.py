"""Mapping files: a bureau's own columns, codes and dates become ours, declared in YAML.

    table: inspections
    source: {name: 密云区应急管理局, id: "{entity_key}/{checked_on}/{items}"}
    columns: {entity_id: uscc, event_time: checked_on, result: result}     # ours: theirs
    constants: {way: unknown}
    templates: {inspection_id: "{entity_key}/{checked_on}"}
    split: {result: ",;"}                            # one row a token, cut at any of these marks
    values: {result: {合格: no_problem, 不合格: problem_corrected}}   # exact tokens; `*`: any other
    units: {amount: wan}                             # yuan or wan -> 分, in exact decimals
    sums: {amount: [penAm, forfAm]}                  # one amount of several columns
    hmac: [legal_rep]                                # identity numbers, only as keyed hashes
    dates: ["%d.%m.%Y"]
    known_time: {after: event_time, days: 7}         # where the file does not say it

Optional: `joins` looks columns up in further files, `unpivot` turns one column an item into one
row an item. Templates and ids name the source's columns; `{name?}` may be null, and `{row}` is
the row's number. The steps follow one another in the order unpivot, split, values, units, hmac.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from records import lines, people, reshape
from records.checks import DATE_FORMATS, days
from records.errors import BadInput, NotFound
from records.lines import Lines
from records.mapcheck import fault_of, first_fault
from records.readers import read
from records.schema import TABLES, Table

SHIPPED = Path(__file__).parent / "mappings"
"""Mappings that come with us, named by their path here without ending, as `gsxt/penalties`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """Who sent the records, and how one of them is told from another."""

    name: str
    id: str


class Join(_Strict):
    """Columns looked up in another file of the same folder, by equal `by` columns."""

    file: str
    by: list[str]
    columns: dict[str, str] = Field(description="new name: the other file's column")


class Unpivot(_Strict):
    """One row for each of `columns`: its name goes to `item`, its value to `value`."""

    columns: list[str]
    item: str
    value: str


class Derived(_Strict):
    """A date a number of days after another."""

    after: str
    days: int = Field(ge=0)


class Mapping(_Strict):
    """How one kind of source file becomes rows of one table."""

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
    known_time: Derived | None = None
    _lines: Lines = PrivateAttr(default=Lines("the mapping", None))

    def model_post_init(self, context: object) -> None:
        if isinstance(context, Lines):
            self._lines = context

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a mapping file, or a shipped one by its name.

        Raises
        ------
        NotFound : there is no such mapping.
        BadDefinition : it is wrong; file, line and the nearest valid name are told.
        """
        value, where = lines.load(find(path))
        try:
            mapping = cls.model_validate(value, context=where)
        except ValidationError as error:
            raise fault_of(error, cls, where) from error
        fault = first_fault(mapping)
        if fault is not None:
            raise fault.error(where)
        return mapping

    def others(self, folder: Path) -> dict[str, pd.DataFrame]:
        """The files that `joins` name, read from their folder."""
        return {join.file: read(folder / join.file) for join in self.joins}

    def apply(
        self, frame: pd.DataFrame, others: dict[str, pd.DataFrame], first: int = 0
    ) -> pd.DataFrame:
        """A part of a file as rows with our column names; values still raw.

        `others` are the files of the joins, `first` is the number of the part's first row. A
        row that a join does not find keeps nulls; it is for the checks to refuse it.

        Raises
        ------
        NotFound : the file lacks a column that the mapping names.
        NotPossible : `hmac` is asked for and there is no key.
        """
        for at, join in enumerate(self.joins):
            other = others[join.file]
            self._require(frame, dict.fromkeys(join.by, ("joins", at, "by")))
            self._require(other, dict.fromkeys(join.by, ("joins", at, "by")))
            self._require(
                other, {theirs: ("joins", at, "columns", n) for n, theirs in join.columns.items()}
            )
            frame = reshape.joined(frame, other, join.by, join.columns)
        frame = frame.reset_index(drop=True)
        frame["row"] = np.arange(first, first + len(frame))
        if self.unpivot is not None:
            self._require(frame, dict.fromkeys(self.unpivot.columns, ("unpivot", "columns")))
            frame = reshape.unpivoted(frame, **self.unpivot.model_dump())
        self._require(frame, self.named())
        for name, marks in self.split.items():
            frame = reshape.split(frame, self.columns[name], marks)
        return people.veiled(self._ours(frame), TABLES[self.table])

    def _ours(self, frame: pd.DataFrame) -> pd.DataFrame:
        ours = {name: frame[theirs] for name, theirs in self.columns.items()}
        ours |= {name: pd.Series([value] * len(frame)) for name, value in self.constants.items()}
        ours |= {name: reshape.filled(frame, text) for name, text in self.templates.items()}
        for name, addends in self.sums.items():
            unit = self.units.get(name, "yuan")
            ours[name] = reshape.total(frame[addends].apply(reshape.in_fen, unit=unit))
        ours["source"] = pd.Series([self.source.name] * len(frame))
        ours["source_id"] = reshape.filled(frame, self.source.id)
        result = pd.DataFrame(ours)
        for name, codes in self.values.items():
            result[name] = reshape.recoded(result[name], codes)
        for name, unit in self.units.items():
            if name not in self.sums:
                result[name] = reshape.in_fen(result[name], unit)
        if self.hmac:
            secret = people.key()
            for name in self.hmac:
                result[name] = people.hashed(result[name], secret)
        if self.known_time is not None:
            result["known_time"] = self._known(result, self.known_time)
        return result

    def _known(self, rows: pd.DataFrame, derived: Derived) -> pd.Series:
        formats = [*self.dates, *DATE_FORMATS]
        after = days(rows[derived.after], formats) + pd.Timedelta(days=derived.days)
        if "known_time" not in rows:
            return after
        given = rows["known_time"].astype("str").str.strip().replace("", None)
        read_as = days(rows["known_time"], formats)
        # A date that is given but cannot be read is for the checks to refuse, not for us to guess.
        odd = read_as.isna() & given.notna()
        told: pd.Series = read_as.fillna(after).dt.strftime("%Y-%m-%d").where(~odd, given)
        return told

    def named(self) -> dict[str, tuple[str | int, ...]]:
        """The source's columns that the mapping needs, and the entry that names each."""
        named: dict[str, tuple[str | int, ...]] = {}
        named |= {theirs: ("columns", ours) for ours, theirs in self.columns.items()}
        named |= {theirs: ("sums", ours) for ours, many in self.sums.items() for theirs in many}
        for ours, template in self.templates.items():
            named |= dict.fromkeys(reshape.fields(template), ("templates", ours))
        return named | dict.fromkeys(reshape.fields(self.source.id), ("source", "id"))

    def _require(self, frame: pd.DataFrame, named: dict[str, tuple[str | int, ...]]) -> None:
        for name, entry in sorted(named.items()):
            if name not in frame:
                raise NotFound.among(
                    "column",
                    name,
                    map(str, frame.columns),
                    hint=f"{self._lines.at(entry)} names a column that the file does not have",
                )


def find(path: Path) -> Path:
    """A mapping file, or a shipped mapping by its name, such as `gsxt/penalties`."""
    shipped = SHIPPED / f"{path}.yaml"
    for candidate in (path, shipped):
        if candidate.is_file():
            return candidate
    known = (str(one.relative_to(SHIPPED).with_suffix("")) for one in SHIPPED.rglob("*.yaml"))
    raise NotFound(
        f"no mapping file {path}",
        allowed=f"a path, or one of ours: {', '.join(sorted(known))}",
        hint="check the path; nothing was read",
    )


def straight(frame: pd.DataFrame, table: Table, file: str) -> pd.DataFrame:
    """A file that already has our columns, unchanged.

    Raises
    ------
    BadInput : a required column is absent, or a column is not ours (its values would be lost).
    """
    own = table.by_name
    absent = [name for name, column in own.items() if table.requires(column) and name not in frame]
    foreign = [name for name in frame if name not in own]
    if absent or foreign:
        raise BadInput(
            f"{file} does not have the columns of {table.name}",
            found="; ".join(
                part
                for part in (
                    f"missing {', '.join(absent)}" if absent else "",
                    f"unknown {', '.join(map(str, foreign))}" if foreign else "",
                )
                if part
            ),
            allowed=", ".join(own),
            hint="rename the columns, or give a mapping file with --mapping",
        )
    return people.veiled(frame, table)
