"""One way to write things down, so that the same content has the same bytes and the same hash.

Documents are RFC 8785 JSON. Lists are one such object a line, each ending in a line feed; their
values are texts or null, so that a reader without an RFC 8785 library can write them too.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.json
import rfc8785

JSON = Any
"""What RFC 8785 can write: null, bool, int, float, str, and lists and objects of these."""


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
    """The lines of a list of texts, column by column because lists are long.

    Parameters
    ----------
    frame : one row a line; the named columns hold texts or null.
    columns : what to write, in any order: a line has its keys sorted.
    """
    keys = sorted(columns)
    pattern = "{" + ",".join(f'"{key}":%s' for key in keys) + "}\n"
    written = [
        ["null" if value is None else encode_basestring(value) for value in _values(frame[key])]
        for key in keys
    ]
    return "".join([pattern % row for row in zip(*written, strict=True)]).encode()


def untable(data: bytes, columns: Sequence[str]) -> pd.DataFrame:
    """Read back what `table` wrote: one text column (null = missing) for each name."""
    schema = pa.schema([(name, pa.string()) for name in columns])
    options = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    read: pd.DataFrame = pyarrow.json.read_json(io.BytesIO(data), parse_options=options).to_pandas()
    return read


def _values(column: pd.Series[Any]) -> list[str | None]:
    return column.astype(object).where(column.notna(), None).tolist()
