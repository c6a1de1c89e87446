from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from models.classifier import RiskClassifier
from records.errors import NotFound
from training import registry
from training.gate import Check, Verdict


def test_versions_champion_and_lost_files(
    demo: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = RiskClassifier.load(demo / "run" / "model")
    passed, failed = (
        Check("auc", 0.7, "at least 0.55", True),
        Check("slope", 0.1, "0.4 to 2.5", False),
    )
    with pytest.raises(NotFound, match=r"no champion\n.*no version is registered"):
        registry.fetch("general")
    assert registry.register(model, model.facts, Verdict([passed, failed])) == "1"
    with pytest.raises(NotFound, match=r"no champion\n.*versions 1"):
        registry.fetch("general")
    assert registry.register(model, model.facts, Verdict([passed])) == "2"
    assert registry.fetch("general").version == model.version
    with pytest.raises(NotFound, match=r"has no version 3\n.*versions 1, 2"):
        registry.fetch("general", "3")
    assert (home / "mlflow.db").exists()
    shutil.rmtree(home / "artifacts")
    with pytest.raises(
        NotFound, match="version 2 of model 'general' is registered, its files are gone"
    ):
        registry.fetch("general", "2")
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_a_tracking_uri_from_the_environment_wins(
    demo: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'theirs.db'}")
    monkeypatch.chdir(tmp_path)  # their store, their default place for artefacts
    model = RiskClassifier.load(demo / "run" / "model")
    registry.register(model, model.facts, Verdict([]))
    assert (tmp_path / "theirs.db").exists()
    assert not (home / "mlflow.db").exists()
    assert registry.fetch("general").version == model.version
