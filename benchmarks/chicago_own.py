"""Chicago as the product would have done it: one class run, told, on the first day of the test.

The published comparison scores each visit as things stood on its own morning. A plan is made
before: here the model is trained on everything known by then, every registered establishment is
scored once, with its reasons, and the visits of the two months are put in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.chicago_data import as_made
from benchmarks.visits import Visits
from models.definition import ModelDefinition
from records.store import Snapshot
from serving.runs import lookup, runfolder
from serving.scoring import batch
from training.flow import train

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OwnRun:
    """The run and what became of its order.

    `visits` and `score` are of the test visits, `unknown` of them at places not yet registered;
    `by_class` counts, for A–D, firms of the run, test visits and visits that found a problem;
    `first` is the ladder of the firm to be visited first.
    """

    visits: Visits
    score: Floats
    unknown: int
    by_class: pd.DataFrame
    reasons_max_error: float
    verdict: str
    first: dict[str, Any]


def own_run(
    records: Snapshot, visits: pd.DataFrame, definition: ModelDefinition, seed: int, folder: Path
) -> OwnRun:
    """Train, score every firm and order the test visits by one run, written to `folder`."""
    test = visits[visits["test"].to_numpy(bool)]
    day = test["visited_on"].min().date()
    trained = train(records, definition, day, seed=seed)
    summary = batch.score(records, trained.classifier, day, folder)
    run = runfolder.read(folder)
    firms = run.classes.select(["entity_id", "raw", "base", "risk_class"]).to_pandas()
    told = test[["entity_id", "label"]].merge(firms, on="entity_id", how="left")
    # A place licensed after the run has no class yet; it is taken for an average one.
    score = told["raw"].fillna(firms["base"].iloc[0]).to_numpy(np.float64)
    return OwnRun(
        visits=as_made(test),
        score=score,
        unknown=int(told["raw"].isna().sum()),
        by_class=_by_class(firms, told),
        reasons_max_error=summary["reasons_max_error"],
        verdict=trained.verdict.text,
        first=lookup.ladder_of(folder, str(told["entity_id"].iloc[int(score.argmax())]), "en"),
    )


def _by_class(firms: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    seen = told.groupby("risk_class")["label"].agg(visits="size", found="sum")
    counts = firms.groupby("risk_class").size().rename("firms").to_frame().join(seen)
    return counts.reindex(list("ABCD")).fillna(0).astype("int64")
