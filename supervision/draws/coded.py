"""Columns of texts that recur, such as classes and places, made of numbers and not row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from supervision.canonical import arrow

TABLE = 1 << 24
"""Possible combinations up to which each has a place in a table of its own."""


def spelled(
    codes: NDArray[Any], names: Sequence[str | None], index: pd.Index | None = None
) -> pd.Series[str]:
    """The name of each code, the position in `names`; null where the code is below 0."""
    held = pa.DictionaryArray.from_arrays(
        pa.array(codes, type=pa.int32(), mask=codes < 0), pa.array(names, type=pa.large_string())
    )
    return pd.Series(pd.array(held.dictionary_decode(), dtype="str"), index=index)


def joined(parts: Sequence[pd.Series[Any]], how: Callable[..., str | None]) -> pd.Series[str]:
    """A text for each row, made once for each combination of texts that occurs.

    Parameters
    ----------
    parts : columns of texts or nulls, row for row.
    how : makes the text of a combination (None for null), one argument a part.
    """
    codes, found = np.zeros(len(parts[0]), dtype=np.int64), [()]
    for part in parts:
        known = arrow(part).dictionary_encode()
        values = [*known.dictionary.to_pylist(), None]
        codes = codes * len(values) + np.asarray(known.indices.fill_null(len(values) - 1))
        there, codes = _dense(codes, len(found) * len(values))
        found = [(*found[at // len(values)], values[at % len(values)]) for at in there.tolist()]
    return spelled(codes, [how(*one) for one in found], parts[0].index)


def _dense(codes: NDArray[np.int64], most: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Which numbers below `most` occur, and the place of each among them."""
    if most > TABLE:
        there, at = np.unique(codes, return_inverse=True)
        return there, at.astype(np.int64)
    seen = np.zeros(most, dtype=bool)
    seen[codes] = True
    there = np.flatnonzero(seen)
    place = np.zeros(most, dtype=np.int64)
    place[there] = np.arange(len(there))
    return there, place[codes]
