"""The ways of telling the risk of a visit that the Chicago benchmark compares.

Each is a function that learns from some visits and scores others: the product, the City's own
model refitted, and the product with more knowledge than it may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import chicago_data as city
from benchmarks import chicago_peer as peer
from benchmarks import chicago_report as report
from benchmarks.visits import Block
from features.catalogue import Catalogue
from models.definition import ModelDefinition
from records.store import Snapshot
from training.fit import parameters
from training.splits import splits

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Score = Callable[[Mask, Mask], list[Floats]]
"""Log-odds of held-out visits by models of the visits to learn from, one array a seed."""


@dataclass(frozen=True)
class Scored:
    """The visits scored in each way of knowing: rolling blocks, and the test visits as one."""

    rolling: dict[str, list[Block]]
    test: dict[str, list[Block]]


def of(
    folder: Path,
    records: Snapshot,
    visits: pd.DataFrame,
    definition: ModelDefinition,
    seeds: Sequence[int],
    all_ways: bool,
) -> Iterator[tuple[str, Score]]:
    """The City's model refitted, the product, and the comparisons that know more."""
    labels = visits["label"].to_numpy(np.float64)

    def ridge(values: Floats) -> Score:
        return lambda fit, held_out: [peer.ridge(values, labels, fit, held_out)]

    def trees(values: Floats, monotone: list[int]) -> Score:
        return lambda fit, held_out: [
            _boosted(values, labels, monotone, definition, seed, fit, held_out) for seed in seeds
        ]

    own = [definition.catalogue[name] for name in definition.fitted]
    values = city.indicators(records, visits, definition.catalogue)
    monotone = [indicator.monotone for indicator in own]
    yield report.PRODUCT, trees(values, monotone)
    theirs = peer.table(folder, visits)
    yield report.RIDGE, ridge(peer.published(theirs))
    if all_ways:
        yield report.RIDGE_ALL, ridge(peer.every(theirs))
        before = [at for at, indicator in enumerate(own) if indicator.group != "G4"]
        yield report.EARLIER, trees(values[:, before], [monotone[at] for at in before])
        place = Catalogue.load(city.HERE / "place.yaml")
        more = city.indicators(records, visits, place)
        also = [indicator.monotone for indicator in place.indicators]
        yield report.WITH_PLACE, trees(np.hstack([values, more]), [*monotone, *also])
    colours = pd.get_dummies(visits["colour"]).to_numpy(np.float64)
    free = [0] * colours.shape[1]
    yield report.WITH_INSPECTOR, trees(np.hstack([values, colours]), [*monotone, *free])


def scored(visits: pd.DataFrame, definition: ModelDefinition, ways: dict[str, Score]) -> Scored:
    """Blocks of the training period and the test visits, by models of what lies before each."""
    test = visits["test"].to_numpy(bool)
    parts = [
        (_among(~test, part.fit), _among(~test, part.held_out))
        for part in splits(visits.loc[~test, "visited_on"], definition.blocks)
    ]

    def blocks(score: Score, where: list[tuple[Mask, Mask]]) -> list[Block]:
        return [Block(city.as_made(visits[held]), score(fit, held)) for fit, held in where]

    stored = visits.loc[test, "published_score"].to_numpy(np.float64)
    return Scored(
        rolling={name: blocks(score, parts) for name, score in ways.items()},
        test={
            report.STORED: [Block(city.as_made(visits[test]), [stored])],
            **{
                name: blocks(score, [(~test, test)])
                for name, score in ways.items()
                if name != report.EARLIER
            },
        },
    )


def _among(rows: Mask, part: Mask) -> Mask:
    """A mask over `rows` only, as a mask over all."""
    whole = np.zeros(len(rows), bool)
    whole[np.flatnonzero(rows)[part]] = True
    return whole


def _boosted(
    values: Floats,
    labels: Floats,
    monotone: list[int],
    definition: ModelDefinition,
    seed: int,
    fit: Mask,
    held_out: Mask,
) -> Floats:
    settings = parameters(definition.fit, monotone, seed)
    booster = lgb.train(settings, lgb.Dataset(values[fit], labels[fit]), definition.fit.rounds)
    return np.asarray(booster.predict(values[held_out], raw_score=True), np.float64)
