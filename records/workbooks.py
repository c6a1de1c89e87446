"""Excel workbooks (.xlsx, .xlsm), a row at a time.

The table is the first visible sheet with anything in it, and every other visible sheet with the
same columns (a long export is cut at Excel's last row); other sheets are notes and code lists,
and are left. Text stays as it was typed, also where it looks like a formula; a formula counts as
the value that Excel last showed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from records import cells
from records.errors import BadInput, XinfenError

if TYPE_CHECKING:
    from records.worksheet import Book, Sheet

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How a file begins that is an old .xls, or an .xlsx under a password."""

ALIKE = 0.5
"""A sheet whose columns are at least so much those of the table, but not all, is a mistake."""

Row = tuple[int, list[Any]]
"""The row's number in its sheet, and its cells up to the last that holds anything."""


def batches(path: Path, rows: int, header: int = 1) -> Iterator[pd.DataFrame]:
    """Frames of at most `rows` rows of text columns; rows without any value are passed over.

    Parameters
    ----------
    header : the row of the sheet that holds the names, counted from the first.

    Raises
    ------
    BadInput : the file is not a workbook, is damaged, or its table cannot be told.
    """
    with named(path):
        yield from _batches(path, rows, header)


def top(path: Path, rows: int) -> list[list[Any]]:
    """The first rows of the first sheet that holds any, empty ones too."""
    from records import worksheet

    found: list[list[Any]] = []
    with named(path):
        book = worksheet.Book(path)
        try:
            for sheet in book.sheets:
                for number, row in islice(_rows(sheet, 1), rows):
                    found += [[] for _ in range(number - 1 - len(found))]
                    found.append(row)
                if found:
                    break
        finally:
            book.close()
    return found[:rows]


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Whatever a file that is no workbook makes openpyxl raise, as our own error."""
    try:
        yield
    except XinfenError:
        raise
    except Exception as error:
        raise BadInput(
            f"{path.name} is not readable as an Excel workbook",
            found=_told(path, error),
            allowed="a workbook (.xlsx) without a password, with a header and rows",
            hint="open it in Excel and save it as .xlsx without a password; nothing was stored",
        ) from error


def _told(path: Path, error: Exception) -> str:
    with path.open("rb") as handle:
        if handle.read(len(OLE)) == OLE:
            return "a workbook of an old kind (.xls), or one under a password"
    return str(error).strip() or type(error).__name__


def _batches(path: Path, rows: int, header: int) -> Iterator[pd.DataFrame]:
    from records import worksheet

    book = worksheet.Book(path)
    try:
        names, given = _table(path.name, book, header)
        while names and (part := list(islice(given, rows))):
            yield cells.frame(part, names)
    finally:
        book.close()


def _table(file: str, book: Book, header: int) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """The columns, and the rows of all sheets that have them."""
    opened = ((sheet, _rows(sheet, header)) for sheet in book.sheets)
    for sheet, rows in opened:
        first = next(rows, None)
        if first is not None:
            names = cells.headings(first[1], f"{file}, sheet {sheet.title}")
            own = _below(file, sheet, rows, first[0], len(names))
            more = (_same(file, other, rest, names) for other, rest in opened)
            return names, chain(own, chain.from_iterable(more))
    return [], iter(())


def _rows(sheet: Sheet, header: int) -> Iterator[Row]:
    """The rows of a sheet from the header on that hold anything."""
    for number, row in sheet.rows():
        kept = len(row)
        while kept and (row[kept - 1] is None or row[kept - 1] == ""):
            kept -= 1
        if kept and number >= header:
            yield number, row[:kept]


def _below(
    file: str, sheet: Sheet, rows: Iterator[Row], header: int, width: int
) -> Iterator[list[Any]]:
    """The rows under a header, none with a cell that would be lost."""
    where = f"{file}, sheet {sheet.title}"
    for number, row in rows:
        if len(row) > width:
            raise BadInput(
                f"{where}, row {number}: a cell lies beyond the header",
                found=str(row[-1])[:60],
                allowed=f"{width} columns, each with a name in row {header}",
                hint="name the column or clear the cell; if the names stand in a later row, "
                "delete the rows above them, or say `header: 3` (their row) in the mapping",
            )
        yield row
    for merged in sheet.merged:
        if sheet.last_row(merged) > header:
            raise BadInput(
                f"{where}: merged cells among the rows",
                found=merged,
                allowed="a value in each cell",
                hint="unmerge the cells and fill each with its value; nothing was stored",
            )


def _same(file: str, sheet: Sheet, rows: Iterator[Row], names: list[str]) -> Iterator[list[Any]]:
    """The rows of a further sheet in the order of the table's columns, if it has all of them."""
    first = next(rows, None)
    if first is None:
        return
    own = cells.headings(first[1], f"{file}, sheet {sheet.title}")
    if set(own) == set(names):
        order = [own.index(name) for name in names]
        for row in _below(file, sheet, rows, first[0], len(own)):
            whole = row + [None] * (len(own) - len(row))
            yield [whole[at] for at in order]
    elif len(set(own) & set(names)) >= ALIKE * len(names) and next(rows, None) is not None:
        raise BadInput(
            f"{file}, sheet {sheet.title}: its columns are not quite those of the first sheet",
            found=", ".join(sorted(set(own) ^ set(names))),
            allowed="the same columns, or a sheet of another kind",
            hint="name the columns alike, or hide the sheet to leave it out; nothing was stored",
        )
