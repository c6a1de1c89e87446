"""What is learned from: labelled visits with their indicators, and all firms beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

import features
from features.clocks import ROW
from models.background import SIZE, Background
from models.definition import ModelDefinition
from records.store import Snapshot
from training import propensity, selection
from training.fit import Binned
from training.nuisance import Design
from training.propensity import Propensity
from training.selection import Reference

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WATCHED = ["entity_type", "division", "industry"]
"""What fairness asks of a firm's registration, as it is known on the day of training."""
MOST = 200_000
"""All firms are told by a random part of them where they are more."""


@dataclass(frozen=True)
class Everyone:
    """The living firms in the model's scope on the day of training, or a random part of them.

    `profile` has their registration and public grade; `indicators` every indicator, row for row;
    `count` is how many they all are. `register` has every firm that was ever registered.
    """

    register: pd.DataFrame
    profile: pd.DataFrame
    indicators: pd.DataFrame
    count: int

    def background(self, names: list[str], seed: int, size: int = SIZE) -> Background:
        """The firms beside which a model's reasons are told, drawn once, each with the same chance.

        Each stands for as many others, so that the sample weighs as the province does; where there
        are no more than `size`, all of them are taken.
        """
        drawn = np.random.default_rng(seed).permutation(len(self.profile))[:size]
        firms = self.profile.iloc[np.sort(drawn)]
        return Background(
            self.indicators.iloc[np.sort(drawn)][names].to_numpy(np.float64),
            np.ones(len(firms)),
            firms["industry"].fillna("").to_numpy(object),
        )


@dataclass(frozen=True)
class Labelled:
    """Labelled visits in the order of their days, row for row in every field.

    `indicators` has every indicator of the catalogue; `binned` the fitted ones, ready for
    LightGBM; `firms` numbers the firms; `propensity` is null where probabilities are known.
    """

    visits: pd.DataFrame
    indicators: pd.DataFrame
    binned: Binned
    reference: Reference
    firms: Index
    propensity: Propensity | None

    @property
    def labels(self) -> Floats:
        return self.binned.labels

    @property
    def weights(self) -> Floats:
        """The reference's weight of every visit; 0 for those outside it."""
        weights = np.zeros(len(self.labels))
        weights[self.reference.rows] = self.reference.weights
        return weights


def everyone(records: Snapshot, definition: ModelDefinition, until: date, seed: int) -> Everyone:
    """All firms that a run on that day would classify, with their indicators."""
    register = features.population(records, until)
    firms = register[register["status"] == "live"]
    scope = definition.policy.scope.of(firms["entity_type"])
    firms = firms[scope == "model"].reset_index(drop=True)
    count = len(firms)
    if count > MOST:
        rng = np.random.default_rng(np.random.SeedSequence([seed, 0xA11]))
        firms = firms.iloc[np.sort(rng.choice(count, MOST, replace=False))].reset_index(drop=True)
    return Everyone(register, firms, _indicators(records, firms, definition), count)


def labelled(
    records: Snapshot,
    definition: ModelDefinition,
    every: pd.DataFrame,
    firms: Everyone,
    seed: int,
) -> Labelled:
    """The visits that have a label, with what was known of the firms before them.

    Raises
    ------
    NotPossible : there are too few labels.
    """
    visits = every[every["label"].notna()].reset_index(drop=True)
    watched = firms.register[["entity_id", *WATCHED]]
    visits = visits.merge(watched, on="entity_id", how="left", validate="m:1")
    reference = selection.reference(visits)
    indicators = _indicators(records, visits, definition)
    values = indicators[definition.fitted].to_numpy(np.float64)
    codes, names = pd.factorize(visits["entity_id"])
    estimated = None
    if reference.basis == "unweighted" and len(firms.profile):
        # A firm that was never visited needs a number of its own, but not which.
        place = pd.Index(names).get_indexer(firms.profile["entity_id"])
        others = np.where(place < 0, len(names) + np.arange(len(place)), place)
        theirs = firms.indicators[definition.fitted].to_numpy(np.float64)
        estimated = propensity.propensity(values, codes, theirs, others, seed)
        reference = selection.estimated(visits, estimated.weights)
    design = Design.of(visits, definition.nuisance)
    labels = visits["label"].to_numpy(np.float64)
    binned = Binned.of(values, labels, definition, design, reference.rows)
    return Labelled(visits, indicators, binned, reference, codes, estimated)


def grades(indicators: pd.DataFrame, definition: ModelDefinition) -> pd.Series:
    """The public grade A–E of rows of indicators; null where the catalogue or records lack it."""
    for indicator in definition.catalogue.indicators:
        if (indicator.table, indicator.column) == ("public_grades", "grade") and indicator.values:
            letters = {float(code): grade for grade, code in indicator.values.items()}
            return indicators[indicator.id].map(letters)
    return pd.Series(None, index=indicators.index, dtype="str")


def scores(indicators: pd.DataFrame, definition: ModelDefinition) -> Floats:
    """The public score of rows of indicators; NaN where the catalogue or records lack it."""
    name = definition.cuts.score
    if name is None:
        return np.full(len(indicators), np.nan)
    return indicators[name].to_numpy(np.float64)


def _indicators(records: Snapshot, rows: pd.DataFrame, definition: ModelDefinition) -> pd.DataFrame:
    frame = features.build(records, rows[ROW], definition.catalogue).frame
    return rows[ROW].merge(frame, on=ROW, how="left")
