"""What the columns of one row say of each other: days in order, values that need or exclude others.

All of it stands in the declarations (`records.columns`); a rule speaks only where both of its
columns are given. Whether the record that a value refers to is there is no rule: it may arrive
later (`records.references`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from records import wordings
from records.columns import Column, Going, Table
from records.wordings import Said, Wording

Typed = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Breach:
    """A rule between a column and another that some rows break."""

    column: str
    other: str
    rows: npt.NDArray[np.bool_]
    problem: Said
    allowed: Said


def breaches(table: Table, typed: Typed) -> Iterator[Breach]:
    """Every rule that is broken, column by column, on typed columns (null where refused)."""
    for column in table.columns:
        values = typed[column.name]
        if values.null_count < len(values):
            yield from (found for found in _of(column, values, typed) if found.rows.any())


def _of(column: Column, values: pa.Array, typed: Typed) -> Iterator[Breach]:
    name = column.name

    def breach(other: str, found: pa.Array, problem: Wording, allowed: Said) -> Breach:
        rows = np.asarray(pc.fill_null(found, False), dtype=bool)
        return Breach(name, other, rows, problem(column=name, other=other), allowed)

    if other := column.not_before:
        early = pc.less(values, typed[other])
        yield breach(other, early, wordings.BEFORE, wordings.OR_LATER(other=other))
    if other := column.not_after:
        last = pc.year(typed[other]) if column.kind == "int" else typed[other]
        late = pc.greater(values, last)
        yield breach(other, late, wordings.AFTER, wordings.OR_EARLIER(other=other))
    if other := column.needs:
        alone = pc.and_(pc.is_valid(values), pc.is_null(typed[other]))
        allowed = wordings.TOGETHER(column=name, other=other)
        yield breach(other, alone, wordings.WITHOUT, allowed)
    if other := column.other_than:
        same = pc.equal(values, typed[other])
        yield breach(other, same, wordings.SAME, wordings.OTHER_THAN(other=other))
    for going in column.going:
        odd = _at_odds(values, going, typed[going.column])
        codes = wordings.one_of(going.codes)
        allowed = wordings.GOING_WITH(other=going.column, codes=codes)
        yield breach(going.column, odd, wordings.AT_ODDS, allowed)


def _at_odds(values: pa.Array, going: Going, others: pa.Array) -> pa.Array:
    speaks = pc.is_in(values, pa.array(going.of)) if going.of else pc.is_valid(values)
    fits = pc.is_in(others, pa.array(going.codes))
    return pc.and_(pc.and_(speaks, pc.is_valid(others)), pc.invert(fits))
