"""The registry: plain files, versions, champion and the way back, and what a wrong name gets."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from models.classifier import RiskClassifier
from models.pyfunc import Probability
from records.errors import BadInput, NotFound, NotPossible
from records.places import at_home
from training import artefacts, card, plots, registry, tracking
from training.gate import Check, Verdict
from xinfen import app

GOOD = Verdict([Check("auc", 0.7, "at least 0.55", True)])
BAD = Verdict([*GOOD.checks, Check("slope", 0.1, "0.4 to 2.5", False)])
FRAME = "<svg></svg>"

Register = Callable[[Verdict], str]


@pytest.fixture(scope="module")
def model(demo: Path) -> RiskClassifier:
    return RiskClassifier.load(demo / "run" / "model")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's store with nothing in it; to make one takes seconds."""
    folder = tmp_path_factory.mktemp("empty")
    with at_home(folder), tracking.opened():
        mlflow.search_experiments()
    return folder / "mlflow.db"


@pytest.fixture
def home(home: Path, empty: Path) -> Path:
    home.mkdir()
    shutil.copyfile(empty, home / "mlflow.db")
    return home


@pytest.fixture
def register(
    model: RiskClassifier, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Verdict], str]:
    """Register the demo's model with a verdict of one's own; nothing drawn, nothing tried."""
    monkeypatch.setattr(plots, "drawn", lambda *_: {"split": FRAME})
    monkeypatch.setattr(artefacts, "example", lambda _: None)
    return lambda verdict: registry.register(model, model.facts, verdict)


def run(*words: str) -> Any:
    told = CliRunner().invoke(app, [*words])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told.stdout


def test_versions_champion_and_the_way_back(register: Register, model: RiskClassifier) -> None:
    with pytest.raises(NotFound, match=r"no champion\n.*no version is registered"):
        registry.fetch("general")
    assert registry.champion("general") is None
    assert register(BAD) == "1"
    with pytest.raises(NotFound, match=r"no champion\n.*versions 1, challenger \(1\)"):
        registry.fetch("general")
    with pytest.raises(NotPossible, match=r"did not pass the gate\n.*slope 0.1.*\n.*train"):
        registry.promote("general", "challenger")
    assert register(GOOD) == "2"
    assert registry.fetch("general").version == model.version
    with pytest.raises(NotFound, match="version 2 of model 'general' is the first champion"):
        registry.rollback("general")
    assert register(GOOD) == "3"
    assert json.loads(run("models", "rollback", "--json")) == {"model": "general", "champion": "2"}
    assert json.loads(run("models", "promote", "3", "--json"))["champion"] == "3"
    assert registry.promote("general", "champion") == "3"  # which changes nothing
    assert registry.rollback("general") == "2"
    assert register(BAD) == "4"  # the alias does not move
    found = json.loads(run("models", "list", "--json"))
    assert {number: one["aliases"] for number, one in found.items()} == {
        "4": "challenger", "3": "", "2": "champion", "1": "",
    }  # fmt: skip
    assert found["4"]["verdict"] == BAD.text


def test_a_wrong_name_is_told_what_there_is(register: Register, home: Path) -> None:
    register(GOOD)
    with pytest.raises(NotFound, match=r"no version 3\n.*versions 1, champion \(1\)"):
        registry.fetch("general", "3")
    with pytest.raises(NotFound, match=r"has no chmpion\n.*\n.*did you mean 'champion'"):
        registry.promote("general", "chmpion")
    with pytest.raises(NotFound, match=r"models that are: general\n.*did you mean 'general'"):
        registry.rollback("generl")
    with pytest.raises(NotFound, match="models that are: general"):
        run("models", "list", "--model", "food")
    with pytest.raises(NotFound, match="en, zh"):
        run("models", "card", "--lang", "fr")
    assert "不向社会提供查询" in run("models", "card")
    shutil.rmtree(home / "artifacts")
    with pytest.raises(NotFound, match="version 1 of model 'general' is registered, its files are"):
        registry.fetch("general", "champion")
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_a_champion_before_that_was_deleted_is_no_way_back(register: Register) -> None:
    register(GOOD)
    register(GOOD)
    with tracking.opened():
        mlflow.MlflowClient().delete_model_version("xinfen-general", "1")
    with pytest.raises(NotFound, match=r"no version 1\n.*versions 2"):
        registry.rollback("general")


@pytest.mark.parametrize("command", ["list", "promote", "rollback", "card"])
def test_every_command_shows_an_example(command: str) -> None:
    assert f"Example: xinfen models {command}" in " ".join(run("models", command, "--help").split())


def test_what_mlflow_keeps_is_plain_and_predicts_the_same(
    model: RiskClassifier, demo: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "drawn", lambda *_: {"split": FRAME})
    registry.register(model, model.facts, GOOD)
    kept = {path.name: path for path in (home / "artifacts").rglob("*") if path.is_file()}
    files = {"report.html", "report.json", "gate.json", "split.svg", "booster.txt", "MLmodel",
             "model_card.zh.md", "model_card.en.md", "input_example.json"}  # fmt: skip
    assert files <= set(kept)
    plain = {".html", ".json", ".md", ".svg", ".txt", ".yaml", ".parquet", ""}
    for name, path in kept.items():
        assert Path(name).suffix in plain
        assert not path.read_bytes().startswith(b"\x80"), f"{name} is pickled"
        assert path.suffix == ".parquet" or b"pickle" not in path.read_bytes(), name
    assert json.loads(kept["gate.json"].read_text("utf-8")) == GOOD.as_dict()
    known = {name: [1.0, np.nan] for name in model.definition.fitted[:3]}
    frame = pd.DataFrame(known | {name: [0.0, 2.0] for name in model.definition.fitted[3:]})
    expected = model.probability(model.raw(model.matrix(frame)))
    with tracking.opened():
        loaded = mlflow.pyfunc.load_model("models:/xinfen-general@champion")
        version = mlflow.MlflowClient().get_model_version_by_alias("xinfen-general", "champion")
        logged = mlflow.MlflowClient().get_run(version.run_id).data
    assert np.array_equal(loaded.predict(frame).to_numpy(), expected)
    assert loaded.metadata.get_input_schema().input_names() == model.definition.fitted
    assert loaded.metadata.get_output_schema().input_names() == ["probability"]
    less = frame.drop(columns=model.definition.fitted[5])  # what is absent is unknown
    assert np.isfinite(loaded.predict(less)).all()
    assert version.description == card.description(model, model.facts)
    assert version.tags["verdict"] == "promoted"
    for name, value in artefacts.versions(model).items():
        assert version.tags[name] == logged.tags[name] == logged.params[name] == value
    assert logged.metrics["auc"] == model.facts["metrics"]["auc"]
    assert logged.metrics["auc_low"] == model.facts["limits"]["auc"][0]
    assert logged.params["seed"] == str(model.facts["seed"])


def test_a_frame_without_any_indicator_is_an_error(model: RiskClassifier) -> None:
    with pytest.raises(BadInput, match="the indicators lack a column"):
        Probability(model).predict(pd.DataFrame({"name": ["x"]}))


def test_a_tracking_uri_from_the_environment_wins(
    register: Register, model: RiskClassifier, home: Path, empty: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shutil.copyfile(empty, tmp_path / "theirs.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'theirs.db'}")
    monkeypatch.chdir(tmp_path)  # their store, their default place for artefacts
    register(Verdict([]))
    assert (home / "mlflow.db").read_bytes() == empty.read_bytes()
    assert not (home / "artifacts").exists()
    assert registry.fetch("general").version == model.version
