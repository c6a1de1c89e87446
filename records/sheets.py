"""Sheets that leave us and come back: every cell is text, nothing in it can run.

A cell of a CSV has no type, and Excel runs one that begins like a formula. Such a cell gets an
apostrophe in front of it, and so does one that already begins with apostrophes and would run
without them: `unguarded` takes one away and gives back every text exactly.
"""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from records import cells, workbooks
from records.errors import NotFound, NotPossible
from records.files import replacing

LONGEST = 32_767  # characters of a cell; Excel cuts the rest off
MOST = 1_048_575  # rows of a sheet under its heading
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*<")
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}
_PICTURES |= {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # XML holds no more of these than of the others

RUNS = r"=+\-@\t\r\n＝＋－＠"
"""What a cell that runs begins with; Chinese Excel takes the wide signs for the narrow ones."""

Rows = Iterable[Sequence[str]]
"""Rows of a sheet, each the texts of its cells."""


def guarded(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Texts as the cells of a CSV, none of which a spreadsheet would run; null stays null."""
    return pc.replace_substring_regex(texts, rf"^('*[{RUNS}])", r"'\1")


def unguarded(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """The texts of which `guarded` made these cells."""
    return pc.replace_substring_regex(texts, rf"^'('*[{RUNS}])", r"\1")


def write_csv(path: Path, rows: pa.Table) -> None:
    """Write rows of texts as CSV in UTF-8, atomically; `read_csv` gives the same rows back."""
    safe = {name: guarded(rows.column(name).cast(pa.string())) for name in rows.column_names}
    with replacing(path) as temporary:
        pacsv.write_csv(pa.table(safe), temporary)


def read_csv(path: Path) -> pa.Table:
    """The rows of a CSV that `write_csv` wrote, every column of it text.

    Raises
    ------
    NotFound : no such file.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="check the path; nothing was read")
    with path.open(encoding="utf-8", newline="") as lines:
        names = next(csv.reader(lines))
    rows = pacsv.read_csv(
        path,
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return pa.table({name: unguarded(rows.column(name)) for name in names})


def shown(text: str) -> str:
    """A text as a cell can show it: control characters as their pictures (␀), not too long."""
    return text.replace("\r\n", "\n").translate(_PICTURES)[:LONGEST]


def _held(text: str) -> str:
    """A text as the file holds it: what reads like an escape of XML's (_x0041_) is escaped."""
    return _ESCAPE.sub("_x005F_", shown(text))[:LONGEST]


def write(
    path: Path,
    name: str,
    headings: Sequence[str],
    rows: Rows,
    widths: Sequence[float] | None = None,
) -> None:
    """Write one sheet of text cells, atomically; the heading stays in sight and filters.

    The same cells give the same bytes.

    Parameters
    ----------
    widths : of the columns, in characters; by their headings where nothing is said.

    Raises
    ------
    NotPossible : more rows than a sheet can hold.
    """
    write_book(path, {name: (headings, rows)}, {} if widths is None else {name: widths})


def write_book(
    path: Path,
    sheets: Mapping[str, tuple[Sequence[str], Rows]],
    widths: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> None:
    """Write several such sheets, by name: their headings and rows; `widths` as in `write`.

    Raises
    ------
    NotPossible : more rows than a sheet can hold.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, (headings, rows) in sheets.items():
        told = widths.get(name) or [_width(heading) for heading in headings]
        _add(book, path, name, headings, rows, told)
    with replacing(path) as temporary:
        book.save(temporary)
        _still(temporary)


def _add(
    book: Any,
    path: Path,
    name: str,
    headings: Sequence[str],
    rows: Rows,
    widths: Sequence[float],
) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    top = Alignment(vertical="top", wrap_text=True)
    bold, shade = Font(bold=True), PatternFill("solid", fgColor="E7EFFA")

    def cell(text: str, *, heading: bool = False) -> Any:
        made = WriteOnlyCell(sheet, _held(text))
        made.data_type = "s"  # "=1+1" is what somebody wrote, not a formula
        made.number_format = "@"  # and it stays text when it is edited
        made.alignment = top
        if heading:
            made.font, made.fill = bold, shade
        return made

    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.append([cell(heading, heading=True) for heading in headings])
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MOST:
            sheet.close()  # else its writer is left hanging
            raise NotPossible(
                f"{path.name}: a sheet holds {MOST:,} rows, and there are more",
                hint="export one file's rows at a time with --file",
            )
        sheet.append([cell(text) for text in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{count + 1}"


def _still(path: Path) -> None:
    """Take the clock out of a workbook: when it was written, and when each of its parts was."""
    made = path.with_suffix(".still")
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(made, "w") as still:
        for part in given.namelist():
            named = zipfile.ZipInfo(part)  # of 1980
            named.compress_type = zipfile.ZIP_DEFLATED
            with given.open(part) as source, still.open(named, "w", force_zip64=True) as target:
                if part == "docProps/core.xml":
                    target.write(_CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z<", source.read()))
                else:
                    shutil.copyfileobj(source, target)
    made.replace(path)


def read(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a workbook's first sheet with their line, as text by heading; empty cells are ''.

    Raises
    ------
    NotFound : no such file.
    BadInput : it is not a workbook, or a formula was never computed.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="check the path; nothing was read")
    with workbooks.named(path):
        from records import worksheet

        book = worksheet.Book(path)
        try:
            headings: list[str] = []
            for line, row in book.sheets[0].rows() if book.sheets else ():
                texts = [cells.text(value) or "" for value in row]
                if not headings:
                    headings = texts
                elif any(texts):
                    texts += [""] * (len(headings) - len(texts))
                    yield line, dict(zip(headings, texts, strict=False))
        finally:
            book.close()


def _width(heading: str) -> float:
    wide = {"问题": 36, "允许的取值": 36, "处理建议": 36, "字段": 26, "原值": 22, "文件": 24}
    return wide.get(heading, max(12.0, 1.6 * len(heading)))
