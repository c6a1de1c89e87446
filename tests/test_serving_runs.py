"""Runs, their counts, a firm's history and its last change, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.scope import WHOLE, Scope
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.scoring.moves import MOVES
from serving.web.app import create_app
from tests import a_run
from tests.a_database import engine
from tests.an_audit import looks

__all__ = ["engine"]

Ask = Callable[..., TestClient]


@pytest.fixture
def runs(engine: Engine, tmp_path: Path) -> list[str]:
    """Two runs, the newer one served; in it C left class B."""
    before = a_run.write(tmp_path / "before", as_of=date(2026, 2, 28))
    now = a_run.write(tmp_path / "now")
    change = {"indicator": "G3-01", "value_before": 0.0, "value": 1.0,
              "contribution_before": -0.1, "contribution": 0.66}  # fmt: skip
    moved = {"entity_id": a_run.C, "name": "松江小馆", "division": "230102",
             "previous_class": "B", "risk_class": "C", "worse_by": 1, "cause": "indicators",
             "rule": None, "indicators": [change]}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([moved], MOVES), now / "moves.parquet")
    return [publishing.publish(folder, engine=engine).run for folder in (before, now)]


@pytest.fixture
def ask(engine: Engine) -> Ask:
    def client(role: str = "inspector", scope: Scope = WHOLE) -> TestClient:
        token = access.issue(engine, "王敏", role, days=1, scope=scope)
        app = create_app(engine, Settings(limited=False))
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return client


def test_runs_the_newest_first(ask: Ask, runs: list[str]) -> None:
    told = ask("administrator").get("/v1/runs").json()["runs"]
    assert [one["run"] for one in told] == runs[::-1]
    assert [one["served"] for one in told] == [True, False]
    assert told[0]["classes"] == {"A": 1, "B": 1, "C": 1, "D": 1}
    within = ask("inspector", Scope.of(["2312"])).get("/v1/runs").json()["runs"]
    assert [one["firms"] for one in within] == [1, 1]


def test_one_run_with_its_counts(ask: Ask, runs: list[str]) -> None:
    told = ask().get(f"/v1/runs/{runs[0]}").json()
    assert {row["value"] for row in told["counts"]["division"]} == {"230102", "230103", "231202"}
    assert sum(row["firms"] for row in told["counts"]["grade"]) == 5
    own = ask(scope=Scope.of(["2312"])).get(f"/v1/runs/{runs[1]}").json()["counts"]
    assert own["industry"] == [{"value": "C13", "risk_class": "B", "firms": 1}]
    # Where one firm stands alone, a count is its class.
    for client in (ask("auditor"), ask("administrator"), ask(scope=Scope.of(None, ["name"]))):
        assert "counts" not in client.get(f"/v1/runs/{runs[1]}").json()
    missing = ask().get(f"/v1/runs/{'0' * 64}")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_run")


def test_history_and_change(ask: Ask, engine: Engine, runs: list[str]) -> None:
    since = audit.head(engine).n
    client = ask()
    told = client.get(f"/v1/enterprises/{a_run.C}/history", params={"purpose": "核对"}).json()
    assert [(row["as_of"], row["cause"]) for row in told["history"]] == [
        ("2026-03-31", "indicators"), ("2026-02-28", None),
    ]  # fmt: skip
    changed = client.get(f"/v1/enterprises/{a_run.C}/change").json()
    assert changed["sentence"].startswith("信用风险类别由 B 类变为 C 类：企业的记录变了，主要是")
    assert changed["indicators"][0]["value"] == 1.0
    english = client.get(f"/v1/enterprises/{a_run.C}/change?lang=en").json()["sentence"]
    assert english.startswith("From class B to C: the firm's records changed, mostly ")
    assert client.get(f"/v1/enterprises/{a_run.A}/change").json() == {"entity_id": a_run.A}
    assert [row[1:3] for row in looks(engine, since)] == [
        ("class", a_run.C), ("explanation", a_run.C), ("explanation", a_run.C),
        ("explanation", a_run.A),
    ]  # fmt: skip


def test_history_stays_within_the_scope(ask: Ask, engine: Engine, runs: list[str]) -> None:
    client = ask(scope=Scope.of(["2312"]))
    for what in ("history", "change"):
        assert client.get(f"/v1/enterprises/{a_run.C}/{what}").status_code == 404
        assert client.get(f"/v1/enterprises/{a_run.B}/{what}").status_code == 200
    narrow = ask(scope=Scope.of(None, ["public_grade"]))
    row = narrow.get(f"/v1/enterprises/{a_run.C}/history").json()["history"][0]
    assert set(row) == {"run", "as_of", "published", "public_grade"}
    assert narrow.get(f"/v1/enterprises/{a_run.C}/change").status_code == 403


def _codes(answer: dict[str, Any]) -> list[str]:
    return [firm["entity_id"] for firm in answer["enterprises"]]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"class": "C,D"}, [a_run.C, a_run.D]),
        ({"grade": "D,E"}, [a_run.D, a_run.B]),
        ({"grade": "B"}, [a_run.COOP]),
        ({"division": "2301"}, [a_run.C, a_run.A, a_run.D, a_run.COOP]),
        ({"division": "230103,2312"}, [a_run.D, a_run.B]),
        ({"industry": "C,F52"}, [a_run.A, a_run.D, a_run.B]),
        ({"industry": "H62", "class": "A"}, []),
        ({"q": "有限公司", "grade": "A,C"}, [a_run.C, a_run.A]),
    ],
)
def test_filters(ask: Ask, runs: list[str], question: dict[str, str], found: list[str]) -> None:
    told = ask().get("/v1/enterprises", params=question).json()
    assert (_codes(told), told["total"]) == (sorted(found), len(found))


def test_a_filter_by_a_field_that_is_held_back_is_refused(ask: Ask, runs: list[str]) -> None:
    client = ask(scope=Scope.of(None, ["name"]))
    for name, value in (("class", "A"), ("grade", "A"), ("division", "23"), ("industry", "H")):
        assert client.get("/v1/enterprises", params={name: value}).status_code == 403


def test_pages_stay_in_their_run(ask: Ask, engine: Engine, runs: list[str]) -> None:
    client = ask()
    first = client.get("/v1/enterprises", params={"limit": 2}).json()
    with engine.connect() as connection:
        from serving.results import loaded

        assert loaded.pinned(connection, "0" * 64) is None
        old = loaded.pinned(connection, runs[0])
    assert old is not None
    asked = {"limit": 100, "after": first["after"], "run": runs[0]}
    rest = client.get("/v1/enterprises", params=asked).json()
    assert (rest["run"], rest["as_of"]) == (runs[0], "2026-02-28")
    assert len(_codes(first)) + len(_codes(rest)) == 5
    assert client.get("/v1/enterprises", params={"run": "0" * 64}).status_code == 404


def test_a_search_names_its_filter_in_the_audit(ask: Ask, engine: Engine, runs: list[str]) -> None:
    import sqlalchemy as sa

    from serving.store.accesstables import audit as rows

    ask().get("/v1/enterprises", params={"class": "C", "q": "松江"})
    with engine.connect() as connection:
        last = connection.execute(sa.select(rows).order_by(rows.c.n.desc()).limit(1)).one()
    assert (last.action, last.about, last.firms) == ("search", "q=松江 class=C", 1)
    assert json.dumps(last.run)
