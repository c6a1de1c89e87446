"""The API: behind a token, audited, one body for every error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from serving.access import access, audit, chain
from serving.access.scope import WHOLE
from serving.results import publishing, results
from serving.store.database import connect, reading
from serving.web import answers
from serving.web.app import create_app
from serving.web.guard import MAX_BODY
from tests import a_run
from tests.an_audit import looks


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("api")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    return engine


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    token = access.issue(engine, "王敏", "inspector", days=1)
    with TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def batch_client(engine: Engine) -> Iterator[TestClient]:
    token = access.issue(engine, "抽查平台", "batch", days=1)
    with TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def test_class_of_a_firm(client: TestClient, engine: Engine) -> None:
    since = audit.head(engine).n
    answer = client.get(f"/v1/enterprises/{a_run.C}", params={"purpose": "4月抽查"})
    assert answer.status_code == 200
    told = answer.json()
    assert len(told.pop("run")) == 64
    assert told.pop("probability") == pytest.approx(0.27091, abs=1e-5)
    assert told == {
        "as_of": "2026-03-31", "entity_id": a_run.C, "name": "松江小馆餐饮管理有限公司",
        "division": "230102", "industry": "H62", "entity_type": "1130", "status": "live",
        "scope": "model", "risk_class": "C", "model_class": "C", "previous_class": "B",
        "public_grade": "C", "public_score": 745,
    }  # fmt: skip
    assert looks(engine, since) == [("王敏", "class", a_run.C, "4月抽查")]


def test_explanation_is_the_stored_ladder(client: TestClient, engine: Engine) -> None:
    since = audit.head(engine).n
    answer = client.get(f"/v1/enterprises/{a_run.D}/explanation", params={"lang": "en"})
    with reading(engine) as connection:
        load = results.published(connection).load
        assert answer.content == results.stored_ladder(connection, load, a_run.D, "en", WHOLE)
    assert answer.headers["content-type"] == "application/json"
    assert [step["class"] for step in answer.json()["steps"]] == list("BBCDDD")
    assert looks(engine, since) == [("王敏", "explanation", a_run.D, "")]


def test_example_ladder_has_the_shape_of_a_real_one(client: TestClient) -> None:
    told = client.get(f"/v1/enterprises/{a_run.C}/explanation").json()
    assert set(answers.LADDER) == set(told)
    for part in ("groups", "reasons_for", "steps", "remedies"):
        assert set(answers.LADDER[part][0]) == set(told[part][0])


def test_search_and_its_pages(client: TestClient, engine: Engine) -> None:
    since = audit.head(engine).n
    first = client.get("/v1/enterprises", params={"division": "230102", "limit": 2}).json()
    assert (first["total"], first["after"]) == (3, a_run.A)
    rest = client.get(
        "/v1/enterprises", params={"division": "230102", "limit": 2, "after": first["after"]}
    ).json()
    assert [firm["entity_id"] for firm in rest["enterprises"]] == [a_run.COOP]
    assert rest["after"] is None
    assert [row[2] for row in looks(engine, since)] == [a_run.C, a_run.A, a_run.COOP]


def test_search_by_class(client: TestClient) -> None:
    found = client.get("/v1/enterprises", params={"class": "D"}).json()
    assert [firm["name"] for firm in found["enterprises"]] == ["南岗云仓商贸有限公司"]


def test_batch(batch_client: TestClient, engine: Engine) -> None:
    since = audit.head(engine).n
    asked = [a_run.COOP, "nobody", a_run.A, "nobody", a_run.A]
    told = batch_client.post("/v1/enterprises/batch", json={"entity_ids": asked}).json()
    classes = [(firm["entity_id"], firm["risk_class"]) for firm in told["enterprises"]]
    assert classes == [(a_run.A, "A"), (a_run.COOP, None)]
    assert told["not_found"] == ["nobody"]
    assert [row[:3] for row in looks(engine, since)] == [
        ("抽查平台", "batch", a_run.A), ("抽查平台", "batch", a_run.COOP),
    ]  # fmt: skip


def test_run(client: TestClient) -> None:
    told = client.get("/v1/run").json()
    assert (told["firms"], told["as_of"], told["synthetic"]) == (5, "2026-03-31", True)
    assert told["classes"] == {"A": 1, "B": 1, "C": 1, "D": 1}


def test_probes_need_no_token(client: TestClient, tmp_path: Path) -> None:
    client.headers.pop("Authorization")
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "ready"}
    empty = TestClient(create_app(connect(f"sqlite:///{tmp_path / 'empty.db'}")))
    answer = empty.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "nothing_published")
    assert answer.json()["hint"] == "run `xinfen publish RUN` first"


@pytest.mark.parametrize("header", [None, "Bearer xf_wrong", "Basic eDp5", "Bearer "])
def test_no_token_no_answer(client: TestClient, engine: Engine, header: str | None) -> None:
    """Of all that the description names, and of itself."""
    paths = client.get("/v1/openapi.json").json()["paths"]
    routes = {(method, path) for path, told in paths.items() for method in told}
    routes = {one for one in routes if one[1] not in ("/health", "/ready")}
    assert len(routes) > 8
    since = audit.head(engine).n
    client.headers.pop("Authorization")
    headers = {"Authorization": header} if header else {}
    for method, path in [*sorted(routes), ("get", "/v1/openapi.json")]:
        filled = path.replace("{entity_id}", a_run.C).replace("{run}", "0" * 64)
        answer = client.request(method, filled, headers=headers)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json() == {
            "code": "not_signed_in",
            "message": {"zh": "需要有效的访问令牌。", "en": "A valid token is needed."},
            "field": "Authorization", "found": "", "allowed": "Bearer <token>",
            "hint": "ask the administrator for a token; an expired one does not hold",
        }  # fmt: skip
    assert audit.head(engine).n == since


def test_a_role_may_only_do_its_work(batch_client: TestClient) -> None:
    answer = batch_client.get("/v1/enterprises")
    assert (answer.status_code, answer.json()["found"]) == (403, "role batch, action search")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "/v1/enterprises/nobody", None, 404,
         {"code": "unknown_enterprise", "field": "entity_id", "found": "nobody"}),
        ("GET", "/v1/enterprises/nobody/explanation", None, 404, {"code": "unknown_enterprise"}),
        ("GET", "/v1/nowhere", None, 404, {"code": "not_found"}),
        ("DELETE", "/v1/run", None, 405, {"code": "method_not_allowed"}),
        ("GET", f"/v1/enterprises/{'x' * 65}", None, 422, {"field": "entity_id"}),
        ("GET", f"/v1/enterprises/{a_run.C}/explanation?lang=fr", None, 422,
         {"code": "wrong_input", "field": "lang", "found": "fr",
          "allowed": "Input should be 'zh' or 'en'"}),
        ("GET", "/v1/enterprises?class=E", None, 422, {"field": "class", "found": "E"}),
        ("GET", "/v1/enterprises?limit=1000", None, 422, {"field": "limit", "found": "1000"}),
        ("POST", "/v1/enterprises/batch", {"entity_ids": []}, 422, {"field": "entity_ids"}),
        ("POST", "/v1/enterprises/batch", {"entity_ids": ["x"] * 1001}, 422,
         {"field": "entity_ids"}),
        ("POST", "/v1/enterprises/batch", {"ids": ["x"]}, 422, {"code": "wrong_input"}),
        ("POST", "/v1/enterprises/batch", {"entity_ids": ["x" * MAX_BODY]}, 413,
         {"code": "too_large", "allowed": "at most 1000000 bytes"}),
    ],
)  # fmt: skip
def test_errors_carry_one_body(
    client: TestClient, method: str, path: str, body: Any, status: int, told: dict[str, str]
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    found = answer.json()
    assert set(found) == {"code", "message", "field", "found", "allowed", "hint"}
    assert set(found["message"]) == {"zh", "en"}
    assert found | told == found


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"entity_ids": ["\\ud800"]}', 422),
        (b'{"entity_ids": ["\xff"]}', 400),
        (b"{", 422),
        (b"[]", 422),
        (b"", 422),
        (iter([b'{"entity_ids": ["', b"x" * MAX_BODY, b'"]}']), 413),  # length not declared
    ],
)
def test_odd_bodies_are_answered(
    client: TestClient, content: bytes | Iterator[bytes], status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/enterprises/batch", content=content, headers=headers)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "field", "found", "allowed", "hint"}


def test_nothing_published(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    token = access.issue(engine, "王敏", "inspector", days=1)
    client = TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"})
    for path in ("/v1/run", "/v1/enterprises", f"/v1/enterprises/{a_run.C}"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "nothing_published")


def test_what_breaks_inside_tells_nothing_of_itself(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(results, "published", broken)
    answer = TestClient(create_app(engine), raise_server_exceptions=False).get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


def test_a_read_that_cannot_be_recorded_is_not_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(chain, "record", full)
    with pytest.raises(OSError, match="disk full"):
        client.get(f"/v1/enterprises/{a_run.C}")


def test_answers_are_guarded(client: TestClient) -> None:
    headers = client.get("/v1/run").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_the_audit_holds_after_all_this(engine: Engine) -> None:
    assert audit.verify(engine).holds
