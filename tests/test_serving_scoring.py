"""Trials over HTTP: what is wrong is told by its name, what is told is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from serving.access import access
from serving.access.scope import WHOLE, Scope
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.store.accesstables import audit as audited
from serving.store.accesstables import audit_firms
from serving.store.database import connect, reading
from serving.web.app import create_app
from serving.web.scoreshapes import INDICATORS, RECORDS
from tests import a_run, a_scoring_run

Ask = Callable[..., TestClient]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("trials")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_scoring_run.write(folder / "run"), engine=engine)
    return engine


@pytest.fixture(scope="module")
def ask(engine: Engine) -> Ask:
    app = create_app(engine, Settings(limited=False))

    def client(scope: Scope = WHOLE, role: str = "data_scientist") -> TestClient:
        token = access.issue(engine, "模型组", role, days=1, scope=scope)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return client


def _last(engine: Engine) -> tuple[str, str, int, list[str]]:
    with reading(engine) as connection:
        row = connection.execute(sa.select(audited).order_by(audited.c.n.desc()).limit(1)).one()
        firms = sa.select(audit_firms.c.entity_id).where(audit_firms.c.n == row.n)
        return row.action, row.about, row.firms, [*connection.scalars(firms)]


def test_indicators(ask: Ask, engine: Engine) -> None:
    question = {**INDICATORS, "entity_id": "F1"}
    told = ask().post("/v1/score/indicators", json=question).json()
    model = a_scoring_run.model()
    assert set(told["contributions"]) == set(model.definition.fitted)
    total = told["explanation"]["base"]["log_odds"] + sum(told["contributions"].values())
    assert told["raw"] == pytest.approx(total, abs=1e-5)
    steps = told["explanation"]["steps"]
    assert (told["model_class"], told["risk_class"]) == (steps[0]["class"], steps[-1]["class"])
    assert not set(told["left_out"]) & set(INDICATORS["indicators"])
    assert _last(engine) == ("score", "trial by indicators", 1, ["F1"])
    ask().post("/v1/score/indicators", json=INDICATORS)
    assert _last(engine) == ("score", "trial by indicators", 0, [])


def test_an_indicator_goes_by_its_id_or_its_names(ask: Ask) -> None:
    one = a_scoring_run.model().definition.catalogue["G3-11"]
    told = [
        ask().post("/v1/score/indicators", json={"indicators": {name: 2}}).json()["raw"]
        for name in ("G3-11", one.name.zh, one.name.en)
    ]
    assert len(set(told)) == 1


@pytest.mark.parametrize(
    ("given_", "field", "words"),
    [
        ({"G3-111": 2}, "indicators.G3-111", "there is no such indicator"),
        ({"G3-01": 2}, "indicators.G3-01", "no value of"),
        ({"G3-11": 1.5}, "indicators.G3-11", "no value of"),
        ({"G3-11": -1}, "indicators.G3-11", "no value of"),
        ({"G4-01": 1.2}, "indicators.G4-01", "no value of"),
        ({"G1-01": 1e300}, "indicators.G1-01", "no value of"),
        ({"G1-01": 10**400}, "indicators.G1-01", "no value of"),
        ({"G3-11": "2"}, "indicators.G3-11", "no value of"),
        ({"G3-11": [2]}, "indicators.G3-11", "no value of"),
        ({"G3-11": 1, "近三年市场监管处罚次数": 1}, "indicators", "no such indicator"),
    ],
)
def test_what_is_wrong_with_an_indicator_is_told(
    ask: Ask, given_: dict[str, Any], field: str, words: str
) -> None:
    body = json.dumps({"indicators": given_})
    answer = ask().post(
        "/v1/score/indicators", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    told = answer.json()
    assert told["field"].startswith(field)
    if words != "no such indicator":
        assert words in told["message"]["en"]
        assert told["found"]


JSON = "application/json"
GOOD = json.dumps(INDICATORS).encode()


@pytest.mark.parametrize("role", ["data_scientist", "inspector", "nobody"])
@pytest.mark.parametrize(
    ("body", "kind", "query"),
    [
        (GOOD, JSON, ""), (GOOD, "Application/JSON; charset=utf-8", ""), (GOOD, JSON, "?lang=en"),
        (GOOD, "application/problem+json", ""), (b'{"indicators": {"\\u0000": 1}}', JSON, ""),
        (GOOD, "text/plain", ""), (GOOD, "", ""), (b"", JSON, ""), (b"{", JSON, ""),
        (b"[]", JSON, ""), (b'{"indicators": {"G3-11": NaN}}', JSON, ""),
        (b'{"indicators": {"G3-11": "2"}}', JSON, ""),
        (b'{"indicators": {"\\ud800": 1}}', JSON, ""),
        (b'{"indicators": {}, "industry": "H62!"}', JSON, ""), (b"x" * 1_000_001, JSON, ""),
    ],
)  # fmt: skip
def test_the_short_way_answers_as_the_usual_way(
    engine: Engine, ask: Ask, role: str, body: bytes, kind: str, query: str
) -> None:
    usual = create_app(engine, Settings(limited=False))
    usual.user_middleware = [one for one in usual.user_middleware if "Shortcut" not in repr(one)]
    known = role != "nobody"
    shown = ask(role=role).headers["Authorization"] if known else "Bearer xf_none"
    told = []
    for app in (ask().app, usual):
        client = TestClient(app, headers={"Authorization": shown, "Content-Type": kind})
        answer = client.post(f"/v1/score/indicators{query}", content=body)
        told.append((answer.status_code, answer.content, _last(engine)))
    assert told[0] == told[1]
    if len(body) < 1_000_000:
        allowed = {"data_scientist": (200, 422), "inspector": (403,), "nobody": (401,)}
        assert told[0][0] in allowed[role]


def test_no_token_that_may_not_be_told_a_class_tries_one(ask: Ask) -> None:
    for fields in (["name"], ["risk_class", "probability", "model_class"]):
        client = ask(Scope.of(None, fields))
        for path, body in (("indicators", INDICATORS), ("records", RECORDS)):
            answer = client.post(f"/v1/score/{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "outside_scope")


def test_a_run_without_its_model_is_told(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    token = access.issue(engine, "模型组", "batch", days=1)
    client = TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"})
    answer = client.post("/v1/score/indicators", json=INDICATORS)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")


FIRM = RECORDS["records"]["enterprises"][0]


@pytest.mark.parametrize(
    ("records", "more", "status", "field"),
    [
        ({}, {}, 422, "records"),
        ({"enterprises": []}, {}, 422, "records"),
        ({"penaltys": [{}]}, {}, 422, "records.penaltys"),
        ({"enterprises": [{**FIRM, "nam": "x"}]}, {}, 422, "records.enterprises.0.nam"),
        ({"enterprises": [{**FIRM, "status": "x"}]}, {}, 422, "records.enterprises.0.status"),
        ({"enterprises": [{**FIRM, "entity_id": "1"}]}, {}, 422,
         "records.enterprises.0.entity_id"),
        ({"enterprises": [{**FIRM, "event_time": "31.2."}]}, {}, 422,
         "records.enterprises.0.event_time"),
        ({"enterprises": [{**FIRM, "status": "revoked"}]}, {}, 409, "as_of"),
        ({"enterprises": [{**FIRM, "entity_type": "x"}]}, {}, 422,
         "records.enterprises.0.entity_type"),
        ({"enterprises": [FIRM]}, {"entity_id": "nobody"}, 404, "entity_id"),
        ({"enterprises": [FIRM]}, {"as_of": "2019-05-21"}, 409, "as_of"),
        ({"enterprises": [FIRM]}, {"as_of": "2999-01-01"}, 409, "as_of"),
        ({"enterprises": [{"source": "x"}]}, {}, 422, "records.enterprises.0."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_records_is_told(
    ask: Ask, records: dict[str, Any], more: dict[str, Any], status: int, field: str
) -> None:
    question = {"as_of": "2026-03-31", "records": records, **more}
    answer = ask().post("/v1/score/records", json=question)
    assert answer.status_code == status, answer.text
    assert answer.json()["field"].startswith(field)
    assert answer.json()["message"]["zh"]


def test_records_count_from_the_day_they_were_known(ask: Ask, engine: Engine) -> None:
    """A penalty known on the day asked for is not known before it."""
    found = {}
    for day in ("2025-11-10", "2025-11-11"):
        question = {**RECORDS, "as_of": day}
        told = ask().post("/v1/score/records", json=question).json()
        assert told["as_of"] == day
        explained = told["explanation"]
        found[day] = [
            record["source_id"]
            for side in ("reasons_for", "reasons_against")
            for one in explained[side]
            for record in one["records"]
            if record["table"] == "penalties"
        ]
    assert found["2025-11-10"] == []
    assert _last(engine)[1:] == ("trial by records", 1, [FIRM["entity_id"]])


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["G3-11", "G3-12", "G1-06", "G3-01", "G4-01", "G5-01"]),
        st.none() | st.booleans() | st.integers(-3, 10**9) | st.floats(),
        max_size=4,
    )
)
def test_any_values_are_scored_or_refused(ask: Ask, values: dict[str, Any]) -> None:
    answer = ask().post(
        "/v1/score/indicators", content=json.dumps({"indicators": values}),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert 0 < answer.json()["probability"] < 1
