"""Millions of ids against each other, by Arrow's hashes; pandas would walk through texts singly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def among(ids: pd.Series[str], known: pd.Series[str]) -> NDArray[np.bool_]:
    """Which of the ids are known."""
    return np.asarray(pc.is_in(_array(ids), value_set=_array(known)))


def places(ids: pd.Series[str], known: pd.Series[str]) -> NDArray[np.intp]:
    """Where each id stands in `known` (its first place); -1 if nowhere."""
    found = pc.index_in(_array(ids), value_set=_array(known))
    return np.asarray(found.fill_null(-1)).astype(np.intp)


def _array(texts: pd.Series[str]) -> pa.Array:
    return pa.array(texts, type=pa.large_string())
