"""A list that comes from elsewhere as bytes: what kind it is, and that reading it is safe.

A workbook is an archive of XML, and a small one can unfold to anything: parts that inflate a
thousandfold, a row numbered a thousand million, a cell in the last column of each row. So it is
looked through first, as a stream that builds nothing, and what is larger than any list of firms is
refused. The kind is told by the first bytes; what a file is called does not count.
"""

from __future__ import annotations

import csv
import tempfile
import zipfile
from itertools import islice
from pathlib import Path
from xml.parsers import expat

import pandas as pd

from records.encoding import encoding_of
from records.errors import BadInput, XinfenError
from records.readers import TITLES
from records.workbooks import OLE
from serving.runs import uploads

BYTES = 20_000_000
ROWS = 50_000
"""Rows of a list."""
COLUMNS = 200
PARTS = 500
"""Files in a workbook's archive."""
INFLATED = 64_000_000
"""Bytes of all of them, unpacked."""
ELEMENTS = 1_500_000
"""XML elements, those of a workbook's sheets once for each sheet: each is looked at again."""
LAST_ROW = 1_048_576

_PART = 1 << 16


def read(
    content: bytes, *, code: str | None = None, name: str | None = None, most: int = ROWS
) -> pd.DataFrame:
    """The list in a file's bytes, as `uploads.read` gives it.

    Parameters
    ----------
    code, name : headings of the columns, where they are not known ones.

    Raises
    ------
    BadInput, NotFound : neither a workbook nor a CSV, too large, broken, or without what we know.
    """
    ending = kind(content)
    with tempfile.TemporaryDirectory(prefix="xinfen-list-") as folder:
        path = Path(folder) / f"list{ending}"
        path.write_bytes(content)
        try:
            (_check_workbook if ending == ".xlsx" else _check_text)(path)
            return uploads.read(path, code, name, most=most)
        except XinfenError:
            raise
        except Exception as error:
            # Whatever a file made up for it makes a parser raise is the file's fault.
            raise BadInput(
                "the list cannot be read", found=f"{type(error).__name__}: {error}"[:200],
                allowed="a workbook (.xlsx) or a CSV in UTF-8 or GB18030",
                hint="open it in Excel and save it as .xlsx",
            ) from error  # fmt: skip


def kind(content: bytes) -> str:
    """`.xlsx` or `.csv`, by the first bytes.

    Raises
    ------
    BadInput : empty, too large, or of another kind.
    """
    allowed = "a workbook (.xlsx) or a CSV, by what it holds and not by its name"
    if not content.strip():
        raise BadInput("the list is empty", allowed=allowed)
    if len(content) > BYTES:
        raise _too("large", f"{len(content):,} bytes", f"up to {BYTES:,} bytes")
    if content.startswith(b"PK\x03\x04"):
        return ".xlsx"
    begins = ((OLE, "an old .xls, or a file under a password"), (b"PAR1", "Parquet"),
              (b"%PDF", "PDF"), (b"\x1f\x8b", "gzip"), (b"PK", "an empty archive"))  # fmt: skip
    for first, named in begins:
        if content.startswith(first):
            raise BadInput("the list is of another kind", found=named, allowed=allowed)
    return ".csv"


def _too(what: str, found: str, allowed: str) -> BadInput:
    return BadInput(
        f"the list is too {what}", found=found, allowed=allowed, hint="cut it into parts"
    )


def _check_text(path: Path) -> None:
    with path.open(encoding=encoding_of(path), newline="") as lines:
        for row in islice(csv.reader(lines), TITLES + 1):
            if len(row) > COLUMNS:
                raise _too("wide", f"{len(row):,} columns", f"up to {COLUMNS} columns")


def _check_workbook(path: Path) -> None:
    """That no part of a workbook unfolds to more than a list of firms needs.

    What the archive says of a part's size holds: no more than that is ever unpacked of it.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS:
            raise _too("large", f"{len(parts):,} parts", f"up to {PARTS} parts")
        size = sum(part.file_size for part in parts)
        if size > INFLATED:
            raise _too("large", f"{size:,} bytes, unpacked", f"up to {INFLATED:,} bytes")
        counted = _Counted()
        for part in parts:
            counted.look(archive, part)


class _Counted:
    """Counts what the parts of a workbook hold, and refuses what is too much."""

    def __init__(self) -> None:
        self._elements, self._sheets = 0, 0
        self._depth, self._row, self._cells = 0, 0, 0

    def look(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Look through a part; one that is no XML is left to whoever reads it."""
        self._depth, self._row = 0, -1
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _no_doctype
        with archive.open(part) as source:
            try:
                while block := source.read(_PART):
                    parser.Parse(block, False)
            except expat.ExpatError:
                return

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        name = tag.rpartition(":")[2]
        if name == "row":
            _check_row(attributes.get("r", ""))
            self._row, self._cells = self._depth, 0
        elif self._depth == self._row + 1:
            self._cells += 1
            _check_cell(attributes.get("r", ""), self._cells)
        self._sheets += name == "sheet"
        if self._elements * max(self._sheets, 1) > ELEMENTS:
            raise _too("large", f"{self._elements:,} cells and marks", f"up to {ELEMENTS:,}")

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._depth < self._row:
            self._row = -1


def _no_doctype(*_: object) -> None:
    raise BadInput("a workbook declares no entities", hint="save it in Excel as .xlsx")


def _check_row(number: str) -> None:
    if number and not (number.isdecimal() and len(number) <= 7 and int(number) <= LAST_ROW):
        raise _too("long", f"row {number[:20]}", f"rows up to {LAST_ROW:,}")


def _check_cell(place: str, count: int) -> None:
    letters = place.rstrip("0123456789")
    column = count
    for at, letter in enumerate(letters[:4].upper()):
        column = (26 * column if at else 0) + ord(letter) - 64
    if len(letters) > 3 or column > COLUMNS or count > COLUMNS:
        raise _too("wide", f"a cell at {place[:20] or count}", f"up to {COLUMNS} columns")
