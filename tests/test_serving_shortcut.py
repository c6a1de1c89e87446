"""The short way to the desk answers as the usual way does; a round tells everybody his own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.scope import FieldHidden, Scope
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.results.desk import Desk, Question, firms
from serving.store.database import connect
from serving.web import shortcut
from serving.web.api import at_desk
from serving.web.app import create_app
from serving.web.problems import Refused
from tests import a_run
from tests.an_audit import looks

FREE = Settings(limited=False)
CODES = st.sampled_from(
    [a_run.C, a_run.COOP, "nobody", "x" * 64, "x" * 65, "a b", "é", "a/b", "", "."]
)
WORDS = st.sampled_from(
    ["", "zh", "en", "de", "4月抽查", "a+b", "%00", "%", "x" * 200, "y" * 201, "%ff"]
)
PAIRS = st.tuples(st.sampled_from(["lang", "purpose", "Lang", "other"]), WORDS)
LONG = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("shortcut")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    return engine


@pytest.fixture(scope="module")
def clients(engine: Engine) -> tuple[TestClient, TestClient]:
    """One that may take the short way, and one that never does."""
    short, usual = create_app(engine, FREE), create_app(engine, FREE)
    taken = [one for one in usual.user_middleware if "Shortcut" in repr(one)]
    assert len(taken) == 1
    usual.user_middleware.remove(taken[0])
    return TestClient(short), TestClient(usual)


@pytest.fixture(scope="module")
def shown(engine: Engine) -> list[list[tuple[str, str]]]:
    """Headers that somebody may send."""
    whole = access.issue(engine, "王敏", "inspector", days=1)
    narrow = access.issue(
        engine, "李强", "batch", days=1, scope=Scope.of(["2312"], ["name", "risk_class"])
    )
    auditor = access.issue(engine, "审计", "auditor", days=1)
    bearers = [whole, narrow, auditor, "xf_none", "", "two words", "é"]
    told = [[("Authorization", f"Bearer {one}")] for one in bearers]
    told += [[("Authorization", f"bearer {whole}")], [("Authorization", f"BEARER  {whole}")]]
    return [*told, [], [("Authorization", f"Basic {whole}")]]


@LONG
@given(
    code=CODES, ladder=st.booleans(), pairs=st.lists(PAIRS, max_size=3), at=st.integers(0, 10),
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST"]),
)  # fmt: skip
def test_both_ways_answer_alike(
    clients: tuple[TestClient, TestClient], engine: Engine,
    shown: list[list[tuple[str, str]]],
    code: str, ladder: bool, pairs: list[tuple[str, str]], at: int, method: str,
) -> None:  # fmt: skip
    query = "&".join(f"{name}={word}" for name, word in pairs)
    address = f"/v1/enterprises/{code}{'/explanation' if ladder else ''}"
    headers = [(name.encode(), value.encode("utf-8")) for name, value in shown[at]]
    told = []
    for client in clients:
        since = audit.head(engine).n
        answer = client.request(method, address + (f"?{query}" if query else ""), headers=headers)
        kept = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
        told.append((answer.status_code, answer.content, kept, looks(engine, since)))
    assert told[0] == told[1]


def test_the_short_way_is_taken(clients: tuple[TestClient, TestClient], engine: Engine) -> None:
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": f"/v1/enterprises/{a_run.C}/explanation",
        "headers": [(b"authorization", b"Bearer xf_a_b")],
        "query_string": b"lang=en&purpose=a+%E6%9C%88",
    }  # fmt: skip
    assert shortcut.plain(scope) == Question("xf_a_b", "explanation", a_run.C, "en", "a 月")
    assert shortcut.plain({**scope, "query_string": b"lang=en&lang=zh"}) is None


@pytest.fixture
def desk(engine: Engine) -> Iterator[Desk[Question]]:
    made = Desk(engine, at_desk(create_app(engine, FREE).state.limits), firms)
    yield made
    made.rest()


def test_a_round_tells_everybody_his_own(engine: Engine, desk: Desk[Question]) -> None:
    whole = access.issue(engine, "王敏", "inspector", days=1)
    south = access.issue(engine, "李强", "inspector", days=1, scope=Scope.of(["2312"]))
    blind = access.issue(engine, "抽查平台", "batch", days=1, scope=Scope.of(None, ["risk_class"]))
    since = audit.head(engine).n
    asked = [
        Question(whole, "class", a_run.C, purpose="1"),
        Question(south, "class", a_run.C, purpose="2"),
        Question(south, "class", a_run.B, purpose="3"),
        Question("xf_none", "class", a_run.C, purpose="4"),
        Question(blind, "class", a_run.D, purpose="5"),
        Question(blind, "explanation", a_run.D, "zh", purpose="6"),
        Question(whole, "explanation", "nobody", "zh", purpose="7"),
    ] * 3

    async def ask() -> list[Any]:
        return await asyncio.gather(*map(desk.ask, asked), return_exceptions=True)

    told = asyncio.run(ask())
    for at in range(0, len(asked), 7):
        mine = told[at : at + 7]
        assert b'"risk_class":"C"' in mine[0]
        assert mine[1] is None
        assert b'"risk_class":"B"' in mine[2]
        assert isinstance(mine[3], Refused)
        assert mine[4].count(b":") == 4
        assert isinstance(mine[5], FieldHidden)
        assert mine[6] is None
    assert sorted(row[3] for row in looks(engine, since)) == sorted(["1", "3", "5"] * 3)


def test_what_is_withheld_is_neither_told_nor_recorded(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    admit, refused = at_desk(create_app(engine, FREE).state.limits), Refused.not_signed_in()
    desk = Desk(
        engine, admit, firms, lambda _at, by, ids: {a_run.D: refused} if by.user == "王敏" else {}
    )
    since = audit.head(engine).n
    assert asyncio.run(desk.ask(Question(token, "class", a_run.C)))
    for lang in ("zh", None):
        with pytest.raises(Refused):
            asyncio.run(desk.ask(Question(token, "explanation", a_run.D, lang)))
    assert [row[2] for row in looks(engine, since)] == [a_run.C]


def test_a_token_that_ends_has_ended_in_the_next_round(
    engine: Engine, desk: Desk[Question]
) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    assert asyncio.run(desk.ask(Question(token, "class", a_run.C)))
    access.revoke(engine, access.shown(token))
    with pytest.raises(Refused):
        asyncio.run(desk.ask(Question(token, "class", a_run.C)))
