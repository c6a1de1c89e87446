"""What a run says of a firm: its score, the policy's ladder of it, its row of classes.parquet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.classifier import RiskClassifier
from models.policy import STEPS
from serving import runfolder

Floats = npt.NDArray[np.float64]

GIVEN = ["entity_id", "public_grade", "previous_class", "held_months"]
"""What is known of a firm besides its indicators: its grade, and its class in the run before."""


@dataclass(frozen=True)
class Scored:
    """Firms in the model's scope, scored: `decided` of n rows, the others of shape (n, k)."""

    decided: pd.DataFrame
    values: Floats
    contributions: Floats


def scored(classifier: RiskClassifier, firms: pd.DataFrame) -> Scored:
    """Score firms, explain the scores and decide the classes; each row stands for itself.

    Parameters
    ----------
    firms : GIVEN (null: none), and the indicators that model and policy ask for.
    """
    values = classifier.matrix(firms)
    explained = classifier.explain(values)
    return Scored(_decided(classifier, firms, explained.score), values, explained.contributions)


def ends(firms: pd.DataFrame) -> tuple[str, str]:
    """The first and the last of firms sorted by `entity_id`; nobody's where there are none."""
    codes = firms["entity_id"]
    return (str(codes.iloc[0]), str(codes.iloc[-1])) if len(codes) else ("", "")


def _decided(classifier: RiskClassifier, firms: pd.DataFrame, raw: Floats) -> pd.DataFrame:
    """The policy's ladder of each scored firm, beside the arguments it was given."""
    policy = classifier.definition.policy
    given = firms[GIVEN].assign(raw=raw, **{name: firms[name] for name in policy.indicators()})
    return given.join(
        policy.decide(given, classifier.boundaries).rename(columns={"held_months": "held"})
    )


def table(
    classifier: RiskClassifier,
    told: pd.DataFrame,
    decided: pd.DataFrame,
    base: float,
    catalogue_hash: str,
    snapshot: str,
) -> pa.Table:
    """The rows of classes.parquet.

    Parameters
    ----------
    told : the firms as they are registered, sorted by `entity_id`.
    decided : those among them in the model's scope, as `decided` tells them.
    base : log-odds where every explanation starts.
    """
    definition, raw = classifier.definition, decided["raw"].to_numpy(np.float64)
    own = pd.DataFrame(
        {
            "entity_id": decided["entity_id"],
            "raw": raw,
            "base": base,
            "probability": classifier.probability(raw),
            "base_probability": classifier.probability(np.full(len(raw), base)),
            "model_class": decided["model_class"],
            "previous_class": decided["previous_class"],
            "held_months": decided["held"],
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
    steps = _steps(decided).take(pa.array(whole["row"], pa.int64(), from_pandas=True))
    return pa.table(
        {
            field.name: steps
            if field.name == "steps"
            else pa.array(whole[field.name], field.type, from_pandas=True)
            for field in runfolder.CLASSES
        },
        schema=runfolder.CLASSES,
    )


def _steps(decided: pd.DataFrame) -> pa.ListArray:
    """The policy's steps of each scored firm, each with the class it left."""
    count, kind = len(decided), runfolder.CLASSES.field("steps").type
    classes = np.column_stack([decided[f"{step}_class"].to_numpy(object) for step in STEPS])
    rules = np.full((count, len(STEPS)), None, object)
    rules[:, STEPS.index("direct")] = decided["rule"].to_numpy(object)
    columns = [np.tile(np.array(STEPS, object), count), classes.ravel(), rules.ravel()]
    told = [pa.array(column, pa.string(), from_pandas=True) for column in columns]
    held = pa.StructArray.from_arrays(told, fields=list(kind.value_type))
    ends = pa.array(np.arange(count + 1) * len(STEPS), pa.int32())
    return pa.ListArray.from_arrays(ends, held, type=kind)
