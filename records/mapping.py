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
    dates: ["%d.%m.%Y"]
    given: {listed_on: {fills: [event_time], zh: 取得日期, en: day it was taken}}
    known_time: {after: event_time, days: 7}         # where the file does not say it

Optional: `joins` looks columns up in further files, `unpivot` turns one column an item into one
row an item. `given` names what the file does not hold and whoever ingests must say, by
`--given listed_on=2024-06-30` (see `records.given`). `known_time: {…, floor: true}` also lifts a
day that the file gives and that is earlier. Templates and ids name the source's columns; one
under `hmac` comes into them as its hash, `{name?}` may be null, and `{row}` is the row's number.
The steps follow one another in the order unpivot, split, values, units, hmac, given, known_time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from records import lines, people, reshape
from records.checks import DATE_FORMATS, days
from records.entries import Derived, Join, Source, Unpivot
from records.errors import BadInput, NotFound
from records.given import NOTHING, Given, Values, filled
from records.lines import Lines
from records.mapcheck import fault_of, first_fault
from records.readers import read
from records.schema import TABLES, Table

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
        self,
        frame: pd.DataFrame,
        others: dict[str, pd.DataFrame],
        first: int = 0,
        values: Values = NOTHING,
    ) -> pd.DataFrame:
        """A part of a file as rows with our column names; values still raw.

        `others` are the files of the joins, `first` is the number of the part's first row,
        `values` are the `given` ones. A row that a join does not find keeps nulls; it is for the
        checks to refuse it.

        Raises
        ------
        NotFound : the file lacks a column that the mapping names.
        NotPossible : `hmac` is asked for and there is no key.
        """
        for at, join in enumerate(self.joins):
            other = others[join.file]
            self._require(frame, dict.fromkeys(join.pairs, ("joins", at, "by")))
            self._require(other, dict.fromkeys(join.pairs.values(), ("joins", at, "by")))
            self._require(
                other, {theirs: ("joins", at, "columns", n) for n, theirs in join.columns.items()}
            )
            frame = reshape.joined(frame, other, join.pairs, join.columns)
        frame = frame.reset_index(drop=True)
        frame["row"] = np.arange(first, first + len(frame))
        if self.unpivot is not None:
            self._require(frame, dict.fromkeys(self.unpivot.columns, ("unpivot", "columns")))
            frame = reshape.unpivoted(frame, **self.unpivot.model_dump())
        self._require(frame, self.named())
        for name, marks in self.split.items():
            frame = reshape.split(frame, self.columns[name], marks)
        return people.veiled(self._ours(frame, values), TABLES[self.table])

    def _ours(self, frame: pd.DataFrame, values: Values) -> pd.DataFrame:
        ours = {name: frame[theirs] for name, theirs in self.columns.items()}
        ours |= {name: pd.Series([value] * len(frame)) for name, value in self.constants.items()}
        named = self._hashed(frame)
        ours |= {name: reshape.filled(named, text) for name, text in self.templates.items()}
        for name, addends in self.sums.items():
            unit = self.units.get(name, "yuan")
            ours[name] = reshape.total(frame[addends].apply(reshape.in_fen, unit=unit))
        ours["source"] = pd.Series([self.source.name] * len(frame))
        ours["source_id"] = reshape.filled(named, self.source.id)
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
        result = filled(result, values, self.given)
        if self.known_time is not None:
            result["known_time"] = self._known(result, self.known_time)
        return result

    def _hashed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The source's columns, for ids: no identity number is ever part of one."""
        numbers = {self.columns[name] for name in self.hmac if name in self.columns}
        if not numbers:
            return frame
        secret = people.key()
        return frame.assign(**{name: people.hashed(frame[name], secret) for name in numbers})

    def _known(self, rows: pd.DataFrame, derived: Derived) -> pd.Series:
        formats = [*self.dates, *DATE_FORMATS]
        after = days(rows[derived.after], formats) + pd.Timedelta(days=derived.days)
        if "known_time" not in rows:
            return after
        written = rows["known_time"].astype("str").str.strip().replace("", None)
        read_as = days(rows["known_time"], formats)
        # A date that is given but cannot be read is for the checks to refuse, not for us to guess.
        odd = read_as.isna() & written.notna()
        if derived.floor:
            read_as = read_as.where(~(read_as < after), after)
        told: pd.Series = read_as.fillna(after).dt.strftime("%Y-%m-%d").where(~odd, written)
        return told

    def named(self) -> dict[str, tuple[str | int, ...]]:
        """The source's columns that the mapping needs, and the entry that names each."""
        named: dict[str, tuple[str | int, ...]] = {}
        named |= {theirs: ("columns", ours) for ours, theirs in self.columns.items()}
        named |= {theirs: ("sums", ours) for ours, many in self.sums.items() for theirs in many}
        for ours, template in self.templates.items():
            named |= dict.fromkeys(reshape.fields(template), ("templates", ours))
        return named | dict.fromkeys(reshape.fields(self.source.id), ("source", "id"))

    def made(self) -> dict[str, str]:
        """The columns that templates make, `source_id` among them, and their templates."""
        return {**self.templates, "source_id": self.source.id}

    def follows(self) -> dict[str, set[str]]:
        """Our columns that are made from others, and those of ours that hold the others."""
        found = {
            name: {ours for ours, theirs in self.columns.items() if theirs in fields}
            for name, template in self.made().items()
            if (fields := reshape.fields(template))
        }
        return found | ({"known_time": {self.known_time.after}} if self.known_time else {})

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
