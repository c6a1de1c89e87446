"""Excel workbooks (.xlsx, .xlsm), a row at a time.

The table is the first visible sheet, and every other visible sheet with the same header (a
long export is cut at Excel's last row); other sheets are notes and code lists, and are left.
Text stays as it was typed, also where it looks like a formula; a formula counts as the value
that Excel last showed, and is null if Excel never computed it.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from records import cells
from records.errors import BadInput

BROKEN = (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, EOFError, ParseError)
"""What openpyxl raises on a file that is no workbook or a damaged one."""


def batches(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    """Frames of at most `rows` rows of text columns; rows without any value are passed over.

    Raises
    ------
    BadInput : the file is not a workbook, or is damaged.
    """
    try:
        header, given = _table(path)
        names = cells.headings(header, path.name) if header else []
        while names and (part := list(islice(given, rows))):
            yield cells.frame(part, names)
    except BROKEN as error:
        raise BadInput(
            f"{path.name} is not readable as Excel",
            found=str(error).strip() or type(error).__name__,
            allowed="a workbook (.xlsx) with a header and rows on its first sheet",
            hint="save it again from Excel; nothing was stored",
        ) from error


def _table(path: Path) -> tuple[Sequence[Any], Iterator[Sequence[Any]]]:
    """The header, and the rows of all sheets that have it."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and validations that openpyxl leaves out
        book = load_workbook(path, read_only=True, data_only=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    sheets = [(sheet.title, _rows(sheet)) for sheet in visible]
    header: Sequence[Any] = ()
    while sheets and not header:
        header = next(sheets[0][1], ())
        sheets = sheets if header else sheets[1:]

    def given() -> Iterator[Sequence[Any]]:
        try:
            for at, (title, rows) in enumerate(sheets):
                if at == 0 or next(rows, None) == header:
                    yield from _within(rows, len(header), f"{path.name}, sheet {title}")
        finally:
            book.close()

    return header, given()


def _within(rows: Iterator[Sequence[Any]], width: int, where: str) -> Iterator[Sequence[Any]]:
    """Rows no longer than the header: a cell without a name would be lost."""
    for row in rows:
        if len(row) > width:
            raise BadInput(
                f"{where}: a cell lies beyond the header",
                found=str(row[-1])[:60],
                allowed=f"{width} columns, each with a name",
                hint="name the column, or clear the cell; nothing was stored",
            )
        yield row


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    """The rows of a sheet that hold any value, without the empty cells at their end."""
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    for row in _values(sheet):
        kept = len(row)
        while kept and row[kept - 1] in (None, ""):
            kept -= 1
        if kept:
            yield row[:kept]


def _values(sheet: Any) -> Iterable[tuple[Any, ...]]:
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows
