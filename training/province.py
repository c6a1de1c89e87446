"""The province's firms beside which a model's reasons are told: drawn once, when it is made."""

from __future__ import annotations

from datetime import date

import numpy as np

import features
from features.clocks import ROW
from models.background import SIZE, Background
from models.definition import ModelDefinition
from records.store import Snapshot


def background(
    records: Snapshot, definition: ModelDefinition, until: date, seed: int, size: int = SIZE
) -> Background:
    """A sample of the live firms in the model's scope on a day, each with the same chance.

    Every firm drawn stands for as many others, so that the sample weighs as the province does;
    where there are no more than `size` firms, all of them are taken.
    """
    firms = features.population(records, until)
    scope = definition.policy.scope.of(firms["entity_type"])
    firms = firms[(firms["status"] == "live") & (scope == "model")].reset_index(drop=True)
    drawn = np.random.default_rng(seed).permutation(len(firms))[:size]
    firms = firms.iloc[np.sort(drawn)].reset_index(drop=True)
    frame = features.build(records, firms[ROW], definition.catalogue).frame
    frame = firms[ROW].merge(frame, on=ROW, how="left")
    return Background(
        frame[definition.fitted].to_numpy(np.float64),
        np.ones(len(firms)),
        firms["industry"].fillna("").to_numpy(object),
    )
