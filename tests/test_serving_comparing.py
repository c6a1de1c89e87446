"""Lists compared over HTTP: at once and as jobs, within the scope, recorded, never lost."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from records import sheets
from serving.access import access, audit
from serving.access.scope import WHOLE, Scope
from serving.access.servicesettings import Settings
from serving.jobs import comparison, jobs, working
from serving.results import publishing
from serving.store.database import writing
from serving.store.jobtables import jobs as table
from serving.web.app import create_app
from tests import a_run
from tests.a_database import engine
from tests.an_audit import looks

__all__ = ["engine"]

Ask = Callable[..., TestClient]
ROWS = (f"{a_run.C},", ",南岗云仓商贸有限公司", f"{a_run.C},松江", "=1+1,")
LIST = "\n".join(["统一社会信用代码,企业名称", *ROWS, ""]).encode()


@pytest.fixture
def ask(engine: Engine, tmp_path: Path) -> Iterator[Ask]:
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    app = create_app(engine, Settings(limited=False))

    def client(user: str = "王敏", scope: Scope = WHOLE) -> TestClient:
        token = access.issue(engine, user, "batch", days=1, scope=scope)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    yield client
    app.state.worker.stop()


def _send(client: TestClient, content: bytes = LIST, **asked: Any) -> Any:
    options: tuple[str, ...] = ("purpose", "lang", "code")
    data = {name: asked.pop(name) for name in options if name in asked}
    return client.post("/v1/compare", params=asked, files={"file": ("x", content)}, data=data)


def _done(client: TestClient, job: str) -> dict[str, Any]:
    for _ in range(200):
        told: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
        if told["state"] in ("done", "failed"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_short_list_is_answered_at_once(ask: Ask, engine: Engine) -> None:
    since = audit.head(engine).n
    told = _send(ask(), purpose="4月比对").json()
    assert told["status"] == {"matched": 2, "name_differs": 1, "unknown_code": 1}
    first, second, third, fourth = told["answers"]
    assert (first["risk_class"], first["as_of"], first["public_score"]) == ("C", "2026-03-31", 745)
    assert (second["entity_id"], second["risk_class"]) == (a_run.D, "D")
    assert "列为 D 类" in second["headline"]
    assert third["why"] == "名称与代码不符，该代码为：松江小馆餐饮管理有限公司"
    assert (fourth["entity_id"], fourth["why"]) == (None, "本期分类中没有该代码")
    assert [row[1:] for row in looks(engine, since)] == [
        ("batch", a_run.C, "4月比对"), ("batch", a_run.D, "4月比对"),
    ]  # fmt: skip


def test_files_hold_texts_and_no_formula(ask: Ask, tmp_path: Path) -> None:
    book = tmp_path / "answer.xlsx"
    book.write_bytes(_send(ask(), format="xlsx", lang="en").content)
    rows = [row for _, row in sheets.read(book)]
    assert [row["Code given"] for row in rows] == [a_run.C, "", a_run.C, "=1+1"]
    assert b"<f>" not in _sheet(book)
    answer = _send(ask(), format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert '"\'=1+1"' in answer.text


def _sheet(book: Path) -> bytes:
    import zipfile

    with zipfile.ZipFile(book) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def test_a_workbook_is_known_by_what_it_holds(ask: Ask, tmp_path: Path) -> None:
    book = tmp_path / "list.bin"
    sheets.write(book, "名单", ["企业名称"], [["南岗云仓商贸有限公司"], ["无此企业"]])
    told = _send(ask(), book.read_bytes()).json()
    assert told["status"] == {"matched": 1, "unknown_name": 1}


def test_a_long_list_is_a_job(ask: Ask, engine: Engine) -> None:
    client = ask()
    lines = "\n".join([a_run.C, a_run.A, *(f"X{n}" for n in range(1_200))])
    answer = _send(client, f"代码\n{lines}\n".encode(), code="代码")
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    since = audit.head(engine).n
    told = _done(client, job["id"])
    assert (told["state"], told["done"], told["total"]) == ("done", 2, 2)
    assert looks(engine, since) == []  # nobody was told anything yet
    result = client.get(told["result"]).json()
    assert (result["rows"], result["enterprises"]) == (1_202, 2)
    assert [row[2] for row in looks(engine, since)] == sorted([a_run.C, a_run.A])
    assert client.get(told["result"], params={"format": "csv"}).status_code == 200
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get(told["result"]).status_code == 404


def test_a_job_is_nobody_else_s(ask: Ask) -> None:
    mine = ask()
    job = _send(mine, job="true").json()["id"]
    _done(mine, job)
    narrow = ask("王敏", Scope.of(["2301"]))
    for other in (ask("李静"), narrow):
        for path in ("", "/result"):
            assert other.get(f"/v1/jobs/{job}{path}").json()["code"] == "unknown_job"
        assert other.delete(f"/v1/jobs/{job}").status_code == 404
        assert other.get("/v1/jobs").json() == {"jobs": []}
    again = ask()  # the same person by another token of the same reach
    assert again.get(f"/v1/jobs/{job}").status_code == 200


def test_outside_the_scope_is_not_there(ask: Ask) -> None:
    within = ask(scope=Scope.of(["230102"]))
    for told in (_send(within).json(), _result(within)):
        assert told["answers"][1]["status"] == "unknown_name"
        assert told["answers"][1]["candidates"] == 0
        assert a_run.D not in str(told)
    bare = ask(scope=Scope.of(None, ["risk_class"]))
    assert _send(bare).json()["code"] == "outside_scope"  # names are not told
    row = _send(bare, f"code\n{a_run.C}\n".encode()).json()["answers"][0]
    assert row["risk_class"] == "C"
    assert not {"name", "headline", "public_grade"} & set(row)
    book = _send(bare, f"code\n{a_run.C}\n".encode(), format="csv", lang="en").text
    assert "Main reasons" not in book


def _result(client: TestClient) -> Any:
    job = _send(client, job="true").json()["id"]
    return client.get(_done(client, job)["result"]).json()


def _dead(engine: Engine, job: str, tries: int) -> None:
    """As a worker leaves it that was killed a while ago."""
    left = {"state": "running", "worker": "1-dead", "beat": time.time() - 2 * jobs.LOST}
    with writing(engine) as connection:
        connection.execute(sa.update(table).where(table.c.id == job).values(tries=tries, **left))


def test_a_job_whose_worker_died_is_taken_up_again_and_given_up_at_last(
    ask: Ask, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ask()
    monkeypatch.setattr(working.Worker, "wake", lambda _: None)
    lost, hopeless = (_send(client, job="true").json()["id"] for _ in range(2))
    _dead(engine, lost, 1)
    _dead(engine, hopeless, jobs.TRIES)
    early = client.get(f"/v1/jobs/{lost}/result")
    assert (early.status_code, early.json()["code"]) == (409, "not_done")
    monkeypatch.undo()
    assert _done(client, lost)["state"] == "done"
    told = _done(client, hopeless)
    assert (told["state"], told["problem"]["what"]) == ("failed", "the work was cut off twice")
    assert client.get(f"/v1/jobs/{hopeless}/result").status_code == 409


def test_one_that_was_overtaken_writes_nothing(ask: Ask, engine: Engine) -> None:
    client = ask()
    job = _send(client, job="true").json()["id"]
    _done(client, job)
    _dead(engine, job, 1)
    first = working.take(engine, "slow")
    assert first is not None
    _dead(engine, job, 1)
    assert working.take(engine, "quick") is not None
    assert not working._mine(engine, job, "slow", state="done", result=b"x")
    assert working._mine(engine, job, "quick", done=1)


def test_a_fault_of_ours_ends_the_job_and_tells_nothing_of_itself(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(comparison, "compare", broken)
    client = ask()
    told = _done(client, _send(client, job="true").json()["id"])
    assert (told["state"], told["problem"]) == ("failed", working.BROKEN)


def test_jobs_are_bounded_and_expire(
    ask: Ask, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working.Worker, "wake", lambda _: None)
    client = ask()
    made = [_send(client, job="true").json()["id"] for _ in range(jobs.OPEN)]
    refused = _send(client, job="true")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible")
    assert _send(ask("李静"), job="true").status_code == 202
    with writing(engine) as connection:
        connection.execute(sa.update(table).values(expires=int(time.time()) - 1))
    assert client.get(f"/v1/jobs/{made[0]}").status_code == 404
    assert _send(client, job="true").status_code == 202
    with writing(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the list is empty"),
        (b"PK\x03\x04 no archive", "the list cannot be read"),
        (b"%PDF-1.7", "the list is of another kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "the list is of another kind"),
        (b"PAR1", "the list is of another kind"),
        (b"a,b\n1,2\n", "no column holds codes or names"),
        (b"code\n\xff\xfe\n", "list.csv"),
        (b"code," * 300 + b"\n1\n", "the list is too wide"),
        (b"code\n" + b"1\n" * 50_001, "list.csv has too many rows"),
    ],
)
def test_what_is_no_list_is_told(ask: Ask, content: bytes, words: str) -> None:
    answer = _send(ask(), content)
    assert answer.status_code == 422
    assert words in answer.json()["message"]["en"]
    assert answer.json()["field"] == "file"


def test_an_upload_is_bounded(ask: Ask) -> None:
    answer = _send(ask(), io.BytesIO(b"x" * 21_100_000).read())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
