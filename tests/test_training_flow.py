"""The whole of training on a small province: laws that the report and the gate must keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import definition as definitions
from models.classifier import RiskClassifier
from records.errors import NotPossible
from records.store import Snapshot, Store
from training import against, calibrate, curves, flow, labelled, outcomes
from training.report import page

UNTIL = date(2026, 7, 1)
GENERAL = definitions.load(definitions.folder_of("general"))


@pytest.fixture(scope="module")
def records(demo: Path) -> Snapshot:
    return Store.open(demo / "store").snapshot()


@pytest.fixture(autouse=True)
def _tables_are_kept(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo has computed these indicators already."""
    monkeypatch.setenv("XINFEN_HOME", str(demo / "home"))


def changed(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    """Let training see visits after a change."""
    plain = outcomes.labels

    def labels(*given: Any) -> pd.DataFrame:
        return change(plain(*given))

    monkeypatch.setattr(outcomes, "labels", labels)


def shuffled(visits: pd.DataFrame) -> pd.DataFrame:
    """Outcomes given to other visits of the same way, so that nothing foretells them."""
    rng = np.random.default_rng(0)
    for way in visits["way"].unique():
        own = np.flatnonzero(visits["way"].eq(way) & visits["label"].notna())
        visits.loc[own, "label"] = visits.loc[rng.permutation(own), "label"].to_numpy()
    return visits


def test_shuffled_labels_tell_nothing_and_the_gate_refuses(
    records: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, shuffled)
    monkeypatch.setattr(calibrate, "calibrate", curves.logistic)  # it would refuse a falling line
    trained = flow.train(records, GENERAL, UNTIL)
    low, high = trained.report["limits"]["auc"]
    assert low < 0.5 < high
    assert not trained.verdict.promoted


@pytest.mark.parametrize("wrong", [0.0, 0.05])
def test_a_planted_leak_is_found(
    wrong: float, records: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An indicator that sees the outcome of the very visit it should foretell."""
    plain = labelled._indicators
    leaking = next(name for name in GENERAL.fitted if GENERAL.catalogue[name].monotone > 0)

    def indicators(store: Snapshot, rows: pd.DataFrame, model: Any) -> pd.DataFrame:
        frame = plain(store, rows, model)
        if "label" in rows:
            missed = np.random.default_rng(0).random(len(rows)) < wrong
            frame[leaking] = np.where(missed, 1 - rows["label"], rows["label"])
        return frame

    monkeypatch.setattr(labelled, "_indicators", indicators)
    if not wrong:
        with pytest.raises(NotPossible, match="an indicator has seen the outcome"):
            flow.train(records, GENERAL, UNTIL)
        return
    trained = flow.train(records, GENERAL, UNTIL)
    assert not trained.verdict.promoted
    assert f"AUC of {leaking} alone" in trained.verdict.text


def test_without_known_chances_weights_are_estimated_and_that_is_said(
    records: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_knows(visits: pd.DataFrame) -> pd.DataFrame:
        return visits.assign(way="unknown", drawn_by=None, inclusion_probability=np.nan)

    changed(monkeypatch, nobody_knows)
    report = flow.train(records, GENERAL, UNTIL)
    told = report.report
    assert told["reference"]["basis"] == "propensity"
    assert told["reference"]["propensity"]["left"] < told["reference"]["propensity"]["before"]
    assert [row["factor"] for row in told["rates"]["bounds"]] == [1.25, 1.5, 2.0, 3.0, None]
    assert not report.verdict.promoted
    assert "labels drawn with known chance" in report.verdict.text
    assert "no class can claim to hold for all firms" in page(report.classifier, told)


def test_a_thorough_run_compares_and_the_page_stands_alone(records: Snapshot, demo: Path) -> None:
    champion = RiskClassifier.load(demo / "run" / "model")
    trained = flow.train(records, GENERAL, UNTIL, champion=champion, thorough=True)
    told = trained.report
    compared = {"draws_only", "with_policy_only", "with_audit_only", "champion"}
    assert set(told["beside"]) == compared
    assert told["beside"]["champion"]["how"] == "refitted"  # it has seen all of the draws
    judged = {row["name"]: row["verdict"].split(":")[0] for row in told["baselines"]}
    assert set(judged) == {
        "base_rate", "public_score", "prior_failure", "rule_example", "rule_henan", "rule_tianjin",
        "logistic_regression", "explainable_boosting_machine",
    }  # fmt: skip
    skilled = {name for name in judged if f"skill_over_{name}" in told["metrics"]}
    assert skilled == {name for name, verdict in judged.items() if verdict != "not judged"}
    assert "explainable_boosting_machine" in skilled
    assert {row["kind"] for row in told["gaps"]} == {"ownership", "county", "industry", "size"}
    assert all(one["low"] <= one["gain"] <= one["high"] for one in told["beside"].values())
    assert json.loads(json.dumps(told)) == told  # plain values throughout
    html = page(trained.classifier, told)
    assert trained.verdict.text in html
    assert "http" not in html.replace("http://www.w3.org", "")
    assert trained.classifier.band is not None
    low, high = trained.classifier.band.of(trained.classifier.boundaries)
    assert (low < high).all()


def test_a_champion_is_judged_by_itself_on_what_it_cannot_have_seen(demo: Path) -> None:
    """Results younger than two months were not mature on its day, so it learned none of them."""
    champion = RiskClassifier.load(demo / "run" / "model")
    days = pd.to_datetime(["2026-04-30", "2026-05-02", "2026-05-03", "2026-08-01"])
    data: Any = SimpleNamespace(visits=pd.DataFrame({"visited_on": days}), labels=np.zeros(4))
    assert champion.facts["until"] == str(UNTIL)
    assert against._unseen(data, champion).tolist() == [False, False, True, True]
    untold = replace(champion, facts={})
    assert not against._unseen(data, untold).any()


def test_the_same_seed_gives_the_same_bits(records: Snapshot, demo: Path) -> None:
    trained = flow.train(records, GENERAL, UNTIL, seed=7)
    known = RiskClassifier.load(demo / "run" / "model")
    assert trained.classifier.version == known.version
    assert trained.classifier.text == known.text
