"""A run in the making: parts of firms, each whole or absent, that become one folder at the end.

    .NAME-scoring-KEY/00000000-00100000/   a part; its part.json comes last
    .NAME-scoring-KEY/run/                 what is renamed to NAME when it is whole

KEY is made of all that was asked for. So the same command goes on where it was cut off, by
`kill -9` or otherwise, and another one begins anew. Nobody else can make it meanwhile.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import BadInput, NotPossible
from records.files import held, locked, write_json


@dataclass(frozen=True)
class Part:
    """A range of firms, by their places among all."""

    path: Path

    @property
    def whole(self) -> bool:
        return (self.path / "part.json").is_file()

    @property
    def about(self) -> dict[str, Any]:
        """What was measured when it was made."""
        about: dict[str, Any] = json.loads((self.path / "part.json").read_bytes())
        return about

    def empty(self) -> Path:
        """Its folder with nothing in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir()
        return self.path

    def finish(self, about: Mapping[str, Any]) -> None:
        """Declare it whole."""
        write_json(self.path / "part.json", about)


@dataclass(frozen=True)
class Making:
    """The hidden folder in which a run is made."""

    path: Path
    out: Path

    def part(self, begin: int, end: int) -> Part:
        """The part of the firms from one place to before another."""
        return Part(self.path / f"{begin:08d}-{end:08d}")

    def run(self) -> Path:
        """An empty folder for the whole run, which is not shown yet."""
        run = self.path / "run"
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir()
        return run

    def show(self, run: Path) -> None:
        """Put the whole folder in its place; nothing of it was to be seen before."""
        run.rename(self.out)
        shutil.rmtree(self.path)


def done(out: Path, key: str) -> dict[str, Any] | None:
    """The summary of a run that is there already and is the one that was asked for.

    Raises
    ------
    BadInput : something else is in its place.
    """
    if not out.exists():
        return None
    with suppress(OSError, ValueError):
        summary: dict[str, Any] = json.loads((out / "summary.json").read_bytes())
        if summary.get("asked") == key:
            _sweep(out)
            return summary
    raise BadInput(
        f"{out} exists",
        allowed="a new folder, or the run that the same command made",
        hint="choose another --out; runs are never overwritten",
    )


@contextmanager
def making(out: Path, key: str) -> Iterator[Making]:
    """The folder of a run in the making, held by this process; it stays if the block fails.

    What others left unfinished for the same `out` goes, unless somebody is at work in it.

    Raises
    ------
    NotPossible : another process makes this run.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = out.parent / f"{_beginning(out)}{key[:32]}"
    with held(out.parent):  # so that nobody sweeps what is not locked yet
        _sweep(out, besides=folder)
        folder.mkdir(exist_ok=True)
        try:
            handle = locked(folder, fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotPossible(
                f"{out} is being made by another process", hint="wait until it is there"
            ) from error
    try:
        yield Making(folder, out)
    finally:
        os.close(handle)


def _sweep(out: Path, besides: Path | None = None) -> None:
    for left in out.parent.iterdir():
        if left.name.startswith(_beginning(out)) and left != besides:
            with suppress(BlockingIOError), held(left, fcntl.LOCK_NB):
                shutil.rmtree(left)


def _beginning(out: Path) -> str:
    return f".{out.name}-scoring-"
