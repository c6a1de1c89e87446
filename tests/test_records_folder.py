"""A folder of files: each through its mapping, what does not meet named, one failure no stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import xinfen
from records import folder
from records.errors import BadInput, NotFound
from tests.a_store import opaque

TAX = """
table: penalties
source: {name: 税务局, id: "{no}", file: "tax_*.csv"}
columns: {entity_id: firm, event_time: day}
constants: {authority_field: tax}
known_time: {after: event_time, days: 1}
"""
FIRMS = """
table: enterprises
source: {name: 登记, id: "{firm}", file: firms.csv}
joins: [{file: names.csv, by: {firm: code}, columns: {called: name}}]
columns: {entity_id: firm, event_time: day, name: called}
constants: {entity_type: unknown, status: live}
known_time: {after: event_time, days: 0}
"""


@pytest.fixture
def bureau(tmp_path: Path) -> Path:
    """Two months of one list, a register with its names, and the mappings of both."""
    files, mappings = tmp_path / "2024-06", tmp_path / "mappings"
    files.mkdir()
    mappings.mkdir()
    (files / "tax_05.csv").write_text("no,firm,day\n1,F1,2024-05-01\n2,,2024-05-02\n", "utf-8")
    (files / "tax_06.csv").write_text("no,firm,day\n3,F2,2024-06-01\n1,F1,2024-05-01\n", "utf-8")
    (files / "firms.csv").write_text("firm,day\nF1,2020-01-01\nF2,2020-01-01\n", "utf-8")
    (files / "names.csv").write_text("code,name\nF1,甲\nF2,乙\n", "utf-8")
    (files / ".hidden").write_text("", "utf-8")
    (mappings / "tax.yaml").write_text(TAX, "utf-8")
    (mappings / "firms.yaml").write_text(FIRMS, "utf-8")
    return tmp_path


def _call(bureau: Path, *more: str) -> tuple[int, str]:
    words = ["ingest", str(bureau / "store"), "--all", str(bureau / "2024-06")]
    words += ["--mappings", str(bureau / "mappings"), "--id-scheme", "opaque", *more]
    told = CliRunner().invoke(xinfen.app, words, env={"COLUMNS": "160"})
    return told.exit_code, told.output


def test_every_file_goes_through_its_mapping(bureau: Path) -> None:
    code, out = _call(bureau, "--json")
    told = json.loads(out)
    assert code == 0
    assert [
        (one["mapping"], one["file"], one["stored"], one["duplicate"], one["quarantined"])
        for one in told["files"]
    ] == [
        ("firms", "firms.csv", 2, 0, 0),
        ("tax", "tax_05.csv", 1, 0, 1),
        ("tax", "tax_06.csv", 1, 1, 0),
    ]
    assert told["total"] == {"read": 6, "stored": 4, "duplicate": 1, "quarantined": 1}
    assert (told["files_without_mapping"], told["mappings_without_file"]) == ([], [])
    again = json.loads(_call(bureau, "--json")[1])
    assert again["total"] == {"read": 6, "stored": 0, "duplicate": 5, "quarantined": 1}


def test_what_does_not_meet_is_named_and_the_exit_code_tells(bureau: Path) -> None:
    (bureau / "2024-06" / "说明.txt").write_text("", "utf-8")
    (bureau / "2024-06" / "old").mkdir()
    (bureau / "mappings" / "complaints.yaml").write_text(
        TAX.replace("tax_*.csv", "complaints.csv"), "utf-8"
    )
    (bureau / "mappings" / "nameless.yaml").write_text(TAX.replace(', file: "tax_*.csv"', ""))
    code, out = _call(bureau)
    assert code == 1
    assert "无映射的文件 files without a mapping: old, 说明.txt" in out
    assert "无文件的映射 mappings without a file: complaints, nameless" in out
    assert "合计 all" in out


def test_a_file_that_fails_does_not_stop_the_others(bureau: Path) -> None:
    (bureau / "2024-06" / "tax_05.csv").write_text("number,firm\n1,F1\n", "utf-8")
    code, out = _call(bureau)
    assert code == 1
    assert "失败 failed: tax_05.csv, tax" in out
    assert "tax.yaml, line 4 names a column that the file does not have" in out
    told = json.loads(_call(bureau, "--json")[1])
    assert "error" in told["files"][1]
    assert told["total"]["duplicate"] == 4


def test_each_mapping_s_report_has_a_folder(bureau: Path) -> None:
    _call(bureau, "--report", str(bureau / "reports"))
    assert sorted(
        str(path.relative_to(bureau / "reports")) for path in (bureau / "reports").rglob("*.html")
    ) == [
        "firms/enterprises-firms.csv.html",
        "tax/penalties-tax_05.csv.html",
        "tax/penalties-tax_06.csv.html",
    ]


def test_a_value_goes_to_each_mapping_that_asks_and_to_no_other(bureau: Path) -> None:
    asks = "\ngiven: {seen_on: {fills: [event_time], zh: 日, en: day}}\n"
    (bureau / "mappings" / "tax.yaml").write_text(TAX + asks, "utf-8")
    (bureau / "2024-06" / "tax_06.csv").write_text("no,firm,day\n3,F2,\n", "utf-8")
    assert '"stored": 2' in _call(bureau, "--json", "--given", "seen_on=2024-06-30")[1]
    found = folder.plan(bureau / "2024-06", bureau / "mappings")
    with pytest.raises(NotFound, match="no mapping of the folder asks for it"):
        folder.ingest(opaque(bureau / "other"), found, values={"seen": "2024-06-30"})


def test_progress_names_each_file(bureau: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    found = folder.plan(bureau / "2024-06", bureau / "mappings")
    folder.ingest(opaque(bureau), found, progress=lambda *told: seen.append(told))
    assert seen == [(0, 3, "firms.csv"), (1, 3, "tax_05.csv"), (2, 3, "tax_06.csv")]


def test_wrong_folders_are_named(bureau: Path) -> None:
    files, mappings, empty = bureau / "2024-06", bureau / "mappings", bureau / "empty"
    empty.mkdir()
    with pytest.raises(NotFound, match="no folder"):
        folder.plan(bureau / "none", mappings)
    with pytest.raises(NotFound, match="did you mean 'gsxt'"):
        folder.plan(files, Path("gxst"))
    with pytest.raises(BadInput, match="no mapping file in"):
        folder.plan(files, empty)
    with pytest.raises(NotFound, match="is for a mapping of gsxt"):
        folder.plan(files, Path("gsxt"))


@pytest.mark.parametrize(
    "words",
    [
        ["--all", "{f}"],
        ["penalties"],
        ["penalties", "{f}", "--all", "{f}", "--mappings", "gsxt"],
        ["penalties", "{f}", "--mappings", "gsxt"],
        ["--all", "{f}", "--mappings", "gsxt", "--mapping", "gsxt/changes"],
    ],
)
def test_half_of_either_way_is_wrong_usage(bureau: Path, words: list[str]) -> None:
    words = [word.format(f=bureau / "2024-06") for word in words]
    told = CliRunner().invoke(xinfen.app, ["ingest", str(bureau / "store"), *words])
    assert told.exit_code == 2
    assert not (bureau / "store").exists()
