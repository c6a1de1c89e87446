"""Many firms at once: conditions, uploaded lists, rows that match none, and who looked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

import xinfen
from models import definition as definitions
from models.ladder import ladder
from models.peers import Peers
from records import identity, names
from records.errors import BadInput, NotFound
from serving.access import audit
from serving.runs import headlines, lookup, matching, uploads
from serving.runs.conditions import condition
from serving.runs.runfolder import CLASSES
from serving.store import database
from tests import a_run
from tests.a_run import AS_OF, COOP, A, B, C, D
from tests.an_audit import looks


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run.write(tmp_path / "run")


def asked(*args: str) -> Any:
    told = CliRunner().invoke(xinfen.app, [*args, "--json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def found(run: Path, **conditions: Any) -> list[str]:
    table = headlines.classes(run).to_table(columns=["entity_id"], filter=condition(**conditions))
    ids: list[str] = table["entity_id"].to_pylist()
    return ids


@pytest.mark.parametrize(
    ("conditions", "firms"),
    [
        ({}, [C, A, D, B, COOP]),
        ({"classes": "C,D"}, [C, D]),
        ({"classes": "c，d"}, [C, D]),
        ({"grades": "E"}, [D]),
        ({"divisions": "2301"}, [C, A, D, COOP]),
        ({"divisions": "2312,230103"}, [D, B]),
        ({"industries": "H"}, [C]),
        ({"classes": "B", "divisions": "2301"}, []),
        ({"where": ["public_score<700"]}, [D, B]),
        ({"where": ["public_score >= 700", "previous_class=A,B"]}, [C, A]),
        ({"where": ["previous_class=null", "scope=model"]}, [B]),
        ({"where": ["previous_class!=null"]}, [C, A, D]),
        ({"where": ["entity_type~9"]}, [COOP]),
        ({"where": [f"as_of={AS_OF}"]}, [C, A, D, B, COOP]),
        ({"where": ["name='; drop table firms"]}, []),
    ],
)
def test_conditions_find_the_firms(run: Path, conditions: dict[str, Any], firms: list[str]) -> None:
    assert sorted(found(run, **conditions)) == sorted(firms)


@pytest.mark.parametrize(
    ("conditions", "error", "match"),
    [
        ({"classes": "E"}, BadInput, "unknown risk_class"),
        ({"grades": "F"}, BadInput, "unknown public_grade"),
        ({"where": ["probabilty>0.2"]}, NotFound, "probability"),
        ({"where": ["probability>much"]}, BadInput, "not a value of probability"),
        ({"where": ["probability>nan"]}, BadInput, "not a value of probability"),
        ({"where": ["steps=1"]}, NotFound, "unknown column"),
        ({"where": ["1=1"]}, BadInput, "cannot be read"),
        ({"where": ["public_score~7"]}, BadInput, "is no text"),
        ({"where": ["as_of>2026-13-01"]}, BadInput, "not a value of as_of"),
    ],
)
def test_a_condition_that_cannot_be_is_told(
    run: Path, conditions: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        found(run, **conditions)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_headline_is_the_ladders_own(run: Path, lang: str) -> None:
    told = headlines.told(run, pa.array([A, B, C, COOP, D]), lang).set_index("entity_id")
    definition = definitions.load(run / "model")
    for firm in (A, B, C, COOP, D):
        row, reasons = lookup.firm_of(run, firm)
        whole = ladder(row, reasons, definition, lang, Peers.of(run / "model", definition))
        assert told.loc[firm, "headline"] == whole["headline"]
        assert told.loc[firm, "class_name"] == whole["class_name"]
    plain = headlines.told(run, pa.array([A, C]), lang, reasons=False)
    assert plain["headline"].isna().all()
    assert plain["class_name"].tolist() == told.loc[plain["entity_id"], "class_name"].tolist()


def uploaded(folder: Path, rows: list[list[Any]], name: str = "list.xlsx") -> Path:
    path = folder / name
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def wrong_digit(code: str) -> str:
    """A code of a true register with another last character."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def uscc(first17: str) -> str:
    import numpy as np

    return first17 + str(identity.check_digits(np.array([first17]))[0])


def with_codes(run: Path) -> dict[str, str]:
    """The run's firms under codes with true check digits, by their name; two share a name."""
    table = pq.read_table(run / "classes.parquet").to_pylist()
    for at, row in enumerate(table):
        row["entity_id"] = uscc(f"91230102MA1C{at:05}")
    twin = dict(table[0]) | {"entity_id": uscc("91230102MA1C99999")}
    pq.write_table(pa.Table.from_pylist([*table, twin], CLASSES), run / "classes.parquet")
    reasons = pq.read_table(run / "reasons.parquet").slice(0, 0)
    pq.write_table(reasons, run / "reasons.parquet")
    return {row["name"]: row["entity_id"] for row in table}


def test_every_row_of_a_list_is_answered_or_says_why_not(run: Path, tmp_path: Path) -> None:
    codes = with_codes(run)
    twin, single, third, *_ = codes
    rows: list[list[Any]] = [
        ["某局比对名单", None],
        ["统一社会信用代码", "企业名称"],
        [codes[single], None],
        [f" {codes[single].lower()} ", single.replace("有限公司", "有限责任公司")],
        [wrong_digit(codes[single]), None],
        [uscc("91999999MA1C00000"), None],
        [None, third],
        [None, twin],
        [None, "查无此企业有限公司"],
        [codes[third], single],
        [codes[twin], "=HYPERLINK(1)"],
        ["（空）", None],
    ]
    file = uploaded(tmp_path, rows)
    told = matching.match(run, uploads.read(file))
    assert told["status"].tolist() == [
        "matched", "matched", "bad_check_digit", "unknown_code", "matched", "ambiguous_name",
        "unknown_name", "name_differs", "name_differs", "unknown_code",
    ]  # fmt: skip
    assert told["row"].tolist() == list(range(1, 11))
    assert told["same_as"].dropna().to_dict() == {1: 1}
    assert told["candidates"].iloc[5] == 2
    assert told["detail"].iloc[7] == third
    assert told["entity_id"].notna().sum() == 3
    out = tmp_path / "answered.xlsx"
    for lang, word in (
        ("zh", "名称对应 2 家企业，请给出代码"),
        ("en", "2 enterprises have the name"),
    ):
        facts = asked("compare", str(run), str(file), "--out", str(out), "--lang", lang)
        assert facts["status"]["matched"] == 3
        assert (facts["duplicates"], facts["enterprises"]) == (1, 2)
        sheet = load_workbook(out).active
        assert sheet is not None
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        texts = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
        assert len(texts) == 11
        assert any(word in cell for cell in texts[6])


@pytest.mark.parametrize(
    "heading",
    ["统一社会信用代码", "社会信用代码（必填）", "统一社会信用代码/注册号", "USCC", "entity_id",
     "Unified Social Credit Code", "信用代码 "],
)  # fmt: skip
def test_usual_headings_are_known(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "list.csv"
    pd.DataFrame({"序号": [1], heading: [C]}).to_csv(path, index=False)
    read = uploads.read(path)
    assert read["code"].tolist() == [C]
    assert read["name"].isna().all()


def test_a_list_without_headings_is_known_by_its_codes(tmp_path: Path) -> None:
    codes = [uscc(f"91230102MA1C{at:05}") for at in range(3)]
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(codes) + "\n", "utf-8")
    assert uploads.read(path)["code"].tolist() == codes


def test_a_list_of_neither_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    pd.DataFrame({"电话": ["1"], "地址": ["2"]}).to_csv(path, index=False)
    with pytest.raises(BadInput, match="no column holds codes or names"):
        uploads.read(path)
    with pytest.raises(NotFound, match="电话号"):
        uploads.read(path, code="电话号")


def test_whoever_asks_is_recorded_with_every_firm(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    pd.DataFrame({"uscc": [C, D, C, "nobody"]}).to_csv(path, index=False)
    asked("compare", str(run), str(path), "--purpose", "4月比对")
    asked("list", str(run), "--class", "A")
    engine = database.connect()
    assert [look[1:] for look in looks(engine)] == [
        ("batch", C, "4月比对"), ("batch", D, "4月比对"), ("search", A, ""),
    ]  # fmt: skip
    assert audit.verify(engine).holds


def test_the_list_goes_into_files_of_each_kind(run: Path, tmp_path: Path) -> None:
    for ending in ("xlsx", "csv", "parquet"):
        out = tmp_path / f"firms.{ending}"
        assert asked("list", str(run), "--class", "C,D", "--out", str(out))["found"] == 2
    frame = pq.read_table(tmp_path / "firms.parquet").to_pandas()
    assert frame["risk_class"].tolist() == ["C", "D"]
    assert str(frame["as_of"].iloc[0]) == str(AS_OF)
    bad = CliRunner().invoke(xinfen.app, ["list", str(run), "--out", "firms.pdf"])
    assert isinstance(bad.exception, BadInput)


def test_names_of_a_column_are_written_as_one_is() -> None:
    told = ["哈尔滨 安润（中国）商贸有限责任公司", "ＡＢＣ股份有限责任公司", "甲·乙—丙『丁』", "",
            "《戊》己【庚】", "a.b,c；d", "辛\u3000壬\u00a0癸"]  # fmt: skip
    assert names.firms(pa.array([*told, None])).to_pylist() == [*map(names.firm, told), None]
