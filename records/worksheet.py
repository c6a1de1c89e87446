"""The cells of a workbook's sheets as what a person sees in them, from the file's own XML.

Read here and not by openpyxl, which gives up on styles that bureaux' programs write, and loses
what some cells mean: a formula that was never computed, leading zeros that a format shows, a day
in one of Excel's Chinese formats, a number typed into a cell for days. ECMA-376, part 1.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, fromstring, iterparse
from zipfile import ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from records.cells import ERROR, UNCOMPUTED

DIGITS = 15
"""Excel holds and shows no more digits of a number; a longer code has lost its end."""

CHINESE_DAYS = frozenset((*range(27, 37), *range(50, 59)))
"""Number formats of days and times that are built into Excel's Chinese edition alone."""

LEAP = 60  # Excel's 29 February 1900, which never was
_ESCAPED = re.compile(r"_x(?![dD][89a-fA-F])([0-9A-Fa-f]{4})_")  # half a letter is none
_ZEROS = re.compile(r"0{2,}")


@dataclass
class Sheet:
    """A visible sheet; `merged` holds its merged ranges once all rows were read."""

    title: str
    path: str
    book: Book
    merged: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Each row that the file holds with its number, its cells from the first column on."""
        with self.book.part(self.path) as source:
            at = 0
            for _, element in iterparse(source):  # noqa: S314 - expat guards itself against bombs
                match _name(element.tag):
                    case "row":
                        at = int(element.get("r") or at + 1)
                        yield at, self._cells(element)
                        element.clear()
                    case "mergeCell":
                        self.merged.append(element.get("ref", ""))

    @staticmethod
    def last_row(merged: str) -> int:
        """The last row of a range such as A2:B3."""
        return int(re.sub(r"[^0-9]", "", merged.split(":")[-1]) or 0)

    def _cells(self, row: Element) -> list[Any]:
        found: list[Any] = []
        for cell in row:
            place = cell.get("r")
            if place:
                column = column_index_from_string(place.rstrip("0123456789"))
                found += [None] * (column - 1 - len(found))
            found.append(self.book.value(cell))
        return found


class Book:
    """An open workbook.

    Raises whatever the file makes `zipfile` or the parser raise where it is no workbook.
    """

    def __init__(self, path: Path) -> None:
        self._archive = ZipFile(path)
        self._parts: list[IO[bytes]] = []
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def part(self, path: str) -> IO[bytes]:
        """A part of the file, open until it or the workbook is closed."""
        self._parts.append(self._archive.open(path))
        return self._parts[-1]

    def close(self) -> None:
        """Close the file, and what is open in it."""
        for part in self._parts:
            part.close()
        self._archive.close()

    def value(self, cell: Element) -> Any:
        """What a cell shows: text, number, truth or day; None for nothing."""
        kind = cell.get("t", "n")
        parts = {_name(part.tag): part for part in cell}
        if "is" in parts:
            return _text(parts["is"])
        value = parts["v"].text if "v" in parts else None
        if not value:
            if "f" not in parts or kind == "str":  # or a formula that gives the empty text
                return None
            return f"{UNCOMPUTED} ={parts['f'].text or ''}"
        match kind:
            case "s":
                return self.strings[int(value)]
            case "n":
                return self._number(float(value), int(cell.get("s", 0)))
            case "b":
                return value == "1"
            case "e":
                return value if re.fullmatch(ERROR, value) else f"{UNCOMPUTED} {value}"
        return _unescaped(value)

    def _number(self, number: float, style: int) -> Any:
        if style in self.days:
            found = self._moment(number, duration=style in self.durations)
            if found is not None:
                return found
        if not abs(number) < 10**DIGITS:
            return repr(number)
        rounded = float(f"{number:.{DIGITS}g}")
        if not rounded.is_integer():
            return rounded
        return str(int(rounded)).zfill(self.zeros.get(style, 0) if rounded >= 0 else 0)

    def _moment(self, number: float, *, duration: bool) -> Any:
        """A day, time or duration; None where the number can be none, such as 20250331."""
        if number < 0 or int(number) == LEAP:
            return None
        try:
            return from_excel(number, self.epoch, timedelta=duration)
        except (OverflowError, ValueError):
            return None

    def _read(self) -> None:
        main = dict(self._related("").values())["officeDocument"]
        root, related = self._parsed(main), self._related(main)
        mac = any(one.get("date1904") in ("1", "true") for one in _all(root, "workbookPr"))
        self.epoch: datetime = MAC_EPOCH if mac else WINDOWS_EPOCH
        parts = dict(related.values())
        self.strings: list[str] = []
        if "sharedStrings" in parts:
            with self.part(parts["sharedStrings"]) as source:
                self.strings = list(_strings(source))
        self._read_styles(parts.get("styles"))
        self.sheets = [
            Sheet(sheet.get("name", ""), target, self)
            for sheet in _all(root, "sheet")
            for kind, target in [related[_reference(sheet)]]
            if kind == "worksheet" and sheet.get("state", "visible") == "visible"
        ]

    def _read_styles(self, path: str | None) -> None:
        """Which styles show days, durations, or leading zeros (and how many digits)."""
        root = self._parsed(path) if path else None
        codes: dict[int, str] = dict(BUILTIN_FORMATS)
        kinds: list[int] = []
        if root is not None:
            codes |= {
                int(element.get("numFmtId", 0)): element.get("formatCode", "")
                for element in _all(root, "numFmt")
            }
            formats = [element for one in _all(root, "cellXfs") for element in one]
            kinds = [int(element.get("numFmtId", 0)) for element in formats]
        told = {at: codes.get(kind, "") for at, kind in enumerate(kinds)}
        self.durations = {at for at, code in told.items() if is_timedelta_format(code)}
        self.days = {at for at, code in told.items() if is_date_format(code)} | {
            at for at, kind in enumerate(kinds) if kind in CHINESE_DAYS and kind not in codes
        }
        self.zeros = {at: len(code) for at, code in told.items() if _ZEROS.fullmatch(code)}

    def _parsed(self, path: str) -> Element:
        return fromstring(self._archive.read(path))  # noqa: S314

    def _related(self, path: str) -> dict[str, tuple[str, str]]:
        """What a part of the file refers to: by id, the kind and the place in the archive."""
        folder, name = posixpath.split(path)
        root = self._parsed(posixpath.join(folder, "_rels", f"{name}.rels"))
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))[1:],
            )
            for one in root
        }


@lru_cache(maxsize=1024)
def _name(tag: str) -> str:
    """A tag or attribute without its namespace; Excel writes either of two."""
    return tag.rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element.tag) == name)


def _reference(sheet: Element) -> str:
    return next(value for key, value in sheet.items() if key != "id" and _name(key) == "id")


def _strings(source: IO[bytes]) -> Iterator[str]:
    for _, element in iterparse(source):  # noqa: S314
        if _name(element.tag) == "si":
            yield _text(element)
            element.clear()


def _text(element: Element) -> str:
    """The text of an element's runs, without the readings beside them."""
    parts: list[str] = []
    for part in element:
        match _name(part.tag):
            case "t":
                parts.append(part.text or "")
            case "r":
                parts += [run.text or "" for run in _all(part, "t")]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold: _x000D_ is a carriage return."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
