"""The loop closed: two simulated years of inspections, three policies, beside the known truth.

    uniform   visits drawn from all live firms with the same chance
    greedy    the highest predicted risk first, no slice, retrained each month on what it found
    xinfen    the plan of `loop.yaml`: a blind slice, ratios by class, retrained each month

All visit as often in a month. `full` writes docs/loop.md and its plots.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import loop_page
from benchmarks.chicago_report import Row
from benchmarks.loop_figures import figures, rows
from benchmarks.loop_months import Lived, lived
from records.console import bar
from records.places import at_home


@dataclass(frozen=True)
class Size:
    """Firms, months, months from one training to the next, and how many provinces."""

    enterprises: int
    months: int
    every: int
    seeds: int


SIZES = {"small": Size(3000, 6, 3, 1), "full": Size(10_000, 24, 1, 3)}


def run(size: str, seed: int) -> list[Row]:
    """Simulate provinces of the seeds that follow `seed`; goals are judged at full size."""
    asked = SIZES[size]
    all_lived = [simulated(asked, seed + 1 + number) for number in range(asked.seeds)]
    all_figures = [figures(one) for one in all_lived]
    if size == "full":
        loop_page.write(asked.enterprises, all_lived, all_figures)
    return rows(all_figures, judged=size == "full")


def simulated(size: Size, seed: int) -> Lived:
    """One province and its months, in a folder that is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="xinfen-loop-") as scratch,
        at_home(Path(scratch) / "home"),
        bar(f"loop, seed {seed}") as told,
    ):
        return lived(
            Path(scratch) / "work",
            enterprises=size.enterprises,
            months=size.months,
            every=size.every,
            seed=seed,
            told=told,
        )
