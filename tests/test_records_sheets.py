"""What leaves us as Excel or CSV holds texts, none of which runs, and comes back as it was."""

from __future__ import annotations

import ast
import csv
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from records import sheets
from records.errors import NotFound, NotPossible

ROOT = Path(__file__).parents[1]
HOSTILE = (
    "=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "=1+1", "\t=1", "'=1", "{=1}", '=HYPERLINK("x")',
    "007", "9.13E+17", "2024-01-05", "true", "#REF!", "_x0041_", "_x005F_x0041_", "a\nb", "a\r\nb",
    "a\rb", "\x00", "\ufffe\uffff", "\x1b[31m", "😀", "\u202e局", "<b>&amp;", '"', "'", ",", ";",
    " x ", "\u3000", "x" * 40_000,
)  # fmt: skip


def test_every_cell_is_text_and_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    sheets.write(out, "表", ["=a", "@b"], [[text, "x"] for text in HOSTILE])
    for data_only in (False, True):
        sheet = load_workbook(out, data_only=data_only).worksheets[0]
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
        assert {cell.number_format for cell in cells} == {"@"}


def test_more_rows_than_a_sheet_holds_are_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST", 2)
    with pytest.raises(NotPossible, match=r"a sheet holds 2 rows, and there are more"):
        sheets.write(tmp_path / "out.xlsx", "表", ["a"], [["x"]] * 3)
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_comes_back_as_it_was_shown(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    sheets.write(out, "表", ["a", "n"], [[text, str(at)] for at, text in enumerate(HOSTILE)])
    found = {row["n"]: row["a"] for _, row in sheets.read(out)}
    assert found == {str(at): sheets.shown(text) for at, text in enumerate(HOSTILE)}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_any_text_comes_back_as_it_was_shown(tmp_path: Path, texts: list[str]) -> None:
    out = tmp_path / "out.xlsx"
    sheets.write(out, "表", ["a", "n"], [[text, str(at)] for at, text in enumerate(texts)])
    found = [row["a"] for _, row in sheets.read(out)]
    assert found == [sheets.shown(text) for text in texts]


TEXTS = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.text("=+-@\t\r\n'＝＋－＠\" ,a", max_size=5),
)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+7 451", "'+7 451"),
        ("-3", "'-3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'平安", "'平安"),
        ("和平街1号", "和平街1号"),
        ("", ""),
    ],
)
def test_a_cell_that_would_run_is_a_text(tmp_path: Path, text: str, cell: str) -> None:
    sheets.write_csv(tmp_path / "a.csv", pa.table({"name": [text], "n": ["1"]}))
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [["name", "n"], [cell, "1"]]
    assert sheets.read_csv(tmp_path / "a.csv").to_pydict() == {"name": [text], "n": ["1"]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
def test_what_is_written_comes_back(tmp_path: Path, given: list[tuple[str | None, ...]]) -> None:
    names = ("entity_id", "name")
    rows = pa.table({n: pa.array([row[at] for row in given], pa.string())
                     for at, n in enumerate(names)})  # fmt: skip
    sheets.write_csv(tmp_path / "a.csv", rows)
    assert sheets.read_csv(tmp_path / "a.csv").equals(rows)
    for cell in sheets.guarded(rows.column("name")).to_pylist():
        assert cell is None or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        list(sheets.read(tmp_path / "none.xlsx"))
    with pytest.raises(NotFound, match="no file"):
        sheets.read_csv(tmp_path / "none.csv")


WRITERS = {"to_csv", "to_excel", "write_csv", "Workbook", "DictWriter", "writer", "WriteOnlyCell"}
"""Calls that could make a CSV or a workbook; but for those of `sheets`, which are held above."""

KNOWN = {
    "records/sheets.py",  # texts alone
    "benchmarks/ingest.py",  # a file of its own to read again
    "serving/web/plans.py",  # what was posted, read again at once and gone
}


def _writes(path: Path) -> bool:
    """Whether a module calls anything that writes a CSV or a workbook."""
    called = [ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8")))
              if isinstance(node, ast.Call)]  # fmt: skip
    return any(
        name.rpartition(".")[2] in WRITERS and not name.startswith("sheets.") for name in called
    )


def test_nothing_else_writes_excel_or_csv() -> None:
    """A new writer has to come here, and to show that its cells are texts."""
    rooms = ("records", "features", "models", "training", "serving", "supervision", "benchmarks")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")] + [ROOT / "xinfen.py"]
    found = {path.relative_to(ROOT).as_posix() for path in files if _writes(path)}
    assert found <= KNOWN


def test_a_workbook_holds_no_clock(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    sheets.write(path, "任务", ["甲", "乙"], [("=1+1", "2")], [20, 40])
    with zipfile.ZipFile(path) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = parts.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2
    book = load_workbook(path)
    assert book.active.column_dimensions["B"].width == 40
    assert (book.active["A2"].value, book.active["A2"].data_type) == ("=1+1", "s")
