"""Millions of ids against each other: found by halving or by a hash, sorted as numbers.

pandas would walk through texts singly. Lists of firms rise by id once they are checked, so ids are
mostly found where they are looked for first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from supervision.canonical import LONG, arrow

FEW = 20
"""A hash of a list costs as much as halving it for one id in so many."""


def among(ids: pd.Series[Any], known: pd.Series[Any]) -> NDArray[np.bool_]:
    """Which of the ids are known."""
    return places(ids, known) >= 0


def places(ids: pd.Series[Any], known: pd.Series[Any]) -> NDArray[np.intp]:
    """Where each id stands in `known` (its first place); -1 if nowhere."""
    wanted, listed = arrow(ids), arrow(known)
    if wanted.equals(listed) and rising(listed):
        return np.arange(len(listed))
    if len(listed) >= LONG and len(wanted) * FEW < len(listed) and rising(listed):
        from supervision.draws.searching import searched

        return searched(wanted, listed)
    found = pc.index_in(wanted, value_set=listed)
    return np.asarray(found.fill_null(-1)).astype(np.intp)


def rising(ids: pa.LargeStringArray) -> bool:
    """Whether each id is above the one before it, so that none stands twice."""
    return len(ids) < 2 or bool(pc.all(pc.less(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py())


def order(ids: pa.LargeStringArray) -> NDArray[np.intp]:
    """The places of ids, none null, from the smallest on; equal ones as given."""
    widths = pc.min_max(pc.binary_length(ids)).as_py()
    if len(ids) < LONG or widths["min"] != widths["max"]:
        return np.asarray(pc.sort_indices(ids)).astype(np.intp)
    width = widths["min"]  # codes of one length: a few big numbers each
    first = np.frombuffer(ids.buffers()[1], dtype=np.int64)[ids.offset]
    content = np.frombuffer(ids.buffers()[2], dtype=np.uint8)[first : first + width * len(ids)]
    padded = np.zeros((len(ids), -(-width // 8) * 8), dtype=np.uint8)
    padded[:, :width] = content.reshape(-1, width)
    return np.lexsort(padded.view(">u8").astype(np.uint64).T[::-1])
