"""What bad input gets: an error or a stated fallback: what was found, is needed, and to be done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import definition as definitions
from models.classifier import RiskClassifier
from records.errors import NotPossible
from records.store import Snapshot, Store
from training import flow, labelled, outcomes
from training.report import page

UNTIL = date(2026, 7, 1)
GENERAL = definitions.load(definitions.folder_of("general"))


@pytest.fixture
def records(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    monkeypatch.setenv("XINFEN_HOME", str(demo / "home"))  # which keeps these indicators
    return Store.open(demo / "store").snapshot()


def few(visits: pd.DataFrame) -> pd.DataFrame:
    found = visits["label"] == 1
    return visits[~found | (found.cumsum() <= 7)].reset_index(drop=True)


def clean(visits: pd.DataFrame) -> pd.DataFrame:
    return visits.assign(label=visits["label"].where(visits["label"].isna(), 0.0))


def spoiled(visits: pd.DataFrame) -> pd.DataFrame:
    return visits.assign(label=visits["label"].where(visits["label"].isna(), 1.0))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (few, "found: [1-7] visits that found a problem"),
        (clean, "found: 0 visits that found a problem"),
        (spoiled, "and 0 that found none"),
    ],
)
def test_too_few_labels_or_one_class_alone(
    records: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    found: str,
) -> None:
    plain = outcomes.labels
    monkeypatch.setattr(outcomes, "labels", lambda *given: change(plain(*given)))
    with pytest.raises(NotPossible, match="too few labels to learn from") as refused:
        flow.train(records, GENERAL, UNTIL)
    told = str(refused.value)
    assert re.search(found, told)
    assert "allowed: at least 30 and 10" in told
    assert "hint: give more history, or widen `outcome` in model.yaml" in told


def test_few_public_scores_and_a_champion_of_another_catalogue(
    records: Snapshot, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are told in the report: cuts fall back to shares, and the alias will not move."""
    plain = labelled._indicators

    def indicators(store: Snapshot, rows: pd.DataFrame, model: Any) -> pd.DataFrame:
        frame = plain(store, rows, model)
        lacks = np.random.default_rng(0).random(len(frame)) < 0.8
        return frame.assign(**{"G5-07": frame["G5-07"].mask(lacks)})

    monkeypatch.setattr(labelled, "_indicators", indicators)
    known = RiskClassifier.load(demo / "run" / "model")
    renamed = [
        one.model_copy(update={"id": "G9-99"}) if one.id == GENERAL.fitted[0] else one
        for one in GENERAL.catalogue.indicators
    ]
    other = GENERAL.catalogue.model_copy(update={"indicators": renamed})
    champion = replace(known, definition=GENERAL.model_copy(update={"catalogue": other}))
    trained = flow.train(records, GENERAL, UNTIL, champion=champion)
    cuts = trained.report["cuts"]
    assert cuts["method"].startswith("share, for only ")
    assert "draws have a public score" in cuts["verdict"]
    assert "ingest public_grades, or choose another `method`" in cuts["verdict"]
    assert trained.report["beside"]["champion"] == {"absent": ["G9-99"]}
    assert not trained.verdict.promoted
    assert "indicators of the champion that the catalogue lacks 1" in trained.verdict.text
    html = page(trained.classifier, trained.report, {})
    assert "无法比较：本目录没有" in html
    assert "G9-99" in html
    assert "choose another `method`" in html
