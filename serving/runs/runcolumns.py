"""Some columns of a run's classes.parquet, for who needs no more; `runfolder` reads a run whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound
from serving.runs import signed


def classes(run: Path, columns: Sequence[str], recurring: Sequence[str] = ()) -> pa.Table:
    """The named columns of a run's firms, a row each; those that recur as dictionaries.

    Raises
    ------
    NotFound : there is no run there.
    BadInput : it cannot be read, has no such column, or is not as it was signed.
    """
    path = run / "classes.parquet"
    if not path.is_file():
        raise NotFound(f"{run} holds no classes.parquet", hint="`xinfen score` writes a run")
    signed.check(run)
    try:
        there = pq.read_schema(path).names
        missing = [name for name in columns if name not in there]
        if missing:
            raise BadInput(f"{path}: no column {missing[0]}", allowed=", ".join(columns))
        return pq.read_table(path, columns=list(columns), read_dictionary=list(recurring))
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput(f"{path} cannot be read", found=str(error)) from None
