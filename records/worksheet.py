"""The cells of a workbook's sheets, as what a person sees in them, from the file's own XML.

openpyxl finds the sheets and styles; the cells are read here, because what it does with some of
them loses what was meant: a formula that was never computed, a leading zero that a format shows,
a day in one of Excel's Chinese formats, a number typed into a cell for days.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from records.cells import ERROR, UNCOMPUTED

DIGITS = 15
"""Excel holds and shows no more digits of a number; a longer code has lost its end."""

CHINESE_DAYS = frozenset((*range(27, 37), *range(50, 59)))
"""Number formats of days and times that only Excel's Chinese edition has built in (ECMA-376)."""

LEAP = 60  # Excel's 29 February 1900, which never was
_NS = f"{{{SHEET_MAIN_NS}}}"
_ROW, _CELL, _VALUE, _FORMULA, _INLINE = (f"{_NS}{tag}" for tag in ("row", "c", "v", "f", "is"))
_STRING, _TEXT, _PHONETIC, _MERGED = (f"{_NS}{tag}" for tag in ("si", "t", "rPh", "mergeCell"))
_ESCAPED = re.compile(r"_x(?![dD][89a-fA-F])([0-9A-Fa-f]{4})_")  # half a letter is none
_ZEROS = re.compile(r"0{2,}")


@dataclass(frozen=True)
class Book:
    """An open workbook: its visible sheets, and what is needed to read their cells."""

    sheets: tuple[Sheet, ...]

    def close(self) -> None:
        """Close the file."""
        for sheet in self.sheets[:1]:
            sheet.reader.archive.close()


@dataclass
class Sheet:
    """A sheet; `merged` holds its merged ranges once all rows were read."""

    title: str
    path: str
    reader: _Reader
    merged: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Each row that the file holds with its number, its cells from the first column on."""
        with self.reader.archive.open(self.path) as source:
            at = 0
            for _, element in iterparse(source):  # noqa: S314 - expat guards itself against bombs
                if element.tag == _ROW:
                    at = int(element.get("r") or at + 1)
                    yield at, self._cells(element)
                    element.clear()
                elif element.tag == _MERGED:
                    self.merged.append(element.get("ref", ""))

    @staticmethod
    def last_row(merged: str) -> int:
        """The last row of a range such as A2:B3."""
        return int(re.sub(r"[^0-9]", "", merged.split(":")[-1]) or 0)

    def _cells(self, row: Element) -> list[Any]:
        found: list[Any] = []
        for cell in row:
            place = cell.get("r")
            column = column_index_from_string(place.rstrip("0123456789")) if place else 0
            found += [None] * (column - 1 - len(found))
            found.append(self.reader.value(cell))
        return found


class _Reader(ExcelReader):  # type: ignore[misc]
    """openpyxl's reader of a workbook, with texts as they were typed."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName.lstrip("/")) as source:
                self.shared_strings = list(_strings(source))

    def read(self) -> None:
        super().read()
        book = self.wb
        self.formats = [style.numFmtId for style in book._cell_styles]  # noqa: SLF001
        self.days = set(book._date_formats)  # noqa: SLF001
        self.days |= {at for at, kind in enumerate(self.formats) if kind in CHINESE_DAYS}
        self.durations = set(book._timedelta_formats)  # noqa: SLF001
        own = dict(enumerate(book._number_formats, 164))  # noqa: SLF001
        self.zeros = {
            at: len(own[kind])
            for at, kind in enumerate(self.formats)
            if kind in own and _ZEROS.fullmatch(own[kind])
        }

    def value(self, cell: Element) -> Any:
        """What a cell shows: text, number, truth or day; None for nothing."""
        kind, value = cell.get("t", "n"), cell.findtext(_VALUE)
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return None if inline is None else _text(inline)
        formula = cell.find(_FORMULA)
        if not value:
            if formula is None or kind == "str":  # or one that gives the empty text
                return None
            return f"{UNCOMPUTED} ={formula.text or ''}"
        match kind:
            case "s":
                return self.shared_strings[int(value)]
            case "b":
                return value == "1"
            case "e":
                return value if re.fullmatch(ERROR, value) else f"{UNCOMPUTED} {value}"
            case "n":
                return self._number(value, int(cell.get("s", 0)))
        return _unescaped(value)

    def _number(self, value: str, style: int) -> Any:
        number = float(value)
        if style in self.days:
            found = _moment(number, self.wb.epoch, duration=style in self.durations)
            if found is not None:
                return found
        if not abs(number) < 10**DIGITS:
            return repr(number)
        rounded = float(f"{number:.{DIGITS}g}")
        if not rounded.is_integer():
            return rounded
        return str(int(rounded)).zfill(self.zeros.get(style, 0)) if rounded >= 0 else int(rounded)


def opened(path: Path) -> Book:
    """A workbook with its visible sheets; raises whatever openpyxl does if it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and validations that openpyxl leaves out
        reader = _Reader(path, read_only=True, data_only=True, keep_links=False)
        reader.read()
    visible = [sheet for sheet in reader.wb.worksheets if sheet.sheet_state == "visible"]
    paths = [sheet._worksheet_path for sheet in visible]  # noqa: SLF001
    return Book(
        tuple(Sheet(sheet.title, path, reader) for sheet, path in zip(visible, paths, strict=True))
    )


def _moment(number: float, epoch: datetime, *, duration: bool) -> Any:
    """A day, time or duration; None where the number can be none, such as 20250331."""
    if number < 0 or int(number) == LEAP:
        return None
    try:
        return from_excel(number, epoch, timedelta=duration)
    except (OverflowError, ValueError):
        return None


def _strings(source: IO[bytes]) -> Iterator[str]:
    for _, element in iterparse(source):  # noqa: S314
        if element.tag == _STRING:
            yield _text(element)
            element.clear()


def _text(element: Element) -> str:
    """The text of an element's runs, without the readings beside them."""
    parts = []
    for part in element:
        if part.tag == _TEXT:
            parts.append(part.text or "")
        elif part.tag != _PHONETIC:
            parts += [run.text or "" for run in part.iter(_TEXT)]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold: _x000D_ is a carriage return."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
