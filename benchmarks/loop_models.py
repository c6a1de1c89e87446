"""What a policy believes of the firms in a month: trained on what its own records tell by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

import features
from models import definition as definitions
from models.classifier import RiskClassifier
from models.corrections import Corrections
from models.definition import ModelDefinition
from records.store import Snapshot
from serving.scoring import decisions
from training import flow

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Learner:
    """Trains the general model, as `xinfen train` does, on the first day of a month."""

    seed: int

    @cached_property
    def definition(self) -> ModelDefinition:
        return definitions.load(definitions.folder_of("general"))

    def train(self, records: Snapshot, day: date) -> flow.Trained:
        return flow.train(records, self.definition, day, seed=self.seed, rules=[])


def classes(
    records: Snapshot, model: RiskClassifier, firms: pd.DataFrame, before: pd.DataFrame | None
) -> tuple[pd.DataFrame, Floats]:
    """The class run of a month without its reasons, what scoring decides; and what it
    was told by.

    Parameters
    ----------
    firms : as `loop_world.World.firms`.
    before : what this function told of the month before, whose classes hysteresis may hold.

    Returns
    -------
    `entity_id`, `scope`, `public_grade`, `raw`, `probability`, `risk_class`, `held_class` and
    `held_months`, a row a firm in the order of `firms`; null where the model does not score. And
    the fitted indicators of those that it scores, shape (n, k).
    """
    definition = model.definition
    told = firms[["entity_id", "as_of", "entity_type", "public_grade"]]
    told = told.assign(scope=definition.policy.scope.of(told["entity_type"]))
    told = told.merge(_before(before), on="entity_id", how="left")
    scored = told[told["scope"] == "model"].reset_index(drop=True)
    values = indicators(records, scored, definition)
    matrix = model.matrix(values)
    raw = model.raw(matrix)
    nobody = Corrections.of(None, scored["entity_id"])
    decided = decisions.decided(model, scored, values, raw, nobody)
    own = pd.DataFrame(
        {
            "entity_id": scored["entity_id"],
            "raw": raw,
            "probability": model.probability(raw),
            "risk_class": decided["final_class"].to_numpy(),
            "held_class": decided["hysteresis_class"].to_numpy(),
            "held_months": decided["held_months"].to_numpy(),
        }
    )
    whole = told[["entity_id", "scope", "public_grade"]].merge(own, on="entity_id", how="left")
    return whole, matrix


def scores(records: Snapshot, model: RiskClassifier, firms: pd.DataFrame) -> Floats:
    """The model's raw log-odds of firms in its scope (`entity_id`, `as_of`), row for row."""
    return model.raw(model.matrix(indicators(records, firms, model.definition)))


def indicators(records: Snapshot, firms: pd.DataFrame, definition: ModelDefinition) -> pd.DataFrame:
    """The indicators of firms (`entity_id`, `as_of`), row for row; training has made them."""
    rows = firms[["entity_id", "as_of"]]
    frame = features.build(records, rows, definition.catalogue).frame
    return rows.merge(frame, on=["entity_id", "as_of"], how="left")


def _before(run: pd.DataFrame | None) -> pd.DataFrame:
    if run is None:
        return pd.DataFrame(columns=["entity_id", *decisions.BEFORE])
    own = run[run["risk_class"].notna()]
    named = own.rename(columns={"risk_class": "previous_class"})
    return named[["entity_id", *decisions.BEFORE]]
