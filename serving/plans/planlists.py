"""The lists of a plan on disk: NAME.csv (UTF-8, with header) or NAME.parquet of a folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound

RECURRING = ["division", "status", "fields", "industry"]
"""Columns of Parquet whose texts recur, which are read as categories."""


def required(folder: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """The list of that name, every CSV column as text; of Parquet only the columns we know.

    Raises
    ------
    NotFound : there is none, or there are two.
    BadInput : it cannot be read; where a row is at fault, it is named.
    """
    found = optional(folder, name, columns)
    if found is None:
        raise _not_one(folder, name, "no list")
    return found


def optional(folder: Path, name: str, columns: Sequence[str]) -> pd.DataFrame | None:
    """The same, or None if there is no such list."""
    found = [path for end in ("csv", "parquet") if (path := folder / f"{name}.{end}").is_file()]
    if len(found) > 1:
        raise _not_one(folder, name, "two lists")
    if not found:
        return None
    try:
        read = _csv if found[0].suffix == ".csv" else _parquet
        return read(found[0], columns)
    except (OSError, ValueError, pa.ArrowException) as error:  # a bad encoding is a ValueError
        raise BadInput(f"{found[0]} cannot be read", found=str(error)) from None


def _not_one(folder: Path, name: str, what: str) -> NotFound:
    return NotFound(f"{folder}: {what} of {name}", allowed=f"one of {name}.csv, {name}.parquet")


def _csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        header = next(csv.reader(handle), [])
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadInput(f"{path}: column {twice[0]} stands twice", allowed="each once")
    texts = dict.fromkeys(header, pa.large_string())
    read: pd.DataFrame = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=texts, include_columns=_known(header, columns), strings_can_be_null=False
        ),
    ).to_pandas()
    return read


def _parquet(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    read: pd.DataFrame = pq.read_table(
        path, columns=_known(pq.read_schema(path).names, columns), read_dictionary=RECURRING
    ).to_pandas()
    return read


def _known(header: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The columns to read; all, if one is missing, so that the nearest can be named."""
    known = [name for name in header if name in columns]
    return known if len(known) == len(columns) else list(header)
