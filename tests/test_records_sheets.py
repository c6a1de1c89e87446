"""Sheets: no cell of a CSV runs in a spreadsheet, and every text comes back exactly."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import sheets
from records.errors import NotFound

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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
def test_what_is_written_comes_back(tmp_path: Path, given: list[tuple[str | None, ...]]) -> None:
    names = ("entity_id", "name")
    rows = pa.table({n: pa.array([row[at] for row in given], pa.string())
                     for at, n in enumerate(names)})  # fmt: skip
    sheets.write_csv(tmp_path / "a.csv", rows)
    assert sheets.read_csv(tmp_path / "a.csv").equals(rows)
    for cell in sheets.guarded(rows.column("name")).to_pylist():
        assert cell is None or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        sheets.read_csv(tmp_path / "none.csv")
