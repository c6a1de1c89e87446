"""What a run says of a firm: its score, the policy's ladder of it, its row of classes.parquet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.classifier import RiskClassifier
from models.corrections import Corrections
from serving.runs import runfolder

Floats = npt.NDArray[np.float64]

BEFORE = ["previous_class", "held_class", "held_months"]
"""What the run before made of a firm: its class, the class that hysteresis left, and how long."""


@dataclass(frozen=True)
class Scored:
    """n firms scored: `raw` log-odds (n,), `values` of the k fitted indicators and their
    `contributions`, both (n, k)."""

    raw: Floats
    values: Floats
    contributions: Floats


def scored(classifier: RiskClassifier, indicators: pd.DataFrame) -> Scored:
    """Score firms and explain the scores; each row stands for itself."""
    values = classifier.matrix(indicators)
    explained = classifier.explain(values)
    return Scored(explained.score, values, explained.contributions)


def ends(firms: pd.DataFrame) -> tuple[str, str]:
    """The first and the last of firms sorted by `entity_id`; nobody's where there are none."""
    codes = firms["entity_id"]
    return (str(codes.iloc[0]), str(codes.iloc[-1])) if len(codes) else ("", "")


def decided(
    classifier: RiskClassifier,
    firms: pd.DataFrame,
    indicators: pd.DataFrame,
    raw: Floats,
    corrections: Corrections,
) -> pd.DataFrame:
    """The policy's ladder of each scored firm, and `previous_class`, its class in the run before.

    What hysteresis may hold is the class that it left in that run, not what later steps made of
    it: a direct rule, a grade and a correction end with their evidence.

    Parameters
    ----------
    firms : columns `entity_id`, `as_of`, `public_grade` and BEFORE (null: none).
    indicators : row for row, those that the policy asks for.
    """
    policy = classifier.definition.policy
    given = firms[["entity_id", "as_of", "public_grade", "held_months"]].assign(
        raw=raw,
        previous_class=firms["held_class"],
        **{name: indicators[name] for name in policy.indicators()},
    )
    ladder = policy.decide(given, classifier.boundaries, corrections)
    return ladder.assign(previous_class=firms["previous_class"])


def table(
    classifier: RiskClassifier,
    told: pd.DataFrame,
    scored: pd.DataFrame,
    decided: pd.DataFrame,
    steps: pa.ListArray,
    raw: Floats,
    base: float,
    catalogue_hash: str,
    snapshot: str,
) -> pa.Table:
    """The rows of classes.parquet.

    Parameters
    ----------
    told : the firms as they are registered, sorted by `entity_id`.
    scored : those among them in the model's scope; `decided`, `steps` and `raw` are theirs.
    base : log-odds where every explanation starts.
    """
    definition = classifier.definition
    low, high = (
        np.full((2, len(raw)), np.nan) if classifier.band is None else classifier.band.of(raw)
    )
    own = pd.DataFrame(
        {
            "entity_id": scored["entity_id"],
            "raw": raw,
            "base": base,
            "probability": classifier.probability(raw),
            "probability_low": low,
            "probability_high": high,
            "base_probability": classifier.probability(np.full(len(raw), base)),
            "model_class": decided["model_class"],
            "previous_class": decided["previous_class"],
            "held_class": decided["hysteresis_class"],
            "held_months": decided["held_months"],
            "risk_class": decided["final_class"],
            "row": np.arange(len(raw)),
        }
    )
    whole = told.merge(own, on="entity_id", how="left").sort_values("entity_id")
    whole = whole.assign(
        model_name=definition.name,
        model_version=classifier.version,
        catalogue_version=definition.catalogue.version,
        catalogue_hash=catalogue_hash,
        policy_version=definition.policy.version,
        snapshot=snapshot,
    )
    steps = steps.take(pa.array(whole["row"], pa.int64(), from_pandas=True))
    return pa.table(
        {
            field.name: steps
            if field.name == "steps"
            else pa.array(whole[field.name], field.type, from_pandas=True)
            for field in runfolder.CLASSES
        },
        schema=runfolder.CLASSES,
    )
