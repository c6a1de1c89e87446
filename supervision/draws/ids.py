"""Millions of ids against each other: sorted as numbers, and found by one walk through both lists.

Lists of firms rise by id once they are checked, so that mostly only the other list is to be sorted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from supervision.canonical import LONG, arrow


def among(ids: pd.Series[Any], known: pd.Series[Any]) -> NDArray[np.bool_]:
    """Which of the ids are known."""
    return places(ids, known) >= 0


def places(ids: pd.Series[Any], known: pd.Series[Any]) -> NDArray[np.intp]:
    """Where each id stands in `known` (its first place); -1 if nowhere."""
    wanted, listed = arrow(ids), arrow(known)
    if wanted.equals(listed) and rising(listed):
        return np.arange(len(listed))
    if len(listed) >= LONG and not wanted.null_count and rising(listed):
        from supervision.draws.searching import searched

        return searched(wanted, order(wanted), listed)
    found = pc.index_in(wanted, value_set=listed)
    return np.asarray(found.fill_null(-1)).astype(np.intp)


def rising(ids: pa.LargeStringArray) -> bool:
    """Whether each id is above the one before it, so that none stands twice."""
    return len(ids) < 2 or bool(pc.all(pc.less(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py())


def order(ids: pa.LargeStringArray) -> NDArray[np.intp]:
    """The places of ids from the smallest on, null last."""
    widths = pc.min_max(pc.binary_length(ids)).as_py()
    uneven = ids.null_count or widths["min"] != widths["max"]
    if uneven or len(ids) < max(LONG, 1):
        return np.asarray(pc.sort_indices(ids)).astype(np.intp)
    width = widths["min"]
    first = np.frombuffer(ids.buffers()[1], dtype=np.int64)[ids.offset]
    content = np.frombuffer(ids.buffers()[2], dtype=np.uint8)[first : first + width * len(ids)]
    numbers = _numbers(content.reshape(-1, width))
    return np.argsort(numbers[0]) if len(numbers) == 1 else np.lexsort(numbers[::-1])


def _numbers(codes: NDArray[np.uint8]) -> list[NDArray[np.uint64]]:
    """Codes of one length as a big number each, or a few: every place counts what occurs there."""
    numbers, room = [np.zeros(len(codes), dtype=np.uint64)], 1
    for place in codes.T:
        there = np.flatnonzero(np.bincount(place, minlength=256))
        if len(there) > 1:
            if room * len(there) > 1 << 64:
                numbers, room = [*numbers, np.zeros(len(codes), dtype=np.uint64)], 1
            digits = np.zeros(256, dtype=np.uint64)
            digits[there] = np.arange(len(there))
            numbers[-1] *= np.uint64(len(there))
            numbers[-1] += digits[place]
            room *= len(there)
    return numbers
