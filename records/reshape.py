"""The steps of a mapping: frames of texts joined, unpivoted, split, filled and recoded.

An error of a spreadsheet is no token: it goes through every step, for the checks to refuse.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from records import cells
from records.errors import BadInput
from records.numbers import fen
from records.texts import BLANKS

UNITS = {"yuan": "元", "wan": "万元"}
PART = re.compile(r"\{([^{}]*?)(\??)\}")


def joined(
    frame: pd.DataFrame,
    other: pd.DataFrame,
    by: dict[str, str],
    columns: dict[str, str],
    file: str,
) -> pd.DataFrame:
    """Columns of another frame, {new name: its name}, found by equal `by`; none without a key.

    Parameters
    ----------
    by : {the frame's name: the other's}.
    file : the other frame's name, for errors.

    Raises
    ------
    BadInput : the other frame tells two different things under one key.
    """
    keys = list(by)
    found = pd.DataFrame({name: other[theirs] for name, theirs in (by | columns).items()})
    found = found.dropna(subset=keys).drop_duplicates()
    twice = found.duplicated(keys)
    if twice.any():
        key = found.loc[twice, keys].iloc[0]
        raise BadInput(
            f"{file} tells two different things under one key",
            found="/".join(map(str, key)),
            allowed=f"one row for each {', '.join(by.values())}",
            hint="correct the file, or join by further columns; nothing was stored",
        )
    return frame.merge(found, on=keys, how="left")


def unpivoted(frame: pd.DataFrame, columns: list[str], item: str, value: str) -> pd.DataFrame:
    """One row for each of `columns`: its name goes to `item`, its value to `value`."""
    kept = [name for name in frame if name not in columns]
    items = frame.melt(
        id_vars=kept, value_vars=columns, var_name=item, value_name=value, ignore_index=False
    )
    # The items of a row stay together, so that the order does not depend on the parts of a file.
    return items.sort_index(kind="stable").reset_index(drop=True)


def split(frame: pd.DataFrame, column: str, marks: str) -> pd.DataFrame:
    """One row for each token of a column, cut at any of the characters `marks`.

    Tokens are whole: `10` is not `1`. A row without a token stays, with null.
    """
    cut = re.compile(f"[{re.escape(marks)}]")
    wrong = _errors(frame[column])

    def tokens(text: str) -> list[str | None]:
        return [part for raw in cut.split(text) if (part := raw.strip(BLANKS))] or [None]

    parts = (
        frame[column].astype("object").map(tokens, na_action="ignore").mask(wrong, frame[column])
    )
    rows = frame.assign(**{column: parts}).explode(column, ignore_index=True)
    return rows.astype({column: "str"})


def fields(template: str) -> list[str]:
    """The columns a template names."""
    return [name for name, _ in PART.findall(template)]


def filled(frame: pd.DataFrame, template: str) -> pd.Series:
    """A template filled row by row: a null in `{name}` makes the whole null, in `{name?}` empty."""
    head, *rest = PART.split(template)
    whole = pd.Series([head] * len(frame), dtype="str")
    for name, may_lack, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        part = frame[name].astype("str").reset_index(drop=True)
        whole = whole + (part.fillna("") if may_lack else part) + after
    return whole


def recoded(values: pd.Series, codes: dict[str, Any]) -> pd.Series:
    """Texts replaced by exact token; `*` stands for any other given value."""
    text = cells.texts(values)
    told = {token: cells.text(value) for token, value in codes.items()}
    found = text.map(told).astype("str")
    other = text.notna() & ~text.isin(told)
    rest = pd.Series([told["*"]] * len(text), dtype="str") if "*" in told else values
    return found.where(~other, rest.where(~_errors(text), values))


def _errors(values: pd.Series) -> pd.Series:
    wrong = pc.fill_null(cells.errors(cells.column(values)), False)
    return pd.Series(wrong.to_numpy(zero_copy_only=False), index=values.index)


def in_fen(values: pd.Series, unit: str) -> pd.Series:
    """Amounts in yuan or 万元 as whole 分, in exact decimals; null stays null.

    `1,234.50` and `3.5万元` are read. What is no amount, or no whole 分, stays text with its
    unit, so that the checks refuse it and do not read it as 分 after all.
    """
    text = cells.texts(values)
    return text.map({one: _in_fen(one, UNITS[unit]) for one in text.dropna().unique()}).astype(
        "str"
    )


def _in_fen(text: str, unit: str) -> str:
    value = fen(text, unit)
    return f"{text.removesuffix(unit)} {unit}" if value is None else str(value)


def total(parts: pd.DataFrame) -> pd.Series:
    """The sum of each row's 分; null where no part is given, the odd part's text where one is odd.

    `parts` holds texts as `in_fen` leaves them, a column an addend.
    """

    def add(row: tuple[Any, ...]) -> str | None:
        given = [str(part) for part in row if pd.notna(part)]
        odd = [part for part in given if not re.fullmatch(r"-?[0-9]+", part)]
        if odd or not given:
            return odd[0] if odd else None
        return str(sum(map(int, given)))

    return pd.Series([add(row) for row in parts.itertuples(index=False)], dtype="str")
