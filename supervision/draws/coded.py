"""Columns of texts that recur, such as classes and places: categories of pandas, a number a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TABLE = 1 << 24
"""Possible combinations up to which each has a place in a table of its own."""


def spelled(
    codes: NDArray[Any], names: Sequence[str | None], index: pd.Index | None = None
) -> pd.Series[Any]:
    """The name of each code, the position in `names`; null where the code is -1.

    The categories are the names in their order as texts, each once.
    """
    known = sorted({name for name in names if name is not None})
    place: dict[str | None, int] = {name: at for at, name in enumerate(known)}
    small = np.min_scalar_type(-len(known) - 1)
    to = np.array([*(place.get(name, -1) for name in names), -1], dtype=small)
    held = pd.Categorical.from_codes(to[codes], pd.Index(known, dtype="str"))
    return pd.Series(held, index=index)


def coded(column: pd.Series[Any]) -> tuple[NDArray[Any], list[str]]:
    """The inverse: the code of each text, -1 for null, and the names in their order."""
    held = column.astype("category").cat
    return held.codes.to_numpy(), held.categories.tolist()


def placed(column: pd.Series[Any], names: Sequence[str] | pd.Series[Any]) -> NDArray[np.intp]:
    """Where each text stands among some names; -1 for null or if nowhere."""
    codes, known = coded(column)
    at: NDArray[np.intp] = np.append(pd.Index(names).get_indexer(pd.Index(known)), -1)
    return np.asarray(at[codes])


def joined(parts: Sequence[pd.Series[Any]], how: Callable[..., str | None]) -> pd.Series[Any]:
    """A text for each row, made once for each combination of texts that occurs.

    Parameters
    ----------
    parts : columns of texts or nulls, row for row.
    how : makes the text of a combination (None for null), one argument a part.
    """
    codes, found = np.zeros(len(parts[0]), dtype=np.int64), [()]
    for part in parts:
        own, names = coded(part)
        values = [*names, None]
        codes = codes * len(values) + np.where(own < 0, len(names), own).astype(np.int64)
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
