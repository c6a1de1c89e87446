"""The terminal: tables for people, JSON for machines, a bar on what takes long.

Rich loads on first use, so that the front door opens at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

Stage = Callable[[str], None]


@contextmanager
def stages(title: str, count: int) -> Iterator[Stage]:
    """A bar on the terminal's error stream that moves on at each named stage.

    Nothing is drawn where nobody looks (a pipe, a log file).
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task(title, total=count)
        begun = False

        def stage(name: str) -> None:
            nonlocal begun
            progress.update(task, description=f"{title}: {name}", advance=1 if begun else 0)
            begun = True

        yield stage
        progress.update(task, completed=count)


def tell(facts: Mapping[str, Any], as_json: bool, title: str = "") -> None:
    """Print facts as JSON, or as a table of names and values."""
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        return
    table([[name, _plain(value)] for name, value in facts.items()], title=title)


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = (), title: str = "") -> None:
    """Print rows as a table; columns after the first are set right where they are numbers."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(
        *header,
        title=title or None,
        show_header=bool(header),
        box=None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
    )
    if not header:
        drawn.add_column(style="dim")
        drawn.add_column(overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    Console().print(drawn)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "  ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
