"""CSV, streamed: the encoding is decided on the whole file, then blocks are parsed by Arrow.

A file is UTF-8 (with or without its mark) or GB18030. One bad byte in a UTF-8 file must not
make it GB18030, where nearly any pair of bytes is some character: a file that has been UTF-8
over its first letters is UTF-8, and the bad byte is named by its line.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.csv as pacsv

from records.cells import headings
from records.errors import BadInput

BLOCK = 1 << 24
"""Bytes parsed at once; also the longest row that can be read."""

HELD = 20_000
"""Rows of a block that Python parses."""

ENOUGH = 8
"""Letters beyond ASCII that are UTF-8 only by intent; a few bytes of GB18030 can be by chance."""


@dataclass(frozen=True)
class _Header:
    """The columns' names, and the lines of the file up to the end of the header."""

    names: list[str]
    lines: int


@dataclass(frozen=True)
class _BadByte:
    """The first byte that an encoding does not allow, its line (from 1), and what came before."""

    line: int
    found: str
    letters: int


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Blocks of rows as text columns; an empty field is null, a field may hold line breaks.

    Raises
    ------
    BadInput : bytes of no encoding, or a row with too many or too few fields; line named.
    """
    encoding = encoding_of(path)
    header = _header(path, encoding)
    if header is None:
        return
    if _holds_nul(path):
        yield from _slowly(path, encoding, header)
        return
    try:
        with _open(path, encoding, header) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        raise _broken(path, _bad_row(path, encoding, header) or str(error)) from error


def encoding_of(path: Path) -> str:
    """``utf8`` or ``gb18030``, such that every byte of the file can be read.

    Raises
    ------
    BadInput : neither; the first bad bytes are named with their lines.
    """
    utf8 = _first_bad(path, "utf-8")
    if utf8 is None:
        return "utf8"
    told = f"line {utf8.line} is not UTF-8 (byte {utf8.found})"
    if utf8.letters < ENOUGH:
        gb18030 = _first_bad(path, "gb18030")
        if gb18030 is None:
            return "gb18030"
        told += f", line {gb18030.line} is not GB18030 (byte {gb18030.found})"
    raise _broken(path, told)


def _first_bad(path: Path, encoding: str) -> _BadByte | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, letters = 1, 0
    with path.open("rb") as handle:
        while True:
            block = handle.read(1 << 20)
            try:
                decoded = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = bytes(error.object[: error.start])
                valid = before.decode(encoding, "ignore")
                return _BadByte(
                    line + before.count(b"\n"),
                    "0x" + bytes(error.object[error.start : error.end]).hex(),
                    letters + sum(not letter.isascii() for letter in valid),
                )
            if not block:
                return None
            line += block.count(b"\n")
            letters += 0 if decoded.isascii() else ENOUGH


def _holds_nul(path: Path) -> bool:
    """Whether a byte is NUL: Arrow 25 then misses separators among long values."""
    with path.open("rb") as handle:
        return any(b"\0" in block for block in iter(lambda: handle.read(1 << 20), b""))


def _slowly(path: Path, encoding: str, header: _Header) -> Iterator[pa.RecordBatch]:
    """The same rows by Python's own parser, for files that Arrow's cannot be trusted with."""
    width = len(header.names)
    schema = pa.schema([(name, pa.string()) for name in header.names])
    with _text(path, encoding) as handle:
        rows = (row for row in csv.reader(handle) if row)
        next(rows)
        held: list[list[str | None]] = []
        try:
            for number, row in enumerate(rows, 2):
                if len(row) != width:
                    raise _broken(path, _ragged(number, len(row), width, ",".join(row)))
                held.append([field or None for field in row])
                if len(held) == HELD:
                    yield pa.RecordBatch.from_arrays(list(zip(*held, strict=True)), schema=schema)
                    held = []
        except csv.Error as error:
            raise _broken(path, str(error)) from error
    if held:
        yield pa.RecordBatch.from_arrays(list(zip(*held, strict=True)), schema=schema)


def _text(path: Path, encoding: str) -> TextIO:
    csv.field_size_limit(BLOCK)
    return path.open(encoding="utf-8-sig" if encoding == "utf8" else encoding, newline="")


def _header(path: Path, encoding: str) -> _Header | None:
    """The header, or None if no row follows it."""
    with _text(path, encoding) as handle:
        reader = csv.reader(handle)
        try:
            first = next((row for row in reader if row), None)
            lines = reader.line_num
            if first is None or next((row for row in reader if row), None) is None:
                return None
        except csv.Error as error:
            raise _broken(path, str(error)) from error
    return _Header(headings(first, path.name), lines)


def _open(
    path: Path, encoding: str, header: _Header, *, told: list[pacsv.InvalidRow] | None = None
) -> pacsv.CSVStreamingReader:
    """Arrow's reader; with `told` it goes on after bad rows, and numbers and collects them."""

    def tell(row: pacsv.InvalidRow) -> str:
        if told is not None:
            told.append(row)
        return "error" if told is None else "skip"

    return pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(
            block_size=BLOCK,
            encoding=encoding,
            column_names=header.names,
            skip_rows=header.lines,
            use_threads=told is None,  # rows are only numbered by one thread
        ),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=tell),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(header.names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _bad_row(path: Path, encoding: str, header: _Header) -> str:
    """The first row with a wrong number of fields, by its number; rows may span lines."""
    told: list[pacsv.InvalidRow] = []
    with suppress(pa.ArrowInvalid), _open(path, encoding, header, told=told) as reader:
        for _ in reader:
            if told:
                break
    if not told:
        return ""  # what else is wrong is told by the first error
    row = told[0]
    return _ragged(row.number, row.actual_columns, row.expected_columns, row.text)


def _ragged(number: int, fields: int, width: int, text: str) -> str:
    return (
        f"row {number} (the header is row 1) has {fields} fields, the header {width}: {text[:60]}"
    )


def _broken(path: Path, found: str) -> BadInput:
    return BadInput(
        f"{path.name} is not readable as CSV",
        found=found.strip(),
        allowed="a header and comma-separated rows in UTF-8 or GB18030",
        hint="export it again; nothing was stored",
    )
