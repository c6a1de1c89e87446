"""Heads lodged outside, in a file or at an address; what is exported is text and small."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
import yaml
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

import xinfen
from records.errors import BadInput, NotFound, NotPossible
from serving.access import audit, auditexport, lodging
from serving.access.audit import Head
from serving.access.caller import Caller
from serving.access.scope import WHOLE
from serving.access.servicesettings import Lodge, Settings
from serving.store.accesstables import audit as rows
from serving.store.accesstables import audit_firms
from serving.store.database import connect, reading, writing
from serving.web.app import create_app

WANG = Caller("=王敏", "inspector", WHOLE, "xf_abcdefgh")
AT = datetime(2026, 4, 30, 16, 30, tzinfo=UTC)
"""The first of May in Shanghai, the thirtieth of April in UTC."""


@pytest.fixture
def engine(home: Path) -> Engine:
    engine = connect()
    audit.append(engine, WANG, "class", ["F1"], run="r", purpose="@SUM(1)", at=AT)
    audit.append(engine, WANG, "batch", ["F1", "F2"], run="r", at=AT)
    return engine


def _run(*words: str | Path) -> tuple[int, str]:
    told = CliRunner().invoke(xinfen.app, [str(word) for word in words], env={"COLUMNS": "200"})
    if told.exception and hasattr(told.exception, "hint"):
        return 1, str(told.exception)
    return told.exit_code, told.stdout


def _actions(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(rows.c.action).order_by(rows.c.n)))


class Place(HTTPServer):
    """An address that takes heads."""

    status = 201

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[tuple[str, str | None, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/heads?of=xinfen"


class _Taking(BaseHTTPRequestHandler):
    server: Place

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, self.headers["Authorization"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_heads_are_added_to_a_file_and_found_again(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "outside" / "heads.jsonl"
    first = lodging.lodge(engine, Lodge(to=str(path)))
    audit.append(engine, WANG, "class", ["F3"], run="r")
    second = lodging.lodge(engine, Lodge(to=str(path)))
    assert lodging.lodged(path) == [first, second]
    assert second == audit.head(engine)  # the row that says it was lodged is in it
    assert _actions(engine)[2::2] == ["audit.lodge", "audit.lodge"]
    assert audit.verify(engine, lodging.lodged(path)).holds


def test_heads_are_sent_to_an_address(engine: Engine, place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n", "utf-8")
    head = lodging.lodge(engine, Lodge(to=place.url, token_file=secret))
    path, authorization, told = place.taken[0]
    assert (path, authorization) == ("/heads?of=xinfen", "Bearer s3cret")
    assert Head(told["n"], told["hash"]) == head
    assert set(told) == {"n", "hash", "at"}
    line = tmp_path / "kept.jsonl"
    line.write_text(json.dumps(told) + "\n", "utf-8")
    assert audit.verify(engine, lodging.lodged(line)).holds


@pytest.mark.parametrize("status", [500, 404, 302])
def test_an_address_that_does_not_take_it_is_told_and_noted(
    engine: Engine, place: Place, status: int
) -> None:
    place.status = status
    with pytest.raises(NotPossible, match=f"found: {status}"):
        lodging.lodge(engine, Lodge(to=place.url))
    assert len(place.taken) == 1  # no redirect is followed
    assert _actions(engine)[-1] == "audit.lodge_failed"
    with pytest.raises(NotPossible, match="could not be lodged"):
        lodging.lodge(engine, Lodge(to="http://127.0.0.1:1/"))


@pytest.mark.parametrize(
    "to",
    [
        "", "ftp://x/y", "file:///etc/passwd", "http://[x", "http://lodge.example:port/",
        "https:///heads", "HTTP://lodge.example/",
    ],
)  # fmt: skip
def test_there_must_be_a_place(engine: Engine, to: str) -> None:
    with pytest.raises(BadInput, match="a file, or an http"):
        lodging.lodge(engine, Lodge(to=to))
    with pytest.raises(BadInput, match="a file, or an http"):
        lodging.lodge_if_due(engine, Lodge(to=to))
    if to:
        with pytest.raises(BadInput, match="a file, or an http"):
            create_app(engine, Settings(lodge=Lodge(to=to)))
    assert _actions(engine) == ["class", "batch"]


def test_a_name_that_is_no_host_s_is_told(engine: Engine) -> None:
    with pytest.raises(NotPossible, match="could not be lodged"):
        lodging.lodge(engine, Lodge(to="http://a..b/"))
    assert _actions(engine)[-1] == "audit.lodge_failed"


def test_a_token_is_only_sent_encrypted(engine: Engine, tmp_path: Path) -> None:
    where = Lodge(to="http://lodge.example/", token_file=tmp_path / "s")
    with pytest.raises(BadInput, match="only sent encrypted"):
        lodging.lodge(engine, where)
    with pytest.raises(BadInput, match="only sent encrypted"):
        lodging.lodge_if_due(engine, where)  # nor by the service
    with pytest.raises(BadInput, match="only sent encrypted"):
        create_app(engine, Settings(lodge=where))


def test_nothing_is_lodged_over_a_head_that_is_gone(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    path.write_text(json.dumps({"n": 2, "hash": "f" * 64, "at": ""}) + "\n", "utf-8")
    with pytest.raises(NotPossible, match="row 2 is not the row whose hash was lodged"):
        lodging.lodge(engine, Lodge(to=str(path)))
    assert len(lodging.lodged(path)) == 1
    assert _actions(engine) == ["class", "batch"]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "7", '{"n":1}', '{"n":true,"hash":"x"}', f'{{"n":"1","hash":"{"f" * 64}"}}'],
)
def test_a_line_that_is_no_head_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "heads.jsonl"
    path.write_text(json.dumps({"n": 1, "hash": "f" * 64}) + "\n" + line + "\n", "utf-8")
    with pytest.raises(BadInput, match="line 2"):
        lodging.lodged(path)
    with pytest.raises(NotFound, match="no lodged file"):
        lodging.lodged(tmp_path / "none")


def test_the_service_lodges_daily_and_once(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "heads.jsonl"
    where = Lodge(to=str(path))
    assert lodging.lodge_if_due(engine, where)
    assert lodging.lodge_if_due(engine, where) is None
    monkeypatch.setitem(lodging.EVERY, lodging.ACTION, lodging.EVERY[lodging.ACTION] * 0)
    assert lodging.lodge_if_due(engine, where)
    assert len(lodging.lodged(path)) == 2
    monkeypatch.undo()
    nowhere = Lodge(to=f"{tmp_path / 'heads.jsonl' / 'x'}")
    monkeypatch.setitem(lodging.EVERY, lodging.ACTION, lodging.EVERY[lodging.ACTION] * 0)
    with pytest.raises(OSError, match="heads"):
        lodging.lodge_if_due(engine, nowhere)
    assert lodging.lodge_if_due(engine, nowhere) is None  # tried again some minutes later
    monkeypatch.setitem(lodging.EVERY, lodging.FAILED, lodging.EVERY[lodging.FAILED] * 0)
    assert lodging.lodge_if_due(engine, where)


def test_a_running_service_lodges(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    with TestClient(create_app(engine, Settings(lodge=Lodge(to=str(path))))) as client:
        while not path.exists():
            client.get("/health")
    assert lodging.lodged(path) == [audit.head(engine)]


def test_verify_at_the_terminal(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "heads.jsonl"
    assert _run("audit", "lodge", "--to", path)[0] == 0
    code, told = _run("audit", "verify", "--lodged", path, "--json")
    assert code == 0
    assert json.loads(told)["verdict"] == "holds"
    assert json.loads(told)["guards of the database"] == "stand"
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        connection.exec_driver_sql("DROP TRIGGER audit_firms_no_delete")
        connection.execute(sa.delete(rows).where(rows.c.n > 1))
        connection.execute(sa.delete(audit_firms).where(audit_firms.c.n > 1))
    assert _run("audit", "verify")[0] == 0
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"lodge": {"to": str(path)}}), "utf-8")
    monkeypatch.setenv("XINFEN_SETTINGS", str(settings))  # the lodged file by configuration
    code, told = _run("audit", "verify", "--json")
    assert code == 1
    found = json.loads(told)
    assert found["fault"] == "the tail is cut after row 1: row 3 was lodged and is missing"
    assert found["guards of the database"] == "missing: audit, audit_firms"


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_text_and_no_formula(engine: Engine, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"5月.{kind}"
    days = ("--from", "2026-05-01", "--to", "2026-05-01")
    assert _run("audit", "export", *days, "--out", out)[0] == 0
    if kind == "csv":
        heading, *found = _csv(out)
        assert {row[2] for row in found} == {"'=王敏"}
        assert found[0][10] == "'@SUM(1)"
    else:
        sheet = openpyxl.load_workbook(out).active
        cells = list(sheet.iter_rows())
        assert not any(cell.data_type == "f" for row in cells for cell in row)
        heading, *found = [["" if c.value is None else c.value for c in row] for row in cells]
        assert {row[2] for row in found} == {"=王敏"}
    assert heading == list(auditexport.HEADINGS.values())
    assert [row[0] for row in found] == ["1", "2"]
    assert [row[6:8] for row in found] == [["1", "F1"], ["2", ""]]
    assert found[0][1] == "2026-05-01 00:30:00.000+08:00"


def test_who_looked_at_this_firm_finds_lists_too(engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "who.csv"
    given = {"first": date(2026, 5, 1), "final": date(2026, 5, 31), "zone": "Asia/Shanghai"}
    assert auditexport.export(engine, out=out, firm="F2", **given) == 1  # type: ignore[arg-type]
    assert [row[0] for row in _csv(out)[1:]] == ["2"]
    assert _csv(out)[1][6:8] == ["2", "F2"]
    assert auditexport.export(engine, out=out, firm="F1", **given) == 2  # type: ignore[arg-type]
    assert auditexport.export(engine, out=out, firm="F9", **given) == 0  # type: ignore[arg-type]
    assert len(_csv(out)) == 1
    april = {**given, "first": date(2026, 4, 1), "final": date(2026, 4, 30)}
    assert auditexport.export(engine, out=out, **april) == 0  # type: ignore[arg-type]
    # Each export stands in the audit itself, and so does whom it asked about.
    assert _actions(engine)[2:] == ["audit.export"] * 4
    assert [look.action for look in audit.who_looked(engine, "F9")] == ["audit.export"]


def test_an_export_is_asked_for_rightly(engine: Engine, tmp_path: Path) -> None:
    days = ("--from", "2026-05-02", "--to", "2026-05-01")
    assert "no day between" in _run("audit", "export", *days, "--out", tmp_path / "x.csv")[1]
    days = ("--from", "2026-05-01", "--to", "2026-05-01")
    assert "unknown kind" in _run("audit", "export", *days, "--out", tmp_path / "x.pdf")[1]
    for days in (
        ("--from", "0001-01-01", "--to", "2026-05-01"),
        ("--from", "2026-05-01", "--to", "9999-12-31"),
    ):
        told = _run("audit", "export", *days, "--out", tmp_path / "x.csv")[1]
        assert "edge of the calendar" in told
    assert _actions(engine) == ["class", "batch"]


def test_tokens_at_the_terminal(engine: Engine) -> None:
    code, told = _run(
        "token", "issue", "王敏", "--role", "inspector", "--region", "2301", "--region", "2312",
        "--days", "30", "--purpose", "日常检查", "--json",
    )  # fmt: skip
    assert code == 0
    token = json.loads(told)["token"]
    code, told = _run("token", "list")
    assert token[:11] in told
    assert "2301 2312" in told
    assert token[12:] not in told
    assert _run("token", "revoke", token[:11])[0] == 0
    assert json.loads(_run("token", "list", "--json")[1]) == {"tokens": []}
    assert (
        json.loads(_run("token", "list", "--all", "--json")[1])["tokens"][0]["state"] == "revoked"
    )
    assert "allowed: administrator" in _run("token", "issue", "王", "--role", "king")[1]
    assert "2 to 12 digits" in _run("token", "issue", "王", "--role", "batch", "--region", "")[1]


@pytest.mark.parametrize(
    "words",
    [
        "token issue",
        "token list",
        "token revoke",
        "audit verify",
        "audit lodge",
        "audit export",
    ],
)
def test_every_command_shows_an_example(words: str) -> None:
    assert f"Example: xinfen {words}" in " ".join(_run(*words.split(), "--help")[1].split())
