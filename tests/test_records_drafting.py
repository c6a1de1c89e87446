from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

import xinfen
from records import drafting, likeness
from records.errors import NotFound
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
