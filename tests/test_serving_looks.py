"""Who looked at an enterprise: for auditors, lists included, and on record itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.scope import WHOLE, Scope
from serving.results import publishing
from serving.store.database import connect
from serving.web.app import create_app
from tests import a_run
from tests.a_sign_in import sign_in


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("looks")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    token = access.issue(engine, "王敏", "inspector", days=1)
    client = TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"})
    client.get(f"/v1/enterprises/{a_run.C}", params={"purpose": "<b>4月抽查</b>"})
    client.post("/v1/enterprises/batch", json={"entity_ids": [a_run.A, a_run.C]})
    return engine


def _client(engine: Engine, scope: Scope = WHOLE) -> TestClient:
    token = access.issue(engine, "李审", "auditor", days=1, scope=scope)
    return TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"})


def test_single_looks_and_lists(engine: Engine) -> None:
    client, since = _client(engine), audit.head(engine).n
    told = client.get(f"/v1/audit/enterprises/{a_run.C}", params={"purpose": "5月审计"}).json()
    kept = [(one["user"], one["action"], one["firms"]) for one in told["looks"]]
    assert kept[:2] == [("王敏", "class", 1), ("王敏", "batch", 2)]
    assert told["after"] is None
    (own,) = audit.who_looked(engine, a_run.C, after=since)
    assert (own.user, own.role, own.action, own.purpose) == (
        "李审", "auditor", "who_looked", "5月审计",
    )  # fmt: skip
    nobody = client.get("/v1/audit/enterprises/nobody").json()
    assert nobody["looks"] == []


def test_pages_of_looks(engine: Engine) -> None:
    client, seen, after = _client(engine), [], 0
    path = f"/v1/audit/enterprises/{a_run.C}"
    while True:
        told = client.get(path, params={"limit": 1, "after": after}).json()
        seen += [one["n"] for one in told["looks"]]
        if told["after"] is None or len(seen) > 3:
            break
        after = told["after"]
    assert seen == sorted(set(seen))
    assert len(seen) > 1


def test_days_narrow(engine: Engine) -> None:
    client, path = _client(engine), f"/v1/audit/enterprises/{a_run.C}"
    assert client.get(path, params={"to": "2020-01-01"}).json()["looks"] == []
    assert client.get(path, params={"from": "2020-01-01"}).json()["looks"]
    for wrong in (
        {"from": "yesterday"}, {"to": "9999-12-31"}, {"after": "-1"}, {"limit": "0"},
        {"from": "0001-01-01"}, {"to": "0001-06-01"}, {"to": "0001-01-01"},
    ):  # fmt: skip
        answer = client.get(path, params=wrong)
        assert answer.status_code == 422
        assert answer.json()["field"] in wrong
    assert client.get(path, params={"from": "0001-01-01"}).status_code == 422


def test_an_auditor_of_a_region_sees_its_firms_only(engine: Engine) -> None:
    client = _client(engine, Scope.of(["2312"]))
    assert client.get(f"/v1/audit/enterprises/{a_run.B}").status_code == 200
    foreign, missing = (client.get(f"/v1/audit/enterprises/{code}") for code in (a_run.C, "nobody"))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text == missing.text.replace("nobody", a_run.C)


def test_the_page_is_where_an_auditor_begins(engine: Engine) -> None:
    browser = TestClient(create_app(engine), follow_redirects=False)
    answer = sign_in(browser, access.issue(engine, "李审", "auditor", days=1))
    assert answer.headers["location"] == "/looks"
    page = browser.get("/looks").text
    assert "查阅记录" in page
    assert 'role="search"' in page
    assert 'id="find"' not in page  # an auditor looks no enterprise up
    text = browser.get("/looks", params={"q": f" {a_run.C}", "from": "2020-01-01"}).text
    assert re.search(r"王敏</td><td>检查人员</td><td>查看企业类别", text)
    assert "&lt;b&gt;4月抽查" in text
    assert "C 类" not in text
    assert "Who looked" in browser.get("/looks?lang=en").text
    assert "没有人查阅" in browser.get("/looks?lang=zh&q=x&to=2020-01-01").text
    for wrong in ("from=2026-02-30", "to=x", "to=9999-12-31&q=x", "after=x", "q=%00"):
        assert browser.get(f"/looks?q=x&{wrong}").status_code == 422, wrong


def test_the_page_goes_on(engine: Engine, tmp_path: Path) -> None:
    store = connect(f"sqlite:///{tmp_path / 'results.db'}")
    browser = TestClient(create_app(store), follow_redirects=False)
    sign_in(browser, access.issue(store, "李审", "auditor", days=1))
    for _ in range(53):
        browser.get("/looks?q=F1")
    text = browser.get("/looks?q=F1").text
    onward = re.search(r'href="(/looks\?[^"]+)"', text)
    assert onward
    rest = browser.get(onward[1].replace("&amp;", "&")).text
    assert rest.count("<tr><td>") == 4  # the look before is among them
