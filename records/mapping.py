"""Mapping files: a bureau's own columns, codes and dates become ours, declared in YAML.

    table: inspections
    source: {name: 密云区应急管理局, id: "{entity_key}/{checked_on}/{items}"}
    columns: {entity_id: uscc, event_time: checked_on, result: result}     # ours: theirs
    constants: {way: unknown}
    templates: {inspection_id: "{entity_key}/{checked_on}"}
    values: {result: {合格: no_problem, 不合格: problem_corrected}}
    dates: ["%d.%m.%Y"]
    known_time: {after: event_time, days: 7}

Optional: `joins` looks columns up in further files, `unpivot` turns one column an item into one
row an item. Templates and ids name the source's columns; `{row}` is the row's number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from records.checks import DATE_FORMATS, days
from records.errors import BadDefinition, BadInput, NotFound
from records.readers import read
from records.schema import TABLES, Table


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
    values: dict[str, dict[str, Any]] = {}
    dates: list[str] = []
    joins: list[Join] = []
    unpivot: Unpivot | None = None
    known_time: Derived | None = None

    @model_validator(mode="after")
    def _names_our_columns(self) -> Self:
        if self.table not in TABLES:
            raise ValueError(f"unknown table {self.table!r}; allowed: {', '.join(TABLES)}")
        own = TABLES[self.table].by_name
        for part in ("columns", "constants", "templates", "values"):
            for name in getattr(self, part):
                if name not in own:
                    raise ValueError(
                        f"{part}: {name!r} is not a column of {self.table}; "
                        f"allowed: {', '.join(own)}"
                    )
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a mapping file."""
        if not path.is_file():
            raise NotFound(f"no mapping file {path}", hint="check the path; nothing was read")
        try:
            return cls.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except yaml.YAMLError as error:
            raise BadDefinition(f"{path.name} is not YAML", found=str(error)) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole file"
            raise BadDefinition(
                f"{path.name}, {where}: {first['msg']}",
                found=repr(first["input"])[:80],
                hint="nothing was stored",
            ) from error

    def others(self, folder: Path) -> dict[str, pd.DataFrame]:
        """The files that `joins` name, read from their folder."""
        return {join.file: read(folder / join.file) for join in self.joins}

    def apply(
        self, frame: pd.DataFrame, others: dict[str, pd.DataFrame], first: int = 0
    ) -> pd.DataFrame:
        """A part of a file as rows with our column names; values still raw.

        `others` are the files of the joins, `first` is the number of the part's first row. A
        row that a join does not find keeps nulls; it is for the checks to refuse it.
        """
        for join in self.joins:
            frame = _joined(frame, join, others[join.file])
        frame = frame.reset_index(drop=True)
        frame["row"] = np.arange(first, first + len(frame))
        if self.unpivot is not None:
            frame = _unpivoted(frame, self.unpivot)
        _require(frame, self._named())
        ours = {name: frame[theirs] for name, theirs in self.columns.items()}
        ours |= {name: pd.Series([value] * len(frame)) for name, value in self.constants.items()}
        ours |= {name: _filled(frame, text) for name, text in self.templates.items()}
        ours["source"] = pd.Series([self.source.name] * len(frame))
        ours["source_id"] = _filled(frame, self.source.id)
        result = pd.DataFrame(ours)
        for name, codes in self.values.items():
            result[name] = _recoded(result[name], codes)
        if self.known_time is not None and "known_time" not in result:
            after = days(result[self.known_time.after], [*self.dates, *DATE_FORMATS])
            result["known_time"] = after + pd.Timedelta(days=self.known_time.days)
        return result

    def _named(self) -> set[str]:
        templates = [self.source.id, *self.templates.values()]
        return set(self.columns.values()) | {name for text in templates for name in _fields(text)}


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
    return frame


def _joined(frame: pd.DataFrame, join: Join, other: pd.DataFrame) -> pd.DataFrame:
    _require(frame, set(join.by))
    _require(other, set(join.by) | set(join.columns.values()))
    looked_up = other[join.by].copy()
    for name, theirs in join.columns.items():
        looked_up[name] = other[theirs]
    return frame.merge(looked_up.drop_duplicates(join.by), on=join.by, how="left")


def _unpivoted(frame: pd.DataFrame, unpivot: Unpivot) -> pd.DataFrame:
    _require(frame, set(unpivot.columns))
    kept = [name for name in frame if name not in unpivot.columns]
    items = frame.melt(
        id_vars=kept, value_vars=unpivot.columns, var_name=unpivot.item, value_name=unpivot.value
    )
    # The items of a row stay together, so that the order does not depend on the parts of a file.
    return items.sort_values("row", kind="stable", ignore_index=True)


def _require(frame: pd.DataFrame, names: set[str]) -> None:
    for name in sorted(names):
        if name not in frame:
            raise NotFound.among(
                "column",
                name,
                map(str, frame.columns),
                hint="the mapping names a column that the file does not have",
            )


def _fields(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


def _filled(frame: pd.DataFrame, text: str) -> pd.Series:
    """A template filled row by row; a null in any part makes the whole null."""
    head, *rest = text.split("{")
    filled = pd.Series([head] * len(frame), dtype="str")
    for part in rest:
        name, after = part.split("}", 1)
        filled = filled + frame[name].astype("str").reset_index(drop=True) + after
    return filled


def _recoded(values: pd.Series, codes: dict[str, Any]) -> pd.Series:
    """Values replaced by exact token; `*` stands for any other given value."""
    text = values.astype("str").str.strip()
    recoded = text.map(codes)
    other = text.notna() & ~text.isin(codes)
    return recoded.where(~other, codes["*"] if "*" in codes else values.astype("object"))
