"""A copy of an SQLite store while it is written to: the store itself, then its shelves.

The store is copied as it stood at one moment, by SQLite's own online backup, which waits for nobody
and lets nobody wait. The shelves are files that never change once whole; copied are those that the
copy of the store names. PostgreSQL has `pg_dump`, which does the same in one transaction.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import Engine

from records.errors import BadInput, NotPossible
from records.files import replacing

_HELD = "SELECT load FROM loads WHERE held AND whole"


def backup(engine: Engine, folder: Path) -> list[str]:
    """Copy a store into a new or empty folder, under its own name; the names of what was copied.

    To restore it, put the files back in their places while nothing runs.

    Raises
    ------
    BadInput : there is something in the folder.
    NotPossible : the store is on PostgreSQL, or its runs changed faster than they could be copied.
    """
    if engine.dialect.name != "sqlite":
        raise NotPossible(
            "only an SQLite store is copied by this command", found=engine.dialect.name,
            hint="`pg_dump --format=custom` copies one on PostgreSQL",
        )  # fmt: skip
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not empty", hint="name a new folder for each copy")
    source = Path(str(engine.url.database))
    with replacing(folder / source.name) as path:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(path)) as copy:
            live.backup(copy)
            loads = [row[0] for row in copy.execute(_HELD)]
        copied = [_shelf(source, folder, load) for load in loads]
    return [source.name, *copied]


def _shelf(source: Path, folder: Path, load: int) -> str:
    name = f"{source.stem}.runs/{load}.db"
    (folder / name).parent.mkdir(exist_ok=True)
    try:
        with replacing(folder / name) as path:
            shutil.copyfile(source.parent / name, path)
    except FileNotFoundError:
        raise NotPossible(
            "a run was dropped from the store while it was copied", found=name,
            hint="remove the folder and copy once more",
        ) from None  # fmt: skip
    return name
