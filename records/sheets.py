"""Excel that leaves us and comes back mended: every cell is text, nothing in it can run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from records import cells, workbooks
from records.errors import NotFound, NotPossible
from records.files import replacing

LONGEST = 32_767  # characters of a cell; Excel cuts the rest off
MOST = 1_048_575  # rows of a sheet under its heading
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}
_PICTURES |= {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # XML holds no more of these than of the others


def shown(text: str) -> str:
    """A text as a cell can show it: control characters as their pictures (␀), not too long."""
    return text.replace("\r\n", "\n").translate(_PICTURES)[:LONGEST]


def _held(text: str) -> str:
    """A text as the file holds it: what reads like an escape of XML's (_x0041_) is escaped."""
    return _ESCAPE.sub("_x005F_", shown(text))[:LONGEST]


def write(path: Path, name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write one sheet of text cells, atomically; the heading stays in sight and filters.

    Raises
    ------
    NotPossible : more rows than a sheet can hold.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
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

    for at, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(at)].width = _width(heading)
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
    with replacing(path) as temporary:
        book.save(temporary)


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
