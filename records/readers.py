"""Sources as frames of raw values, a part at a time: CSV, Excel, Parquet, and SQL queries.

Memory is bounded by the part and not by the source. Fields of CSV, Excel and SQL are text,
fields of Parquet keep their types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import delimited, queries, workbooks
from records.errors import BadInput, NotFound
from records.queries import Query

ROWS = 200_000
"""Rows of a part; a part and what becomes of it take some 200 MB."""

Source = Path | Query
"""A file, or a query with its database."""

_TEXT = pd.StringDtype(na_value=np.nan)


def batches(source: Source, rows: int = ROWS) -> Iterator[pd.DataFrame]:
    """The rows of a source in order, in frames of at most `rows`.

    Raises
    ------
    NotFound : there is no such file.
    BadInput : the source cannot be read, decoded or asked, or has no rows.
    """
    empty = True
    for frame in _parts(source, rows):
        empty = False
        yield frame
    if empty:
        raise BadInput(
            f"{source.name} has no rows",
            allowed="at least one row",
            hint="check the export; nothing was stored",
        )


def read(path: Path) -> pd.DataFrame:
    """All rows of a file as one frame, for small files such as those that others look up in."""
    return pd.concat(list(batches(path)), ignore_index=True)


def _parts(source: Source, rows: int) -> Iterator[pd.DataFrame]:
    if isinstance(source, Query):
        return queries.batches(source, rows)
    if not source.is_file():
        raise NotFound(f"no file {source}", hint="check the path; nothing was read")
    match source.suffix.lower():
        case ".csv":
            return _frames(delimited.batches(source), rows)
        case ".xlsx" | ".xlsm":
            return workbooks.batches(source, rows)
        case ".parquet":
            return _frames(_row_groups(source, rows), rows)
        case ".sql":
            raise BadInput(
                f"{source.name} is a query, and no database is named",
                allowed="a SQLAlchemy URL",
                hint="name it with --from",
            )
        case other:
            raise BadInput(
                f"{source.name}: this kind of file cannot be read",
                found=other or "no ending",
                allowed=".csv, .xlsx, .parquet, or .sql with --from",
                hint="export the records in one of these formats",
            )


def _row_groups(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    try:
        yield from pq.ParquetFile(path).iter_batches(batch_size=rows)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(
            f"{path.name} is not readable as Parquet",
            found=str(error).splitlines()[0],
            hint="export it again; nothing was stored",
        ) from error


def _frames(given: Iterable[pa.RecordBatch], rows: int) -> Iterator[pd.DataFrame]:
    """Batches of any size as frames of `rows` rows, the last one shorter."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in given:
        held.append(batch)
        count += batch.num_rows
        while count >= rows:
            table = pa.Table.from_batches(held)
            yield _frame(table.slice(0, rows))
            held, count = table.slice(rows).to_batches(), count - rows
    if count:
        yield _frame(pa.Table.from_batches(held))


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=_dtype)
    return frame


def _dtype(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype:
    """Text as pandas' own text; all else Arrow-backed: whole numbers with nulls stay whole."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _TEXT
    return pd.ArrowDtype(kind)
