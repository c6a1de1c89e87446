"""Waiting rows become the rows of a declared table: numbers as they are, texts by their forms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.arrays import Flags, Index
from records.province.clock import NO_DAY, Days
from records.province.rows import (
    ABSENT_DAY,
    ABSENT_WHOLE,
    CODE,
    DAY,
    FLAG,
    NOBODY,
    REAL,
    WHOLE,
    Coded,
    Column,
    Form,
    Made,
    Rows,
    Words,
    day_of,
    listed,
)
from records.province.texts.encumbrances import ENCUMBRANCES
from records.province.texts.oversight import OVERSIGHT
from records.province.texts.registration import REGISTRATION
from records.province.texts.society import SOCIETY
from records.schema import ARROW, TABLES, Kind

FORMS: dict[str, dict[str, Form]] = {**REGISTRATION, **ENCUMBRANCES, **OVERSIGHT, **SOCIETY}

KINDS: dict[Kind, np.dtype[Any]] = {
    "text": CODE, "date": DAY, "int": WHOLE, "fen": WHOLE, "float": REAL, "flag": FLAG,
}  # fmt: skip
ABSENT: dict[Kind, float] = {
    "text": NOBODY, "date": ABSENT_DAY, "int": ABSENT_WHOLE, "fen": ABSENT_WHOLE,
    "float": np.nan, "flag": NOBODY,
}  # fmt: skip
CLOCKS = ("event_time", "known_time", "valid_to")


@cache
def waiting(table: str) -> dict[str, Kind]:
    """The own columns of a table that wait, and their kinds; the others follow from them."""
    return {
        column.name: column.kind
        for column in TABLES[table].own
        if not isinstance(form(table, column.name), Made)
    }


@cache
def form(table: str, column: str) -> Form | None:
    """How a column is made; None for a number that is written as it waits.

    A text without a form of its own is one of the declared words.
    """
    own = FORMS[table].get(column)
    declared = TABLES[table].by_name[column]
    if own is None and declared.kind == "text":
        return Words(declared.allowed)
    return own


def code(table: str, column: str, *words: str) -> Index:
    """The codes of words of a column, in their order, shape (words,)."""
    known = form(table, column)
    if not isinstance(known, Words):
        raise KeyError(f"{table}.{column} has no list of words")
    return np.array([known.code(word) for word in words], np.int64)


def drawn(
    table: str, column: str, shares: dict[str, float], size: int, rng: np.random.Generator
) -> Index:
    """Codes of words by their shares, shape (size,); NOBODY for what the shares leave over."""
    edges = np.cumsum(list(shares.values()))
    place = np.searchsorted(edges, rng.random(size), side="right")
    if abs(edges[-1] - 1) < 1e-9:
        place = np.minimum(place, len(edges) - 1)
    return np.append(code(table, column, *shares), NOBODY)[place]


def typed(table: str, column: str, value: Any, size: int) -> Column:
    """A column as it waits: its kind's numbers, shape (size,), a copy of its own.

    Parameters
    ----------
    value : an array, one value for all rows, or None where it is absent; NaN, NO_DAY and negative
        codes are absent; a text is a word of the column.
    """
    kind = "date" if column in CLOCKS else waiting(table)[column]
    absent = ABSENT[kind]
    if value is None:
        return np.full(size, absent, KINDS[kind])
    if isinstance(value, str):
        value = code(table, column, value)[0]
    if np.ndim(value) == 0:
        return np.full(size, value, KINDS[kind])
    if kind == "date":
        value = np.where(value == NO_DAY, absent, value)
    elif kind != "float" and value.dtype.kind == "f":
        value = np.where(np.isnan(value), absent, value)
    waits = np.array(value, KINDS[kind])
    if waits.dtype.itemsize < 8 and not np.array_equal(waits, value):
        raise OverflowError(f"{table}.{column}: a number too large to wait")
    return waits


def entered(
    table: str, size: int, clocks: tuple[Days, Days, Days | None], **own: Any
) -> dict[str, Column]:
    """Columns of new rows as they wait: `clocks` are those of CLOCKS, `own` as for `typed`.

    Raises KeyError for a column that the table does not have or that follows from others.
    """
    columns = {
        name: typed(table, name, days, size) for name, days in zip(CLOCKS, clocks, strict=True)
    }
    for name in waiting(table):
        columns[name] = typed(table, name, own.pop(name, None), size)
    if own:
        raise KeyError(f"{table} has no column {', '.join(own)}")
    return columns


def written(
    table: str, rows: Rows, source: str, source_id: pa.Array, **given: pa.Array
) -> pa.Table:
    """Rows of a declared table, its words in dictionaries.

    Parameters
    ----------
    rows : as they wait.
    source, source_id : the records' names.
    given : columns to write instead of those that would be made.
    """
    columns: dict[str, pa.Array] = {
        "source": listed((source,), np.zeros(len(rows), np.int64)),
        "source_id": source_id,
        "entity_id": rows.entity,
        **{name: day_of(rows[name]) for name in CLOCKS},
    }
    for column in TABLES[table].own:
        if column.name in given:
            columns[column.name] = given[column.name]
        else:
            columns[column.name] = _made(table, column.name, column.kind, rows)
    names = TABLES[table].arrow.names
    return pa.table({name: columns[name] for name in names})


def dense(rows: pa.Table, table: str) -> pa.Table:
    """The same rows with plain texts, as declared."""
    return rows.cast(TABLES[table].arrow)


def words_of(rows: pa.Table) -> list[str]:
    """The columns that hold words of a short list."""
    return [field.name for field in rows.schema if pa.types.is_dictionary(field.type)]


def _made(table: str, column: str, kind: Kind, rows: Rows) -> pa.Array:
    how = form(table, column)
    if isinstance(how, Made):
        return how.made(rows)
    values = rows[column]
    if isinstance(how, Words):
        return how.made(values)
    if isinstance(how, Coded):
        text = how.made(rows, values)
        absent: Flags = (values < 0) & (not how.always)
        return pc.if_else(pa.array(absent), None, text) if absent.any() else text
    if kind == "date":
        return day_of(values)
    absent = np.isnan(values) if kind == "float" else values == ABSENT[kind]
    if kind == "flag":
        values = values > 0
    return pa.array(values, ARROW[kind], mask=absent)
