"""The service in earnest: workers, an orderly stop, and logs without anybody's data."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from records.errors import NotPossible
from serving.access import access, audit
from serving.results import publishing
from serving.store.database import connect, opened, writing
from serving.web.app import create_app
from serving.web.logs import JsonLines
from tests import a_run
from tests.a_service import Load, serving
from tests.a_sign_in import sign_in
from tests.an_audit import looks

NAME = "松江小馆餐饮管理有限公司"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path / 'results.db'}")
    publishing.publish(a_run.write(tmp_path / "run"), engine=made)
    yield made
    made.dispose()


def test_workers_answer_and_stop_in_order(engine: Engine, tmp_path: Path) -> None:
    token = access.issue(engine, "抽查平台甲", "batch", days=1)
    since = audit.head(engine).n
    with serving(engine, tmp_path) as service:
        assert len(service.workers()) == 2
        with Load(service.url, token, a_run.C) as load:
            load.until(50)
            service.process.terminate()
            assert service.process.wait(60) == 0
    # Whoever was answered stands in the audit, and whoever had been taken in was answered: one that
    # is cut off in between would stand there without an answer.
    assert load.refused == []
    assert sorted(row[3] for row in looks(engine, since)) == sorted(load.answered)
    assert audit.verify(engine).holds
    lines = [json.loads(line) for line in service.log.read_text("utf-8").splitlines()[1:]]
    told = [line for line in lines if line["logger"] == "xinfen.requests"]
    asked = [line for line in told if line["route"].endswith("/explanation")]
    assert {line["status"] for line in asked} == {200}
    assert len(asked) == len(load.answered)
    assert not [line for line in lines if line["level"] in ("warning", "error")]


def test_a_log_tells_nobodys_data(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    app, kept = create_app(engine), _Kept()
    logging.getLogger().addHandler(kept)
    for name in ("", "xinfen.requests"):
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        client = TestClient(app, raise_server_exceptions=False)
        shown = {"Authorization": f"Bearer {token}"}
        for address in (
            f"/v1/enterprises/{a_run.C}", f"/v1/enterprises/{a_run.C}/explanation?lang=en",
            f"/v1/enterprises/{a_run.C}?purpose={quote(NAME)}&purpose=x",
            "/v1/enterprises/91nobody", f"/v1/{a_run.C}", "/v1/run",
        ):  # fmt: skip
            client.get(address, headers=shown)
            client.get(address, headers={"Authorization": f"Bearer {token}x"})
        sign_in(client, token)
        for address in ("/", f"/?q={quote(NAME)}", f"/enterprises/{a_run.C}", f"/{a_run.C}"):
            client.get(address)
        client.post("/sign-in", data={"token": token})
        app.state.desk._admit = lambda caller, action: 1 / 0
        assert client.get(f"/v1/enterprises/{a_run.C}", headers=shown).status_code == 500
    finally:
        logging.getLogger().removeHandler(kept)
    text = "\n".join(kept.lines)
    assert len(kept.lines) > 18
    assert "/v1/enterprises/{entity_id}/explanation" in text
    assert "/enterprises/{entity_id}" in text
    prefix, secret = access.shown(token), token[12:]
    for told in (a_run.C, "91nobody", NAME, quote(NAME), NAME[:4], "王敏", prefix, secret,
                 "testclient"):  # fmt: skip
        assert told not in text, told


class _Kept(logging.Handler):
    """The lines that a service would have written; those of the test's own client are not."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("httpx"):
            self.lines.append(self.format(record))


def test_an_error_is_told_by_kind_and_place() -> None:
    try:
        raise ValueError(NAME)
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, __file__, 1, "broke", (), sys.exc_info()
        )
    told = json.loads(JsonLines().format(record))
    assert (told["error"], told["what"]) == ("builtins.ValueError", "broke")
    assert "test_an_error_is_told" in told["raised"][-1]
    assert NAME not in json.dumps(told, ensure_ascii=False)


def test_a_store_of_another_version_is_upgraded_only_when_asked(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving.web import app, service

    old = tmp_path / "old.db"
    monkeypatch.setenv("XINFEN_RESULTS", f"sqlite:///{old}")
    with writing(opened()) as connection:
        connection.exec_driver_sql("CREATE TABLE of_before (one INTEGER)")
    served: list[int] = []
    monkeypatch.setattr(service, "run", lambda *given: served.append(given[-1]))
    with pytest.raises(NotPossible, match="not of this program's version"):
        app.run(workers=3)
    assert served == []
    app.run(workers=3, upgrade=True)
    assert served == [3]


def test_ready_says_when_no_class_can_be_told(engine: Engine) -> None:
    client = TestClient(create_app(engine))
    assert client.get("/ready").status_code == 200
    shelf = next(Path(str(engine.url.database)).with_suffix(".runs").iterdir())
    engine.dispose()
    shelf.rename(shelf.with_suffix(".away"))
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_away")
    assert client.get("/health").status_code == 200


def test_requests_over_http_have_an_id(engine: Engine) -> None:
    client = TestClient(create_app(engine))
    ids = {client.get("/health").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
