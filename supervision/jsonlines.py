"""Canonical lists of millions of rows, written and read by compiled loops: `canonical` for long.

A line is known but for its values, so each column is put (or taken) at a cursor that stands in
every line: the key and what surrounds it, then the value with RFC 8785's escapes. Anything else
than what would have been written is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from supervision.canonical import NotCanonical
from supervision.compiled import compiled

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROWS = 1 << 16
"""Rows written at a time: their lines stay in the processor's cache."""

BYTES = 1 << 20
"""About as many read at a time."""

_NULL = np.frombuffer(b"null", dtype=np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_SHORT = np.zeros(256, dtype=np.uint8)
_SHORT[[8, 9, 10, 12, 13, 34, 92]] = np.frombuffer(b'btnfr"\\', dtype=np.uint8)
_LONG = np.zeros(256, dtype=np.uint8)
_LONG[_SHORT[_SHORT > 0]] = np.flatnonzero(_SHORT)

_Given = tuple[Bytes, Places, Mask, bool]


@dataclass(frozen=True)
class Column:
    """The values of a key: texts to be quoted, or what is JSON already (`quoted` false)."""

    key: str
    values: pa.LargeStringArray
    quoted: bool = True


def write(columns: Sequence[Column]) -> Iterator[Bytes]:
    """Objects, one a line, with the keys in the order given; `ROWS` lines at a time."""
    leads = _leads([each.key for each in columns])
    for first in range(0, len(columns[0].values), ROWS):
        yield _laid([_given(each, first, ROWS) for each in columns], leads, b"}\n")[0]


def read(data: bytes, keys: Sequence[str]) -> pa.Table:
    """A column of texts or nulls for each key, in the order in which they stand in a line."""
    whole = np.frombuffer(data, dtype=np.uint8)
    shortest = sum(map(len, _leads(keys))) + len('""}\n')
    columns = [_Growing(len(data) // shortest, len(data)) for _ in keys]
    ends = [0]
    while ends[-1] < len(data):
        end = data.find(b"\n", min(len(data), ends[-1] + BYTES))
        ends.append(len(data) if end < 0 else end + 1)
    parts = [whole[first:end] for first, end in pairwise(ends)]
    try:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for read in pool.map(lambda part: _read(part, keys), parts):
                for column, values in zip(columns, read, strict=True):
                    column.add(*values)
    except NotCanonical as found:
        raise NotCanonical(columns[0].rows + found.line) from None
    return pa.table([column.texts() for column in columns], names=list(keys))


def quoted(values: pa.LargeStringArray, after: bytes) -> tuple[Bytes, Places]:
    """Each text as JSON, then `after`: all bytes, and where each begins and the last ends."""
    return _laid([_given(Column("", values))], [np.empty(0, dtype=np.uint8)], after)


def _leads(keys: Sequence[str]) -> list[Bytes]:
    """What stands before each value."""
    starts = ["{", *[","] * (len(keys) - 1)]
    return [
        np.frombuffer(f'{start}"{key}":'.encode(), dtype=np.uint8)
        for start, key in zip(starts, keys, strict=True)
    ]


def _laid(columns: list[_Given], leads: list[Bytes], after: bytes) -> tuple[Bytes, Places]:
    """The lines of columns, and where each begins and the last ends."""
    offsets = np.zeros(len(columns[0][2]) + 1, dtype=np.int64)
    sizes = offsets[1:]
    sizes += len(after)
    for lead, column in zip(leads, columns, strict=True):
        _measure(sizes, len(lead), *column)
    np.cumsum(sizes, out=sizes)
    cursor, out = offsets[:-1].copy(), np.empty(offsets[-1], dtype=np.uint8)
    for lead, column in zip(leads, columns, strict=True):
        _put(out, cursor, lead, *column)
    for place, byte in enumerate(after):
        out[cursor + place] = byte
    return out, offsets


def _given(column: Column, first: int = 0, rows: int | None = None) -> _Given:
    """The bytes of the texts, where each begins and the last ends, which are not null."""
    values = column.values.slice(first, rows)
    _, offsets, content = values.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(b"" if content is None else content, dtype=np.uint8)
    return data, places, np.asarray(values.is_valid()), column.quoted


class _Growing:
    """A column to which parts are added in turn; memory that is not touched is not taken."""

    def __init__(self, rows: int, size: int) -> None:
        self.rows = 0
        self._content = np.empty(size, dtype=np.uint8)
        self._offsets = np.zeros(rows + 1, dtype=np.int64)
        self._valid = np.empty(rows, dtype=np.bool_)

    def add(self, content: Bytes, offsets: Places, valid: Mask) -> None:
        """The rows of a part after those that are there."""
        first, end, used = self.rows, self.rows + len(valid), self._offsets[self.rows]
        self._content[used : used + len(content)] = content
        np.add(offsets[1:], used, out=self._offsets[first + 1 : end + 1])
        self._valid[first:end] = valid
        self.rows = end

    def texts(self) -> pa.LargeStringArray:
        """All of them."""
        offsets = self._offsets[: self.rows + 1]
        return _texts(self._content[: offsets[-1]], offsets, self._valid[: self.rows])


def _read(part: Bytes, keys: Sequence[str]) -> list[tuple[Bytes, Places, Mask]]:
    """The content, places and validity of each column; refused if it is not UTF-8."""
    ends = np.flatnonzero(part == ord("\n"))
    if not len(ends) or ends[-1] + 1 != len(part):
        raise NotCanonical(len(ends) + 1)
    cursor = np.concatenate([[0], ends[:-1] + 1])
    room, columns = np.empty(len(part), dtype=np.uint8), []
    for lead in _leads(keys):
        offsets = np.zeros(len(ends) + 1, dtype=np.int64)
        valid = np.zeros(len(ends), dtype=np.bool_)
        _refuse(_take(part, cursor, ends, lead, room, offsets, valid))
        columns.append((room[: offsets[-1]].copy(), offsets, valid))
        try:
            _texts(*columns[-1]).validate(full=True)
        except pa.ArrowInvalid:  # the bytes of a line are searched when somebody asks
            raise NotCanonical(1) from None
    _refuse(_closed(part, cursor, ends))
    return columns


def _texts(content: Bytes, offsets: Places, valid: Mask) -> pa.LargeStringArray:
    bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
    buffers = [bits, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.large_string(), len(valid), buffers)


def _refuse(row: int) -> None:
    if row >= 0:
        raise NotCanonical(row + 1)


@compiled
def _measure(
    sizes: Places, lead: int, content: Bytes, places: Places, valid: Mask, quoted: bool
) -> None:
    """Add what a column takes in each line."""
    for row in range(len(sizes)):
        sizes[row] += lead
        if not valid[row]:
            sizes[row] += 4
            continue
        sizes[row] += places[row + 1] - places[row]
        if quoted:
            sizes[row] += 2
            for at in range(places[row], places[row + 1]):
                byte = content[at]
                if byte < 32 or byte == 34 or byte == 92:
                    sizes[row] += 1 if _SHORT[byte] else 5


@compiled
def _put(
    out: Bytes, cursor: Places, lead: Bytes, content: Bytes, places: Places, valid: Mask,
    quoted: bool,
) -> None:  # fmt: skip
    """Write a column into each line at its cursor, and move the cursor on."""
    for row in range(len(cursor)):
        to = _copied(out, cursor[row], lead, 0, len(lead))
        if not valid[row]:
            to = _copied(out, to, _NULL, 0, 4)
        elif quoted:
            out[to] = 34
            to = _escaped(out, to + 1, content, places[row], places[row + 1])
            out[to] = 34
            to += 1
        else:
            to = _copied(out, to, content, places[row], places[row + 1])
        cursor[row] = to


@compiled
def _copied(out: Bytes, to: int, content: Bytes, first: int, end: int) -> int:
    for at in range(first, end):
        out[to] = content[at]
        to += 1
    return to


@compiled
def _escaped(out: Bytes, to: int, content: Bytes, first: int, end: int) -> int:
    for at in range(first, end):
        byte = content[at]
        if byte >= 32 and byte != 34 and byte != 92:
            out[to] = byte
            to += 1
        elif _SHORT[byte]:
            out[to], out[to + 1] = 92, _SHORT[byte]
            to += 2
        else:
            out[to], out[to + 1], out[to + 2], out[to + 3] = 92, 117, 48, 48  # \u00
            out[to + 4], out[to + 5] = _HEX[byte >> 4], _HEX[byte & 15]
            to += 6
    return to


@compiled
def _take(
    part: Bytes, cursor: Places, ends: Places, lead: Bytes, content: Bytes, offsets: Places,
    valid: Mask,
) -> int:  # fmt: skip
    """Read a column of each line at its cursor; the first row that is wrong, or -1."""
    used = 0
    for row in range(len(cursor)):
        at, end = _after(part, cursor[row], ends[row], lead), ends[row]
        if at < 0 or at >= end:
            return row
        if part[at] == 34:
            at, used = _unescaped(part, at + 1, end, content, used)
            valid[row] = True
        else:
            at = _after(part, at, end, _NULL)
        if at < 0:
            return row
        cursor[row] = at
        offsets[row + 1] = used
    return -1


@compiled
def _after(part: Bytes, at: int, end: int, expected: Bytes) -> int:
    """The place after what is expected here, or -1."""
    if at + len(expected) > end:
        return -1
    for place in range(len(expected)):
        if part[at + place] != expected[place]:
            return -1
    return at + len(expected)


@compiled
def _unescaped(part: Bytes, at: int, end: int, content: Bytes, used: int) -> tuple[int, int]:
    """Read to the closing quote: the place after it, or -1, and how much content there is."""
    while at < end:
        byte = part[at]
        if byte == 34:
            return at + 1, used
        if byte < 32:
            return -1, used
        if byte == 92:
            byte, size = _meant(part, at, end)
            if size == 0:
                return -1, used
            at += size - 1
        content[used] = byte
        used += 1
        at += 1
    return -1, used


@compiled
def _meant(part: Bytes, at: int, end: int) -> tuple[int, int]:
    """The byte that an escape stands for, and the escape's size; 0 if we would not write it."""
    if at + 1 < end and _LONG[part[at + 1]]:
        return _LONG[part[at + 1]], 2
    if at + 5 < end and part[at + 1] == 117 and part[at + 2] == 48 and part[at + 3] == 48:
        for byte in range(32):
            if _HEX[byte >> 4] == part[at + 4] and _HEX[byte & 15] == part[at + 5]:
                return byte, (0 if _SHORT[byte] else 6)
    return 0, 0


@compiled
def _closed(part: Bytes, cursor: Places, ends: Places) -> int:
    """The first line that does not end after its last value, or -1."""
    for row in range(len(cursor)):
        if cursor[row] + 1 != ends[row] or part[cursor[row]] != 125:
            return row
    return -1
