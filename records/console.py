"""The terminal: tables for people, JSON for machines, a bar on what takes long.

Rich loads on first use, so that the front door opens at once.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+(e[-+]\d+)?%?|[–-]|")
WIDE = 10_000

Stage = Callable[[str], None]


@contextmanager
def stages(title: str, count: int) -> Iterator[Stage]:
    """A bar that moves on at each named stage of `count`."""
    with bar(title) as counted:
        begun = 0

        def stage(name: str) -> None:
            nonlocal begun
            counted(begun, count, name)
            begun += 1

        yield stage


@contextmanager
def bar(title: str) -> Iterator[Callable[..., None]]:
    """A bar on the error stream, moved by calls with (done, of all) and perhaps a name.

    Nothing is drawn where nobody looks (a pipe, a log file).
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    looked_at = sys.stderr.isatty()
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not looked_at
    ) as progress:
        task = progress.add_task(title, total=None)

        def counted(done: int, of: int, name: str = "") -> None:
            label = f"{title}: {name}" if name else title
            progress.update(task, description=label, completed=done, total=of)

        yield counted


def tell(facts: Mapping[str, Any], as_json: bool, title: str = "") -> None:
    """Print facts as JSON, or as a table of names and values; a grid among them by itself."""
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        return
    grids = {name: value for name, value in facts.items() if _is_grid(value)}
    flat = [[name, _plain(value)] for name, value in facts.items() if name not in grids]
    table(flat, title=title)
    for name, grid in grids.items():
        columns = list(next(iter(grid.values())))
        rows = [
            [str(key), *(_plain(row[column]) for column in columns)] for key, row in grid.items()
        ]
        table(rows, (name, *columns))


def _is_grid(value: Any) -> bool:
    """Whether a fact is a table of its own: equal mappings under names."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(row, Mapping) for row in value.values())
    )


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = (), title: str = "") -> None:
    """Print rows as a table; columns of numbers are set right.

    In a pipe or a file every row has its line, however wide.
    """
    from rich.table import Table

    drawn = Table(
        title=title or None,
        show_header=bool(header),
        box=None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
    )
    for at, name in enumerate(header):
        numbers = all(NUMBER.fullmatch(row[at]) for row in rows)
        drawn.add_column(name, overflow="fold", justify="right" if numbers else "left")
    if not header:
        drawn.add_column(style="dim")
        drawn.add_column(overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    screen().print(drawn)


def screen() -> Console:
    """The terminal; in a pipe or a file nothing is folded, however wide."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(f"{name} {_plain(part)}" for name, part in value.items()) or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
