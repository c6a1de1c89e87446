"""Sources as frames of raw values, a part at a time: CSV, Excel, Parquet, and SQL queries.

Memory is bounded by the part and not by the source. Fields of CSV, Excel and SQL are text,
fields of Parquet keep their types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import delimited, queries, workbooks
from records.cells import headings, simple
from records.errors import BadInput, NotFound
from records.queries import Query

ROWS = 200_000
"""Rows of a part; a part and what becomes of it take some 200 MB."""

BYTES = 1 << 28
"""Bytes of values in a part, where rows are long."""

Source = Path | Query
"""A file, or a query with its database."""

TITLES = 20
"""Rows among which the header is looked for."""

INDEX = re.compile(r"__index_level_[0-9]+__")
"""How pandas names the numbers of its rows; no column that anybody made."""

_TEXT = pd.StringDtype(na_value=np.nan)


def batches(source: Source, rows: int = ROWS, *, header: int = 1) -> Iterator[pd.DataFrame]:
    """The rows of a source in order, in frames of at most `rows`.

    Parameters
    ----------
    header : the row of a CSV or a sheet that holds the names; those above it are left out.

    Raises
    ------
    NotFound : there is no such file.
    BadInput : the source cannot be read, decoded or asked, or has no rows.
    """
    empty = True
    try:
        for frame in _parts(source, rows, header):
            empty = False
            yield frame
    except OSError as error:  # no permission, a share that is gone
        raise BadInput(
            f"{source.name} cannot be opened",
            found=error.strerror or str(error),
            hint="give the file to this user, or copy it; nothing was stored",
        ) from error
    if empty:
        raise BadInput(
            f"{source.name} has no rows",
            allowed="at least one row",
            hint="check the export; nothing was stored",
        )


def read(path: Path, header: int = 1) -> pd.DataFrame:
    """All rows of a file as one frame, for small files such as those that others look up in."""
    return pd.concat(list(batches(path, header=header)), ignore_index=True)


def header_row(path: Path) -> int:
    """The row of a CSV or a sheet in which the names seem to stand, below titles; else the first.

    A title fills a cell or two; the names fill all but as many as the fullest row does.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx", ".xlsm") or not path.is_file():
        return 1
    rows = (delimited if kind == ".csv" else workbooks).top(path, TITLES)
    filled = [sum(cell not in (None, "") for cell in row) for row in rows]
    wanted = 0.75 * max(filled, default=0)
    return next((number for number, count in enumerate(filled, 1) if count > wanted), 1)


def _parts(source: Source, rows: int, header: int) -> Iterator[pd.DataFrame]:
    if isinstance(source, Query):
        return queries.batches(source, rows)
    if source.is_dir():
        raise BadInput(
            f"{source} is a folder",
            allowed="a file",
            hint="ingest its files one by one; nothing was read",
        )
    if not source.is_file():
        raise NotFound(f"no file {source}", hint="check the path; nothing was read")
    match source.suffix.lower():
        case ".csv":
            return _frames(delimited.batches(source, header), rows)
        case ".xlsx" | ".xlsm":
            return workbooks.batches(source, rows, header)
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
                hint="save the records in one of these formats, such as .xlsx instead of .xls",
            )


def _row_groups(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            kept = [at for at, name in enumerate(schema.names) if not INDEX.fullmatch(name)]
            names = headings([schema.names[at] for at in kept], path.name)
            for batch in file.iter_batches(batch_size=rows):
                batch.validate(full=True)  # texts that are not UTF-8 among them
                columns = [simple(batch.column(at)) for at in kept]
                yield pa.RecordBatch.from_arrays(columns, names=names)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(
            f"{path.name} is not readable as Parquet",
            found=str(error).splitlines()[0],
            hint="export it again; nothing was stored",
        ) from error


def _frames(given: Iterable[pa.RecordBatch], rows: int) -> Iterator[pd.DataFrame]:
    """Batches of any size as frames of `rows` rows, or fewer where these are long."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in given:
        held.append(batch)
        count += batch.num_rows
        while count >= rows:
            table = pa.Table.from_batches(held)
            yield _frame(table.slice(0, rows))
            held, count = table.slice(rows).to_batches(), count - rows
        if count and sum(batch.nbytes for batch in held) > BYTES:
            yield _frame(pa.Table.from_batches(held))
            held, count = [], 0
    if count:
        yield _frame(pa.Table.from_batches(held))


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=_dtype, ignore_metadata=True)
    return frame


def _dtype(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype:
    """Text as pandas' own text; all else Arrow-backed: whole numbers with nulls stay whole."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _TEXT
    return pd.ArrowDtype(kind)
