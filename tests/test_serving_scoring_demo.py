"""A firm tried over HTTP has the bits that the batch gave it: by indicators, and by its records."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

import features
from features.firms import records_of
from models.classifier import RiskClassifier
from records.schema import TABLES
from records.store import Snapshot, Store
from serving.access import access
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.runs import lookup
from serving.store.database import connect
from serving.web.app import create_app

DAY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def client(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    engine: Engine = connect(f"sqlite:///{tmp_path_factory.mktemp('trials') / 'results.db'}")
    publishing.publish(demo / "run", engine=engine)
    token = access.issue(engine, "模型组", "data_scientist", days=1)
    app = create_app(engine, Settings(limited=False))
    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client
    engine.dispose()


@pytest.fixture(scope="module")
def records(demo: Path) -> Snapshot:
    run = json.loads((demo / "run" / "summary.json").read_text("utf-8"))
    return Store.open(demo / "store").named(run["snapshot"])


@pytest.fixture(scope="module")
def firms(demo: Path) -> pd.DataFrame:
    run = pd.read_parquet(demo / "run" / "classes.parquet")
    return run[run["scope"] == "model"].reset_index(drop=True)


def _null(value: Any) -> Any:
    return None if value is None or value is pd.NaT or value != value else value


def test_by_indicators(
    client: TestClient, demo: Path, records: Snapshot, firms: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("XINFEN_HOME", str(demo / "home"))
    model = RiskClassifier.load(demo / "run" / "model")
    table = features.build(records, firms, model.definition.catalogue).frame
    values = table.set_index("entity_id")
    asked = [*model.definition.fitted, *model.definition.policy.indicators()]
    chosen = [firms[firms["risk_class"] == letter].head(12) for letter in "ABCD"]
    some, stood = pd.concat(chosen), _stood(demo)
    assert set(some["risk_class"]) >= {"A", "B", "C"}
    for row in [
        {str(name): value for name, value in one.items()} for one in some.to_dict("records")
    ]:
        own = {name: _null(float(values.loc[row["entity_id"], name])) for name in asked}
        steps = {step["step"]: step for step in row["steps"]}
        graded_on = _null(steps["public_grade"]["since"])
        question = {
            "indicators": own, "public_grade": _null(row["public_grade"]),
            "public_grade_on": graded_on and str(graded_on), "industry": _null(row["industry"]),
            "entity_id": row["entity_id"], "name": row["name"], "division": row["division"],
                **stood.get(row["entity_id"], {}),
        }  # fmt: skip
        told = client.post("/v1/score/indicators", json=question).json()
        for name in ("risk_class", "model_class", "raw", "probability"):
            assert told[name] == row[name], name
        assert told["left_out"] == told["ignored"] == []
        whole = lookup.ladder_of(demo / "run", str(row["entity_id"]), "zh")
        assert told["contributions"] == pytest.approx(_contributions(demo, row), abs=0)
        # Not the sentences: some tell the day of a record, which is not known here.
        for name in ("base", "interval", "groups", "per_100", "versions"):
            assert told["explanation"][name] == whole[name], name


def _stood(demo: Path) -> dict[str, dict[str, Any]]:
    """How firms stood in the run before, as a question tells it."""
    before = pd.read_parquet(demo / "before" / "classes.parquet").set_index("entity_id")
    own = before[before["risk_class"].notna()]
    told = own[["risk_class", "held_class", "held_months"]]
    named = told.rename(columns={"risk_class": "previous_class"})
    return {
        str(code): {str(name): _null(value) for name, value in row.items()}
        for code, row in named.to_dict("index").items()
    }


def _contributions(demo: Path, row: dict[str, Any]) -> dict[str, float]:
    reasons = lookup.firm_of(demo / "run", row["entity_id"])[1]
    return {one["indicator"]: one["contribution"] for one in reasons}


def test_by_records(client: TestClient, demo: Path, records: Snapshot, firms: pd.DataFrame) -> None:
    """All that rests on the firm's own records is what the batch found."""
    model = RiskClassifier.load(demo / "run" / "model")
    catalogue = model.definition.catalogue
    firm = firms[firms["risk_class"].isin(["C", "D"])].iloc[0]
    scheme = Store.open(demo / "store").id_scheme
    given = {}
    for table in TABLES:
        if table not in records.tables:
            continue
        rows = records_of(records, table, DAY, [firm["entity_id"]])
        given[table] = [
            {name: _plain(row[name]) for name in TABLES[table].by_name if not _none(row[name])}
            for row in rows.astype(object).to_dict("records")
        ]
    question = {"as_of": str(DAY), "records": given, "id_scheme": scheme}
    answer = client.post("/v1/score/records", json=question)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    own = {one["indicator"]: one for one in lookup.firm_of(demo / "run", firm["entity_id"])[1]}
    mine = {
        one["indicator"]: one["value"]
        for side in ("reasons_for", "reasons_against")
        for one in told["explanation"][side]
    }
    assert len(mine) >= 3
    others = {"group_rate", "group_count", "firms_sharing", "pointed_at", "related_count",
              "related_share", "quotient"}  # fmt: skip
    for name, value in mine.items():
        if catalogue[name].measure not in others:
            assert value == own[name]["value"], name
    assert told["explanation"]["steps"][3]["rule"] == _rule(firm)
    records_told = [
        record["source_id"]
        for side in ("reasons_for", "reasons_against")
        for one in told["explanation"][side]
        for record in one["records"]
    ]
    assert records_told  # a reason names the posted records behind it


def _rule(firm: pd.Series) -> str | None:
    rules: list[str | None] = [step["rule"] for step in firm["steps"] if step["step"] == "direct"]
    return rules[0]


def _none(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return str(value)[:10]
    return pa.scalar(value).as_py() if not isinstance(value, str | bool) else value
