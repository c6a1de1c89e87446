"""Corrections over HTTP: one click on a record begins one, another official decides it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.scope import WHOLE, Scope
from serving.web.app import create_app
from serving.web.correctionanswers import CorrectionAnswer
from serving.web.correctionwords import WORDS
from tests import a_run
from tests.a_served_run import local, published
from tests.a_sign_in import HERE, csrf, sign_in

__all__ = ["local", "published"]

RECORD = {
    "table": "penalties", "source": "道里区市场监督管理局",
    "source_id": "哈里市监罚〔2024〕214号",
}  # fmt: skip
WHY = {"grounds": "处罚对象为同名企业", "evidence": "函告属另一家", "document": "哈里市监函12号"}
ASKED: dict[str, Any] = {
    "entity_id": a_run.C, "kind": "not_this_firm", "record": RECORD, "indicator": "G3-11", **WHY,
}  # fmt: skip
Client = Callable[..., TestClient]


@pytest.fixture
def engine(local: Engine) -> Engine:
    return local


@pytest.fixture
def program(engine: Engine) -> Client:
    """A program with somebody's token."""

    def client(user: str, role: str, scope: Scope = WHOLE) -> TestClient:
        token = access.issue(engine, user, role, days=1, scope=scope)
        return TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"})

    return client


@pytest.fixture
def browser(engine: Engine) -> Client:
    """Somebody signed in."""

    def client(user: str, role: str) -> TestClient:
        made = TestClient(create_app(engine), follow_redirects=False)
        assert sign_in(made, access.issue(engine, user, role, days=1)).status_code == 303
        return made

    return client


def send(client: TestClient, page: str, to: str, **data: Any) -> Response:
    """A form of a page, sent as a browser does."""
    word = csrf(client.get(page).text)
    return client.post(to, data={"csrf": word, **data}, headers=HERE)


def test_asked_decided_and_told_by_the_api(engine: Engine, program: Client) -> None:
    asks, decides = program("王敏", "inspector"), program("李娜", "supervisor")
    made = asks.post("/v1/corrections", json=ASKED)
    assert made.status_code == 200, made.text
    told = made.json()
    assert (told["number"], told["state"], told["record"]["event_time"]) == (
        1, "open", "2024-09-12",
    )  # fmt: skip
    CorrectionAnswer.model_validate(told)
    answer = asks.post("/v1/corrections/1/decision", json={"decision": "granted", "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    own = program("王敏", "supervisor")
    answer = own.post("/v1/corrections/1/decision", json={"decision": "granted", "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "same_person")
    assert answer.json()["message"]["zh"]
    decided = decides.post(
        "/v1/corrections/1/decision", json={"decision": "granted", "reason": "来函属实"}
    )
    assert decided.json()["events"][0]["user"] == "李娜"
    again = decides.post("/v1/corrections/1/decision", json={"decision": "refused", "reason": "x"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    since = audit.head(engine).n
    listed = decides.get("/v1/corrections", params={"state": ["granted", "open"]}).json()
    assert (listed["total"], listed["corrections"][0]["state"], listed["before"]) == (
        1, "granted", None,
    )  # fmt: skip
    looks = audit.who_looked(engine, a_run.C, after=since)
    assert [(look.user, look.action) for look in looks] == [("李娜", "corrections")]


def test_a_class_follows_the_record_and_an_auditor_reads_none(program: Client) -> None:
    asks, decides = program("王敏", "inspector"), program("李娜", "supervisor")
    until = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011 - any day ahead
    wanted = {"entity_id": a_run.C, "kind": "class", "risk_class": "B", "until": until, **WHY}
    answer = asks.post("/v1/corrections", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "record_first")
    asks.post("/v1/corrections", json=ASKED)
    decides.post("/v1/corrections/1/decision", json={"decision": "refused", "reason": "不符"})
    assert asks.post("/v1/corrections", json=wanted).json()["follows"] == 1
    decides.post("/v1/corrections/2/decision", json={"decision": "granted", "reason": "同意"})
    seen = program("陈静", "auditor").get("/v1/corrections/2").json()
    assert not {"risk_class", "found_class", "indicator"} & set(seen)
    assert (seen["asked_by"], seen["events"][0]["user"], seen["until"]) == ("王敏", "李娜", until)
    ended = decides.post("/v1/corrections/2/end", json={"reason": "依据已变"})
    assert ended.json()["state"] == "ended"


def test_another_region_s_is_not_there(program: Client) -> None:
    program("王敏", "inspector").post("/v1/corrections", json=ASKED)
    far = program("赵强", "supervisor", Scope.of(["2312"]))
    for answer in (
        far.get("/v1/corrections/1"), far.get("/v1/corrections/2"),
        far.post("/v1/corrections/1/decision", json={"decision": "granted", "reason": "x"}),
        far.post("/v1/corrections/1/end", json={"reason": "x"}),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_correction")
    assert far.get("/v1/corrections").json() == {"total": 0, "corrections": [], "before": None}
    mine = far.post("/v1/corrections", json=ASKED)
    there_is_none = far.post("/v1/corrections", json={**ASKED, "entity_id": "none"})
    assert mine.status_code == there_is_none.status_code == 404
    narrow = program("王敏", "inspector", Scope.of(None, ["name"]))
    assert narrow.get("/v1/corrections").status_code == 403
    assert narrow.post("/v1/corrections", json=ASKED).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**ASKED, "kind": "king"}, "kind"), ({**ASKED, "extra": 1}, "extra"),
        ({**ASKED, "record": None}, "record"), ({**ASKED, "grounds": "x" * 4_001}, "grounds"),
        ({**ASKED, "grounds": "\x00"}, "grounds"), ({**ASKED, "risk_class": "E"}, "risk_class"),
        ({**ASKED, "kind": "record_wrong", "changes": {"nothing": "1"}}, "changes.nothing"),
        ({**ASKED, "kind": "record_wrong", "changes": {str(n): "" for n in range(21)}}, "changes"),
        ({**ASKED, "record": {**RECORD, "table": "no_table"}}, "record"),
        ([], "body"),
    ],
)  # fmt: skip
def test_wrong_questions_are_told(program: Client, body: Any, field: str) -> None:
    answer = program("王敏", "inspector").post("/v1/corrections", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_click_on_a_record_begins_a_correction(
    engine: Engine, browser: Client, lang: str
) -> None:
    asks, words = browser("王敏", "inspector"), WORDS[lang]
    firm = f"/enterprises/{a_run.C}"
    text = asks.get(f"{firm}?lang={lang}").text
    links = re.findall(r'href="([^"]*/corrections/new[^"]*)"', text)
    assert sum("not_this_firm" in link for link in links) == 6  # records that reasons name
    link = next(
        one for one in links if "214" in one and "not_this_firm" in one
    ).replace("&amp;", "&")  # fmt: skip
    form = asks.get(link).text
    assert all(told in form for told in (RECORD["source_id"], words["strike_lead"]))
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    data = {**fields, **WHY}
    sent = asks.post(f"{firm}/corrections", data={**data, "grounds": " "}, headers=HERE)
    assert sent.status_code == 422
    assert WHY["evidence"] in sent.text  # what was typed is not lost
    sent = asks.post(f"{firm}/corrections", data=data, headers=HERE)
    assert (sent.status_code, sent.headers["location"]) == (303, "/corrections/1")
    case = asks.get("/corrections/1").text
    assert all(told in case for told in (words["open"], words["withdraw"], WHY["grounds"]))
    assert words["grant"] not in case
    assert words["open"] in asks.get(firm).text


def test_a_decider_s_inbox_page_and_the_firm_s_page_after(browser: Client) -> None:
    asks, decides = browser("王敏", "supervisor"), browser("李娜", "supervisor")
    c = WORDS["zh"]
    firm = f"/enterprises/{a_run.C}"
    form = f"{firm}/corrections/new"
    data = {**RECORD, "indicator": "G3-11", **WHY}
    send(asks, firm, f"{firm}/corrections", **data, kind="not_this_firm")
    assert c["own"] in asks.get("/corrections/1").text
    own = send(asks, "/corrections/1", "/corrections/1/decision", decision="granted", reason="x")
    assert own.status_code == 403
    assert "提出人与审核人须为不同的人员" in own.text
    assert '<a href="/corrections/1">' in decides.get("/corrections").text
    page = "/corrections/1"
    none = send(decides, page, f"{page}/decision", decision="granted", reason=" ")
    assert none.status_code == 422
    done = send(decides, page, f"{page}/decision", decision="granted", reason="来函属实")
    assert (done.status_code, done.headers["location"]) == (303, page)
    assert c["means_granted_record"] in decides.get(page).text
    assert '<a href="/corrections/1">' not in decides.get("/corrections").text
    text = asks.get(firm).text
    assert c["granted"] in text
    assert f"{form}?kind=class" in text
    new = asks.get(f"{form}?kind=class").text
    assert c["until_lead"].format(n=365) in new
    until = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011
    made = send(asks, firm, f"{firm}/corrections", kind="class", risk_class="B", until=until, **WHY)
    assert made.headers["location"] == "/corrections/2"
    assert "类别 C → B" in decides.get("/corrections").text
    send(decides, "/corrections/2", "/corrections/2/decision", decision="granted", reason="同意")
    assert c["means_granted_class"] in decides.get("/corrections/2").text
    ended = send(decides, "/corrections/2", "/corrections/2/end", reason="依据已变")
    assert ended.status_code == 303
    assert "C → B" not in browser("陈静", "auditor").get("/corrections?state=all").text


def test_a_wrong_value_is_mended_and_a_registration_never_struck(browser: Client) -> None:
    asks = browser("王敏", "inspector")
    firm = f"/enterprises/{a_run.C}"
    asked = {"kind": "record_wrong", "indicator": "G3-11", **RECORD, **WHY}
    bad = send(
        asks, firm, f"{firm}/corrections", **asked, field=["event_time", "", ""],
        value=["yesterday", "", ""],
    )  # fmt: skip
    assert bad.status_code == 422
    assert 'value="yesterday"' in bad.text
    good = send(
        asks, firm, f"{firm}/corrections", **asked, field=["event_time", "", ""],
        value=["2023-09-12", "", ""],
    )  # fmt: skip
    assert good.headers["location"] == "/corrections/1"
    assert "2023-09-12" in asks.get("/corrections/1").text
    back = send(asks, "/corrections/1", "/corrections/1/withdrawal", reason="写错了")
    assert back.status_code == 303
    assert WORDS["zh"]["withdrawn"] in asks.get("/corrections/1").text


def test_forms_from_elsewhere_and_unknown_records_are_refused(browser: Client) -> None:
    asks = browser("王敏", "inspector")
    firm = f"/enterprises/{a_run.C}"
    asks.get(firm)
    data = {"kind": "not_this_firm", **RECORD, **WHY}
    assert asks.post(f"{firm}/corrections", data=data, headers=HERE).status_code == 403
    assert asks.post(f"{firm}/corrections", data=data).status_code == 403
    unknown = asks.get(f"{firm}/corrections/new?kind=record_wrong&table=penalties&source_id=x")
    assert unknown.status_code == 422
    assert 'name="grounds"' not in unknown.text
    assert asks.get("/enterprises/none/corrections/new").status_code == 404
    assert asks.get("/corrections/1").status_code == 404
    assert asks.get("/corrections?state=king").status_code == 422
