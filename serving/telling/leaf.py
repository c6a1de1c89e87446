"""A leaf: a title, facts, tables and a plot, on the terminal or as a file of its own.

The same leaf is shown and written, so that paper and screen do not differ.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import typer
from markupsafe import Markup

from models.drawing import styled, svg
from records import console
from records.errors import BadInput
from records.files import write_bytes
from serving.telling.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

ENDINGS = (".html", ".svg", ".png")
DOTS = 160
"""Of a PNG, an inch."""


@dataclass(frozen=True)
class Listed:
    """A table: texts in rows, as they are read, and what must be known to read them."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Leaf:
    """What is told. `plot` draws a figure, or none if there is nothing to draw."""

    title: str
    lang: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Listed]
    plot: Callable[[], Figure | None] = field(default=lambda: None)

    def show(self) -> None:
        """Print it."""
        console.table([list(fact) for fact in self.facts], title=self.title)
        for each in self.tables:
            typer.echo()
            if each.rows:
                console.table(each.rows, each.header, title=each.title)
            else:
                console.screen().print(each.title, style="bold")
            for note in each.notes:
                typer.echo(note)

    def write(self, path: Path) -> None:
        """Write it: a page with tables and plot (.html), or the plot alone (.svg, .png)."""
        check(path)
        with styled():
            figure = self.plot()
            if path.suffix == ".html":
                drawn = Markup(svg(figure)) if figure is not None else None  # noqa: S704, ours
                content = render("leaf.html", leaf=self, lang=self.lang, plot=drawn).encode()
            elif figure is None:
                raise BadInput(f"{path}: there is nothing to draw", hint="write .html for the page")
            else:
                content = svg(figure).encode() if path.suffix == ".svg" else _png(figure)
        write_bytes(path, content)


def check(path: Path | None) -> None:
    """Refuse a file that could not be written, before anything is computed."""
    if path is not None and path.suffix not in ENDINGS:
        raise BadInput(
            f"--out {path}", found=path.suffix or "no ending", allowed=", ".join(ENDINGS)
        )


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON: what is missing or infinite is null, a day is a text."""
    told = frame.replace([np.inf, -np.inf], np.nan).astype(object)
    days = [name for name in frame if pd.api.types.is_datetime64_any_dtype(frame[name])]
    for name in days:
        told[name] = frame[name].dt.strftime("%Y-%m-%d")
    rows = told.where(told.notna(), None).to_dict("records")
    return [{str(key): _own(value) for key, value in row.items()} for row in rows]


def percent(share: float | None, digits: int = 1) -> str:
    """12.3%, or – where nothing is known."""
    return "–" if share is None or pd.isna(share) else f"{100 * share:.{digits}f}%"


def between(low: float, high: float, digits: int = 1) -> str:
    """An interval in per cent."""
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f}%"


def count(number: float | None, digits: int = 0) -> str:
    """1,234, or – where nothing is known."""
    return "–" if number is None or pd.isna(number) else f"{number:,.{digits}f}"


def _own(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _png(figure: Figure) -> bytes:
    """On white, for whoever puts it on a page; no time or version stands in it."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DOTS, facecolor="white", metadata={"Software": None})
    return out.getvalue()
