"""A scope is in the query: of another region nothing is told, not even that there is something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from records.errors import BadInput, NotFound
from serving.access import access, audit
from serving.access.scope import FIELDS, WHOLE, Scope
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.runs.runfolder import CLASSES, REASONS
from serving.store.accesstables import audit_firms
from serving.store.database import connect, reading
from serving.web.app import create_app
from tests import a_run
from tests.a_sign_in import sign_in

HARBIN = Scope.of(["2301"])
OURS = ("230102", "230103", "230199")
THEIRS = ("231202", "230", "2302", "023010", None)
"""Divisions in and outside of Harbin's 2301…; one too short, one that only contains it, none."""
CODES = [f"9{n:03d}{'AB'[n % 2]}" for n in range(60)]


def _write(folder: Path) -> Path:
    """A run with firms of both regions, alike in everything else: class, industry, name."""
    a_run.write(folder)
    classes, reasons = a_run.classes().to_pylist(), a_run.reasons().to_pylist()
    patterns = [row for row in classes if row["risk_class"]]
    for n, code in enumerate(CODES):
        pattern = patterns[n % 4]
        own = {
            "entity_id": code, "name": f"松江{n}号", "division": (*OURS, *THEIRS)[n % 8],
            "industry": ("H62", "C13", None)[n % 3],
        }  # fmt: skip
        classes.append({**pattern, **own})
        told = [row for row in reasons if row["entity_id"] == pattern["entity_id"]]
        reasons += [{**row, "entity_id": code} for row in told]
    classes.sort(key=lambda row: row["entity_id"])
    reasons.sort(key=lambda row: (row["entity_id"], row["rank"]))
    pq.write_table(pa.Table.from_pylist(classes, CLASSES), folder / "classes.parquet")
    pq.write_table(pa.Table.from_pylist(reasons, REASONS), folder / "reasons.parquet")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("scope") / "run")


@pytest.fixture(scope="module")
def engine(run: Path) -> Engine:
    engine = connect(f"sqlite:///{run.parent / 'results.db'}")
    publishing.publish(run, engine=engine)
    return engine


@pytest.fixture(scope="module")
def foreign(run: Path) -> set[str]:
    """The codes of every firm that is not Harbin's."""
    rows = pq.read_table(run / "classes.parquet", columns=["entity_id", "division"]).to_pylist()
    found = {row["entity_id"] for row in rows if not (row["division"] or "").startswith("2301")}
    assert a_run.B in found
    assert len(found) > len(CODES) / 2
    return found


def _client(engine: Engine, scope: Scope, role: str = "inspector") -> TestClient:
    token = access.issue(engine, "王敏", role, days=1, scope=scope)
    app = create_app(engine, Settings(limited=False))
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    with _client(engine, HARBIN) as client:
        yield client


@pytest.fixture(scope="module")
def browser(engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(engine, Settings(limited=False))) as client:
        sign_in(client, access.issue(engine, "王敏", "inspector", days=1, scope=HARBIN))
        yield client


_TEXTS = st.sampled_from(["", "松江", "号", "9", "91", "餐饮", "%", "_", "'", "1", "23", "\\"])
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "q": _TEXTS | st.text(max_size=8),
        "class": st.sampled_from("ABCD"),
        "division": st.sampled_from([*OURS, "231202", "230", "2301%"]) | st.text(max_size=6),
        "industry": st.sampled_from(["H62", "C13", ""]),
        "after": st.sampled_from(["", "9", "9010A", a_run.B, "\uffff"]),
    },
)  # fmt: skip
LONG = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LONG
@given(question=QUESTIONS, limit=st.integers(4, 100))
def test_no_search_tells_a_firm_of_the_other_region(
    engine: Engine, client: TestClient, foreign: set[str], question: dict[str, str], limit: int
) -> None:
    since = audit.head(engine).n
    seen: list[str] = []
    asked: dict[str, Any] = {**question, "limit": limit}
    total = -1
    for _ in range(len(CODES) + 10):
        answer = client.get("/v1/enterprises", params=asked)
        if "\x00" in "".join(question.values()):
            assert answer.status_code == 422
            return
        if answer.status_code == 422:  # no division is written so
            assert answer.json()["field"] == "division"
            return
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert not any(firm["entity_id"] in foreign for firm in told["enterprises"])
        assert not any(code in answer.text for code in foreign)
        assert total in (-1, told["total"])
        total = told["total"]
        seen += [firm["entity_id"] for firm in told["enterprises"]]
        asked["after"] = told["after"]
        if told["after"] is None:
            break
    assert len(seen) == len(set(seen)) <= total
    if not question.get("after"):
        assert len(seen) == total  # the count does not tell of others either
    with reading(engine) as connection:
        noted = sa.select(audit_firms.c.entity_id).where(audit_firms.c.n > since)
        assert set(connection.scalars(noted)) == set(seen)


@LONG
@given(st.lists(st.sampled_from([a_run.A, a_run.B, "nobody", *CODES]), min_size=1, max_size=20))
def test_no_batch_tells_a_firm_of_the_other_region(
    client: TestClient, foreign: set[str], ids: list[str]
) -> None:
    told = client.post("/v1/enterprises/batch", json={"entity_ids": ids}).json()
    assert {firm["entity_id"] for firm in told["enterprises"]} == set(ids) - foreign - {"nobody"}
    assert set(told["not_found"]) == set(ids) & (foreign | {"nobody"})


@LONG
@given(question=QUESTIONS)
def test_no_page_tells_a_firm_of_the_other_region(
    browser: TestClient, foreign: set[str], question: dict[str, str]
) -> None:
    for _ in range(10):
        answer = browser.get("/", params=question)
        if "\x00" in "".join(question.values()):
            assert answer.status_code == 422
            return
        assert answer.status_code == 200
        listed = set(re.findall(r'href="/enterprises/([^"]+)"', answer.text))
        assert not listed & foreign
        assert "<option>231202</option>" not in answer.text  # nor that there is such a region
        onward = re.search(r'href="/\?[^"]*after=([^"&]+)', answer.text)
        if not onward:
            break
        question = {**question, "after": onward[1]}


@pytest.mark.parametrize("path", ["/v1/enterprises/{}", "/v1/enterprises/{}/explanation"])
def test_outside_is_answered_like_what_does_not_exist(
    engine: Engine, client: TestClient, foreign: set[str], path: str
) -> None:
    since = audit.head(engine)
    missing = client.get(path.format("nobody"))
    assert missing.status_code == 404
    for code in sorted(foreign):
        answer = client.get(path.format(code))
        assert answer.status_code == 404
        assert answer.text == missing.text.replace("nobody", code)
        own = {"content-length": "", "x-request-id": ""}
        assert {**answer.headers, **own} == {**missing.headers, **own}
    assert audit.head(engine) == since
    assert client.get(path.format(a_run.A)).status_code == 200


def test_outside_is_answered_by_a_page_like_what_does_not_exist(browser: TestClient) -> None:
    missing = browser.get("/enterprises/nobody")
    answer = browser.get(f"/enterprises/{a_run.B}")
    assert answer.status_code == missing.status_code == 404
    assert answer.text == missing.text.replace("nobody", a_run.B)


def test_both_take_the_same_statements(engine: Engine, client: TestClient) -> None:
    """What a clock could tell apart is one missing row in the same index."""

    def statements(code: str) -> list[str]:
        told: list[str] = []

        def note(_: Any, __: Any, statement: str, *___: Any) -> None:
            told.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        client.get(f"/v1/enterprises/{code}/explanation")
        sa.event.remove(engine, "before_cursor_execute", note)
        return told

    statements(a_run.A)  # the first use of a token is noted
    assert statements(a_run.B) == statements("nobody") != []


def test_the_run_is_counted_within_the_scope(engine: Engine, client: TestClient) -> None:
    told = client.get("/v1/run").json()
    by_class = {
        letter: client.get("/v1/enterprises", params={"class": letter}).json()["total"]
        for letter in "ABCD"
    }
    assert told["firms"] == client.get("/v1/enterprises").json()["total"]
    assert told["classes"] == by_class


def test_an_empty_scope_sees_nothing(engine: Engine) -> None:
    client = _client(engine, Scope.of([]))
    assert client.get("/v1/enterprises").json()["total"] == 0
    assert client.get(f"/v1/enterprises/{a_run.A}").status_code == 404
    assert client.get("/v1/run").json()["firms"] == 0


def test_fields_outside_the_scope_are_absent_and_cannot_be_asked_by(engine: Engine) -> None:
    client = _client(engine, Scope.of(None, ["risk_class", "industry"]))
    told = client.get(f"/v1/enterprises/{a_run.C}").json()
    assert told["risk_class"] == "C"
    assert set(told) == {"run", "as_of", "entity_id", "risk_class", "industry"}
    found = client.get("/v1/enterprises", params={"q": "松江小馆"}).json()
    assert found["total"] == 0  # a name that is not told cannot be searched by
    assert client.get("/v1/enterprises", params={"q": a_run.C[:12]}).json()["total"] == 1
    for path in (f"/v1/enterprises/{a_run.C}/explanation", "/v1/enterprises?division=230102"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside_scope")
    blind = _client(engine, Scope.of(None, []))
    assert set(blind.get(f"/v1/enterprises/{a_run.C}").json()) == {"run", "as_of", "entity_id"}
    assert blind.get("/v1/enterprises?class=D").json()["found"] == "risk_class"


def test_a_token_that_sees_some_fields_opens_no_pages(engine: Engine) -> None:
    browser = TestClient(create_app(engine))
    token = access.issue(engine, "王敏", "inspector", days=1, scope=Scope.of(None, ["name"]))
    assert sign_in(browser, token).status_code == 403


@pytest.mark.parametrize("region", ["2", "23%", "23_", "", "二三", "2301 ", "1" * 13, "٢٣"])
def test_a_region_is_digits(region: str) -> None:
    with pytest.raises(BadInput, match="2 to 12 digits"):
        Scope.of([region])


def test_scopes() -> None:
    with pytest.raises(NotFound, match="did you mean 'risk_class'"):
        Scope.of(None, ["riskclass"])
    assert Scope.of(["2312", "2301", "2301"]).regions == ("2301", "2312")
    assert Scope.of(None, FIELDS[::-1]).fields == FIELDS
    assert str(WHOLE) == "whole province"
    assert str(Scope.of([], [])) == "nowhere; codes"
    assert HARBIN.covers("230102")
    assert not HARBIN.covers("2302")
    assert not HARBIN.covers(None)
    assert WHOLE.covers(None)


def test_a_scope_is_kept_with_its_token(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    for scope in (WHOLE, HARBIN, Scope.of([]), Scope.of(["2312", "2301"], ["name", "ladder"])):
        token = access.issue(engine, "王敏", "inspector", days=1, scope=scope)
        caller = access.check(engine, token)
        assert caller is not None
        assert caller.scope == scope
