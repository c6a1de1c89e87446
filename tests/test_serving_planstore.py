"""Plans in the service: before the draw the commitment alone, tasks from their release date."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from openpyxl import Workbook
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

import xinfen
from records.errors import BadInput, NotFound
from records.mapping import Mapping, find
from serving.access import access, audit
from serving.access.caller import Caller
from serving.access.scope import WHOLE, Scope
from serving.plans import plans
from serving.planstore import intake, publishing, reading
from serving.planstore.reading import Asked
from serving.planstore.refusals import PlanRefused
from serving.store.database import reading as looking
from serving.web.app import create_app
from supervision.draws.drawing import FRAME
from supervision.proofs import framefile, proof
from tests import a_drawn_plan, a_plan, a_run
from tests.a_database import engine
from tests.a_drawn_plan import AGAIN, BLIND, Drawn
from tests.a_served_run import local, published
from tests.a_sign_in import HERE, csrf, sign_in

__all__ = ["engine", "local", "published"]

DAY = date(2026, 4, 8)
I1 = Caller("I/1", "inspector", WHOLE)
I3 = Caller("I3", "inspector", WHOLE)
OFFICE = Caller("李娜", "supervisor", WHOLE)
Client = Callable[..., TestClient]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real plans of 600 firms: one drawn, of early 2026; one of a period far ahead."""
    made = a_plan.enrich(a_plan.make(tmp_path_factory.mktemp("plans")))
    plans.draw(a_plan.committed(made, plan=made / "plan.yaml"), "31415")
    ahead = date.today() + timedelta(days=200)  # noqa: DTZ011 - the next half-year
    plans.commit(
        made / "run", made / "plan.yaml", made / "lists", made / "seed", made / "plans" / "ahead",
        start=ahead,
    )  # fmt: skip
    return made


@pytest.fixture
def known(local: Engine) -> Engine:
    return local


@pytest.fixture
def hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """A drawn plan over the same firms, made by hand, which no seed led to."""
    verified = {"verdict": "provably random", "public_value": "31415", "firms": 5, "drawn_by": {}}
    monkeypatch.setattr(proof, "broken", lambda _: None)
    monkeypatch.setattr(plans, "verify", lambda _: verified)
    made = a_drawn_plan.make(tmp_path / "hand")
    firms = [a_run.A, a_run.B, a_run.C, a_run.COOP, a_run.D]
    chances = [name for name in FRAME if name.endswith("_probability")]
    rows = [
        dict.fromkeys(FRAME)
        | {"entity_id": firm, "stratum": "class C/2301"}
        | dict.fromkeys(chances, 0.1)
        for firm in firms
    ]
    (made.plan / proof.FRAME).write_bytes(framefile.write(framefile.table(pd.DataFrame(rows))))
    return made


def client(store: Engine, user: str, role: str, scope: Scope = WHOLE) -> TestClient:
    token = access.issue(store, user, role, days=1, scope=scope)
    return TestClient(create_app(store), headers={"Authorization": f"Bearer {token}"})


def refused(code: str, call: Any, *given: Any, **named: Any) -> PlanRefused:
    with pytest.raises(PlanRefused) as caught:
        call(*given, **named)
    assert caught.value.code == code
    assert caught.value.zh
    return caught.value


def test_a_real_plan_is_told_with_its_proof(engine: Engine, place: Path) -> None:
    done = publishing.publish(place / "plans" / "march", engine=engine)
    assert (done["number"], done["state"], done["verdict"]) == (1, "drawn", "provably random")
    with looking(engine) as connection:
        row = reading.plan(connection, 1)
        found, total = reading.visits(connection, 1, OFFICE, Asked(), limit=1_000)
    assert (total, len(found)) == (done["visits"], done["visits"])
    assert (row["public_value"], row["released"]) == ("31415", "2026-01-01")
    groups = {one["group"]: one for one in row["about"]["groups"]}
    assert sum(one["firms"] for one in groups.values()) <= 600
    assert 0 < groups["class A"]["chance"] < groups["class D"]["chance"] <= 1
    assert [event["event"] for event in row["about"]["register"]] == ["committed", "drawn"]
    ways = row["about"]["bureaus"]
    assert sum(one["plan"] + one["top_up"] + one["blind"] for one in ways) == total
    blind = [one for one in found if one["drawn_as"] == "blind"]
    assert blind
    assert all(one["risk_class"] is None and one["hidden"] for one in blind)
    again = publishing.publish(place / "plans" / "march", engine=engine)
    assert again == done
    assert audit.verify(engine).holds


def test_what_is_not_as_committed_or_drawn_is_not_made_known(
    known: Engine, place: Path, tmp_path: Path
) -> None:
    shutil.copytree(place / "plans", tmp_path / "plans")
    plan = tmp_path / "plans" / "march"
    drawn = (plan / "drawn.jsonl").read_bytes()
    (plan / "drawn.jsonl").write_bytes(drawn.replace(b"F0", b"F1", 1))
    with pytest.raises(BadInput, match="not what was drawn"):
        publishing.publish(plan, engine=known)
    (plan / "drawn.jsonl").write_bytes(drawn)
    publishing.publish(plan, engine=known)
    (plan / "objects.jsonl").write_bytes(b"{}\n")
    with pytest.raises(BadInput, match="not what was committed"):
        publishing.publish(plan, engine=known)
    with pytest.raises(NotFound):
        publishing.publish(tmp_path, engine=known)
    other = a_plan.make(tmp_path / "other")
    with pytest.raises(BadInput, match="another plan of number 1"):
        publishing.publish(a_plan.committed(other, start=date(2026, 5, 1)), engine=known)


def test_before_the_draw_the_commitment_alone(known: Engine, place: Path) -> None:
    publishing.publish(place / "plans" / "ahead", engine=known)
    asks = client(known, "陈静", "auditor")
    told = asks.get("/v1/plans/2").json()
    assert (told["state"], told["files"], told["verdict"]) == (
        "committed", ["commitment.json"], None,
    )  # fmt: skip
    assert set(told["about"]) == {"register", "earlier"}
    for name in ("sealed_seed", "objects.jsonl", "strata.jsonl", "plan.json", "nothing"):
        answer = asks.get(f"/v1/plans/2/files/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_file")
    committed = asks.get("/v1/plans/2/files/commitment.json")
    assert json.loads(committed.content)["commitment"] == told["commitment"]
    answer = client(known, "李娜", "supervisor").get("/v1/plans/2/tasks")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_drawn")


def test_before_the_release_date_nothing_tells_whom_it_visits(
    known: Engine, place: Path, tmp_path: Path
) -> None:
    shutil.copytree(place / "plans", tmp_path / "plans")
    plans.draw(tmp_path / "plans" / "ahead", "27182")
    publishing.publish(tmp_path / "plans" / "ahead", engine=known)
    office = client(known, "李娜", "supervisor")
    told = office.get("/v1/plans/2").json()
    assert (told["state"], told["files"], told["states"]) == ("drawn", ["commitment.json"], {})
    assert office.get("/v1/plans/2/files/sealed_seed").status_code == 404
    answer = office.get("/v1/plans/2/tasks")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_released")
    answer = office.post("/v1/plans/2/results", json={"rows": [{"visit": "x"}]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_released")


def test_who_takes_which_file_away(known: Engine, place: Path) -> None:
    publishing.publish(place / "plans" / "march", engine=known)
    plain = {
        "plan.json", "sizes.json", "commitment.json", "sealed_seed", "opening.json", "proof.json",
    }  # fmt: skip
    naming = {"objects.jsonl", "inspectors.jsonl", "history.jsonl", "exclusions.jsonl"}
    telling = {"classes.jsonl", "strata.jsonl", "drawn.jsonl", "frame.parquet"}
    for user, role, scope, files in (
        ("周强", "data_scientist", WHOLE, plain | naming | telling),
        ("陈静", "auditor", WHOLE, plain | naming),
        ("李娜", "supervisor", Scope.of(["2301"]), plain),
        ("I01", "supervisor", WHOLE, plain | naming | {"drawn.jsonl"}),  # is in pairs
        ("王敏", "inspector", WHOLE, plain | naming | {"drawn.jsonl"}),
    ):  # fmt: skip
        asks = client(known, user, role, scope)
        assert set(asks.get("/v1/plans/1").json()["files"]) == files, (user, role)
        for name in plain | naming | telling:
            found = asks.get(f"/v1/plans/1/files/{name}")
            assert found.status_code == (200 if name in files else 404), (user, name)
            if name in files:
                assert found.content == (place / "plans" / "march" / name).read_bytes()
    with looking(known) as connection:
        rows = connection.execute(sa.text("SELECT about FROM audit WHERE action = 'verification'"))
        assert ("1: proof.json",) in [tuple(row) for row in rows]


def test_no_other_file_is_told(known: Engine, place: Path) -> None:
    publishing.publish(place / "plans" / "march", engine=known)
    asks = client(known, "周强", "data_scientist")
    for name in ("..%2F..%2Fseed", "%2Fetc%2Fpasswd", "register.jsonl", "%2E%2E", "%00"):
        assert asks.get(f"/v1/plans/1/files/{name}").status_code in (404, 422), name


def test_a_folder_that_is_gone_is_said(known: Engine, place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "plans", tmp_path / "plans")
    publishing.publish(tmp_path / "plans" / "march", engine=known)
    shutil.rmtree(tmp_path / "plans")
    asks = client(known, "周强", "data_scientist")
    answer = asks.get("/v1/plans/1/files/proof.json")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_gone")
    assert asks.get("/v1/plans/1").json()["files"] == []


def test_a_void_plan_sends_nobody(known: Engine, place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "plans", tmp_path / "plans")
    plan = tmp_path / "plans" / "march"
    publishing.publish(plan, engine=known)
    plans.abort(plan, "名录库有误")
    assert publishing.publish(plan, engine=known)["visits"] == 0
    office = client(known, "李娜", "supervisor")
    told = office.get("/v1/plans/1").json()
    assert (told["state"], told["files"]) == ("aborted", ["commitment.json"])
    assert office.get("/v1/plans/1/tasks").json()["code"] == "not_drawn"


def test_tasks_are_for_their_pair_and_their_region(engine: Engine, hand: Drawn) -> None:
    publishing.publish(hand.plan, engine=engine)

    def of(caller: Caller, **asked: str) -> dict[str, Any]:
        with looking(engine) as connection:
            found, total = reading.visits(connection, 7, caller, Asked(**asked))
        assert len(found) == total
        return {row["visit"]: row for row in found}

    assert set(of(I1)) == {"1" * 16, "2" * 16, "3" * 16, BLIND}
    assert set(of(I3)) == {"4" * 16, AGAIN}
    assert set(of(Caller("王敏", "inspector", WHOLE))) == set()
    assert len(of(OFFICE)) == 6
    assert set(of(Caller("x", "supervisor", Scope.of(["2312"])))) == {"4" * 16}
    assert set(of(OFFICE, inspector="I3")) == {"4" * 16, AGAIN}
    mine = of(I1)
    assert (mine["1" * 16]["risk_class"], mine[BLIND]["risk_class"]) == ("C", None)
    assert (mine[BLIND]["drawn_as"], mine[BLIND]["hidden"]) == ("blind", True)
    assert list(mine[BLIND]["items"]) == ["registration", "publicity"]
    with looking(engine) as connection:
        early = reading.of_firm(connection, I1, a_run.C, a_drawn_plan.RELEASED - timedelta(days=1))
        later = reading.of_firm(connection, I1, a_run.C, a_drawn_plan.RELEASED)
    assert (len(early), len(later)) == (0, 1)


def _rows(visit: str, items: str, **more: str) -> list[dict[str, str]]:
    row = {"visit": visit, "result": "no_problem", "inspected_on": "2026-04-07", **more}
    return [{**row, "item": item} for item in items.split(";")]


def test_results_come_in_and_lift_the_blind(known: Engine, hand: Drawn) -> None:
    publishing.publish(hand.plan, engine=known)
    first, second = client(known, "I/1", "inspector"), client(known, "I3", "inspector")
    firm = f"/v1/enterprises/{a_run.D}"
    ways = ("", "/explanation", "?purpose=a%20usual%20way", "/history", "/change")
    for path in (firm + way for way in ways):
        answer = first.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "blind_visit")
        assert client(known, "王敏", "inspector").get(path).status_code == 200  # in no pair
    listed = first.get("/v1/enterprises", params={"q": a_run.D}).json()["enterprises"]
    assert [one["risk_class"] for one in listed] == [None]
    narrowed, name = first.get("/v1/enterprises", params={"class": "D"}).json(), "enterprises"
    assert (narrowed["total"], narrowed[name]) == (0, [])  # the count would tell it too
    other = client(known, "王敏", "inspector").get("/v1/enterprises", params={"class": "D"}).json()
    assert (other["total"], len(other[name])) == (1, 1)
    told = first.post("/v1/enterprises/batch", json={"entity_ids": [a_run.D, a_run.C]}).json()
    assert [one["risk_class"] for one in told["enterprises"]] == ["C", None]
    asked = {"file": ("list.csv", f"code\n{a_run.D}\n{a_run.C}\n".encode())}
    compared = first.post("/v1/compare", files=asked).json()["answers"]
    assert [(one["risk_class"], one["headline"] is None) for one in compared] == [
        (None, True), ("C", False),
    ]  # fmt: skip
    rows = _rows(BLIND, "registration;publicity")
    answer = second.post("/v1/plans/7/results", json={"rows": rows})
    assert (answer.status_code, answer.json()["field"]) == (422, "rows.1.visit")
    answer = first.post("/v1/plans/7/results", json={"rows": [*rows, {**rows[0], "result": "好"}]})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["read"], done["accepted"], done["refused"], done["version"]) == (3, 2, 1, 1)
    assert (done["reasons"][0]["row"], done["reasons"][0]["field"]) == (3, "result")
    tasks = first.get("/v1/plans/7/tasks").json()["tasks"]
    assert {one["visit"]: one["state"] for one in tasks}[BLIND] in ("visited", "late")
    assert first.get(firm).status_code == 403  # the second pair has not reported yet
    again = first.post("/v1/plans/7/results", json={"rows": rows}).json()
    assert (again["accepted"], again["duplicate"], again["version"]) == (0, 2, 1)
    done = second.post("/v1/plans/7/results", json={"rows": _rows(AGAIN, "registration;publicity")})
    assert done.json()["version"] == 2
    assert first.get(firm).json()["risk_class"] == "D"
    assert "results" in {look.action for look in audit.who_looked(known, a_run.D)}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"visit": "nothing", "item": "registration"}], "not_your_visit"),
        ([{"entity_id": "nobody", "item": "registration"}], "not_your_visit"),
        ([{"item": "registration"}], "not_your_visit"),
        ([{"visit": BLIND, "king": "1"}], "wrong_results"),
    ],
)
def test_rows_of_nobody_are_refused_whole(
    known: Engine, hand: Drawn, tmp_path: Path, rows: list[dict[str, str]], code: str
) -> None:
    publishing.publish(hand.plan, engine=known)
    answer = client(known, "I/1", "inspector").post("/v1/plans/7/results", json={"rows": rows})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not list((hand.plan / "results").glob("0*"))
    none = tmp_path / "none.csv"
    refused("wrong_results", intake.take_in, known, 7, OFFICE, none, DAY, "Asia/Shanghai")
    refused("unknown_plan", intake.take_in, known, 8, OFFICE, none, DAY, "Asia/Shanghai")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages(known: Engine, place: Path, hand: Drawn, tmp_path: Path, lang: str) -> None:
    publishing.publish(hand.plan, engine=known)
    browser = TestClient(create_app(known), follow_redirects=False)
    sign_in(browser, access.issue(known, "I/1", "inspector", days=1))
    assert '<a href="/plans/7">' in browser.get(f"/plans?lang={lang}").text
    text = browser.get("/plans/7").text
    assert ("可证明随机" if lang == "zh" else "Provably random") in text
    assert "松江小馆餐饮管理有限公司" in text
    assert "cmd|" in text  # as a text
    assert browser.get(f"/enterprises/{a_run.D}").status_code == 403
    assert '<a href="/plans/7">' in browser.get(f"/enterprises/{a_run.C}").text
    saved = browser.get("/plans/7/files/commitment.json")
    assert saved.headers["content-disposition"].startswith("attachment")
    headings = list(Mapping.load(find(Path("results/form"))).columns.values())
    book = Workbook()
    book.active.append(headings)
    for item in ("登记事项", "nothing"):
        said = {
            "检查编号": BLIND,
            "检查事项": item,
            "检查结果": "未发现问题",
            "检查日期": "2026-04-07",
        }
        book.active.append([said.get(str(name)) for name in headings])
    book.save(tmp_path / "form.xlsx")
    sent = browser.post(
        "/plans/7/results", data={"csrf": csrf(text), "kind": "form"}, headers=HERE,
        files={"file": ("回填.xlsx", (tmp_path / "form.xlsx").read_bytes())},
    )  # fmt: skip
    assert sent.status_code == 200, sent.text
    assert ("读取 2 行" if lang == "zh" else "Read 2 rows") in sent.text
    bad = browser.post(
        "/plans/7/results", data={"csrf": csrf(text), "kind": "columns"}, headers=HERE,
        files={"file": ("x.csv", b"\xff\xfe\x00")},
    )  # fmt: skip
    assert bad.status_code == 422
    assert browser.get("/plans/8").status_code == 404


def test_the_command(known: Engine, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINFEN_RESULTS", str(known.url))
    told = CliRunner().invoke(
        xinfen.app, ["publish-plan", str(place / "plans" / "march"), "--json"]
    )
    assert (told.exit_code, json.loads(told.stdout)["verdict"]) == (0, "provably random")
