"""The table that supervisors sign: what it says, in Excel and on paper, in both languages."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from records.errors import BadInput
from serving.plans import plans
from serving.returns import returns, signing
from tests.a_returned_plan import drawn_plan, visit

ON = date(2026, 4, 20)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = drawn_plan(tmp_path / "plans" / "march")
    monkeypatch.setattr(plans, "verify", lambda _: {"verdict": "provably random"})
    told: list[dict[str, Any]] = [
        {"visit": visit(2), "item": "住所", "result": "no_problem"},
        {"visit": visit(2), "item": "公示信息", "result": "no_problem"},
        {"visit": visit(3), "item": "住所", "result": "unreachable", "method": "written",
         "reason": "=cmd|' /C calc'!A0", "decided_by": "王科长"},
        {"visit": visit(4), "not_visited_reason": "closed", "inspected_on": None},
        {"entity_id": "F20", "swapped_for": visit(5), "item": "住所", "result": "no_problem",
         "reason": "停业", "decided_by": "李局长"},
    ]  # fmt: skip
    file = folder.parent / "results.csv"
    pd.DataFrame([{"inspected_on": "2026-03-11"} | row for row in told]).to_csv(file, index=False)
    done = returns.take_in(folder, file, on=date(2026, 3, 16))
    assert done["refused"] == 0, done["reasons"]
    return folder


def cells(path: Path) -> dict[str, list[list[str]]]:
    book = load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n", "inlineStr") for cell in row)
            assert all(cell.value is None or isinstance(cell.value, str) for cell in row)
    return {
        sheet.title: [
            [str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book
    }


def test_the_table_names_plan_proof_and_day_and_has_lines_to_sign(plan: Path) -> None:
    out = plan.parent / "signed.xlsx"
    signing.write(signing.account_of(plan, ON), out, "zh")
    book = cells(out)
    assert list(book) == ["签字页", "计划与执行", "检查方式", "未执行与变更", "分类是否实施"]
    front = dict(row[:2] for row in book["签字页"])
    assert front["计划编号"] == "3"
    assert front["承诺值"] == "c0" * 32
    assert front["核验结论"] == "可证明为随机抽取"
    assert front["打印日期"] == "2026-04-20"
    assert "负责人（签字） 日期" in front
    assert "内部资料，不得对外提供" in front


def test_every_visit_not_made_late_changed_or_swapped_stands_there_with_its_reason(
    plan: Path,
) -> None:
    out = plan.parent / "signed.xlsx"
    signing.write(signing.account_of(plan, ON), out, "zh")
    head, *rows = cells(out)["未执行与变更"]
    told = {row[head.index("检查编号")]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(told) == 9  # all but the clean one, and the visit swapped in
    assert told[visit(4)]["情形"] == "未检查；企业已停业"
    assert told[visit(3)]["原因"] == "=cmd|' /C calc'!A0"
    assert told[visit(3)]["情形"] == "改变检查方式"
    assert told[visit(5)]["状态"] == "已替换"
    blind = told[visit(0, "slice")]
    assert (blind["类别"], blind["抽取方式"]) == ("盲抽，结果未回", "盲抽")
    assert {row["决定人"] for row in told.values()} >= {"王科长", "李局长"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_paper_in_both_languages(plan: Path, lang: str) -> None:
    out = plan.parent / "signed.html"
    told = signing.account_of(plan, ON)
    signing.write(told, out, lang)
    html = out.read_text("utf-8")
    assert "A4" in html
    assert ("双随机抽查计划执行责任表" if lang == "zh" else "Accountability of an") in html
    assert "=cmd|&#39; /C" in html
    before = out.read_bytes()
    signing.write(told, out, lang)
    assert out.read_bytes() == before


def test_the_whole_counts_add_up(plan: Path) -> None:
    whole = signing.account_of(plan, ON).groups
    all_ = whole.iloc[-1]
    assert all_["planned"] == 8  # and one re-check
    parts = all_[["executed", "not_visited", "swapped", "missing"]].sum()
    assert parts == all_["planned"]
    own = whole[whole["bureau"].ne("all") & whole["group"].ne("all")]
    assert own["planned"].sum() == all_["planned"]


def test_what_cannot_be_written_is_refused(plan: Path) -> None:
    told = signing.account_of(plan, ON)
    with pytest.raises(BadInput, match="unknown kind of file"):
        signing.write(told, plan.parent / "signed.pdf", "zh")
    with pytest.raises(BadInput, match="unknown language"):
        signing.write(told, plan.parent / "signed.xlsx", "fr")


def test_the_command(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xinfen

    monkeypatch.setenv("COLUMNS", "200")  # however narrow the terminal of the tests
    shown = CliRunner().invoke(xinfen.app, ["accountability", str(plan), "--on", str(ON)])
    assert shown.exit_code == 0, shown.output
    assert "风险 A 类" in shown.stdout
    told = CliRunner().invoke(xinfen.app, ["accountability", str(plan), "--json"])
    facts = json.loads(told.stdout)
    assert facts["verdict"] == "provably random"
    assert len(facts["exceptions"]) == 9
