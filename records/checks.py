"""A row's faults: raw values become typed columns, and what cannot is named.

Every check runs on a whole column. A row collects *all* its faults, so that the source can
mend it in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records import cells, forms, identity, kinds, rules, wordings
from records.faults import FOUND, Fault
from records.kinds import Mask
from records.schema import Column, Table
from records.wordings import SEND_AGAIN, Said

EARLIEST = date(1900, 1, 1)
CLOCKS = ("event_time", "known_time")
ERRORS = (
    (cells.UNCOMPUTED, wordings.NOT_COMPUTED, wordings.COMPUTE_IT()),
    (cells.NESTED, wordings.A_LIST, SEND_AGAIN),
    ("", wordings.SPREADSHEET_ERROR, SEND_AGAIN),
)
"""What an error begins with, and what to say of it."""
ENTITY_TYPES = r"^(?:[1-6][0-9]{3}|7[1-3]00|9[1256]00|9900)$"
"""市场主体类型, codes by family (domain.md §8.4)."""


@dataclass
class Checked:
    """Typed columns of all rows (null where refused) and the faults by row position."""

    columns: dict[str, pa.Array]
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    repaired: int = 0

    def refuse(
        self, name: str, rows: Mask, values: pa.Array, problem: Said, allowed: Said,
        hint: Said = SEND_AGAIN,
    ) -> None:  # fmt: skip
        """Add a fault of the column to some of the rows."""
        at = np.flatnonzero(rows)
        if not len(at):
            return
        shown = cells.spelled(values.take(pa.array(at))).to_pylist()
        for row, text in zip(at.tolist(), shown, strict=True):
            found = text or ""
            found = found if len(found) <= FOUND else f"{found[:FOUND]}…"
            fault = Fault(name, found, problem, allowed, hint)
            self.faults.setdefault(row, []).append(fault)


def check(
    frame: pd.DataFrame,
    table: Table,
    *,
    id_scheme: str,
    today: date,
    date_formats: Sequence[str] = (),
    time_zone: str | None = None,
    between: bool = True,
) -> Checked:
    """Type and check every column of a frame with the table's column names.

    Parameters
    ----------
    frame : raw rows; a column that is absent counts as null.
    id_scheme : ``uscc`` (checked codes) or ``opaque`` (any text).
    today : civil date of the store; nothing may happen or be known after it.
    date_formats : spellings of a date beyond those always understood, tried in order.
    time_zone : the store's, for moments that name an offset.
    between : whether a row's columns are also held against one another, as declared.
    """
    checked = Checked(columns={})
    for column in table.columns:
        values = _read(frame, table, column, checked, date_formats, time_zone)
        if column.name == "entity_id" and id_scheme == "uscc":
            values = _checked_codes(values, checked)
        values = _in_range(values, column, checked)
        _check_form(values, column, checked, id_scheme)
        checked.columns[column.name] = values
    if table.name == "enterprises" and id_scheme == "uscc":
        _check_entity_type(checked)
    if checked.columns.keys() >= set(CLOCKS):
        _check_clocks(checked, today)
    for breach in rules.breaches(table, checked.columns) if between else ():
        _refuse_breach(breach, checked)
    return checked


def _read(
    frame: pd.DataFrame, table: Table, column: Column, checked: Checked,
    formats: Sequence[str], zone: str | None,
) -> pa.Array:  # fmt: skip
    """A column's typed values; what is absent, broken or unreadable is refused."""
    name = column.name
    raw = cells.column(frame[name], zone) if name in frame else pa.nulls(len(frame), pa.string())
    if table.requires(column) and raw.null_count:
        problem = wordings.MISSING(column=name)
        checked.refuse(
            name, _true(pc.is_null(raw)), raw, problem, wordings.NEVER_EMPTY(what=column.en)
        )
    raw = _sound(raw, column, checked)
    values, unread = kinds.typed(raw, column, formats, zone)
    checked.refuse(name, unread, raw, wordings.UNREADABLE(column=name), kinds.ALLOWED[column.kind])
    return values


def _sound(raw: pa.Array, column: Column, checked: Checked) -> pa.Array:
    """The column without errors of a spreadsheet, which are refused."""
    wrong = cells.errors(raw, anywhere=column.form == "code")
    if not pc.any(wrong).as_py():
        return raw
    left = wrong
    for mark, problem, hint in ERRORS:
        rows = pc.and_(left, pc.starts_with(raw, mark))
        told = problem(column=column.name)
        checked.refuse(column.name, _true(rows), raw, told, wordings.A_VALUE(), hint)
        left = pc.and_not(left, rows)
    return pc.if_else(wrong, pa.scalar(None, raw.type), raw)


def _checked_codes(values: pa.Array, checked: Checked) -> pa.Array:
    given = pd.Series(values, dtype="str")
    codes = identity.repair(given)
    valid = identity.valid_uscc(codes)
    checked.repaired += int((valid & (codes != given).to_numpy(bool)).sum())
    checked.refuse(
        "entity_id", given.notna().to_numpy(bool) & ~valid, values,
        wordings.NO_CREDIT_CODE(), wordings.A_CREDIT_CODE(),
    )  # fmt: skip
    return pa.array(codes, pa.string(), from_pandas=True)


def _in_range(values: pa.Array, column: Column, checked: Checked) -> pa.Array:
    """The values that the column allows; others are refused."""
    if column.allowed:
        known = pc.is_in(values, pa.array(column.allowed))
        unknown = pc.and_(pc.is_valid(values), pc.invert(known))
        checked.refuse(
            column.name, _true(unknown), values, wordings.UNKNOWN(column=column.name),
            wordings.one_of(column.allowed), wordings.MAP_IT(),
        )  # fmt: skip
        return pc.if_else(known, values, pa.scalar(None, values.type))
    if column.minimum is not None or column.maximum is not None:
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        outside = pc.or_(pc.less(values, pa.scalar(low)), pc.greater(values, pa.scalar(high)))
        checked.refuse(
            column.name, _true(outside), values, wordings.OUT_OF_RANGE(column=column.name),
            _span(low, high),
        )  # fmt: skip
    if column.kind == "date" and column.name not in CLOCKS:
        checked.refuse(
            column.name, _true(pc.less(values, pa.scalar(EARLIEST))), values,
            wordings.TOO_OLD(column=column.name), wordings.FROM_DAY(day=EARLIEST),
        )  # fmt: skip
    return values


def _span(low: float, high: float) -> Said:
    if high == np.inf:
        return wordings.AT_LEAST(low=f"{low:g}")
    if low == -np.inf:
        return wordings.AT_MOST(high=f"{high:g}")
    return wordings.BETWEEN(low=f"{low:g}", high=f"{high:g}")


def _check_form(values: pa.Array, column: Column, checked: Checked, id_scheme: str) -> None:
    if column.form:
        rule = forms.RULES[column.form]
        wrong = forms.refused(values, column.form, id_scheme)
        problem = rule.problem(column=column.name)
        checked.refuse(column.name, wrong, values, problem, rule.allowed, rule.hint)


def _check_entity_type(checked: Checked) -> None:
    types = checked.columns["entity_type"]
    unknown = pc.invert(pc.match_substring_regex(types, ENTITY_TYPES))
    checked.refuse(
        "entity_type", _true(unknown), types, wordings.NO_ENTITY_TYPE(), wordings.AN_ENTITY_TYPE()
    )


def _check_clocks(checked: Checked, today: date) -> None:
    for name in CLOCKS:
        clock = checked.columns[name]
        outside = pc.or_(pc.less(clock, pa.scalar(EARLIEST)), pc.greater(clock, pa.scalar(today)))
        span = wordings.BETWEEN(low=EARLIEST, high=today)
        checked.refuse(name, _true(outside), clock, wordings.OUTSIDE(), span)
    event, known = (checked.columns[name] for name in CLOCKS)
    checked.refuse(
        "known_time", _true(pc.less(known, event)), known, wordings.KNOWN_TOO_EARLY(),
        wordings.OR_LATER(other="event_time"),
    )  # fmt: skip


def _refuse_breach(breach: rules.Breach, checked: Checked) -> None:
    """Refuse a row for a rule, unless the other column is refused for itself."""
    rows = breach.rows.copy()
    for row in np.flatnonzero(rows).tolist():
        rows[row] = all(fault.field != breach.other for fault in checked.faults.get(row, ()))
    values = checked.columns[breach.column]
    checked.refuse(breach.column, rows, values, breach.problem, breach.allowed)


def _true(found: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(found, False), dtype=bool)
