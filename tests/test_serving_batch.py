"""A run made in parts: equal whatever the parts, cut off and gone on with, and on Spark."""

from __future__ import annotations

import fcntl
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import features
from models.classifier import RiskClassifier
from records.errors import BadInput, NotPossible
from records.files import held
from records.store import Snapshot, Store
from serving.scoring import batch, decisions, distributed, making, parts

DAY = date(2026, 7, 1)


@pytest.fixture
def records(demo: Path) -> Snapshot:
    """What the demo's run was made of; its plan's results came in after it."""
    run = json.loads((demo / "summary.json").read_text("utf-8"))
    return Store.open(demo / "store").named(run["snapshot"])


@pytest.fixture
def model(demo: Path) -> RiskClassifier:
    return RiskClassifier.load(demo / "run" / "model")


@pytest.fixture(autouse=True)
def same_home(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's home, where the indicators of its run are kept."""
    monkeypatch.setenv("XINFEN_HOME", str(demo / "home"))


def test_cut_off_and_gone_on_with_it_is_the_same_run(
    records: Snapshot, model: RiskClassifier, demo: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Parts of 1,000 firms, cut off in the third, beside the demo's one part."""
    monkeypatch.setattr(parts, "FIRMS", 1_000)
    monkeypatch.setattr(parts, "GROUP", 500)
    out, finish = tmp_path / "run", making.Part.finish

    def cut_off(part: making.Part, about: Any) -> None:
        if part.path.name.startswith("00002000"):
            raise RuntimeError("power cut")
        finish(part, about)

    monkeypatch.setattr(making.Part, "finish", cut_off)
    with pytest.raises(RuntimeError, match="power cut"):
        batch.score(records, model, DAY, out, previous=demo / "before")
    assert not out.exists()
    begun: list[str] = []

    def told(part: making.Part, about: Any) -> None:
        begun.append(part.path.name)
        finish(part, about)

    monkeypatch.setattr(making.Part, "finish", told)
    batch.score(records, model, DAY, out, previous=demo / "before")
    assert begun == ["00002000-00002799"]
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["run"]
    for name in ("classes.parquet", "reasons.parquet"):
        assert pq.read_table(out / name).equals(pq.read_table(demo / "run" / name))
    assert (out / "summary.json").read_bytes() == (demo / "run" / "summary.json").read_bytes()


def test_the_same_command_again_tells_the_run_and_another_is_refused(
    records: Snapshot, model: RiskClassifier, demo: Path
) -> None:
    told = batch.score(
        records, model, DAY, demo / "run", previous=demo / "before", progress=pytest.fail
    )
    assert told["as_of"] == "2026-07-01"
    with pytest.raises(BadInput, match="runs are never overwritten"):
        batch.score(records, model, date(2026, 6, 1), demo / "run")


def test_what_another_command_left_is_swept_and_one_at_work_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "run"
    left, busy = tmp_path / ".run-scoring-left", tmp_path / ".run-scoring-busy"
    left.mkdir()
    busy.mkdir()
    with held(busy, fcntl.LOCK_NB), making.making(out, "mine") as mine:
        assert not left.exists()
        assert busy.exists()
        with pytest.raises(NotPossible, match="by another process"), making.making(out, "mine"):
            pass
        mine.show(mine.run())
    assert out.is_dir()
    assert not mine.path.exists()


@pytest.mark.usefixtures("spark")
def test_spark_scores_to_the_bit(
    records: Snapshot, model: RiskClassifier, demo: Path, tmp_path: Path
) -> None:
    run = pd.read_parquet(demo / "run" / "classes.parquet")
    firms = run[run["scope"] == "model"].reset_index(drop=True)
    table = features.build(records, firms, model.definition.catalogue)
    folder = making.Making(tmp_path, tmp_path / "run")
    spread = distributed.scores(model, table, firms["entity_id"], folder)
    for part in (table.frame, table.frame.iloc[100:200], table.frame.iloc[:0]):
        own, other = decisions.scored(model, part), spread(part)
        assert np.array_equal(other.raw, own.raw)
        assert np.array_equal(other.contributions, own.contributions)
        assert np.array_equal(other.values, own.values, equal_nan=True)
