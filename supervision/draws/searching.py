"""Texts looked up in a long list that rises: one walk through both, compiled, without a hash."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from supervision.compiled import compiled

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def searched(wanted: pa.LargeStringArray, turn: Places, listed: pa.LargeStringArray) -> Places:
    """Where each text stands in the list; -1 where it does not.

    `turn` are the places of the wanted from the smallest on.
    """
    out = np.empty(len(wanted), dtype=np.int64)
    _search(*_parts(wanted), turn, *_parts(listed), out)
    return out


def _parts(texts: pa.LargeStringArray) -> tuple[Bytes, Places]:
    _, offsets, content = texts.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(b"" if content is None else content, dtype=np.uint8), places


@compiled
def _search(
    wanted: Bytes, starts: Places, turn: Places, listed: Bytes, places: Places, out: Places
) -> None:
    at, end = 0, len(places) - 1
    for row in turn:
        found = -1
        while at < end:
            found = _compared(
                listed, places[at], places[at + 1], wanted, starts[row], starts[row + 1]
            )
            if found >= 0:
                break
            at += 1
        out[row] = at if found == 0 else -1


@compiled
def _compared(one: Bytes, a: int, a_end: int, two: Bytes, b: int, b_end: int) -> int:
    """Below, equal to or above 0 as the first text is to the second, byte by byte."""
    for at in range(min(a_end - a, b_end - b)):
        if one[a + at] != two[b + at]:  # compiled, the difference of two bytes has no sign
            return -1 if one[a + at] < two[b + at] else 1
    return (a_end - a) - (b_end - b)
