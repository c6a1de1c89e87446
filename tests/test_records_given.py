"""What whoever ingests says of a whole file: checked, kept in the log, supplied later."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import xinfen
from records import given, maintenance, quarantine, retrying
from records.errors import BadDefinition, BadInput, NotFound, NotPossible
from records.intake import ingest
from records.mapping import Mapping
from records.store import Store
from tests.a_store import opaque

LIST = """
table: penalties
source: {name: 局, id: "{firm}"}
columns: {entity_id: firm, authority_field: field}
given:
  taken_on: {fills: [event_time], zh: 取得日期, en: day it was taken}
  area: {fills: [authority_field], zh: 领域, en: field of all rows}
known_time: {after: event_time, days: 2}
"""
BOTH = {"taken_on": "2024-06-30", "area": "tax"}


def _files(folder: Path, mapping: str = LIST) -> tuple[Path, Path]:
    (folder / "list.csv").write_text("firm,field\nF1,\nF2,environment\n", "utf-8")
    (folder / "map.yaml").write_text(mapping, "utf-8")
    return folder / "list.csv", folder / "map.yaml"


def _stored(store: Store) -> list[dict[str, Any]]:
    table = store.rows("penalties", ["entity_id", "event_time", "known_time", "authority_field"])
    return [] if table is None else sorted(table.to_pylist(), key=lambda row: row["entity_id"])


def test_a_value_fills_what_the_rows_do_not_say(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = opaque(tmp_path)
    report = ingest(store, "penalties", file, mapping, values=BOTH)
    assert (report.read, report.stored, report.quarantined) == (2, 2, 0)
    day = {"event_time": date(2024, 6, 30), "known_time": date(2024, 7, 2)}
    assert _stored(store) == [
        {"entity_id": "F1", "authority_field": "tax", **day},
        {"entity_id": "F2", "authority_field": "environment", **day},
    ]


def test_the_same_values_are_the_same_batch_and_others_another(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = opaque(tmp_path)
    ingest(store, "penalties", file, mapping, values=BOTH)
    for spelled in ("2024-6-30", "2024年6月30日"):
        again = ingest(store, "penalties", file, mapping, values=BOTH | {"taken_on": spelled})
        assert (again.stored, again.duplicate) == (0, 2)
    later = ingest(store, "penalties", file, mapping, values=BOTH | {"taken_on": "2024-09-30"})
    assert (later.stored, later.corrected) == (2, 2)
    told = maintenance.history(store, "penalties")
    assert [one["given"] for one in told] == [BOTH, BOTH | {"taken_on": "2024-09-30"}]
    assert told[0]["batch"] != told[1]["batch"]
    shown = CliRunner().invoke(
        xinfen.app, ["store", "history", str(store.path), "penalties"], env={"COLUMNS": "200"}
    )
    assert "area=tax taken_on=2024-09-30" in shown.output


def test_without_it_the_one_reason_names_it_and_a_retry_supplies_it(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = opaque(tmp_path)
    report = ingest(store, "penalties", file, mapping, values={"area": "tax"})
    absent = "taken_on was not given: 取得日期 · day it was taken"
    assert (report.quarantined, report.reasons) == (2, {absent: 2})
    (entry,) = quarantine.by_fault(store, "penalties")
    assert (entry["field"], entry["problem"]) == ("event_time", absent)
    again = retrying.retry(store, "penalties", mapping=mapping, values={"taken_on": "2024-06-30"})
    assert (again.read, again.stored, again.quarantined) == (2, 2, 0)
    assert [row["known_time"] for row in _stored(store)] == [date(2024, 7, 2)] * 2
    assert quarantine.counts(store, "penalties")["open"] == 0
    assert maintenance.history(store, "penalties")[0]["given"] == {"taken_on": "2024-06-30"}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"taken": "2024-06-30"}, NotFound, "did you mean 'taken_on'"),
        ({"taken": "2024-06-30"}, NotFound, "map.yaml asks for no such value; nothing was stored"),
        ({"taken_on": "June"}, BadInput, "--given taken_on: event_time cannot be read"),
        ({"taken_on": "2999-01-01"}, BadInput, "found: 2999-01-01"),
        ({"area": "taxes"}, BadInput, "allowed: market_regulation, tax, environment"),
        ({"area": "taxes"}, BadInput, "it is the field of all rows"),
    ],
)
def test_a_wrong_value_is_named_and_stores_nothing(
    tmp_path: Path, values: dict[str, str], error: type[Exception], message: str
) -> None:
    file, mapping = _files(tmp_path)
    with pytest.raises(error, match=message.replace(".", r"\.")):
        ingest(opaque(tmp_path), "penalties", file, mapping, values=values)
    assert not (tmp_path / "store").exists()


def test_a_value_is_judged_by_itself_and_the_rows_beside_others(tmp_path: Path) -> None:
    text = """
table: abnormal_listings
source: {name: 局, id: "{firm}"}
columns: {entity_id: firm, event_time: day, removed_on: removed}
given: {why: {fills: [removal_reason], zh: 移出原因, en: reason of all removals}}
known_time: {after: event_time, days: 0}
"""
    _, mapping = _files(tmp_path, text)
    file, store = tmp_path / "listed.csv", opaque(tmp_path)
    file.write_text("firm,day,removed\nF1,2024-01-01,2024-02-01\nF2,2024-01-01,\n", "utf-8")
    report = ingest(store, "abnormal_listings", file, mapping, values={"why": "已补报"})
    assert report.stored == 1
    assert report.reasons == {"removal_reason is given without removed_on": 1}


def test_a_moment_is_given_in_the_zone_of_the_store(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = opaque(tmp_path)
    moment = BOTH | {"taken_on": "2024-06-29T18:30:00Z"}
    assert ingest(store, "penalties", file, mapping, values=moment).stored == 2
    assert {row["event_time"] for row in _stored(store)} == {date(2024, 6, 30)}


def test_a_value_without_a_mapping_is_refused(tmp_path: Path) -> None:
    file, _ = _files(tmp_path)
    with pytest.raises(BadInput, match="no mapping says what they fill"):
        ingest(opaque(tmp_path), "penalties", file, values={"taken_on": "2024-06-30"})


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["taken_on"], "found: taken_on"),
        (["taken_on="], "cannot be read"),
        (["=2024"], "allowed: name=value"),
        (["a=1", "a=2"], "--given a comes twice"),
    ],
)
def test_what_is_no_pair_is_refused(pairs: list[str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        given.parsed(pairs)
    assert given.parsed(["a=1", " b = x=y "]) == {"a": "1", "b": "x=y"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[event_time]", "[event_tim]", "line 6, given.taken_on.fills: 'event_tim' cannot be"),
        ("[event_time]", "[event_time, authority_field]", "'authority_field' is given twice"),
        ("[event_time]", "[source_id]", "'source_id' cannot be given"),
        ("[event_time]", "[]", "line 6, given.taken_on.fills"),
        ("fills: [event_time]", "fill: [event_time]", "given.taken_on.fills: 'fills' is missing"),
        ("zh: 领域", "zh: 领域, x: y", "unknown entry 'x'"),
        ("zh: 领域", 'zh: " "', "line 7, given.area.zh: it does not say what is asked for"),
        ("  taken_on:", "  taken on:", "line 6, given.taken on: a name has no blanks and no ="),
        ("authority_field: field}", "known_time: field}\nconstants: {authority_field: tax}",
         "line 8, given.area.fills: 'authority_field' cannot be given"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    _, mapping = _files(tmp_path, LIST.replace(old, new))
    with pytest.raises(BadDefinition, match=message.replace(".", r"\.").replace("[", r"\[")):
        Mapping.load(mapping)


def test_nobody_s_number_is_given_on_a_command_line(tmp_path: Path) -> None:
    text = """
table: persons
source: {name: 局, id: "{firm}"}
columns: {entity_id: firm, event_time: day}
given: {who: {fills: [person_id], zh: 谁, en: who}}
"""
    _, mapping = _files(tmp_path, text)
    with pytest.raises(BadDefinition, match="'person_id' cannot be given"):
        Mapping.load(mapping)


def test_the_front_door_takes_values(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = str(tmp_path / "store")
    words = ["ingest", store, "penalties", str(file), "--mapping", str(mapping)]
    words += ["--id-scheme", "opaque", "--json"]
    told = json.loads(CliRunner().invoke(xinfen.app, words).output)
    assert told["quarantined"] == 2
    words = ["quarantine", "retry", store, "penalties", "--mapping", str(mapping), "--json"]
    words += ["--given", "taken_on=2024-06-30", "--given", "area=tax"]
    told = json.loads(CliRunner().invoke(xinfen.app, words).output)
    assert (told["stored"], told["open"]) == (2, 0)
    for command in ("ingest", "quarantine retry", "mapping"):
        shown = CliRunner().invoke(xinfen.app, [*command.split(), "--help"])
        assert "--given" in shown.output


VISITS = """
table: inspections
source: {name: 局, id: "{firm}/{day}"}
columns: {entity_id: firm, event_time: day, result: result}
templates: {inspection_id: "{firm}/{day}"}
constants: {way: unknown, item: 安全}
values: {result: {合格: no_problem}}
known_time: {after: event_time, days: 7}
"""


def test_a_missing_day_is_one_reason_and_one_cell_to_fill(tmp_path: Path) -> None:
    file, mapping = tmp_path / "visits.csv", tmp_path / "visits.yaml"
    file.write_text("firm,day,result\nF1,2024-01-01,合格\nF1,,合格\nF2,,合格\n", "utf-8")
    mapping.write_text(VISITS, "utf-8")
    store = opaque(tmp_path)
    report = ingest(store, "inspections", file, mapping)
    assert (report.stored, report.reasons) == (1, {"event_time is missing": 2})
    out = tmp_path / "out.xlsx"
    quarantine.export(store, "inspections", out)
    book = load_workbook(out)
    sheet = book.worksheets[0]
    headings = [str(cell.value).split()[-1] for cell in sheet[1]]
    for line, day in ((2, "2024-02-01"), (3, "2024-03-01")):
        sheet.cell(line, headings.index("event_time") + 1).value = day
    book.save(out)
    again = retrying.retry(store, "inspections", out, mapping)
    assert (again.read, again.stored, again.quarantined) == (2, 2, 0)
    stored = store.rows("inspections", ["source_id", "inspection_id", "known_time"])
    assert stored is not None
    assert sorted(map(str, stored["source_id"].to_pylist())) == [
        "F1/2024-01-01",
        "F1/2024-02-01",
        "F2/2024-03-01",
    ]
    assert stored["inspection_id"].to_pylist() == stored["source_id"].to_pylist()
    assert max(stored["known_time"].to_pylist()) == date(2024, 3, 8)
    # The source's own file, sent again with the days, holds nothing new.
    file.write_text("firm,day,result\nF1,2024-02-01,合格\nF2,2024-03-01,合格\n", "utf-8")
    assert ingest(store, "inspections", file, mapping).duplicate == 2


def test_a_mapping_is_tried_on_its_own_source_s_rows_only(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text(LIST.replace("name: 局", "name: 另一局"), "utf-8")
    store = opaque(tmp_path)
    ingest(store, "penalties", file, mapping)
    ingest(store, "penalties", file, other)
    out = tmp_path / "out.xlsx"
    quarantine.export(store, "penalties", out)
    with pytest.raises(NotPossible, match="another source than the mapping's\n  found: 局"):
        retrying.retry(store, "penalties", out, other, BOTH)
    assert retrying.retry(store, "penalties", mapping=other, values=BOTH).read == 2
    assert quarantine.counts(store, "penalties")["open"] == 2
    with pytest.raises(NotFound, match="nothing of penalties from 另一局 is left to retry"):
        retrying.retry(store, "penalties", mapping=other, values=BOTH)
