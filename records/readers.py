"""Files as frames of raw values: CSV in UTF-8 or GB18030, and Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound


def read(path: Path) -> pd.DataFrame:
    """All rows of a file; CSV fields stay text, Parquet fields keep their types.

    Raises
    ------
    NotFound : there is no such file.
    BadInput : the file is not CSV or Parquet, cannot be decoded, or has no rows.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="check the path; nothing was read")
    match path.suffix.lower():
        case ".csv":
            frame = _csv(path)
        case ".parquet":
            frame = _parquet(path)
        case other:
            raise BadInput(
                f"{path.name}: this kind of file cannot be read",
                found=other or "no ending",
                allowed=".csv, .parquet",
                hint="export the records in one of these formats",
            )
    if frame.empty:
        raise BadInput(
            f"{path.name} has no rows",
            allowed="at least one row",
            hint="check the export; nothing was stored",
        )
    return frame


def _csv(path: Path) -> pd.DataFrame:
    encoding = "utf-8-sig" if _is_utf8(path) else "gb18030"
    try:
        return pd.read_csv(
            path, dtype="str", keep_default_na=False, na_values=[""], encoding=encoding
        )
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path.name} is not readable as CSV",
            found=str(error).strip(),
            allowed="a header and comma-separated rows in UTF-8 or GB18030",
            hint="export it again; nothing was stored",
        ) from error


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="strict") as handle:
            while handle.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _parquet(path: Path) -> pd.DataFrame:
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(
            f"{path.name} is not readable as Parquet",
            found=str(error).splitlines()[0],
            hint="export it again; nothing was stored",
        ) from error
    # Arrow-backed, so that whole numbers with nulls do not become floats.
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
