"""What leaves us as Excel or CSV holds texts, and comes back as it was."""

from __future__ import annotations

import ast
from pathlib import Path

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


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_any_text_comes_back_as_it_was_shown(tmp_path: Path, texts: list[str]) -> None:
    out = tmp_path / "out.xlsx"
    sheets.write(out, "表", ["a", "n"], [[text, str(at)] for at, text in enumerate(texts)])
    found = [row["a"] for _, row in sheets.read(out)]
    assert found == [sheets.shown(text) for text in texts]


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        list(sheets.read(tmp_path / "none.xlsx"))


WRITERS = {"to_csv", "to_excel", "write_csv", "Workbook", "DictWriter", "writer", "WriteOnlyCell"}
"""Calls that could make a CSV or a workbook."""

KNOWN = {
    "records/sheets.py",  # texts alone, held to it above
    "records/province/build.py",  # the synthetic lists
    "benchmarks/ingest.py",  # a file of its own to read again
}


def _writes(path: Path) -> bool:
    """Whether a module calls anything that writes a CSV or a workbook."""
    tree = ast.parse(path.read_text("utf-8"))
    named = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    return bool(named & WRITERS)


def test_nothing_else_writes_excel_or_csv() -> None:
    """A new writer has to come here, and to show that its cells are texts."""
    rooms = ("records", "features", "models", "training", "serving", "supervision", "benchmarks")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")] + [ROOT / "xinfen.py"]
    found = {path.relative_to(ROOT).as_posix() for path in files if _writes(path)}
    assert found <= KNOWN
