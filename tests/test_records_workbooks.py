from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from records.errors import BadInput
from records.readers import header_row, read
from tests.a_workbook import cells, data, workbook


def _column(path: Path, header: int = 1) -> list[str | None]:
    frame = read(path, header)
    return [None if pd.isna(value) else value for value in frame.iloc[:, 0]]


def _cell(folder: Path, cell: str, **about: object) -> str | None:
    """What one cell, given as XML, is read as."""
    rows = data(cells("a", "b"), cells(cell, "x"))
    return _column(workbook(folder / "file.xlsx", rows, **about))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # Formulas count as what Excel showed last; one that was never computed is an error.
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        ('<c t="str"><f>A1</f><v>局</v></c>', "局"),
        ('<c t="str"><f>IF(1,"")</f><v></v></c>', None),
        ("<c><f>B2*2</f></c>", "#UNCOMPUTED! =B2*2"),
        ("<c><f>B2*2</f><v></v></c>", "#UNCOMPUTED! =B2*2"),
        ('<c t="e"><f>B9</f><v>#REF!</v></c>', "#REF!"),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="e"><v>#NEW?</v></c>', "#UNCOMPUTED! #NEW?"),
        # Text stays as it was typed.
        ('<c t="inlineStr"><is><t>=1+1</t></is></c>', "=1+1"),
        ('<c t="inlineStr"><is><t>007</t></is></c>', "007"),
        ('<c t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>', "甲乙"),
        ('<c t="inlineStr"><is><t>东</t><rPh><t>dong</t></rPh></is></c>', "东"),
        ('<c t="inlineStr"><is><t>a_x000D_b_x0041_</t></is></c>', "a\rbA"),
        ('<c t="inlineStr"><is><t>_x005F_x0041_</t></is></c>', "_x0041_"),
        ('<c t="inlineStr"><is><t>_xD83D_</t></is></c>', "_xD83D_"),
        ('<c t="b"><v>1</v></c>', "true"),
        ('<c t="b"><v>0</v></c>', "false"),
        ('<c t="d"><v>2024-01-05</v></c>', "2024-01-05"),
        # Numbers have the fifteen digits that Excel has; longer codes have lost their end.
        ("<c><v>5</v></c>", "5"),
        ("<c><v>5.0</v></c>", "5"),
        ("<c><v>0.30000000000000004</v></c>", "0.3"),
        ("<c><v>1234.5600000000001</v></c>", "1234.56"),
        ("<c><v>-7</v></c>", "-7"),
        ("<c><v>123456789012345</v></c>", "123456789012345"),
        ("<c><v>9.1350100000000003E+17</v></c>", "9.135010000000000e+17"),
        ("<c><v>110105194912310000</v></c>", "1.1010519491231e+17"),
        ("<c/>", None),
    ],
)
def test_a_cell_is_what_a_person_sees_in_it(
    tmp_path: Path, cell: str, expected: str | None
) -> None:
    found = _cell(tmp_path, cell)
    if expected == "9.135010000000000e+17":
        expected = repr(9.1350100000000003e17)
    assert found == expected


@pytest.mark.parametrize(
    ("value", "style", "expected"),
    [
        ("45296", 14, "2024-01-05"),
        ("45296.5", 22, "2024-01-05 12:00:00"),
        ("45296", "yyyy\\-mm\\-dd", "2024-01-05"),
        ("45296", "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;", "2024-01-05"),
        ("45296", 31, "2024-01-05"),  # built into the Chinese edition alone
        ("45296", 58, "2024-01-05"),
        ("0.5", 20, "12:00:00"),
        ("1.25", "[h]:mm", "30:00:00"),
        ("45296", 0, "45296"),
        ("45296", "0.00", "45296"),
        # Typed into a cell for days, where Excel shows ########.
        ("20250331", 14, "20250331"),
        ("-5", 14, "-5"),
        ("60", 14, "60"),
        # The leading zeros that a format shows.
        ("123", "000000", "000123"),
        ("1234567", "000000", "1234567"),
        ("1.5", "000000", "1.5"),
    ],
)
def test_a_format_says_what_a_number_is(
    tmp_path: Path, value: str, style: int | str, expected: str
) -> None:
    assert _cell(tmp_path, f'<c s="1"><v>{value}</v></c>', formats=[style]) == expected


def test_days_of_a_workbook_from_a_mac(tmp_path: Path) -> None:
    cell = '<c s="1"><v>43834</v></c>'
    assert _cell(tmp_path, cell, formats=[14], epoch='date1904="1"') == "2024-01-05"


def test_shared_texts_and_places_left_out(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row r="4"><c r="C4"><v>7</v></c></row>'
    )
    strings = ["<t>名</t>", "<r><t>金</t></r><r><t>额_x000A_</t></r>"]
    frame = read(workbook(tmp_path / "file.xlsx", data(rows), strings=strings))
    assert list(frame) == ["名", "(2)", "金额"]
    assert frame.fillna("-").to_numpy().tolist() == [["-", "-", "7"]]


def test_titles_above_the_header(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["2024年行政处罚汇总表"])
    sheet.merge_cells("A1:C1")
    sheet.append(["单位：甲局", None, "日期：2024"])
    sheet.append([])
    for row in (["文号", "金额", "日期"], ["一号", 5, date(2024, 1, 5)]):
        sheet.append(row)
    book.save(tmp_path / "file.xlsx")
    with pytest.raises(BadInput, match="row 2: a cell lies beyond the header") as caught:
        read(tmp_path / "file.xlsx")
    assert "say `header: 3` (their row) in the mapping" in str(caught.value)
    assert header_row(tmp_path / "file.xlsx") == 4
    frame = read(tmp_path / "file.xlsx", 4)
    assert frame.to_dict("list") == {"文号": ["一号"], "金额": ["5"], "日期": ["2024-01-05"]}


def test_merged_cells_among_the_rows_are_refused(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["firm", "fine"], ["F1", 1], [None, 2]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "file.xlsx")
    with pytest.raises(BadInput, match=r"merged cells among the rows\n  found: A2:A3"):
        read(tmp_path / "file.xlsx")


def test_sheets_with_the_same_columns_are_one_table(tmp_path: Path) -> None:
    one = data(cells("a", "b"), cells("1", "2"))
    turned = data(cells("b", "a"), cells("4", "3"), cells("6"))
    notes = data(cells("填报说明"), cells("请勿修改表头"))
    hidden = data(cells("a", "b"), cells("5", "6"))
    empty = data()
    path = workbook(
        tmp_path / "file.xlsx", empty, one, turned, notes, hidden,
        states=["visible", "visible", "visible", "visible", "hidden"],
    )  # fmt: skip
    frame = read(path).astype("object").where(lambda values: values.notna(), None)
    assert frame.to_numpy().tolist() == [["1", "2"], ["3", "4"], [None, "6"]]


def test_a_sheet_with_nearly_the_same_columns_is_not_left_out_silently(tmp_path: Path) -> None:
    one = data(cells("a", "b", "c"), cells("1", "2", "3"))
    other = data(cells("a", "b", "d"), cells("1", "2", "3"))
    with pytest.raises(BadInput, match=r"sheet 表1: its columns are not quite[^:]*\n  found: c, d"):
        read(workbook(tmp_path / "file.xlsx", one, other))
    only_a_header = data(cells("a", "b", "d"))
    assert len(read(workbook(tmp_path / "file.xlsx", one, only_a_header))) == 1


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "File is not a zip file"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "of an old kind .*, or one under a pass"),
        (b"<html><table>", "File is not a zip file"),
        (b"PK\x03\x04" + b"\0" * 30, "File is not a zip file"),
    ],
)
def test_what_is_no_workbook_is_told_apart(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "file.xlsx").write_bytes(content)
    with pytest.raises(BadInput, match=f"not readable as an Excel workbook\n  found: .*{found}"):
        read(tmp_path / "file.xlsx")


@pytest.mark.parametrize("sheet", ["", data(), data(cells("a", "b")), data(cells(), cells())])
def test_a_workbook_without_rows_says_so(tmp_path: Path, sheet: str) -> None:
    with pytest.raises(BadInput, match="has no rows"):
        read(workbook(tmp_path / "file.xlsx", sheet))


def test_a_damaged_sheet_is_named(tmp_path: Path) -> None:
    broken = data(cells("a"), '<row><c t="s"><v>99</v></c></row>')
    with pytest.raises(BadInput, match="not readable as an Excel workbook"):
        read(workbook(tmp_path / "file.xlsx", broken))
    with pytest.raises(BadInput, match="not readable as an Excel workbook"):
        read(workbook(tmp_path / "file.xlsx", "<sheetData><row>"))
