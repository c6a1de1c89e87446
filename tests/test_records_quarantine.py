from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import xinfen
from records import faults, quarantine, retrying
from records.errors import BadInput, NotFound, NotPossible
from records.intake import ingest
from records.schema import TABLES
from records.store import Store
from tests.a_store import CODES, opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field amount decision_no"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Of three rows, one stored, one with three faults, one with one fault and a hostile text."""
    made = Store.create(tmp_path / "store")
    put(
        made,
        "penalties",
        rows(
            PENALTY,
            f"1 {CODES[0]} 2024-01-01 2024-01-05 tax 100 A1",
            f"2 {CODES[0][:-1]}R 2062-01-01 2063-01-05 tax 1.5 A2",
            f"3 {CODES[1]} 2024-01-01 2024-01-05 国税 300 =1+1\x00",
        ),
        "sent",
    )
    return made


def _stored(store: Store) -> list[dict[str, Any]]:
    table = store.rows("penalties", ["source_id", "amount", "decision_no"])
    return [] if table is None else sorted(table.to_pylist(), key=lambda row: row["source_id"])


def _mend(report: Path, line: int, **cells: Any) -> Path:
    """Change cells of the report's line, named by our columns."""
    book = load_workbook(report)
    sheet = book.worksheets[0]
    headings = [str(cell.value).split()[-1] for cell in sheet[1]]
    for name, value in cells.items():
        sheet.cell(line, headings.index(name) + 1).value = value
    mended = report.with_name("mended.xlsx")
    book.save(mended)
    return mended


def test_the_report_is_text_in_chinese_and_whole(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert quarantine.export(store, "penalties", out) == 2
    sheet = load_workbook(out).worksheets[0]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert sheet.title == "行政处罚"
    assert lines[0][:9] == [
        "文件",
        "行号",
        "字段",
        "原值",
        "问题",
        "允许的取值",
        "处理建议",
        "来源部门 source",
        "来源编号 source_id",
    ]
    assert lines[2][:7] == [
        "sent.csv",
        "3",
        "处罚领域 authority_field",
        "国税",
        "取值不在规定范围内",
        (
            "market_regulation（市场监管）、tax（税务）、environment（生态环境）、"
            "emergency（应急管理）、other（其他）"
        ),
        "请按允许的取值更正；如原取值无误，请联系接收方补充对应关系",
    ]
    assert lines[1][2] == (
        "1. 统一社会信用代码 entity_id\n2. 罚没金额 amount\n"
        "3. 发生日期 event_time\n4. 可知日期 known_time"
    )
    assert str(lines[1][4]).startswith(
        "1. 统一社会信用代码校验不通过（GB 32100-2015）\n2. 内容无法"
    )
    hostile = sheet.cell(3, lines[0].index("决定书文号 decision_no") + 1)
    assert (hostile.value, hostile.data_type) == ("=1+1␀", "s")
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
    assert {cell.number_format for line in sheet.iter_rows() for cell in line} == {"@"}


def test_a_mended_report_is_taken_in_and_all_is_accounted_for(store: Store, tmp_path: Path) -> None:
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    mended = _mend(tmp_path / "out.xlsx", 3, authority_field="tax", amount=301)
    report = retrying.retry(store, "penalties", mended)
    assert (report.read, report.stored, report.duplicate, report.quarantined) == (2, 1, 0, 1)
    assert _stored(store) == [
        {"source_id": "1", "amount": 100, "decision_no": "A1"},
        # The cell could not hold the NUL; what was not changed keeps its exact value.
        {"source_id": "3", "amount": 301, "decision_no": "=1+1\x00"},
    ]
    # The originals stay on record; what was refused again leads back to its file and row.
    found = quarantine.refusals(store, "penalties")
    assert [(one.file, one.row, one.open) for one in found] == [
        ("sent.csv", 2, False),
        ("sent.csv", 2, True),
        ("sent.csv", 3, False),
    ]
    assert quarantine.counts(store, "penalties") == {"refused": 3, "open": 1, "resolved": 2}


def test_the_same_retry_again_stores_nothing_new(store: Store, tmp_path: Path) -> None:
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    mended = _mend(tmp_path / "out.xlsx", 3, authority_field="tax")
    retrying.retry(store, "penalties", mended)
    before = quarantine.refusals(store, "penalties")
    again = retrying.retry(store, "penalties", mended)
    assert (again.read, again.stored, again.duplicate, again.quarantined) == (2, 0, 1, 1)
    assert quarantine.refusals(store, "penalties") == before


def test_rows_left_out_of_the_report_stay_open(store: Store, tmp_path: Path) -> None:
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    book.worksheets[0].delete_rows(2)
    book.save(tmp_path / "part.xlsx")
    report = retrying.retry(store, "penalties", tmp_path / "part.xlsx")
    assert (report.read, report.quarantined) == (1, 1)
    assert [one.row for one in quarantine.refusals(store, "penalties") if one.open] == [2, 3]


def test_a_retry_that_was_killed_is_completed_by_doing_it_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    mended = _mend(tmp_path / "out.xlsx", 3, authority_field="tax")
    before = quarantine.refusals(store, "penalties")
    with monkeypatch.context() as broken:
        broken.setattr(
            Store, "append_resolved", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            retrying.retry(store, "penalties", mended)
    assert quarantine.refusals(store, "penalties") == before
    report = retrying.retry(store, "penalties", mended)
    assert (report.read, report.stored, report.duplicate, report.quarantined) == (2, 0, 1, 1)
    assert quarantine.counts(store, "penalties") == {"refused": 3, "open": 1, "resolved": 2}


def test_a_mended_mapping_takes_its_rows_in(tmp_path: Path) -> None:
    file, rules = tmp_path / "checks.csv", tmp_path / "checks.yaml"
    file.write_text("firm,day,result\nF1,31.01.2024,合格\nF2,31.01.2024,尚可\nF3,someday,合格\n")
    text = """
        table: inspections
        source: {name: 局, id: "{firm}/{day}"}
        columns: {entity_id: firm, event_time: day, result: result, inspection_id: firm}
        constants: {way: unknown, item: 安全}
        values: {result: {合格: no_problem}}
        dates: ["%d.%m.%Y"]
        known_time: {after: event_time, days: 7}
    """
    rules.write_text(text)
    store = opaque(tmp_path)
    assert ingest(store, "inspections", file, rules).quarantined == 2
    rules.write_text(text.replace("no_problem}", "no_problem, 尚可: problem_corrected}"))
    report = retrying.retry(store, "inspections", mapping=rules)
    assert (report.read, report.stored, report.quarantined) == (2, 1, 1)
    stored = store.rows("inspections", ["source_id", "result", "event_time", "known_time"])
    assert stored is not None
    assert [
        {name: str(value) for name, value in row.items()}
        for row in stored.to_pylist()
        if row["result"] == "problem_corrected"
    ] == [
        {
            "source_id": "F2/31.01.2024",
            "result": "problem_corrected",
            "event_time": "2024-01-31",
            "known_time": "2024-02-07",
        }
    ]
    columns = "source_id entity_id event_time known_time authority_field"
    put(store, "penalties", rows(columns, "1 F1 2024-01-01 2024-01-01 no"))
    with pytest.raises(NotPossible, match="maps to inspections, not to penalties"):
        retrying.retry(store, "penalties", mapping=rules)


MAPPED = """
table: penalties
source: {name: 局, id: "{no}"}
columns: {entity_id: firm, event_time: day, violation: why, amount: fine}
constants: {authority_field: tax}
units: {amount: wan}
known_time: {after: event_time, days: 7}
"""


def _mapped(folder: Path) -> tuple[Store, Path]:
    """Two rows refused: amounts that no unit can be read of, and days without a spelling."""
    file, mapping = folder / "fines.csv", folder / "fines.yaml"
    file.write_text(
        "no,firm,day,why,fine,phone\n1,F1,05.01.2024,甲, 未公示,138\n2,F2,05.01.2024,乙,0.5,138\n"
    )
    mapping.write_text(MAPPED, "utf-8")
    store = opaque(folder)
    assert ingest(store, "penalties", file, mapping).quarantined == 2
    return store, mapping


def test_a_refused_row_is_kept_as_it_was_sent_as_far_as_it_was_read(tmp_path: Path) -> None:
    store, _ = _mapped(tmp_path)
    one = quarantine.refusals(store, "penalties")[0]
    assert one.record["amount"] == "未公示 万元"
    assert one.sent == {"no": "1", "firm": "F1", "day": "05.01.2024", "why": "甲", "fine": "未公示"}


def test_a_mended_mapping_is_applied_to_what_was_sent(tmp_path: Path) -> None:
    """Also where the first mapping had made something else of it already."""
    store, mapping = _mapped(tmp_path)
    mended = MAPPED + 'dates: ["%d.%m.%Y"]\nvalues: {amount: {未公示: null}}\n'
    mapping.write_text(mended.replace('"{no}"', '"{no}/{why}"').replace("wan", "yuan"), "utf-8")
    report = retrying.retry(store, "penalties", mapping=mapping)
    assert (report.read, report.stored, report.quarantined) == (2, 2, 0)
    stored = store.rows("penalties", ["source_id", "amount", "event_time", "known_time"])
    assert stored is not None
    assert [tuple(map(str, row.values())) for row in stored.to_pylist()] == [
        ("1/甲", "None", "2024-01-05", "2024-01-12"),
        ("2/乙", "50", "2024-01-05", "2024-01-12"),
    ]


def test_what_was_mended_by_hand_stays_whatever_the_mapping_says(tmp_path: Path) -> None:
    store, mapping = _mapped(tmp_path)
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    headings = [str(cell.value) for cell in load_workbook(tmp_path / "out.xlsx").worksheets[0][1]]
    assert "罚没金额（分） amount" in headings
    # An amount that says its unit means that; a bare one counts 分.
    mended = _mend(tmp_path / "out.xlsx", 2, amount="5 万元")
    report = retrying.retry(store, "penalties", mended)
    assert (report.stored, report.quarantined) == (0, 2)  # the days still cannot be read
    mapping.write_text(MAPPED + 'dates: ["%d.%m.%Y"]\nvalues: {violation: {甲: 丙}}\n', "utf-8")
    report = retrying.retry(store, "penalties", mapping=mapping)
    assert (report.stored, report.quarantined) == (2, 0)
    stored = store.rows("penalties", ["amount", "violation"])
    assert stored is not None
    assert sorted(stored.to_pylist(), key=lambda row: row["violation"]) == [
        {"amount": 5_000_000, "violation": "丙"},  # mended once by hand, mapped after it
        {"amount": 500_000, "violation": "乙"},
    ]


def test_rows_that_came_without_a_mapping_take_none(store: Store, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAPPED.replace("name: 局", "name: bureau"), "utf-8")
    with pytest.raises(NotPossible, match="came without a mapping"):
        retrying.retry(store, "penalties", mapping=tmp_path / "map.yaml")


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    for name in ("甲", "乙"):
        put(store, "penalties", rows(PENALTY, f"1 F1 2024-01-01 2024-01-05 no 1 {name}"), "same")
    found = quarantine.refusals(store, "penalties")
    assert {one.record["decision_no"] for one in found} == {"甲", "乙"}
    assert {one.first["decision_no"] for one in found} == {"甲", "乙"}


@pytest.mark.parametrize("text", ["_x0041_", "_x005F_", "a\r\nb", "\x00", "=1+1", "x" * 40_000])
def test_a_cell_that_excel_cannot_hold_comes_back_exactly(tmp_path: Path, text: str) -> None:
    import pandas as pd

    given = rows(PENALTY, "1 F1 2024-01-01 2024-01-05 no 1 -")[0] | {"decision_no": text}
    pd.DataFrame([{"source": "局"} | given]).to_parquet(tmp_path / "f.parquet")
    store = opaque(tmp_path)
    assert ingest(store, "penalties", tmp_path / "f.parquet").quarantined == 1
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    mended = _mend(tmp_path / "out.xlsx", 2, authority_field="tax")
    assert retrying.retry(store, "penalties", mended).stored == 1
    assert _stored(store)[0]["decision_no"] == text


def test_numbers_of_a_parquet_file_come_through_as_they_were(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "source": ["局"],
            "source_id": [7.0],
            "entity_id": ["F1"],
            "event_time": [20240101],
            "known_time": [pd.Timestamp("2024-01-05")],
            "authority_field": ["国税"],
            "amount": [5],
        }
    )
    frame.to_parquet(tmp_path / "typed.parquet")
    store = opaque(tmp_path)
    assert ingest(store, "penalties", tmp_path / "typed.parquet").quarantined == 1
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    mended = _mend(tmp_path / "out.xlsx", 2, authority_field="tax")
    assert retrying.retry(store, "penalties", mended).stored == 1
    assert _stored(store) == [{"source_id": "7", "amount": 5, "decision_no": None}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("heading", "lacks columns of the report"),
        ("key", "line 2, 回执编号"),
        ("twice", "line 3, 回执编号"),
        ("text", "not readable as an Excel workbook"),
    ],
)
def test_a_report_that_is_not_ours_is_refused(
    store: Store, tmp_path: Path, change: str, message: str
) -> None:
    out = tmp_path / "out.xlsx"
    quarantine.export(store, "penalties", out)
    book = load_workbook(out)
    sheet = book.worksheets[0]
    match change:
        case "heading":
            sheet.cell(1, 9).value = "编号"
        case "key":
            sheet.cell(2, sheet.max_column).value = "mine"
        case "twice":
            sheet.cell(3, sheet.max_column).value = sheet.cell(2, sheet.max_column).value
    book.save(out)
    if change == "text":
        out.write_text("not a workbook")
    with pytest.raises(BadInput, match=message):
        retrying.retry(store, "penalties", out)
    assert quarantine.counts(store, "penalties")["open"] == 2


def test_nothing_to_do_is_said(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 1 A"))
    with pytest.raises(NotFound, match=r"no open refusal of penalties from x\.csv"):
        quarantine.export(store, "penalties", tmp_path / "out.xlsx", "x.csv")
    with pytest.raises(NotFound, match="nothing of penalties is left to retry"):
        retrying.retry(store, "penalties")
    with pytest.raises(NotFound, match="did you mean 'penalties'"):
        quarantine.refusals(store, "penalty")
    with pytest.raises(NotFound, match=r"no file .*away\.xlsx"):
        retrying.retry(store, "penalties", tmp_path / "away.xlsx")


def test_the_front_door_lists_exports_and_retries(store: Store, tmp_path: Path) -> None:
    def run(*arguments: str) -> Any:
        told = CliRunner().invoke(xinfen.app, ["quarantine", *arguments, "--json"])
        assert told.exit_code == 0, told.output
        return json.loads(told.output)

    path, out = str(store.path), str(tmp_path / "out.xlsx")
    assert run("list", path) == {"penalties": {"refused": 2, "open": 2, "resolved": 0}}
    assert {one["field"] for one in run("list", path, "penalties")["faults"]} == {
        "entity_id",
        "amount",
        "event_time",
        "known_time",
        "authority_field",
    }
    assert run("export", path, "penalties", "--out", out, "--file", "sent.csv")["rows"] == 2
    told = run("retry", path, "penalties", out)
    assert (told["read"], told["quarantined"], told["open"]) == (2, 2, 2)
    shown = CliRunner().invoke(xinfen.app, ["quarantine", "list", path, "penalties"])
    assert "统一社会信用代码" in shown.output


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("amount cannot be read", "内容无法识别"),
        ("0 to inf", "不小于 0"),
        ("0 to 1", "0 至 1"),
        ("enterprise, never empty", "不得为空"),
        ("on was not given: 取得日期 · day it was taken", "接收时未给出 on（取得日期）"),
        (
            "xinfen quarantine retry … --mapping … --given on=…",
            "接收方补给：xinfen quarantine retry … --mapping … --given on=…",
        ),
        ("a new problem", "a new problem"),
    ],
)
def test_faults_are_told_in_chinese(english: str, chinese: str) -> None:
    assert faults.zh(english) == chinese


def test_a_reason_names_its_column() -> None:
    told = faults.reason(TABLES["penalties"], "amount cannot be read")
    assert told == "罚没金额 amount：内容无法识别"
