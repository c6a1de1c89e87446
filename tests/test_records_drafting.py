from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from openpyxl import Workbook
from typer.testing import CliRunner

import xinfen
from records import drafting, likeness
from records.errors import NotFound
from records.folder import plan
from records.intake import ingest
from records.mapping import Mapping
from records.schema import TABLES
from tests.a_store import CODES, opaque

BUREAU = pd.DataFrame(
    {
        "序号": ["1", "2", "3"],
        "处罚决定书文号": ["京〔2024〕1号", "京〔2024〕2号", "京〔2024〕3号"],
        "行政相对人代码": [CODES[0], CODES[1].lower(), CODES[0]],
        "处罚日期": ["03.01.2024", "04.01.2024", "31.01.2024"],
        "公示日期": ["2024/1/8", "2024/1/9", "2024/2/5"],
        "处罚类别": ["罚款", "警告", "训诫"],
        "罚款金额（万元）": ["1.5", "", "20"],
        "处罚机关": ["某区市场监管局"] * 3,
        "联系电话": ["13800000000"] * 3,
        "备注\n# evil: {x}": ["甲", "", ""],
    }
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "处罚.csv"
    BUREAU.to_csv(path, index=False)
    return path


def test_a_draft_loads_and_says_what_it_guessed(file: Path, tmp_path: Path) -> None:
    text = drafting.draft(file, "penalties")
    out = tmp_path / "map.yaml"
    out.write_text(text, "utf-8")
    rules = Mapping.load(out)
    assert rules.columns == {
        "entity_id": "行政相对人代码",  # by the look of its codes
        "event_time": "处罚日期",
        "known_time": "公示日期",
        "decision_no": "处罚决定书文号",
        "penalty": "处罚类别",
        "amount": "罚款金额（万元）",
        "office": "处罚机关",
    }
    assert (rules.source.id, rules.dates) == ("{序号}", ["%d.%m.%Y"])
    assert rules.source.file == "处罚.csv"
    assert rules.values == {"penalty": {"罚款": "fine", "警告": "warning"}}
    assert 'entity_id: "行政相对人代码"  # guess: 100% of the values fit' in text
    assert "# 训诫:  # ! one of warning, fine" in text
    assert "! ours counts 分" in text
    assert "#   authority_field: ! required" in text


def test_columns_left_out_are_listed_without_their_values(file: Path) -> None:
    text = drafting.draft(file, "penalties")
    assert "#   联系电话: 100% given, 1 different; a person's data, not to be mapped" in text
    assert "#   备注�# evil: {x}: 33% given, 1 different" in text
    assert "13800000000" not in text


def test_a_finished_draft_ingests(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.yaml"
    text = drafting.draft(file, "penalties").replace("# 训诫:  # ! one of", "训诫: other  #")
    text = text.replace(
        "\ncolumns:", "\nconstants: {authority_field: market_regulation}\n\ncolumns:"
    )
    out.write_text(text, "utf-8")
    store = opaque(tmp_path)
    report = ingest(store, "penalties", file, out)
    assert (report.read, report.stored, report.quarantined) == (3, 3, 0)
    stored = store.rows("penalties", ["amount"])
    assert stored is not None
    assert stored["amount"].to_pylist() == [1_500_000, None, 20_000_000]  # 分, from 万元


def test_what_the_publicity_system_calls_things(tmp_path: Path) -> None:
    path = tmp_path / "gsxt.csv"
    path.write_text(
        "uniscId,entName,entType,leRep,regCap,estDate,opTo,apprDate,dom,regState\n"
        f"{CODES[0]},甲公司,1130,张三,100,2010-01-02,,2012-03-04,某路1号,存续\n"
    )
    rules = yaml.safe_load(drafting.draft(path, "enterprises"))
    assert rules["columns"] == {
        "entity_id": "uniscId",
        "event_time": "apprDate",
        "name": "entName",
        "entity_type": "entType",
        "address": "dom",
        # leRep is a bare name, and nobody is linked by name alone.
        "registered_capital": "regCap",
        "established_on": "estDate",
        "term_ends_on": "opTo",
        "status": "regState",
    }
    assert rules["values"] == {"status": {"存续": "live"}}
    assert rules["known_time"] == {"after": "event_time", "days": 7}


def _draft(folder: Path, table: str, name: str, text: str) -> tuple[str, Mapping]:
    """The draft of a CSV, and the mapping that it is when it is loaded."""
    (folder / f"{name}.csv").write_text(text, "utf-8")
    drafted = drafting.draft(folder / f"{name}.csv", table)
    (folder / "map.yaml").write_text(drafted, "utf-8")
    return drafted, Mapping.load(folder / "map.yaml")


def test_joined_codes_are_cut_and_named_in_the_id(tmp_path: Path) -> None:
    text, rules = _draft(
        tmp_path, "inspections", "双随机",
        "统一社会信用代码,任务编号,抽查事项,抽查结果,检查日期,公示日期,检查机关\n"
        f'{CODES[0]},R1,公示信息,"1,6",2024年3月,2024-04-01,甲局\n'
        f"{CODES[1]},R2,公示信息,未发现问题；注销,2024年4月,,甲局\n",
    )  # fmt: skip
    assert rules.split == {"result": ",；"}
    assert rules.source.id == "{统一社会信用代码}/{检查日期}/{抽查结果}"
    assert rules.values == {
        "result": {"1": "no_problem", "6": "unreachable", "未发现问题": "no_problem",
                   "注销": "deregistered"}
    }  # fmt: skip
    assert rules.dates == ["%Y年%m月"]
    assert "! a month or a year alone is read as its first day" in text
    assert rules.known_time is not None  # a fallback, as the file does not always say it
    assert "where 公示日期 is empty?" in text


def test_codes_are_not_cut_where_amounts_would_be_repeated(tmp_path: Path) -> None:
    text, rules = _draft(
        tmp_path, "penalties", "处罚",
        "统一社会信用代码,决定书文号,处罚种类,罚款金额（元）,处罚日期\n"
        f'{CODES[0]},1号,警告、罚款,"1,000",2024-01-05\n{CODES[1]},2号,罚款,5,2024-01-06\n',
    )  # fmt: skip
    assert (rules.split, rules.units) == ({}, {"amount": "yuan"})
    assert '# split: {penalty: "、"}  # ! codes are joined, but each row' in text
    assert "# 警告、罚款:  # ! one of warning, fine" in text


def test_titles_persons_serial_days_and_marks_for_nothing(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["股权出质登记表（2024）"])
    sheet.append(["单位：甲局", None, None, None, "日期：2024"])
    sheet.append(["登记编号", "统一社会信用代码", "出质人证照号码", "质权人证照号码",
                  "出质股权数额（万元）", "设立登记日期", "质权人"])  # fmt: skip
    for at, number in enumerate(("11010519491231002X", "110105491231003")):
        sheet.append([f"Z{at}", CODES[0], number, CODES[1], ("1.5", "/")[at], 45658 + at, "张三"])
    book.save(tmp_path / "出质.xlsx")
    text = drafting.draft(tmp_path / "出质.xlsx", "equity_pledges")
    (tmp_path / "map.yaml").write_text(text, "utf-8")
    rules = Mapping.load(tmp_path / "map.yaml")
    assert (rules.header, rules.dates, rules.hmac) == (3, ["excel"], ["pledgor", "pledgee"])
    assert (rules.units, rules.values) == ({"amount": "wan"}, {"amount": {"/": None}})
    assert "110105" not in text
    assert "张三" not in text
    assert "#   质权人: 100% given, 1 different" in text


def test_a_drafted_mapping_of_persons_takes_the_file_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINFEN_PERSON_KEY", "0123456789abcdef")
    text, rules = _draft(
        tmp_path, "persons", "股东",
        "统一社会信用代码,职务,股东证件号码,认缴出资额(万元),任职日期\n"
        f"{CODES[0]},股东,11010519491231002X,10,2024-01-05\n"
        f"{CODES[0]},高级管理人员,110105194912310038,,2024/1/6\n",
    )  # fmt: skip
    assert rules.columns["person_id"] == "股东证件号码"
    assert rules.values == {"role": {"股东": "shareholder", "高级管理人员": "officer"}}
    report = ingest(opaque(tmp_path), "persons", tmp_path / "股东.csv", tmp_path / "map.yaml")
    assert (report.read, report.stored) == (2, 2)
    assert "11010519491231002X" not in text


@pytest.mark.parametrize(
    ("heading", "values", "unit", "said"),
    [
        ("资产总额（万元）", ("5", "7"), {"assets": "wan"}, "guess: the header says 万元"),
        ("资产总额(元)", ("5", "7"), {"assets": "yuan"}, "guess: the header says 元"),
        ("资产总额", ("5万元", "7万元"), {}, "assets: "),
        ("资产总额", ("¥5", "¥7"), {}, "assets: "),
        ("assGro", ("5", "7"), {"assets": "wan"}, "the publicity system's amounts"),
        ("资产总额", ("5", "7"), {}, "# assets: \"资产总额\""),
        ("资产总额（亿元）", ("5", "7"), {}, "! in what unit is it?"),
        ("资产总额（万元）", ("50000000", "70000000"), {"assets": "wan"},
         "! but half of the amounts are above 1,000,000: are they 元?"),
    ],
)  # fmt: skip
def test_a_unit_is_taken_from_what_the_file_says_and_never_from_its_numbers(
    tmp_path: Path, heading: str, values: tuple[str, str], unit: dict[str, str], said: str
) -> None:
    text, rules = _draft(
        tmp_path, "annual_reports", "年报",
        f"统一社会信用代码,年度,报送日期,从业人数,{heading}\n"
        f"{CODES[0]},2023,2024-03-01,5,{values[0]}\n"
        f"{CODES[1]},2023,2024-03-02,企业选择不公示,{values[1]}\n",
    )  # fmt: skip
    assert rules.units == unit
    assert said in text
    assert rules.values == {"employees": {"企业选择不公示": None}}


BUREAUX = {
    "licences": """
        统一社会信用代码,许可文件编号,许可文件名称,有效期自,有效期至
        {0},X1,食品,2024.1.5,长期
        {1},X2,食品,2024.2.5,2029.2.4""",
    "complaints": """
        登记编号,被投诉人,投诉人,联系电话,登记时间,问题类别
        1,甲,张三,138,2024-01-05 09:30,质量""",
    "abnormal_listings": """
        统一社会信用代码,列入原因,列入日期,移出日期
        {0},通过登记的住所或者经营场所无法联系,2024-1-5,""",
    "special_equipment": """
        设备注册代码,使用单位统一社会信用代码,检验日期,下次检验日期
        T1,{0},20240105,20250105""",
    "public_grades": """
        统一社会信用代码,得分,等级,评价日期
        {0},798,B,2024/01/05 08:00:00""",
    "court_records": """
        统一社会信用代码,案号,立案时间,执行标的（元）
        {0},（2024）1号,2024年1月5日,5""",
}


@pytest.mark.parametrize(("table", "lines"), BUREAUX.items())
def test_a_draft_of_a_bureaus_file_loads(tmp_path: Path, table: str, lines: str) -> None:
    text = "\n".join(line.strip() for line in lines.format(*CODES).split("\n")[1:])
    drafted, rules = _draft(tmp_path, table, "文件", text)
    assert rules.table == table
    assert "张三" not in drafted
    assert "138" not in drafted
    if table == "licences":
        assert rules.values == {"expires_on": {"长期": None}}


def test_a_number_that_only_counts_rows_is_doubted(file: Path) -> None:
    assert '"{序号}"  # ! different in every row, but does it hold' in drafting.draft(
        file, "penalties"
    )


def test_a_file_like_nothing_of_ours_still_gives_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("甲乙,{丙}\n,x\n,x\n")
    text = drafting.draft(path, "repairs")
    loaded = yaml.safe_load(text)
    assert (loaded["columns"], loaded["source"]["id"]) == ({}, "{row}")
    for name in ("甲乙", "{丙}"):
        assert f"#   {name}: " in text
    assert "! row numbers" not in text
    assert "! no column names a row" in text


def test_dates_that_may_be_read_two_ways_are_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "us.csv"
    path.write_text("uscc,处罚日期\nF1,01/02/2024\nF2,01/31/2024\n")
    assert "! is 01/02/2024 in January or in February?" in drafting.draft(path, "penalties")


def test_every_name_and_word_known_belongs_to_a_column_of_ours() -> None:
    known = likeness.words()
    for table, columns in known["columns"].items():
        own = TABLES["enterprises" if table == "common" else table].by_name
        extra = {"address", "division"} if table == "common" else set()
        assert set(columns) <= set(own) | extra, table
    for name, codes in known["values"].items():
        table, column = name.split(".")
        assert set(codes.values()) <= set(TABLES[table].by_name[column].allowed), name


@pytest.mark.parametrize(
    ("theirs", "known", "score"),
    [
        ("罚款金额（万元）", ["罚款金额"], 1.0),
        ("PenDecIssDate", ["penDecIssDate"], 1.0),
        ("行政处罚决定书文号", ["决定书文号"], 0.77),
        ("abc", ["xyz"], 0.0),
    ],
)
def test_likeness_of_names(theirs: str, known: list[str], score: float) -> None:
    assert likeness.named(theirs, known)[0] == pytest.approx(score, abs=0.005)


def test_the_front_door_writes_or_prints_a_draft(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.yaml"
    command = ["mapping", "draft", str(file), "--table", "penalties"]
    printed = CliRunner().invoke(xinfen.app, command)
    assert printed.output == drafting.draft(file, "penalties")
    assert CliRunner().invoke(xinfen.app, [*command, "--out", str(out)]).exit_code == 0
    assert out.read_text("utf-8") == printed.output
    with pytest.raises(NotFound, match="did you mean 'penalties'"):
        drafting.draft(file, "penalty")


def test_a_drafted_mapping_is_for_its_file_in_a_folder(tmp_path: Path) -> None:
    folder, mappings = tmp_path / "2024-06", tmp_path / "mappings"
    folder.mkdir()
    mappings.mkdir()
    BUREAU.to_csv(folder / "处罚[新]_6月.csv", index=False)
    text = drafting.draft(folder / "处罚[新]_6月.csv", "penalties")
    (mappings / "penalties.yaml").write_text(text, "utf-8")
    found = plan(folder, mappings)
    assert [step.file.name for step in found.steps] == ["处罚[新]_6月.csv"]


def test_a_contact_s_telephone_becomes_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "联络员.csv"
    file.write_text(
        "统一社会信用代码,任职日期,证件号码,联系电话\n"
        f"{CODES[0]},2024-01-01,11010519491231002X,13800138000\n", "utf-8"
    )  # fmt: skip
    text = drafting.draft(file, "persons")
    assert "hmac: [person_id, phone]" in text
    assert "13800138000" not in text
