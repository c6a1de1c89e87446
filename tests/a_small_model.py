"""A small model on a few indicators of the general catalogue, quick to compute and to fit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import lightgbm as lgb
import numpy as np
import pandas as pd

import features
from features.catalogue import Catalogue
from models import definition as definitions
from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.compared import Moment
from records.store import Snapshot

GENERAL = definitions.load(definitions.folder_of("general"))
FITTED = ("G1-06", "G3-01", "G3-04", "G3-11", "G3-12", "G5-01")
RANGE = np.array([10.0, 1.0, 200.0, 4.0, 2e6, 5.0])


def fitted(catalogue: Catalogue | None = None, *, seed: int = 1) -> RiskClassifier:
    """Chance rises with every indicator but the firm's age, and with two of them together."""
    policy = GENERAL.policy
    own = catalogue or GENERAL.catalogue.only([*FITTED, *policy.indicators()])
    definition = GENERAL.model_copy(update={"catalogue": own})
    rng = np.random.default_rng(seed)
    values = np.floor(rng.random((3000, len(FITTED))) * (RANGE + 1))
    part = values / RANGE
    odds = (
        -3 - part[:, 0] + 1.5 * part[:, 1] + part[:, 2:].sum(axis=1) + 3 * part[:, 1] * part[:, 5]
    )
    label = rng.random(3000) < 1 / (1 + np.exp(-odds))
    data = lgb.Dataset(values, label, feature_name=[*FITTED])
    given = {"objective": "binary", "num_leaves": 12, "max_depth": 5, "verbose": -1, "seed": seed}
    text = lgb.train(given | {"num_threads": 1}, data, 30).model_to_string()
    boundaries = np.array([-1.0, -0.2, 0.6])
    straight = Calibration(slope=0.8, intercept=-0.1)
    return RiskClassifier(definition, text, straight, boundaries, "0" * 64, {})


def moments(
    records: Snapshot,
    model: RiskClassifier,
    firms: Sequence[str],
    as_of: date,
    previous: dict[str, Moment] | None = None,
) -> dict[str, Moment]:
    """Firms as a run on a date would find them; `previous` as the run before did."""
    policy = model.definition.policy
    spine = pd.DataFrame({"entity_id": sorted(firms), "as_of": as_of})
    values = features.build(records, spine, model.definition.catalogue).frame
    raw = model.explain(model.matrix(values)).score
    held = [previous[firm].firm if previous else {} for firm in values["entity_id"]]
    classes = pd.Series([one.get("risk_class") for one in held], dtype="str")
    given = values[[*dict.fromkeys(policy.indicators())]].assign(
        raw=raw,
        public_grade=pd.Series([None] * len(raw), dtype="str"),
        previous_class=pd.Series([one.get("held_class") for one in held], dtype="str"),
        held_months=[one.get("held_months", 0) for one in held],
    )
    told = policy.decide(given, model.boundaries).assign(
        entity_id=values["entity_id"],
        as_of=as_of,
        raw=raw,
        probability=model.probability(raw),
        risk_class=lambda frame: frame["final_class"],
        held_class=lambda frame: frame["hysteresis_class"],
        steps=lambda frame: frame["hysteresis_given"].map(
            lambda one: [{"step": "hysteresis", "given": None if pd.isna(one) else one}]
        ),
        previous_class=classes,
        public_grade=None,
        scope="model",
    )
    rows = told.astype(object).where(told.notna(), None).to_dict("records")
    return {
        str(row["entity_id"]): Moment(
            records,
            model,
            {str(name): value for name, value in row.items()},
            values[model.definition.fitted].iloc[at],
        )
        for at, row in enumerate(rows)
    }
