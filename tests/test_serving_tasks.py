"""What each pair is told of its visits, when, and what is kept from it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import xinfen
from records import sheets
from records.errors import BadDefinition, BadInput, NotFound, NotPossible
from records.store import Store
from serving.fieldwork import carryout
from serving.plans.drawnplan import DrawnPlan
from serving.plans.register import About, Register
from serving.store import database
from tests import a_drawn_plan, a_plan_folder, a_run
from tests.a_drawn_plan import AGAIN, BLIND, RELEASED, Drawn
from tests.an_audit import looks


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return a_drawn_plan.make(tmp_path_factory.mktemp("plan"))


@pytest.fixture
def place(made: Drawn, tmp_path: Path) -> Drawn:
    """A copy whose plan and run may be changed."""
    shutil.copytree(made.plan, tmp_path / "plan")
    shutil.copytree(made.run, tmp_path / "run")
    return Drawn(tmp_path / "plan", tmp_path / "run", made.store)


def lists(place: Drawn, out: Path, **told: Any) -> dict[str, Any]:
    return carryout.tasks(place.plan, place.run, place.store, out, **({"on": RELEASED} | told))


def rows(out: Path, name: str) -> dict[str, dict[str, Any]]:
    return {row["visit"]: row for row in pq.read_table(out / f"{name}.parquet").to_pylist()}


def audited() -> list[tuple[str, str]]:
    return [(firm, purpose) for _, _, firm, purpose in looks(database.connect())]


def test_a_list_for_each_inspector_and_bureau(made: Drawn, tmp_path: Path) -> None:
    out = tmp_path / "tasks"
    done = lists(made, out)
    assert done == {
        "tasks": str(out), "plan": 7, "visits": 6, "pairs": 2, "class_told": 4,
        "km": 686.0, "km_as_drawn": 686.0, "days": 3, "days_as_drawn": 3,
    }  # fmt: skip
    names = ["inspector-I%2F1", "inspector-I2", "inspector-I3", "inspector-I4", "unit-2301",
             "unit-2312", "work", "inspectors"]  # fmt: skip
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*(f"{name}.{end}" for name in names for end in ("xlsx", "parquet")), "summary.json"]
    )
    assert json.loads((out / "summary.json").read_bytes())["visits"] == 6
    first = rows(out, "inspector-I%2F1")
    assert list(first) == ["1" * 16, "3" * 16, BLIND, "2" * 16]  # by place; in writing last
    assert [row["day"] for row in first.values()] == [1, 1, 1, None]
    assert [row["km"] for row in first.values()] == [6.0, 0.0, 45.0, None]
    told = first["1" * 16]
    assert told["items"] == "登记事项\n公示信息\n食品安全"
    assert (told["method"], told["drawn_as"]) == ("实地检查", "按计划抽取")
    assert told["last_visit_on"] == "2025-11-06"  # what was not known then is not told
    assert (told["until"], told["enter"]) == ("2026-04-30", "检查后 7 个工作日内")
    assert told["risk_class"] == "C"
    assert told["records"].splitlines()[0] == (
        "现列入经营异常名录（2026年2月11日列入）："
        "2026-02-11 经营异常名录 哈里市监异列字〔2026〕第0118号（道里区市场监督管理局）"
    )
    assert told["records"].splitlines()[1].count("（12315平台）") == 2
    assert "NB-2024-417720" not in told["records"]  # what speaks for the firm is no lead
    assert told["services"] is None
    assert told["note"] == "休假：I2 2026-04-01 至 2026-04-03"
    assert rows(out, "unit-2312")["4" * 16]["note"].startswith("本组专业特长未覆盖全部事项")


def test_services_name_record_and_clause(made: Drawn, tmp_path: Path) -> None:
    lists(made, tmp_path / "tasks", lang="en")
    told = rows(tmp_path / "tasks", "unit-2301")
    assert told["2" * 16]["services"] == (
        "green channel, accepted with papers missing, notify and commit, simplified procedure: "
        "grade A, public credit grades P1, 2026-03-01; credit classification regulation, part 2 (8)"
    )
    assert "grade B, public credit grades P3" in told["3" * 16]["services"]
    assert told["3" * 16]["risk_class"] is None
    assert told["3" * 16]["public_grade"] == "B"
    assert told["1" * 16]["limits"] is None  # class C, and no list: nothing is limited


def test_a_blind_visit_tells_nothing_that_rests_on_the_class(made: Drawn, tmp_path: Path) -> None:
    lists(made, tmp_path / "tasks")
    for name in ("inspector-I%2F1", "unit-2301"):
        row = rows(tmp_path / "tasks", name)[BLIND]
        hidden = ("risk_class", "public_grade", "records", "services", "limits")
        assert [row[column] for column in hidden] == [None] * 5
        assert row["note"].startswith("盲抽任务")
        assert row["last_visit_on"] == "2024-02-02"
    again = rows(tmp_path / "tasks", "inspector-I3")[AGAIN]
    assert again["drawn_as"] == "盲抽"  # a second pair does not know that it is the second
    columns = pq.read_schema(tmp_path / "tasks" / "unit-2301.parquet").names
    assert not [name for name in columns if "probability" in name or "stratum" in name]


def test_not_a_byte_depends_on_the_class_of_a_blind_firm(tmp_path: Path) -> None:
    folders = []
    for letter in "DA":
        folder = tmp_path / letter
        folder.mkdir()
        change = {"risk_class": letter, "public_grade": "A", "model_class": letter, "steps": []}
        place = a_drawn_plan.make(folder, change if letter == "A" else None)
        if letter == "A":  # nor on its reasons
            reasons = pq.read_table(place.run / "reasons.parquet")
            others = [row for row in reasons.to_pylist() if row["entity_id"] != a_run.D]
            pq.write_table(
                reasons.from_pylist(others, reasons.schema), place.run / "reasons.parquet"
            )
        lists(place, folder / "tasks")
        folders.append(folder / "tasks")
    names = sorted(path.name for path in folders[0].iterdir())
    assert len(names) == 17
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_the_class_is_told_when_both_blind_pairs_have_reported(
    place: Drawn, tmp_path: Path
) -> None:
    for state in ("missing", "not_visited", "partly"):
        a_drawn_plan.report(place.plan, **{BLIND: "visited", AGAIN: state})
        lists(place, tmp_path / "tasks")
        assert rows(tmp_path / "tasks", "unit-2301")[BLIND]["risk_class"] is None
    a_drawn_plan.report(place.plan, **{BLIND: "visited", AGAIN: "late"})
    lists(place, tmp_path / "tasks")  # in the place of the earlier lists
    told = rows(tmp_path / "tasks", "unit-2301")
    for visit in (BLIND, AGAIN):
        assert (told[visit]["risk_class"], told[visit]["public_grade"]) == ("D", "E")
        assert told[visit]["records"].startswith("2026-01-12 严重违法失信名单 哈南市监严字")
        by_grade, by_list = told[visit]["limits"].splitlines()
        assert by_grade.endswith(
            "：E 级，公共信用综合评价 P2，2026-03-01；企业信用分类管理暂行制度 二（八）"
        )
        assert "限制获得财政性资金项目支持：严重违法失信名单 S1，2026-01-12；" in by_list


def test_not_before_the_release_date(made: Drawn, tmp_path: Path) -> None:
    with pytest.raises(NotPossible) as refused:
        lists(made, tmp_path / "tasks", on=date(2026, 3, 28))
    assert "2026-03-29 or later" in str(refused.value)
    assert not (tmp_path / "tasks").exists()
    assert audited() == []


def test_a_later_day_does_not_walk_around_it(
    made: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "today", lambda _: date(2026, 3, 28))
    for day in (RELEASED, date(2126, 1, 1)):
        with pytest.raises(NotPossible, match=f"{day} lies in the future") as refused:
            lists(made, tmp_path / "tasks", on=day)
        assert "allowed: up to 2026-03-28" in str(refused.value)
    with pytest.raises(NotPossible, match="not visible yet"):
        lists(made, tmp_path / "tasks", on=None)
    assert not (tmp_path / "tasks").exists()
    assert audited() == []
    monkeypatch.setattr(Store, "today", lambda _: date(2026, 4, 20))
    assert lists(made, tmp_path / "tasks", on=None)["visits"] == 6
    assert lists(made, tmp_path / "again", on=RELEASED)["visits"] == 6


def test_a_plan_that_drew_nobody(place: Drawn, tmp_path: Path) -> None:
    a_plan_folder.write_drawn(place.plan, [])
    done = lists(place, tmp_path / "tasks")
    assert (done["visits"], done["pairs"], done["km"]) == (0, 0, 0)
    assert len(pq.read_table(tmp_path / "tasks" / "inspectors.parquet")) == 4


def test_nobody_is_sent_by_an_aborted_plan(place: Drawn, tmp_path: Path) -> None:
    about = About(1, a_plan_folder.COMMITMENT, place.plan.name, "双随机", "2026-04-01/2026-04-30")
    with Register.held(place.plan.parent) as register:
        register.add("aborted", about, reason="名录库有误")
    with pytest.raises(NotPossible, match="was aborted") as refused:
        lists(place, tmp_path / "tasks")
    assert "名录库有误" in str(refused.value)


def test_each_class_told_is_on_record(made: Drawn, tmp_path: Path) -> None:
    lists(made, tmp_path / "tasks", inspector="I3")
    assert [path.name for path in sorted((tmp_path / "tasks").iterdir())] == [
        "inspector-I3.parquet", "inspector-I3.xlsx",
    ]  # fmt: skip
    assert audited() == [(a_run.B, "tasks of plan 7 for I3")]


def test_cells_are_texts(made: Drawn, tmp_path: Path) -> None:
    lists(made, tmp_path / "tasks")
    book = load_workbook(tmp_path / "tasks" / "inspector-I3.xlsx")
    sheet = book.active
    assert (sheet.title, sheet.freeze_panes) == ("任务清单", "A2")
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
    names = [row["企业名称"] for _, row in sheets.read(tmp_path / "tasks" / "inspector-I3.xlsx")]
    assert "=cmd|' /c calc'!A1" in names
    assert sheet.column_dimensions["D"].width == 34


def test_what_is_wrong_is_named(place: Drawn, tmp_path: Path) -> None:
    out = tmp_path / "tasks"
    with pytest.raises(NotFound, match=r"inspector 'I5'"):
        lists(place, out, inspector="I5")
    with pytest.raises(BadInput, match="unknown language"):
        lists(place, out, lang="fr")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("mine")
    with pytest.raises(NotPossible, match="not a task list"):
        lists(place, tmp_path / "full")
    travel = tmp_path / "travel.yaml"
    travel.write_text("km: 3")
    with pytest.raises(BadDefinition, match=r"travel\.yaml"):
        lists(place, out, travel=travel)
    a_run_of_may = a_run.write(tmp_path / "may", as_of=date(2026, 5, 31))
    with pytest.raises(BadInput, match="is not the run of the plan") as refused:
        carryout.tasks(place.plan, a_run_of_may, place.store, out, on=RELEASED)
    assert "allowed: 2026-03-31" in str(refused.value)
    (place.plan / "drawn.jsonl").write_bytes(b"{}\n")
    with pytest.raises(BadInput, match="is not what was drawn"):
        DrawnPlan.read(place.plan)
    (place.plan / "proof.json").unlink()
    with pytest.raises(NotPossible, match="committed, not drawn"):
        DrawnPlan.read(place.plan)
    with pytest.raises(NotFound, match="not a plan folder"):
        DrawnPlan.read(tmp_path)
    assert not out.exists()


def test_the_command(made: Drawn, tmp_path: Path) -> None:
    asked = ["tasks", str(made.plan), "--run", str(made.run), "--store", str(made.store),
             "--out", str(tmp_path / "tasks"), "--on", "2026-04-01", "--json"]  # fmt: skip
    done = CliRunner().invoke(xinfen.app, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["visits"] == 6
