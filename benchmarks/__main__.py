"""`python -m benchmarks NAME|all [--size small|full]`: a table, and var/bench/NAME.json.

Figures are ratios to a peer measured in the same run; `ok` is null where a goal does not apply
at that size.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module, metadata
from typing import Annotated, Any

import typer

from records.console import table
from records.errors import NotFound, XinfenError
from records.files import write_json
from records.places import home

NAMES = (
    "chicago", "explain", "features", "ingest", "load", "loop", "plans", "store", "training",
    "trials",
)  # fmt: skip
"""The benchmarks; each is a module here with `run(size, seed)` that returns its rows."""

SCHEMA = 1
TOLD = ("duckdb", "ibis-framework", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}, or all.")],
    size: Annotated[str, typer.Option(help="small or full.")] = "small",
    seed: Annotated[int, typer.Option(min=0, help="Fixes every figure but times.")] = 0,
) -> None:
    """Run a benchmark and print its rows."""
    if size not in ("small", "full"):
        raise typer.BadParameter("small or full")
    if name != "all" and name not in NAMES:
        raise NotFound.among("benchmark", name, NAMES)
    for chosen in NAMES if name == "all" else (name,):
        rows = import_module(f"benchmarks.{chosen}").run(size, seed)
        path = home() / "bench" / f"{chosen}.json"
        write_json(
            path,
            {
                "schema": SCHEMA,
                "size": size,
                "seed": seed,
                "machine": _machine(),
                "versions": {package: metadata.version(package) for package in TOLD},
                "rows": rows,
            },
        )
        table(
            [_line(row) for row in rows],
            ("what", "figure", "unit", "peer", "its figure", "ratio", "goal", "ok"),
            title=f"{chosen} ({size}) → {path}",
        )


def _line(row: dict[str, Any]) -> list[str]:
    figures = [_figure(row[name]) for name in ("figure", "peer_figure", "ratio", "goal")]
    ok = {True: "yes", False: "no", None: "–"}[row["ok"]]
    return [row["what"], figures[0], row["unit"], row["peer"] or "–", *figures[1:], ok]


def _figure(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "–" if value is None else str(value)


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "type": platform.machine(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    try:
        app()
    except XinfenError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
