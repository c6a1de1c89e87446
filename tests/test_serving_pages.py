"""The pages: a session for people, zh and en, no script, what a firm's page must tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.caller import Caller
from serving.access.roles import Role
from serving.access.scope import WHOLE
from serving.results import publishing
from serving.store.database import connect
from serving.web import figures
from serving.web.app import create_app, run
from serving.web.figures import Bar, Bars
from serving.web.forms import SESSION
from serving.web.words import WORDS
from tests import a_run
from tests.a_sign_in import csrf, sign_in, sign_out


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("pages")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    return engine


@pytest.fixture
def stranger(engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(engine), follow_redirects=False) as client:
        yield client


@pytest.fixture
def reader(engine: Engine, stranger: TestClient) -> TestClient:
    token = access.issue(engine, "王敏", "inspector", days=1)
    assert sign_in(stranger, token).status_code == 303
    return stranger


def test_a_stranger_is_asked_to_sign_in_and_led_back(engine: Engine, stranger: TestClient) -> None:
    answer = stranger.get(f"/enterprises/{a_run.C}?lang=en")
    assert answer.status_code == 303
    door = answer.headers["location"]
    assert door == f"/sign-in?to=%2Fenterprises%2F{a_run.C}%3Flang%3Den"
    to = re.search(r'name="to" value="([^"]*)"', stranger.get(door).text)
    assert to is not None
    token = access.issue(engine, "王敏", "inspector", days=1)
    answer = sign_in(stranger, token, to[1])
    assert answer.headers["location"] == f"/enterprises/{a_run.C}?lang=en"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "https://evil.example", "/\\evil", "x", "", "/a\r\nb", "//[x", "http://[x"],
)
def test_sign_in_never_leads_elsewhere(engine: Engine, stranger: TestClient, to: str) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    answer = sign_in(stranger, token, to)
    assert answer.headers["location"] == "/"


def test_wrong_tokens_do_not_open(engine: Engine, stranger: TestClient) -> None:
    answer = sign_in(stranger, "xf_wrong")
    assert answer.status_code == 401
    assert WORDS["zh"]["token_bad"] in answer.text
    system = access.issue(engine, "抽查平台", "batch", days=1)
    answer = sign_in(stranger, system)
    assert answer.status_code == 403
    assert WORDS["zh"]["token_role"] in answer.text
    assert SESSION not in stranger.cookies


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://[x"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_forms_from_elsewhere_are_refused(
    engine: Engine, stranger: TestClient, path: str, origin: str | None
) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    headers = {"Origin": origin} if origin else {}
    word = csrf(stranger.get("/sign-in").text)
    data = {"token": token, "csrf": word}
    answer = stranger.post(path, data=data, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_sign_out_ends_the_session(reader: TestClient) -> None:
    kept = reader.cookies[SESSION]
    assert sign_out(reader).headers["location"] == "/sign-in"
    reader.cookies.set(SESSION, kept)
    assert reader.get("/").status_code == 303


def test_the_firm_page_tells_why(engine: Engine, reader: TestClient) -> None:
    since = audit.head(engine).n
    text = reader.get(f"/enterprises/{a_run.C}").text
    for told in (
        "松江小馆餐饮管理有限公司", "信用风险较高", "每 100 家约 27 家", "为什么是 C 类",
        "+13.6", "−2.6", "10.9%", "27.1%", "哈里市监异列字〔2026〕第0118号", "2026-02-11",
        "2 条记录", "745 分", "适当提高抽查比例、频次，从严检查。", "合成数据", "general 3",
        "仅供规定范围内的监管工作参考，不得对外提供查询。", "王敏",
    ):  # fmt: skip
        assert told in text, told
    looks = audit.who_looked(engine, a_run.C, after=since)
    assert [(look.user, look.action, look.firms, look.purpose) for look in looks] == [
        ("王敏", "explanation", 1, "page")
    ]


def test_a_direct_rule_is_told_first(reader: TestClient) -> None:
    text = reader.get(f"/enterprises/{a_run.D}").text
    assert "规则 DR1" in text
    assert text.index("类别是怎样确定的") < text.index("模型怎样得出概率")
    assert "哈南市监严字〔2026〕3号" in text  # the record behind the rule, at its step
    assert "每 100 家" not in text
    text = reader.get(f"/enterprises/{a_run.C}").text
    assert text.index("类别是怎样确定的") > text.index("为什么是 C 类")
    assert "每 100 家" in text
    assert "问题率估计在" in text


def test_a_grade_only_firm_shows_its_grade_and_no_class(reader: TestClient) -> None:
    text = reader.get(f"/enterprises/{a_run.COOP}").text
    assert "不分类" in text
    assert "801 分" in text
    assert "为什么是" not in text
    assert "使风险升高" not in text


def test_english_by_switch_and_remembered(reader: TestClient) -> None:
    assert 'lang="en"' in reader.get(f"/enterprises/{a_run.C}?lang=en").text
    text = reader.get(f"/enterprises/{a_run.C}").text
    assert "About 27 in 100" in text
    assert "Elevated risk" in text
    assert "信用风险" not in text
    assert 'lang="zh-CN"' in reader.get("/?lang=zh").text
    assert 'lang="zh-CN"' in reader.get("/?lang=fr").text


def test_search_finds_by_half_a_name(engine: Engine, reader: TestClient) -> None:
    since = audit.head(engine).n
    text = reader.get("/", params={"q": "餐饮"}).text
    assert f'href="/enterprises/{a_run.C}"' in text
    assert "共 1 家" in text
    assert audit.head(engine).n == since + 1
    assert "没有符合条件的企业" in reader.get("/", params={"q": "无此企业"}).text
    assert audit.head(engine).n == since + 1


def test_what_is_typed_is_shown_as_text(reader: TestClient) -> None:
    text = reader.get("/", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    text = reader.get("/enterprises/%3Cscript%3E").text
    assert "<script" not in text


def test_what_is_not_there_is_said_on_a_page(reader: TestClient) -> None:
    answer = reader.get("/enterprises/nobody")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "nobody" in answer.text
    assert reader.get("/nowhere").status_code == 404
    assert reader.get("/?class=X").status_code == 422


def test_nothing_published_is_said_on_a_page(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    client = TestClient(create_app(engine))
    token = access.issue(engine, "王敏", "inspector", days=1)
    answer = sign_in(client, token)
    assert answer.status_code == 503
    assert "尚未发布任何分类结果" in answer.text


class _Tags(HTMLParser):
    """Every tag with its attributes, and every text a person could read."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/", "/?q=9", *(f"/enterprises/{i}" for i in a_run.REASONS_OF), "/sign-in"]
)
def test_markup(reader: TestClient, path: str, lang: str) -> None:
    page = _Tags()
    page.feed(reader.get(path, params={**dict(re.findall(r"(q)=(9)", path)), "lang": lang}).text)
    names = {name for name, _ in page.tags}
    assert not names & {"script", "style", "iframe"}
    assert [tag for tag, _ in page.tags].count("h1") == 1
    labels = {attributes.get("for") for tag, attributes in page.tags if tag == "label"}
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for link in ("href", "src", "action"):
            assert not (attributes.get(link) or "").startswith(("http", "//"))
        if tag == "img":
            assert "alt" in attributes
        if tag == "input" and attributes.get("type") != "hidden":
            assert attributes["id"] in labels


def test_bars_share_one_zero() -> None:
    assert figures.bars([-10.0, 30.0, 0.0]) == Bars(
        25.0, [Bar(0.0, 25.0), Bar(25.0, 75.0), Bar(25.0, 0.0)]
    )
    assert figures.bars([0.0, 0.0]) == Bars(0.0, [Bar(0.0, 0.0), Bar(0.0, 0.0)])
    assert figures.bars([100.0, 0.01]).bars[1] == Bar(0.0, 0.6)
    assert figures.bars([-100.0, -0.01]).bars[1] == Bar(99.4, 0.6)


def test_a_hundred_squares() -> None:
    some, rest = figures.hundred(27)
    assert (some.count("M"), rest.count("M")) == (27, 73)
    assert some.startswith("M1 1h8v8h-8z")
    assert figures.hundred(120)[1] == ""


def test_both_languages_have_every_text() -> None:
    assert all(WORDS[lang][key] for lang in WORDS for key in WORDS["zh"])


def test_serve_prints_a_token_only_where_none_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XINFEN_RESULTS", f"sqlite:///{tmp_path / 'results.db'}")
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    run(port=8123)
    told = capsys.readouterr().out
    assert "http://127.0.0.1:8123/" in told
    tokens = re.findall(r"xf_\S+", told)
    roles: tuple[Role, ...] = ("inspector", "supervisor", "auditor")
    callers = [access.check(connect(), token) for token in tokens]
    assert callers == [
        Caller("local", role, WHOLE, access.shown(token))
        for role, token in zip(roles, tokens, strict=True)
    ]
    run(port=8123)
    assert "xf_" not in capsys.readouterr().out


def test_serve_prints_no_token_where_others_can_reach_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    run(host="0.0.0.0")  # noqa: S104
    assert "xf_" not in capsys.readouterr().out
