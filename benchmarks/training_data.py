"""Labels to time training on: a synthetic province's indicators, outcomes by a known rule.

A visit is a living firm on the first day of a month, with its indicators as known then. The
outcome follows from indicators that have a direction, and from who looked and how.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

import features
from models.definition import ModelDefinition
from records import intake
from records.province import generate, record_files
from records.store import Snapshot, Store
from training import selection
from training.fit import Binned
from training.labelled import Labelled
from training.nuisance import Design

Floats = npt.NDArray[np.float64]

LAST, MONTHS = pd.Timestamp("2026-07-01"), 36
DAYS = 24
"""Months whose first day is a day of visits."""

LIVE = 0.85
"""At least so many of a province's firms live on each of the days."""

A_PAIR, AN_OFFICE = 130, 15
"""Visits of an inspector; inspectors of an office."""

RATE, STRENGTH = 0.2, 1.0
"""Of outcomes: their share, and the spread of the rule in log-odds."""


def labelled(folder: Path, labels: int, definition: ModelDefinition, seed: int) -> Labelled:
    """So many labelled visits in the order of their days, on a fresh province in a folder."""
    records = _province(folder, math.ceil(labels / DAYS / LIVE), seed)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x1ABE1]))
    firms = _firms(records)
    firms = firms.iloc[np.sort(rng.choice(len(firms), labels, replace=False))]
    firms = firms.reset_index(drop=True)
    known = features.build(records, firms, definition.catalogue).frame
    indicators = firms.merge(known, on=["entity_id", "as_of"], how="left", validate="1:1")
    values = indicators[definition.fitted].to_numpy(np.float64)
    visits = _looked(firms, rng)
    monotone = np.array([definition.catalogue[name].monotone for name in definition.fitted])
    odds = _rule(values, monotone, rng) + sum(
        rng.normal(0, spread, visits[name].nunique())[pd.factorize(visits[name])[0]]
        for name, spread in (("inspector", 0.4), ("office", 0.2), ("method", 0.5))
    )
    level = np.log(RATE / (1 - RATE)) - STRENGTH**2 / 2
    visits["label"] = (rng.random(labels) < 1 / (1 + np.exp(-(level + odds)))).astype(np.float64)
    reference = selection.reference(visits)
    design = Design.of(visits, definition.nuisance)
    outcomes = visits["label"].to_numpy(np.float64)
    binned = Binned.of(values, outcomes, definition, design, reference.rows)
    codes = pd.factorize(visits["entity_id"])[0]
    return Labelled(visits, indicators, binned, reference, codes, None)


def _province(folder: Path, enterprises: int, seed: int) -> Snapshot:
    generate(folder / "province", enterprises=enterprises, months=MONTHS, seed=seed)
    store = Store.create(folder / "store")
    for file in record_files(folder / "province"):
        intake.ingest(store, file.stem, file)
    return store.snapshot()


def _firms(records: Snapshot) -> pd.DataFrame:
    """Every firm that lives on each of the days, and the day, earliest first."""
    parts = []
    for back in reversed(range(DAYS)):
        day = (LAST - pd.DateOffset(months=back)).date()
        register = features.population(records, day)
        living = register.loc[register["status"] == "live", "entity_id"]
        parts.append(pd.DataFrame({"entity_id": living, "as_of": day}))
    return pd.concat(parts, ignore_index=True)


def _looked(firms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """How each visit came about and looked; a tenth are of the blind slice."""
    count = len(firms)
    inspector = rng.integers(0, max(2, count // A_PAIR), count)
    drawn_by = rng.choice(["slice", "plan", ""], count, p=[0.1, 0.5, 0.4])
    items = rng.integers(3, 9, count)
    return firms.assign(
        visited_on=pd.to_datetime(firms["as_of"]),
        way=np.where(drawn_by == "", "targeted", "drawn"),
        drawn_by=pd.Series(drawn_by).where(drawn_by != ""),
        inclusion_probability=pd.Series(drawn_by).map({"slice": 0.05, "plan": 0.2}),
        method=rng.choice(["on_site", "written", "online"], count),
        office=pd.Series(inspector // AN_OFFICE).astype(str),
        inspector=pd.Series(inspector).astype(str),
        items=items,
        basket_items=np.minimum(items, 5),
    )


def _rule(values: Floats, monotone: npt.NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Log-odds with mean 0: indicators that have a direction, each with a weight of its own."""
    ranks = pd.DataFrame(values).rank(pct=True).fillna(0.5).to_numpy()
    odds = np.asarray(ranks @ (monotone * rng.exponential(1, len(monotone))))
    return np.asarray((odds - odds.mean()) / odds.std() * STRENGTH, np.float64)
