"""Baselines and groups: what each says of later draws, and what is told where one says nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import typer.testing

import xinfen
from models import definition as definitions
from models import points
from training import baselines, evaluate, fairness, rivals
from training.fit import Binned
from training.labelled import Labelled
from training.report import first_line
from training.rivals import Rival
from training.splits import Split

GENERAL = definitions.load(definitions.folder_of("general"))
DAY = pd.Timestamp("2026-01-01")


def visits(n: int = 800) -> tuple[Labelled, list[Split]]:
    """Visits whose problems follow from the first of three columns; the third is never known."""
    rng = np.random.default_rng(5)
    values = np.column_stack([rng.normal(size=n), rng.normal(size=n), np.full(n, np.nan)])
    labels = (rng.random(n) < 1 / (1 + np.exp(1.5 - 1.5 * values[:, 0]))).astype(float)
    values[rng.random(n) < 0.1, 0] = np.nan
    later = np.arange(n) >= n // 2
    binned = SimpleNamespace(values=values, labels=labels, monotone=[1, 0, 1])
    data = SimpleNamespace(
        labels=labels, weights=np.ones(n), firms=np.arange(n), binned=binned,
        indicators=pd.DataFrame({i.id: np.zeros(n) for i in GENERAL.catalogue.indicators}),
    )  # fmt: skip
    return cast(Labelled, data), [Split(0, ~later, later, DAY, DAY)]


def test_fits_tell_held_out_visits_by_what_matters_and_the_same_seed_the_same() -> None:
    data, parts = visits()
    binned, later = data.binned, parts[0].held_out
    machine = baselines.boosting_machine(binned, parts, seed=3)
    ridge = baselines.logistic_regression(binned, parts)
    for raw in (machine, ridge):
        assert np.isnan(raw).tolist() == (~later).tolist()
        assert float(evaluate.auc(raw[later], data.labels[later], data.weights[later])) > 0.7
    assert (
        baselines.boosting_machine(binned, parts, seed=3)[later].tolist() == machine[later].tolist()
    )
    rises = later & ~np.isnan(data.binned.values[:, 0])
    only = data.binned.values.copy()
    only[:, 1] = 0  # with the second column held, more of the first is never less risk
    one = SimpleNamespace(values=only, labels=data.labels, monotone=[1, 0, 1])
    told = baselines.boosting_machine(cast(Binned, one), parts, seed=3)[rises]
    assert (np.diff(told[np.argsort(only[rises, 0])]) > -1e-9).all()


def test_a_baseline_that_cannot_be_judged_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, parts = visits()
    monkeypatch.setitem(sys.modules, "interpret", None)
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    unfit = points.rules()[0].model_copy(update={"name": "unfit"})
    item = unfit.items[0].model_copy(update={"indicator": "G1-99"})
    unfit = unfit.model_copy(update={"items": [item]})
    few = np.where(np.arange(800) < 40, 1.0, np.nan)
    few[:20] = 0
    offered = [
        *rivals.rivals(data, GENERAL, parts, [unfit, *points.rules()], thorough=True, seed=0),
        Rival("few", "fit", few),
        Rival("good", "fit", data.binned.values[:, 0]),
    ]
    found, left_out = rivals.calibrated(data, offered, parts[0].fit, parts[0].held_out)
    assert set(found) == {"base_rate", "good"}
    assert left_out["explainable_boosting_machine"].startswith("interpret-core is not installed")
    assert left_out["rule_unfit"].startswith("item age: the catalogue has no G1-99")
    assert left_out["rule_henan"].startswith("it says the same of all earlier draws")
    assert left_out["few"] == "it speaks of 40 of 400 earlier draws; 50 are needed"
    assert len(found) + len(left_out) == len(offered)


def test_what_a_baseline_does_not_know_is_told_by_the_base_rate() -> None:
    data, parts = visits()
    rival = Rival("good", "fit", data.binned.values[:, 0])
    found, _ = rivals.calibrated(data, [rival], parts[0].fit, parts[0].held_out)
    unknown = np.isnan(data.binned.values[parts[0].held_out, 0])
    base = data.labels[parts[0].fit].mean()
    assert found["good"][unknown] == pytest.approx(np.full(unknown.sum(), base))
    assert len(set(found["good"][~unknown])) == (~unknown).sum()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"auc": [0.6, 0.7], "skill_over_a_b": [0.01, 0.1]}, "No baseline is within noise"),
        (
            {"skill_over_a_b": [-0.01, 0.1], "skill_over_c": [0, 0.2], "skill_over_d": [0.1, 0.2]},
            "Within noise of the model: a b, c.",
        ),
        (
            {"skill_over_a": [-0.2, -0.1], "skill_over_b": [-0.1, 0.1]},
            "Better than the model: a. Within noise of the model: b.",
        ),
    ],
)
def test_the_first_line_names_who_does_as_well(limits: dict[str, Any], told: str) -> None:
    assert first_line({"limits": limits}).startswith(told)


def test_groups_tell_rates_calibration_classes_and_burden() -> None:
    """120 companies expected at .3, 60 foreign firms at .4, and two branches, which are pooled."""
    kinds = ["1130"] * 120 + ["5130"] * 60 + ["2130"] * 2
    n = len(kinds)
    labels = np.zeros(n)
    labels[:36] = 1  # 30 % of the companies
    labels[120:132] = 1  # 20 % of the foreign firms; no branch
    level = np.zeros(n, int)
    level[18:48] = 2  # half of the companies with a problem, and 12 without
    level[120:132] = 3
    frame = pd.DataFrame({"entity_type": kinds, "division": "230102", "industry": "F52",
                          "visited_on": DAY})  # fmt: skip
    earlier = frame.head(50).assign(visited_on=DAY - pd.Timedelta(days=9))
    targeted = frame.iloc[120:150]  # in the judged time, but no draws
    every = pd.concat([earlier, frame, targeted], ignore_index=True)
    rows = np.zeros(len(every), bool)
    rows[50 : 50 + n] = True

    def spread(values: np.ndarray) -> np.ndarray:
        whole = np.zeros(len(every))
        whole[rows] = values
        return whole

    weights = spread(np.ones(n))
    data = SimpleNamespace(
        visits=every, labels=spread(labels), weights=weights, firms=np.arange(len(every)),
        indicators=pd.DataFrame({"G1-05": np.full(len(every), 3.0)}),
    )  # fmt: skip
    probability = spread(np.where(np.array(kinds) == "5130", 0.4, 0.3))
    told = fairness.groups(cast(Labelled, data), probability, level, rows, GENERAL)
    by = {(row["kind"], row["group"]): row for row in told}
    assert {kind for kind, _ in by} == {"ownership", "county", "industry", "size"}
    assert [group for kind, group in by if kind == "ownership"] == ["company", "foreign", "others"]
    company, foreign = by["ownership", "company"], by["ownership", "foreign"]
    assert (company["n"], company["positives"], company["ratio"]) == (120, 36, pytest.approx(1))
    assert foreign["ratio"] == pytest.approx(2)
    assert foreign["low"] < 2 < foreign["high"]
    assert [company[name] for name in "ABCD"] == pytest.approx([0.75, 0, 0.25, 0])
    assert (foreign["selected"], foreign["caught"], foreign["false_alarms"]) == (
        pytest.approx(0.2), 1.0, 0.0,
    )  # fmt: skip
    assert (company["caught"], company["false_alarms"]) == (0.5, pytest.approx(12 / 84))
    # 90 of 212 visits in the judged time, for 24 of 60.6 expected problems
    assert foreign["burden"] == pytest.approx(90 / 212 / (24 / 60.6))
    others = by["ownership", "others"]
    assert (others["n"], others["ratio"], others["high"]) == (2, None, None)
    gaps = {row["kind"]: row for row in fairness.gaps(told)}
    assert gaps["ownership"]["selected"] == pytest.approx(0.25)
    assert gaps["county"] == {"kind": "county", "groups": 1, "selected": 0, "caught": 0,
                              "false_alarms": 0}  # fmt: skip


def test_a_wrong_rule_of_ones_own_ends_training_before_it_begins(
    demo: Path, tmp_path: Path
) -> None:
    text = (points.SHIPPED / "example.yaml").read_text("utf-8").replace("G1-06", "G1-66")
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    words = ["train", str(demo / "store"), "--until", "2026-07-01", "--rules", str(tmp_path)]
    ended = typer.testing.CliRunner().invoke(xinfen.app, words)
    assert "own.yaml: item age: the catalogue has no G1-66" in f"{ended.output}{ended.exception}"
