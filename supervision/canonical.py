"""One way to write things down, so that the same content has the same bytes and the same hash.

Documents are RFC 8785 JSON. Lists are one such object a line, each ending in a line feed; what is
committed holds texts or null, so that a reader without an RFC 8785 library can write it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

import pandas as pd
import pyarrow as pa
import rfc8785

JSON = Any
"""What RFC 8785 can write: null, bool, int, float, str, and lists and objects of these."""


Pieces = Iterable[bytes | memoryview]
"""The bytes of a file, one after the other, of which only the next need be held."""

LONG = 20_000
"""Rows from which the compiled loops are worth loading; the bytes are the same either way."""


LINE = 100
"""Bytes of a line, roughly: a text of `LONG` such lines is long."""


class NotCanonical(ValueError):
    """A line is not what would have been written; `line` is counted from 1."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line} is not canonical")


def document(value: JSON) -> bytes:
    """The RFC 8785 bytes of a value."""
    written: bytes = rfc8785.dumps(value)
    return written


def digest(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def text(value: str) -> bytes:
    """A text as RFC 8785 writes it; many times faster than `document`, same bytes."""
    return encode_basestring(value).encode()


def lines(rows: Iterable[Mapping[str, JSON]]) -> bytes:
    """Objects, one a line, in the order given."""
    return b"".join(document(dict(row)) + b"\n" for row in rows)


def table(frame: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """The lines of a list: `pieces` in one."""
    return b"".join(pieces(frame, columns))


def pieces(frame: pd.DataFrame, columns: Sequence[str]) -> Pieces:
    """The lines of a list in pieces, column by column because lists are long.

    Parameters
    ----------
    frame : one row a line; the named columns hold texts, numbers, truth values or null (what
        pandas holds as missing, also a NaN, is null).
    columns : what to write, in any order: a line has its keys sorted.
    """
    keys = sorted(columns)
    if len(frame) < LONG:
        pattern = "{" + ",".join(f'"{key}":%s' for key in keys) + "}\n"
        written = [_json(frame[key]) for key in keys]
        yield "".join([pattern % row for row in zip(*written, strict=True)]).encode()
        return
    from supervision import jsonlines

    for lines in jsonlines.write([
        jsonlines.Column(key, arrow(frame[key] if plain else _json(frame[key])), plain)
        for key in keys
        for plain in [isinstance(frame[key].dtype, pd.StringDtype | pd.CategoricalDtype)]
    ]):  # fmt: skip
        yield lines.data


def untable(data: bytes, columns: Sequence[str]) -> pd.DataFrame:
    """Read back a list of texts: one text column (null = missing) for each name.

    Raises `NotCanonical` for the first line that is not what `table` would have written.
    """
    if len(data) >= LONG * LINE:
        from supervision import jsonlines

        read: pd.DataFrame = jsonlines.read(data, sorted(columns)).to_pandas()
        return read[list(columns)]
    return pd.DataFrame(list(_rows(data, columns)), columns=list(columns), dtype="str")


def arrow(texts: pd.Series[Any] | Sequence[str | None]) -> pa.LargeStringArray:
    """Texts as one piece of Arrow, without a copy where they are one already."""
    made = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def quoted(texts: pd.Series[Any], after: str = "") -> pa.LargeStringArray:
    """Each text, none null, as JSON, and what comes after it."""
    if len(texts) < LONG:
        written = [encode_basestring(one) + after for one in texts.tolist()]
        return pa.array(written, type=pa.large_string())
    from supervision import jsonlines

    data, offsets = jsonlines.quoted(arrow(texts), after.encode())
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers)


def _json(column: pd.Series[Any]) -> list[str]:
    """Each value as RFC 8785 writes it; numbers recur, so each is written once."""
    if isinstance(column.dtype, pd.StringDtype):
        values = column.astype(object).where(column.notna(), None).tolist()
        return ["null" if value is None else encode_basestring(value) for value in values]
    codes, found = pd.factorize(column)
    known = [document(value).decode() for value in found.tolist()]
    return [known[code] if code >= 0 else "null" for code in codes.tolist()]


def _rows(data: bytes, columns: Sequence[str]) -> Iterator[dict[str, str | None]]:
    lines = data.split(b"\n")
    if lines.pop():
        raise NotCanonical(len(lines) + 1)
    keys = sorted(columns)
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            again = [f'"{key}":'.encode() + _value(row[key]) for key in keys]
        except (ValueError, TypeError, KeyError):
            raise NotCanonical(number) from None
        if b"{" + b",".join(again) + b"}" != line:
            raise NotCanonical(number)
        yield row


def _value(value: str | None) -> bytes:
    return b"null" if value is None else text(value)
