"""The steps of a mapping: frames of raw values joined, unpivoted, split, filled and recoded."""

from __future__ import annotations

import re
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import Any

import pandas as pd

FACTORS = {"yuan": 100, "wan": 1_000_000}
_SUFFIX = {"yuan": "元", "wan": "万元"}
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])
_LARGEST = 2**53  # beyond this a float no longer counts every 分
_PART = re.compile(r"\{([^{}]*?)(\??)\}")


def joined(
    frame: pd.DataFrame, other: pd.DataFrame, by: dict[str, str], columns: dict[str, str]
) -> pd.DataFrame:
    """Columns of another frame, {new name: its name}, found by equal `by`; the first row wins.

    `by` holds {the frame's name: the other's}.
    """
    looked_up = pd.DataFrame({name: other[theirs] for name, theirs in (by | columns).items()})
    keys = list(by)
    return frame.merge(looked_up.drop_duplicates(keys), on=keys, how="left")


def unpivoted(frame: pd.DataFrame, columns: list[str], item: str, value: str) -> pd.DataFrame:
    """One row for each of `columns`: its name goes to `item`, its value to `value`.

    `frame` carries its rows' numbers in `row`.
    """
    kept = [name for name in frame if name not in columns]
    items = frame.melt(id_vars=kept, value_vars=columns, var_name=item, value_name=value)
    # The items of a row stay together, so that the order does not depend on the parts of a file.
    return items.sort_values("row", kind="stable", ignore_index=True)


def split(frame: pd.DataFrame, column: str, marks: str) -> pd.DataFrame:
    """One row for each token of a column, cut at any of the characters `marks`.

    Tokens are whole: `10` is not `1`. A row without a token stays, with null.
    """
    cut = re.compile(f"[{re.escape(marks)}]")
    tokens = frame[column].map(
        lambda text: [part for raw in cut.split(str(text)) if (part := raw.strip())] or [None],
        na_action="ignore",
    )
    return frame.assign(**{column: tokens}).explode(column, ignore_index=True)


def fields(template: str) -> list[str]:
    """The columns a template names."""
    return [name for name, _ in _PART.findall(template)]


def filled(frame: pd.DataFrame, template: str) -> pd.Series:
    """A template filled row by row: a null in `{name}` makes the whole null, in `{name?}` empty."""
    head, *rest = _PART.split(template)
    whole = pd.Series([head] * len(frame), dtype="str")
    for name, may_lack, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        part = frame[name].astype("str").reset_index(drop=True)
        whole = whole + (part.fillna("") if may_lack else part) + after
    return whole


def recoded(values: pd.Series, codes: dict[str, Any]) -> pd.Series:
    """Values replaced by exact token; `*` stands for any other given value."""
    text = values.astype("str").str.strip()
    found = text.map(codes)
    other = text.notna() & ~text.isin(codes)
    return found.where(~other, codes["*"] if "*" in codes else values.astype("object"))


def in_fen(values: pd.Series, unit: str) -> pd.Series:
    """Amounts in yuan or 万元 as whole 分, in exact decimals; null stays null.

    `1,234.50` and `3.5万元` are read. What is no amount, or no whole 分, stays text with its
    unit, so that the checks refuse it.
    """
    text = values.astype("str").str.strip()
    return text.map({one: _in_fen(one, unit) for one in text.dropna().unique()}).astype("str")


def _in_fen(text: str, unit: str) -> str:
    plain = re.sub(r"[,，\s]", "", text).removesuffix(_SUFFIX[unit])
    try:
        fen = _EXACT.multiply(Decimal(plain), Decimal(FACTORS[unit]))
        whole = abs(fen) <= _LARGEST and fen == fen.to_integral_value()
    except DecimalException:
        whole = False
    # What is refused carries its unit, so that it is not read as 分 after all.
    return str(int(fen)) if whole else f"{plain} {_SUFFIX[unit]}"


def total(parts: pd.DataFrame) -> pd.Series:
    """The sum of each row's 分; null where no part is given, the odd part's text where one is odd.

    `parts` holds texts as `in_fen` leaves them, a column an addend.
    """

    def add(row: tuple[Any, ...]) -> str | None:
        given = [str(part) for part in row if pd.notna(part)]
        odd = [part for part in given if not re.fullmatch(r"-?\d+", part)]
        if odd or not given:
            return odd[0] if odd else None
        return str(sum(map(int, given)))

    return pd.Series([add(row) for row in parts.itertuples(index=False)], dtype="str")
