"""Chicago: the whole path on real food inspections, beside the published comparison.

Mapping files → records → indicators as of each visit → LightGBM → order of visits. The product
does not know who inspects; the two comparisons that know, by name or by place, are there to show
what that is worth. Settings and indicators were chosen on the rolling blocks inside the training
period; the test visits are reported as they come.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console

from benchmarks import chicago_data as city
from benchmarks import chicago_report as report
from benchmarks import real_data
from benchmarks.chicago_own import own_run
from benchmarks.chicago_report import Measured, Row, row
from benchmarks.visits import METRICS, Block, estimate
from features.catalogue import Catalogue
from models import definition as definitions
from models.definition import ModelDefinition
from records.store import Snapshot
from training.fit import parameters
from training.splits import splits

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Size:
    """How much to do: models a figure, draws of the bootstrap, and the place compared or not."""

    seeds: int
    draws: int
    place: bool  # its rates look at every firm on every day, which takes longest


SIZES = {
    "small": Size(seeds=1, draws=100, place=False),
    "full": Size(seeds=5, draws=400, place=True),
}


@dataclass(frozen=True)
class Known:
    """What a model may know of each visit: columns of shape (n, k) and their constraints."""

    what: str
    values: Floats
    monotone: list[int]


def run(size: str, seed: int) -> list[Row]:
    """Run the benchmark, print its tables and return its rows.

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
    console = Console(width=100)
    with tempfile.TemporaryDirectory(prefix="xinfen-chicago-") as scratch:
        store, reports = city.bring_in(folder, Path(scratch) / "store")
        console.print(report.intake_table(reports))
        records = store.snapshot()
        visits = city.published_visits(folder, records, definition)
        rolling, test = _compared(records, visits, definition, chosen, seed)
        own = own_run(records, visits, definition, seed, Path(scratch) / "run")
    console.print(report.compared_table("Rolling blocks in the training period", rolling))
    console.print(report.compared_table("The test visits", test, report.PUBLISHED))
    report.print_own_run(console, own)
    agree = float((visits["label"] == visits["critical_found"]).mean())
    return [
        row("labels equal to the City's", agree, "share", goal=1.0, ok=agree == 1.0),
        *report.compared_rows("rolling blocks", rolling),
        *report.compared_rows("test visits", test),
        *report.own_rows(own),
    ]


def _compared(
    records: Snapshot, visits: pd.DataFrame, definition: ModelDefinition, size: Size, seed: int
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Every measure of every way of knowing, on the rolling blocks and on the test visits."""

    def measured(blocks: list[Block]) -> Measured:
        return {
            name: estimate(metric, blocks, size.draws, seed) for name, metric in METRICS.items()
        }

    seeds = range(seed, seed + size.seeds)
    rolling, test = {}, {report.STORED: measured([_stored(visits)])}
    for known in _ways_of_knowing(records, visits, definition, size.place):
        rolling[known.what] = measured(list(_rolling(visits, known, definition, seeds)))
        test[known.what] = measured([_test(visits, known, definition, seeds)])
    return rolling, test


def _ways_of_knowing(
    records: Snapshot, visits: pd.DataFrame, definition: ModelDefinition, with_place: bool
) -> Iterator[Known]:
    """The product, and the comparisons that know more."""
    own = [definition.catalogue[name] for name in definition.fitted]
    values = city.indicators(records, visits, definition.catalogue)
    monotone = [indicator.monotone for indicator in own]
    yield Known(report.PRODUCT, values, monotone)
    if with_place:
        place = Catalogue.load(city.HERE / "place.yaml")
        more = city.indicators(records, visits, place)
        yield Known(
            report.WITH_PLACE,
            np.hstack([values, more]),
            [*monotone, *(indicator.monotone for indicator in place.indicators)],
        )
    colours = pd.get_dummies(visits["colour"]).to_numpy(np.float64)
    yield Known(
        report.WITH_INSPECTOR,
        np.hstack([values, colours]),
        [*monotone, *[0] * colours.shape[1]],
    )


def _rolling(
    visits: pd.DataFrame, known: Known, definition: ModelDefinition, seeds: range
) -> Iterator[Block]:
    """Blocks of the training period, each scored by models that saw only what lies before it."""
    training = ~visits["test"].to_numpy(bool)
    for part in splits(visits.loc[training, "visited_on"], definition.blocks):
        fit, held_out = (_among(training, rows) for rows in (part.fit, part.held_out))
        yield _block(visits, known, definition, seeds, fit, held_out)


def _among(rows: Mask, part: Mask) -> Mask:
    """A mask over `rows` only, as a mask over all."""
    whole = np.zeros(len(rows), bool)
    whole[np.flatnonzero(rows)[part]] = True
    return whole


def _test(visits: pd.DataFrame, known: Known, definition: ModelDefinition, seeds: range) -> Block:
    test = visits["test"].to_numpy(bool)
    return _block(visits, known, definition, seeds, ~test, test)


def _block(
    visits: pd.DataFrame,
    known: Known,
    definition: ModelDefinition,
    seeds: range,
    fit: Mask,
    held_out: Mask,
) -> Block:
    labels = visits["label"].to_numpy(np.float64)
    scores = []
    for seed in seeds:
        # One thread: the same trees, and no threads that wait for each other on a busy machine.
        settings = parameters(definition.fit, known.monotone, seed) | {"num_threads": 1}
        data = lgb.Dataset(known.values[fit], labels[fit])
        booster = lgb.train(settings, data, definition.fit.rounds)
        raw = booster.predict(known.values[held_out], raw_score=True)
        scores.append(np.asarray(raw, np.float64))
    return Block(city.as_made(visits[held_out]), scores)


def _stored(visits: pd.DataFrame) -> Block:
    test = visits[visits["test"].to_numpy(bool)]
    return Block(city.as_made(test), [test["published_score"].to_numpy(np.float64)])
