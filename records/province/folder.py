"""A province's folder: whole or absent, made beside its place and put there when it is done.

While it is made it lies in a hidden folder that its maker holds locked. Whoever makes the same
folder next sweeps what nobody holds any more: the remains of runs that were killed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow.parquet as pq

from records.files import held, locked


def record_files(province: Path) -> list[Path]:
    """The files of a province's records, by table; a small one may hold nothing of what is rare."""
    files = sorted((province / "records").glob("*.parquet"))
    return [file for file in files if pq.read_metadata(file).num_rows]


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """A hidden folder beside `out`, gone when the block ends; remains of killed runs go first."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with held(out.parent):  # so that nobody sweeps what is not locked yet
        _sweep(out)
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=_beginning(out)))
        handle = locked(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(handle)


def put(whole: Path, out: Path, folder: Path) -> None:
    """Put a whole folder in the place of `out`; an earlier one goes with the unfinished folder.

    At no moment is a part of either to be seen: `out` is the old one, absent, or the new one.
    """
    if out.exists():
        out.rename(folder / "earlier")
    whole.rename(out)


def _sweep(out: Path) -> None:
    for left in out.parent.iterdir():
        if left.name.startswith(_beginning(out)) and left.is_dir():
            with suppress(BlockingIOError), held(left, fcntl.LOCK_NB):
                shutil.rmtree(left)


def _beginning(out: Path) -> str:
    return f".{out.name}-unfinished-"
