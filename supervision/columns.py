"""Long columns of texts: stripped, sorted, looked up and taken without a Python object a cell.

pandas keeps texts in Arrow but leaves it for many operations; on three million firms that costs
more than all the rest of a plan. What is here gives what pandas would give.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from supervision.canonical import LONG, arrow

Indices = NDArray[np.intp]

FEW = 1 << 14
"""Different texts of a column up to which it is worth taking their numbers instead."""


def stripped(column: pd.Series[Any]) -> pd.Series[str]:
    """The texts without white space around them; what is empty is null."""
    texts = pc.utf8_trim_whitespace(arrow(column.astype("str")))
    empty = pc.equal(texts, "")
    if pc.any(empty).as_py():
        texts = pc.if_else(empty, None, texts)
    return series(texts)


def rising(ids: pa.LargeStringArray) -> bool:
    """Whether each text is above the one before it (so that none stands twice)."""
    return len(ids) < 2 or bool(pc.all(pc.less(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py())


def order(ids: pa.LargeStringArray) -> Indices:
    """The places of texts, none of them null, from the smallest to the largest; equal ones as given."""
    widths = np.unique(pc.binary_length(ids).to_numpy())
    if len(widths) != 1 or len(ids) < LONG:
        return np.asarray(pc.sort_indices(ids).to_numpy(), dtype=np.intp)
    width = int(widths[0])  # codes of one length: sorted as a few numbers each
    first = np.frombuffer(ids.buffers()[1], dtype=np.int64)[ids.offset]
    content = np.frombuffer(ids.buffers()[2], dtype=np.uint8)[first : first + width * len(ids)]
    padded = np.zeros((len(ids), -(-width // 8) * 8), dtype=np.uint8)
    padded[:, :width] = content.reshape(-1, width)
    return np.lexsort(padded.view(">u8").astype(np.uint64).T[::-1])


def take(frame: pd.DataFrame, at: Indices) -> pd.DataFrame:
    """The rows of a frame of texts in another order; -1 gives a row of nulls."""
    if len(at) < LONG:
        return frame.reset_index(drop=True).reindex(at).reset_index(drop=True)
    places = pa.array(at, mask=at < 0) if (at < 0).any() else pa.array(at)

    def taken(name: str) -> pd.Series[str]:
        texts = arrow(frame[name])
        known = texts.dictionary_encode()
        if len(known.dictionary) > FEW:
            return series(texts.take(places))
        return series(known.take(places).dictionary_decode())

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        columns = list(pool.map(taken, frame.columns))
    return pd.DataFrame(dict(zip(frame.columns, columns, strict=True)))


def positions(ids: pd.Series[Any], among: pd.Series[Any]) -> Indices:
    """Where each text stands in a list that rises; -1 where it does not."""
    if len(among) < LONG:
        return pd.Index(among).get_indexer(pd.Index(ids))
    wanted, listed = arrow(ids), arrow(among)
    if wanted.equals(listed):
        return np.arange(len(listed))
    if len(wanted) * 20 > len(listed):
        found = pc.index_in(wanted, value_set=listed)
        return np.asarray(pc.fill_null(found, -1).to_numpy(), dtype=np.intp)
    from supervision.searching import searched

    return searched(wanted, listed)


def series(texts: pa.LargeStringArray) -> pd.Series[str]:
    """A column of pandas of these texts, without a copy."""
    return pd.Series(pd.array(texts, dtype="str"))
