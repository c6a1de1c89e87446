"""Of lists, jobs, histories and counts nothing of another region is told: random questions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.store.accesstables import audit_firms
from serving.store.database import connect, reading
from serving.web.app import create_app
from tests import a_run
from tests.test_serving_scope import CODES, HARBIN, LONG, OURS, THEIRS, _write

NAMES = [f"松江{n}号" for n in range(len(CODES))]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("scope-lists") / "run")


@pytest.fixture(scope="module")
def engine(run: Path) -> Engine:
    engine = connect(f"sqlite:///{run.parent / 'results.db'}")
    publishing.publish(run, engine=engine)
    return engine


@pytest.fixture(scope="module")
def foreign(run: Path) -> dict[str, str]:
    """The firms that are not Harbin's: name by code."""
    rows = pq.read_table(run / "classes.parquet", columns=["entity_id", "division", "name"])
    return {
        row["entity_id"]: row["name"]
        for row in rows.to_pylist()
        if not (row["division"] or "").startswith("2301")
    }


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    token = access.issue(engine, "王敏", "supervisor", days=1, scope=HARBIN)
    app = create_app(engine, Settings(limited=False))
    yield TestClient(app, headers={"Authorization": f"Bearer {token}"})
    app.state.worker.stop()


LETTERS = st.sampled_from(["", "A", "C,D", "A,B,C,D"])
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(["", "松江", "号", "9", "1"]),
        "class": LETTERS,
        "grade": LETTERS,
        "division": st.sampled_from(["23", "2301", "2312", "230", *OURS, "2301,2312", "2302"]),
        "industry": st.sampled_from(["", "H", "C", "H62,C13"]),
        "after": st.sampled_from(["", "9010A", a_run.B]),
    },
)  # fmt: skip


@LONG
@given(question=QUESTIONS)
def test_no_filter_tells_or_counts_a_firm_of_the_other_region(
    client: TestClient, foreign: dict[str, str], question: dict[str, str]
) -> None:
    answer = client.get("/v1/enterprises", params={**question, "limit": 100})
    told = answer.json()
    assert not {firm["entity_id"] for firm in told["enterprises"]} & set(foreign)
    if not question.get("after"):
        assert told["total"] == len(told["enterprises"])


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "X1", a_run.A, a_run.B, *CODES]),
        st.sampled_from(["", "无", "松江", *NAMES]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@LONG
@given(rows=ROWS)
def test_no_list_tells_a_firm_of_the_other_region(
    engine: Engine, client: TestClient, foreign: dict[str, str], rows: list[tuple[str, str]]
) -> None:
    since = audit.head(engine).n
    content = "\n".join(["code,name,x", *(f"{code},{name},1" for code, name in rows)]).encode()
    told = client.post("/v1/compare", files={"file": ("list", content)}).json()
    asked = {code for code, _ in rows} | {name for _, name in rows}
    for row in told["answers"]:
        assert row["entity_id"] not in foreign
        assert row["candidates"] <= 1
        if row["code"] in foreign:
            assert row["status"] in ("unknown_code", "bad_check_digit")
    for code, name in foreign.items():
        for text in (code, name):
            if text not in asked:
                assert text not in str(told)
    with reading(engine) as connection:
        noted = sa.select(audit_firms.c.entity_id).where(audit_firms.c.n > since)
        known = {row["entity_id"] for row in told["answers"]} - {None}
        assert set(connection.scalars(noted)) == known


def test_no_job_tells_a_firm_of_the_other_region(
    client: TestClient, foreign: dict[str, str]
) -> None:
    content = "\n".join(["code", *foreign, *CODES]).encode()
    asked: dict[str, Any] = {"files": {"file": ("list", content)}, "params": {"job": "true"}}
    job = client.post("/v1/compare", **asked).json()["id"]
    for _ in range(200):
        if client.get(f"/v1/jobs/{job}").json()["state"] == "done":
            break
        time.sleep(0.05)
    told = client.get(f"/v1/jobs/{job}/result").json()
    assert told["enterprises"] == len(set(CODES) - set(foreign))
    assert not {row["entity_id"] for row in told["answers"]} & set(foreign)


def test_no_history_or_count_tells_of_the_other_region(
    client: TestClient, foreign: dict[str, str]
) -> None:
    for code in foreign:
        for what in ("history", "change"):
            assert client.get(f"/v1/enterprises/{code}/{what}").status_code == 404
    run = client.get("/v1/run").json()["run"]
    counts = client.get(f"/v1/runs/{run}").json()["counts"]
    divisions = {row["value"] for row in counts["division"]}
    assert divisions == set(OURS)
    assert not divisions & {str(one) for one in THEIRS}
    for kind in ("industry", "grade"):
        firms = sum(row["firms"] for row in counts[kind])
        assert firms == client.get("/v1/enterprises").json()["total"]
