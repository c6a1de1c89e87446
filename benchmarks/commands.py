"""The front door's command `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, stages, tell


def demo(
    enterprises: Annotated[int, typer.Option(help="Enterprises of the province.")] = 20_000,
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier demo is replaced.")] = Path(
        "var/demo"
    ),
    months: Annotated[int, typer.Option(help="Months of inspections.")] = 36,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every bit.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run the whole loop on a fresh synthetic province and show one screen of results.

    Example: xinfen demo --enterprises 20000 --out var/demo
    """
    from benchmarks import demo as flow
    from benchmarks import screen

    with stages("demo", flow.STAGES) as stage:
        summary = flow.run(out, enterprises=enterprises, months=months, seed=seed, progress=stage)
    if as_json:
        tell(summary, as_json)
    else:
        screen.show(out, summary)
