"""Chicago: the whole path on real food inspections, beside the published comparison.

Mapping files → records → indicators as of each visit → LightGBM → order of visits. The product
does not know who inspects; the two comparisons that know, by name or by place, are there to show
what that is worth. Settings and indicators were chosen on the rolling blocks inside the training
period, where the product is held against the City's own model, refitted without the inspector;
the test visits are reported as they come.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import chicago_data as city
from benchmarks import chicago_page as page
from benchmarks import chicago_report as report
from benchmarks import chicago_ways as ways
from benchmarks import real_data
from benchmarks.chicago_own import own_run
from benchmarks.chicago_report import Measured, Row, row
from benchmarks.visits import METRICS, Block, Gain, auc_gain, estimate
from models import definition as definitions
from models.definition import ModelDefinition
from records.files import fingerprint, write_bytes


@dataclass(frozen=True)
class Size:
    """How much to do: models a figure, draws of the bootstrap, and the slow ways or not."""

    seeds: int
    draws: int
    all_ways: bool  # rates by place look at every firm on every day, which takes longest


SIZES = {
    "small": Size(seeds=1, draws=100, all_ways=False),
    "full": Size(seeds=5, draws=400, all_ways=True),
}
PAIRED_DRAWS = 2000
"""Resamples of the paired comparison; they are cheap, and its lower limit is the claim."""


def run(size: str, seed: int) -> list[Row]:
    """Run the benchmark, print its tables and return its rows; `full` writes docs/chicago.md.

    Parameters
    ----------
    size : ``small`` or ``full``.
    seed : the first seed of the models, and the seed of the bootstrap.

    Raises
    ------
    NotFound : the City's files are not there.
    """
    folder, chosen = real_data.folder("chicago"), SIZES[size]
    definition = definitions.load(city.HERE / "model")
    seeds = range(seed, seed + chosen.seeds)
    console = Console(width=100)
    with tempfile.TemporaryDirectory(prefix="xinfen-chicago-") as scratch:
        store, reports = city.bring_in(folder, Path(scratch) / "store")
        console.print(report.intake_table(reports))
        records = store.snapshot()
        visits = city.published_visits(folder, records, definition)
        known = dict(ways.of(folder, records, visits, definition, seeds, chosen.all_ways))
        scored = ways.scored(visits, definition, known)
        own = own_run(records, visits, definition, seed, Path(scratch) / "run")
    told = page.Told(
        specification=specification(definition, seeds),
        seeds=chosen.seeds,
        draws=PAIRED_DRAWS,
        gap_days=definition.blocks.gap_days,
        rolling=_measured(scored.rolling, chosen.draws, seed),
        test=_measured(scored.test, chosen.draws, seed),
        gains=_gains(scored.rolling, seed),
        blocks=[block.visits for block in scored.rolling[report.PRODUCT]],
    )
    console.print(report.gains_table(told.gains))
    console.print(report.compared_table("Rolling blocks in the training period", told.rolling))
    console.print(f"Specification of the test: {told.specification}")
    console.print(report.compared_table("The test visits", told.test, report.PUBLISHED))
    report.print_own_run(console, own)
    if size == "full":
        write_bytes(page.PAGE, page.page(told).encode())
    agree = float((visits["label"] == visits["critical_found"]).mean())
    return [
        *report.gain_rows(told.gains),
        row("labels equal to the City's", agree, "share", goal=1.0, ok=agree == 1.0),
        *report.compared_rows("rolling blocks", told.rolling),
        *report.compared_rows("test visits", told.test),
        *report.own_rows(own),
    ]


def specification(definition: ModelDefinition, seeds: Sequence[int]) -> str:
    """SHA-256 of all that decides the product's figures: definition, mapping files and seeds."""
    mappings = {name: city.mapping(name).read_text("utf-8") for name in city.MAPPINGS}
    return fingerprint({"definition": definition.hash, "mappings": mappings, "seeds": list(seeds)})


def _gains(rolling: dict[str, list[Block]], seed: int) -> dict[str, Gain]:
    """The product, and the product as it was, paired with the City's model refitted."""
    return {
        peer if own == report.PRODUCT else f"{peer}; {own}": auc_gain(
            rolling[own], rolling[peer], PAIRED_DRAWS, seed
        )
        for own in (report.PRODUCT, report.EARLIER)
        for peer in report.RIDGES
        if own in rolling and peer in rolling
    }


def _measured(ways: dict[str, list[Block]], draws: int, seed: int) -> dict[str, Measured]:
    """Every measure of every way of knowing."""
    return {
        name: {what: estimate(metric, blocks, draws, seed) for what, metric in METRICS.items()}
        for name, blocks in ways.items()
    }
