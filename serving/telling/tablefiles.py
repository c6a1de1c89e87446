"""A table as two files: a workbook of texts for people, Parquet for machines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa

from records import sheets
from records.files import write_parquet

WHOLE = frozenset(
    ("day", "stop", "days", "days_as_drawn", "visits", "count", "led", "blind", "outside")
)
REAL = frozenset(("km", "km_as_drawn"))
"""The columns that are numbers; all others are texts."""


_UNSAFE = re.compile(r'[\\/:*?"<>|%\x00-\x1f\x7f]')
_LONGEST = 80  # characters of a file's name


def file_name(text: str) -> str:
    """A text as the name of a file on any system; what could lead elsewhere is written as %2F."""
    return _UNSAFE.sub(lambda one: f"%{ord(one[0]):02X}", text)[:_LONGEST]


def write_table(
    path: Path,
    sheet: str,
    columns: Mapping[str, tuple[str, str, float]],
    rows: pd.DataFrame,
    lang: str,
    words: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType({}),
) -> Path:
    """Write PATH.xlsx and PATH.parquet; returns the workbook.

    Parameters
    ----------
    columns : what is written, in order: heading in zh and en, width in characters.
    rows : has these columns; what is missing is an empty cell, and null in Parquet.
    words : by column, what its codes are called in the workbook; Parquet has the codes.
    """
    frame = rows[list(columns)]
    texts = frame.astype(object).where(frame.notna(), "").map(_cell)
    at = 0 if lang == "zh" else 1
    for name, called in words.items():
        texts[name] = texts[name].map({code: both[at] for code, both in called.items()})
    headings = [column[:2][at] for column in columns.values()]
    widths = [column[2] for column in columns.values()]
    book = path.with_name(path.name + ".xlsx")
    sheets.write(book, sheet, headings, texts.to_numpy().tolist(), widths)
    arrays = {name: pa.array(frame[name], _kind(name), from_pandas=True) for name in columns}
    write_parquet(path.with_name(path.name + ".parquet"), pa.table(arrays))
    return book


def _kind(name: str) -> pa.DataType:
    if name in WHOLE:
        return pa.int64()
    return pa.float64() if name in REAL else pa.string()


def _cell(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
