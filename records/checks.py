"""A row's faults: raw values become typed columns, and what cannot is named.

Every check runs on a whole column. A row collects *all* its faults, so that the source can
mend it in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records import forms, identity
from records.schema import ARROW, Column, Table

EARLIEST = date(1900, 1, 1)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S")
EXACT = 2**53  # beyond this a float no longer counts every 分
ENTITY_TYPES = r"[1-6][0-9]{3}|7[1-3]00|9[1256]00|9900"  # 市场主体类型, domain codes by family

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field of a row was refused: its value, what is allowed, what to do."""

    field: str
    found: str
    problem: str
    allowed: str
    hint: str = "correct it at the source and send the row again"


@dataclass
class Checked:
    """Typed columns of all rows (null where refused) and the faults by row position."""

    columns: dict[str, pa.Array]
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    repaired: int = 0

    def refuse(self, rows: Mask, values: pd.Series, make: Callable[[str], Fault]) -> None:
        for row in np.flatnonzero(rows):
            found = values.iloc[row]
            text = "" if pd.isna(found) else str(found)
            self.faults.setdefault(int(row), []).append(make(text))


def check(
    frame: pd.DataFrame,
    table: Table,
    *,
    id_scheme: str,
    today: date,
    date_formats: Sequence[str] = DATE_FORMATS,
) -> Checked:
    """Type and check every column of a frame with the table's column names.

    Parameters
    ----------
    frame : raw rows; a column that is absent counts as null.
    id_scheme : ``uscc`` (checked codes) or ``opaque`` (any text).
    today : civil date of the store; nothing may happen or be known after it.
    date_formats : accepted spellings of a date, tried in order.
    """
    checked = Checked(columns={})
    clocks = {"event_time": pd.Series(), "known_time": pd.Series()}
    absent_column = pd.Series(pd.array([None], dtype="str").take(np.zeros(len(frame), np.intp)))
    for column in table.columns:
        raw = frame[column.name].reset_index(drop=True) if column.name in frame else absent_column
        values, refused = _typed(raw, column, date_formats)
        if column.name == "entity_id" and id_scheme == "uscc":
            values = _checked_codes(values, checked)
        checked.refuse(refused, raw, lambda found, c=column: _unreadable(c, found))  # type: ignore[misc]
        if table.requires(column):
            absent = values.isna().to_numpy(bool) & ~refused
            checked.refuse(absent, raw, lambda _, c=column: _missing(c))  # type: ignore[misc]
        _check_range(values, column, checked)
        _check_form(values, column, checked, id_scheme)
        checked.columns[column.name] = _arrow(values, column)
        if column.name in clocks:
            clocks[column.name] = values
    if table.name == "enterprises" and id_scheme == "uscc":
        _check_entity_type(checked)
    _check_clocks(clocks["event_time"], clocks["known_time"], checked, today)
    _check_order(table, checked)
    return checked


def _arrow(values: pd.Series, column: Column) -> pa.Array:
    if column.kind == "date":
        return pa.array(values, pa.timestamp("us"), from_pandas=True).cast(pa.date32())
    return pa.array(values, ARROW[column.kind], from_pandas=True)


def _typed(raw: pd.Series, column: Column, formats: Sequence[str]) -> tuple[pd.Series, Mask]:
    """Values of the column's kind, and which given values could not be read."""
    given = raw.notna()
    if not given.any():
        kind = "datetime64[us]" if column.kind == "date" else "object"
        return pd.Series(None, index=raw.index, dtype=kind), np.zeros(len(raw), dtype=bool)
    if column.kind == "date":
        values = days(raw, formats)
    elif column.kind == "text":
        values = raw.astype("str").str.strip().replace("", None)
        # "61610.0" is what a spreadsheet makes of a code; the code is what was meant.
        if pd.api.types.is_float_dtype(raw.dtype):
            values = values.str.removesuffix(".0")
    elif column.kind == "flag":
        words = raw.astype("str").str.strip().str.lower()
        values = words.map(
            {"true": True, "false": False, "1": True, "0": False, "是": True, "否": False}
        )
    else:
        values = pd.to_numeric(raw.astype("object"), errors="coerce")
        values = values.where(np.isfinite(values.astype("float64")))
        if column.kind != "float":
            number = values.astype("float64")
            values = values.where((number % 1 == 0) & (number.abs() <= EXACT)).astype("Int64")
    unread = given & values.isna()
    if unread.any():  # what is blank was not given
        unread &= raw.astype("str").str.strip() != ""
    return values, unread.to_numpy(bool)


def days(raw: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Days as datetime64[us] at midnight; NaT where the value cannot be read."""
    if pd.api.types.is_numeric_dtype(raw.dtype):  # 20250331 as a number
        raw = raw.astype("str").str.removesuffix(".0")
    if isinstance(raw.dtype, pd.ArrowDtype) and pa.types.is_date(raw.dtype.pyarrow_dtype):
        stamps = pa.array(raw).cast(pa.timestamp("us"))
        return pd.Series(stamps.to_numpy(zero_copy_only=False), index=raw.index)
    if raw.dtype.kind == "M":
        return raw.astype("datetime64[us]").dt.normalize()
    if raw.dtype == "object":  # dates from Excel or SQL, perhaps among texts
        given = pd.to_datetime(raw, errors="coerce")
        return given.astype("datetime64[us]").dt.normalize()
    text = raw.astype("str").str.strip()
    found = pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us]")
    for spelling in formats:
        left = found.isna() & text.notna()
        if not left.any():
            break
        parsed = pd.to_datetime(text[left], format=spelling, errors="coerce")
        found[left] = parsed.astype("datetime64[us]").dt.normalize()
    return found


def _checked_codes(values: pd.Series, checked: Checked) -> pd.Series:
    codes = identity.repair(values)
    given = values.notna()
    valid = identity.valid_uscc(codes)
    checked.repaired += int((valid & given & (codes != values)).sum())
    checked.refuse(
        given.to_numpy(bool) & ~valid,
        values,
        lambda found: Fault(
            "entity_id",
            found,
            "not a valid unified social credit code (GB 32100-2015)",
            "18 characters whose check digit is right",
        ),
    )
    return codes


def _check_range(values: pd.Series, column: Column, checked: Checked) -> None:
    given = values.notna()
    if column.allowed:
        outside = given & ~values.isin(column.allowed)
        checked.refuse(
            outside.to_numpy(bool),
            values,
            lambda found: Fault(
                column.name,
                found,
                f"not a known value of {column.name}",
                ", ".join(column.allowed),
                "map it in the mapping file's `values`, or correct it at the source",
            ),
        )
    if column.minimum is not None or column.maximum is not None:
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        outside = given & ~values.astype("Float64").between(low, high).fillna(True)
        checked.refuse(
            outside.to_numpy(bool),
            values,
            lambda found: Fault(
                column.name,
                found,
                f"{column.name} is out of range",
                f"{low:g} to {high:g}",
            ),
        )


def _check_form(values: pd.Series, column: Column, checked: Checked, id_scheme: str) -> None:
    if column.form:
        rule = forms.RULES[column.form]
        checked.refuse(
            forms.refused(values, column.form, id_scheme),
            values,
            lambda found: Fault(column.name, found, rule.problem, rule.allowed, rule.hint),
        )


def _check_order(table: Table, checked: Checked) -> None:
    for column in table.columns:
        if column.not_before:
            ends, starts = checked.columns[column.name], checked.columns[column.not_before]
            early = pc.fill_null(pc.less(ends, starts), False)
            checked.refuse(
                np.asarray(early, dtype=bool),
                pd.Series(ends.cast(pa.string()).to_pandas()),
                lambda found, c=column: Fault(  # type: ignore[misc]
                    c.name, found, f"{c.name} lies before {c.not_before}",
                    f"{c.not_before} or later",
                ),
            )  # fmt: skip


def _check_entity_type(checked: Checked) -> None:
    types = checked.columns["entity_type"].to_pandas()
    unknown = types.notna() & ~types.astype("str").str.fullmatch(ENTITY_TYPES).fillna(True)
    checked.refuse(
        unknown.to_numpy(bool),
        types,
        lambda found: Fault(
            "entity_type",
            found,
            "unknown entity type",
            "a four-digit type code of families 1–6, 7100–7300, 9100, 9200, 9500, 9600 or 9900",
        ),
    )


def _check_clocks(event: pd.Series, known: pd.Series, checked: Checked, today: date) -> None:
    span = f"{EARLIEST} to {today}"
    for name, clock in (("event_time", event), ("known_time", known)):
        outside = clock.notna() & ~clock.between(pd.Timestamp(EARLIEST), pd.Timestamp(today))
        checked.refuse(
            outside.to_numpy(bool),
            clock,
            lambda found, n=name: Fault(  # type: ignore[misc]
                n,
                found[:10],
                "date in the future or before records began",
                span,
            ),
        )
    early = known.notna() & event.notna() & (known < event)
    checked.refuse(
        early.to_numpy(bool),
        known,
        lambda found: Fault(
            "known_time",
            found[:10],
            "known before it happened",
            "event_time or later",
        ),
    )


def _unreadable(column: Column, found: str) -> Fault:
    allowed = {
        "date": "a date such as 2025-03-31, 2025/3/31, 20250331 or 2025年3月31日",
        "int": "a whole number",
        "fen": "a whole number of 分",
        "float": "a number",
        "flag": "true, false, 1, 0, 是 or 否",
        "text": "text",
    }[column.kind]
    return Fault(column.name, found, f"{column.name} cannot be read", allowed)


def _missing(column: Column) -> Fault:
    return Fault(column.name, "", f"{column.name} is missing", f"{column.en}, never empty")
