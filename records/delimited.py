"""CSV, streamed: the encoding is decided on the whole file, then blocks are parsed by Arrow."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.csv as pacsv

from records import quotes
from records.cells import headings
from records.encoding import broken, encoding_of

BLOCK = 1 << 24
"""Bytes parsed at once; also the longest row that can be read."""

HELD = 20_000
"""Rows of a block that Python parses."""

RAGGED = (
    "export it again; where titles stand above the header, say in the mapping in which row it is, "
    "such as `header: 3`"
)
"""What to do about a row that is not as wide as the header."""


@dataclass(frozen=True)
class _Header:
    """The columns' names, the lines of the file up to the end of the header, and its row."""

    names: list[str]
    lines: int
    number: int


def batches(path: Path, header: int = 1) -> Iterator[pa.RecordBatch]:
    """Blocks of rows as text columns; an empty field is null, a field may hold line breaks.

    A row of nothing but commas is a row, and the checks refuse it.

    Parameters
    ----------
    header : the row of the file that holds the names, counted from the first.

    Raises
    ------
    BadInput : bytes of no encoding, a quote that is not closed, or a row with too many or too few
        fields; line named.
    """
    encoding = encoding_of(path)
    names = _header(path, encoding, header)
    if names is None:
        return
    if not quotes.are_plain(path):
        yield from _slowly(path, encoding, names)
        return
    try:
        with _open(path, encoding, names) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        row = _bad_row(path, encoding, names)
        raise (broken(path, row, RAGGED) if row else broken(path, _too_long(error))) from error


def top(path: Path, rows: int) -> list[list[str]]:
    """The first rows of a file as they stand, empty ones too, for a guess at its header."""
    with _text(path, encoding_of(path)) as handle:
        try:
            return list(islice(csv.reader(handle), rows))
        except csv.Error as error:
            raise broken(path, str(error)) from error


def _too_long(error: pa.ArrowInvalid) -> str:
    told = str(error)
    return f"a row longer than {BLOCK >> 20} MB" if "straddling" in told else told


def _slowly(path: Path, encoding: str, header: _Header) -> Iterator[pa.RecordBatch]:
    """The same rows by Python's own parser, for files that Arrow's cannot be trusted with."""
    width = len(header.names)
    schema = pa.schema([(name, pa.string()) for name in header.names])

    def batch(rows: list[list[str | None]]) -> pa.RecordBatch:
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    with _text(path, encoding) as handle:
        rows = csv.reader(handle, strict=True)
        held: list[list[str | None]] = []
        begin = number = 0
        try:
            for row in rows:
                begin, last = rows.line_num + 1, begin
                if last < header.lines or not row:
                    continue
                number += 1
                if len(row) != width:
                    told = _ragged(header, number, len(row), ",".join(row))
                    raise broken(path, told, RAGGED)
                held.append([field or None for field in row])
                if len(held) == HELD:
                    yield batch(held)
                    held = []
        except csv.Error as error:
            raise broken(path, f"line {begin}: {error}") from error
    if held:
        yield batch(held)


def _text(path: Path, encoding: str) -> TextIO:
    csv.field_size_limit(BLOCK)
    return path.open(encoding="utf-8-sig" if encoding == "utf8" else encoding, newline="")


def _header(path: Path, encoding: str, number: int) -> _Header | None:
    """The first row with anything in it from a row on, or None if no row follows it."""
    with _text(path, encoding) as handle:
        reader = csv.reader(handle)
        try:
            rows = (row for row in islice(reader, number - 1, None) if row)
            first = next(rows, None)
            lines = reader.line_num
            if first is None or next(rows, None) is None:
                return None
        except csv.Error as error:
            raise broken(path, f"line {reader.line_num}: {error}") from error
    if len(first) == 1 and (other := set("\t;；|") & set(first[0])):
        raise broken(path, f"columns apart by {other.pop()!r} and not by commas")
    return _Header(headings(first, path.name), lines, number)


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
    return _ragged(header, row.number - header.lines, row.actual_columns, row.text)


def _ragged(header: _Header, number: int, fields: int, text: str) -> str:
    """What is wrong with the row that is so many rows below the header."""
    row, width = header.number + number, len(header.names)
    return (
        f"row {row} (the header is row {header.number}) has {fields} fields, "
        f"the header {width}: {text[:60]}"
    )
