"""Long columns of texts, stripped and taken by Arrow, several at a time: as pandas would."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from supervision.canonical import arrow
from supervision.draws.coded import coded, spelled


def stripped(column: pd.Series[Any]) -> pd.Series[Any]:
    """The texts without white space around them; what is empty is null. Categories stay such."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = coded(column)
        told = arrow(stripped(pd.Series(names, dtype=object).astype("str")))
        return spelled(codes, told.to_pylist(), column.index)
    texts = pc.utf8_trim_whitespace(arrow(column.astype("str")))
    empty = pc.equal(texts, "")
    return series(pc.if_else(empty, None, texts) if pc.any(empty).as_py() else texts)


def take(frame: pd.DataFrame, at: NDArray[np.intp]) -> pd.DataFrame:
    """The rows of a frame of texts at some places, numbered anew."""
    places = pa.array(at)

    def taken(name: str) -> pd.Series[Any]:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            return pd.Series(frame[name].array.take(at))
        return series(arrow(frame[name]).take(places))

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        columns = pool.map(taken, frame.columns)
        return pd.DataFrame(dict(zip(frame.columns, columns, strict=True)))


def series(texts: pa.LargeStringArray) -> pd.Series[str]:
    """A column of pandas of these texts, without a copy."""
    return pd.Series(pd.array(texts, dtype="str"))
