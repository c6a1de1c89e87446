"""Who moved between two runs, which way, and why: the runs made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from models.policy import STEPS
from records.errors import NotFound
from serving.runs.runfolder import CLASSES, REASONS
from serving.scoring import moves
from tests import a_run
from xinfen import app

BEFORE = {
    a_run.C: ("BBBBB", None),  # another class of the model's
    a_run.D: ("BBCCC", None),  # no direct rule yet
    a_run.A: ("ABBBB", None),  # held by hysteresis, now let go
    a_run.B: ("AAAAA", None),  # no grade yet that moves it
}
"""Classes after each step of the policy but corrections in the run before, and the direct rule."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return _written(tmp_path / "run")


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    folder = _written(tmp_path / "previous")
    rows = a_run.classes().to_pylist()
    for row in rows:
        if row["entity_id"] in BEFORE:
            _before(row, *BEFORE[row["entity_id"]])
    pq.write_table(pa.Table.from_pylist(rows, CLASSES), folder / "classes.parquet")
    reasons = a_run.reasons().to_pylist()
    for row in reasons:
        if (row["entity_id"], row["indicator"]) == (a_run.C, "G3-11"):
            row |= {"value": 0.0, "contribution": -0.1}
        if (row["entity_id"], row["indicator"]) == (a_run.C, "G2-08"):
            row |= {"value": None, "contribution": 0.1}
    pq.write_table(pa.Table.from_pylist(reasons, REASONS), folder / "reasons.parquet")
    return folder


def _written(folder: Path) -> Path:
    a_run.write(folder)
    manifest = {"files": {"model.yaml": "m", "indicators.yaml": "i", "policy.yaml": "p"}}
    (folder / "model" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def _before(row: dict[str, Any], path: str, rule: str | None) -> None:
    row |= {"model_class": path[0], "risk_class": path[-1]}
    row["steps"] = [
        {"step": step, "class": letter, "rule": rule if step == "direct" else None}
        for step, letter in zip(STEPS, path[:4] + path[3:], strict=True)
    ]


def test_each_kind_of_cause(run: Path, previous: Path) -> None:
    counts, movers = moves.moves(run, previous)
    assert movers.schema == moves.MOVES
    told = {row.pop("entity_id"): row for row in movers.to_pylist()}
    assert list(told) == sorted(BEFORE)
    short = {
        firm: (row["previous_class"], row["risk_class"], row["worse_by"], row["cause"], row["rule"])
        for firm, row in told.items()
    }
    assert short == {
        a_run.C: ("B", "C", 1, "indicators", None),
        a_run.D: ("C", "D", 1, "direct", "DR1"),
        a_run.A: ("B", "A", -1, "hysteresis", None),
        a_run.B: ("A", "B", 1, "public_grade", None),
    }
    assert told[a_run.C]["indicators"] == [
        {"indicator": "G3-11", "value_before": 0.0, "value": 1.0,
         "contribution_before": -0.1, "contribution": 0.27},
        {"indicator": "G2-08", "value_before": None, "value": 1.0,
         "contribution_before": 0.1, "contribution": 0.18},
    ]  # fmt: skip
    assert told[a_run.A]["indicators"] == []
    assert (counts["worse"], counts["better"], counts["same"]) == (3, 1, 0)
    assert counts["cause"] == {"direct": 1, "public_grade": 1, "hysteresis": 1, "indicators": 1}
    assert counts["from_to"]["B"] == {"A": 1, "B": 0, "C": 1, "D": 0, "none": 0}


def test_a_direct_rule_that_ended_and_firms_that_came_and_went(run: Path, tmp_path: Path) -> None:
    """The run held against itself the other way round, with one firm less."""
    later = _written(tmp_path / "later")
    rows = a_run.classes().to_pylist()
    _before(rows[2], "BBCCC", None)
    pq.write_table(pa.Table.from_pylist(rows[1:], CLASSES), later / "classes.parquet")
    counts, movers = moves.moves(later, run)
    (told,) = movers.to_pylist()
    assert (told["entity_id"], told["cause"], told["rule"]) == (a_run.D, "direct", "DR1")
    assert (counts["same"], counts["gone"], counts["new"]) == (2, 1, 0)


def test_a_correction_that_began(run: Path, tmp_path: Path) -> None:
    later = _written(tmp_path / "later")
    rows = a_run.classes().to_pylist()
    corrected = next(step for step in rows[2]["steps"] if step["step"] == "correction")
    corrected |= {"class": "B", "rule": "CO1"}
    rows[2] |= {"risk_class": "B"}
    pq.write_table(pa.Table.from_pylist(rows, CLASSES), later / "classes.parquet")
    (told,) = moves.moves(later, run)[1].to_pylist()
    assert (told["entity_id"], told["cause"], told["risk_class"]) == (a_run.D, "correction", "B")


@pytest.mark.parametrize(
    ("name", "cause"),
    [("model.yaml", "model"), ("indicators.yaml", "catalogue"), ("policy.yaml", "policy")],
)
def test_another_version_is_the_cause_of_all(
    run: Path, previous: Path, name: str, cause: str
) -> None:
    path = previous / "model" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"][name] = "another"
    path.write_text(json.dumps(manifest), "utf-8")
    counts, movers = moves.moves(run, previous)
    assert counts["cause"] == {cause: 4}
    assert movers["rule"].null_count == 4


def test_some_movers_at_a_time(run: Path, previous: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = moves.moves(run, previous)[1]
    monkeypatch.setattr(moves, "CHUNK", 1)
    assert moves.moves(run, previous)[1].combine_chunks() == whole.combine_chunks()


def test_a_run_in_the_making_gets_its_moves(run: Path, previous: Path) -> None:
    counts, movers = moves.moves(run, previous)
    (run / "summary.json").unlink()
    assert moves.write(run, previous) == counts
    assert pq.read_table(run / "moves.parquet").equals(movers)


def test_nobody_moved(run: Path) -> None:
    counts, movers = moves.moves(run, run)
    assert (counts["same"], counts["cause"], movers.num_rows) == (4, {}, 0)


def test_the_command(run: Path, previous: Path, tmp_path: Path) -> None:
    out = tmp_path / "moves.parquet"
    words = ["moves", str(run), str(previous), "--out", str(out), "--json"]
    found = CliRunner().invoke(app, words)
    assert json.loads(found.stdout) == moves.moves(run, previous)[0]
    assert pq.read_table(out) == moves.moves(run, previous)[1]
    with pytest.raises(NotFound, match="not a whole run"):
        moves.moves(run, tmp_path)
