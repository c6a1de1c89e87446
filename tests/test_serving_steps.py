"""The recorded steps of a run, on the shared demo: each rests on what it says it rests on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.classifier import RiskClassifier
from models.policy import STEPS
from records.errors import BadInput
from records.store import Store
from serving.runs import runfolder
from serving.runs.lookup import ladder_of
from serving.scoring import batch


@pytest.fixture(scope="module")
def rows(demo: Path) -> list[dict[str, Any]]:
    table = pq.read_table(demo / "run" / "classes.parquet")
    assert table.schema == runfolder.CLASSES
    return [row for row in table.to_pylist() if row["scope"] == "model"]


def test_every_recorded_ladder_leads_to_the_class(demo: Path, rows: list[dict[str, Any]]) -> None:
    policy = RiskClassifier.load(demo / "run" / "model").definition.policy
    for row in rows:
        assert policy.replay(row["steps"]) == row["risk_class"]
        assert row["steps"][0]["class"] == row["model_class"]
        assert row["held_class"] == row["steps"][1]["class"]


def test_a_step_names_dates_and_records(rows: list[dict[str, Any]]) -> None:
    graded = direct = 0
    for row in rows:
        steps = dict(zip(STEPS, row["steps"], strict=True))
        grade = steps["public_grade"]
        assert grade["given"] == row["public_grade"]
        assert (grade["since"] is None) == (row["public_grade"] is None)
        graded += grade["rule"] == "GA1"
        rule = steps["direct"]
        records = rule["records"]
        assert bool(records) == (rule["rule"] is not None)
        if records:
            table = {"DR1": "serious_listings", "DR2": "court_records"}[rule["rule"]]
            assert {record["table"] for record in records} == {table}
            assert rule["since"] == min(record["event_time"] for record in records)
            assert rule["since"] < row["as_of"]
            direct += 1
        assert not any(step["records"] for name, step in steps.items() if name != "direct")
    assert graded > 10
    assert direct > 3


def test_a_run_corrects_a_class_and_tells_so(
    demo: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    model = RiskClassifier.load(demo / "run" / "model")
    records, as_of = Store.open(demo / "store").snapshot(), rows[0]["as_of"]
    ruled = next(row for row in rows if row["steps"][3]["rule"] and row["held_class"] != "B")
    asked = {
        "entity_id": ruled["entity_id"], "risk_class": "B", "asked_by": "甲", "decided_by": "乙",
        "decided_on": date(2026, 6, 1), "until": as_of, "evidence": "更正-7",
    }  # fmt: skip

    def run(**changed: Any) -> None:
        given = pd.DataFrame([asked | changed])
        batch.score(
            records, model, as_of, tmp_path / "run", previous=demo / "run", corrections=given
        )

    with pytest.raises(BadInput, match="another person"):
        run(decided_by="甲")
    assert not (tmp_path / "run").exists()
    run()
    told = ladder_of(tmp_path / "run", ruled["entity_id"], "zh")
    steps = dict(zip(STEPS, told["steps"], strict=True))
    step = steps["correction"]
    assert (told["risk_class"], step["rule"], step["given"]) == ("B", "CO1", "更正-7")
    assert (step["since"], step["until"]) == ("2026-06-01", str(as_of))
    assert "更正-7" in step["detail"]
    assert (steps["direct"]["class"], told["previous_class"]) == ("D", "D")
    # What a direct rule or a correction made of a class is nothing that the next run could hold.
    assert steps["hysteresis"]["given"] == ruled["held_class"]
    table = pq.read_table(tmp_path / "run" / "classes.parquet", columns=["entity_id", "held_class"])
    held = dict(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert held[ruled["entity_id"]] == ruled["held_class"]
