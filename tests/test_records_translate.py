from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from records.errors import BadInput, NotFound, NotPossible
from records.intake import ingest
from records.mapping import Mapping
from records.translate import Translated, translated
from tests.a_store import opaque

BASE = """
table: penalties
source: {name: 局, id: "{no}"}
columns: {entity_id: firm, event_time: day, violation: why, amount: fine}
constants: {authority_field: tax}
known_time: {after: event_time, days: 7}
"""


def _apply(
    folder: Path, text: str, others: dict[str, pd.DataFrame] | None = None, **columns: Any
) -> Translated:
    (folder / "map.yaml").write_text(text, "utf-8")
    mapping = Mapping.load(folder / "map.yaml")
    return translated(mapping, pd.DataFrame(columns), others or {}, 10, "Asia/Shanghai")


def _lists(frame: pd.DataFrame, *names: str) -> list[list[str | None]]:
    chosen = frame[list(names)].astype("object")
    return chosen.where(chosen.notna(), None).to_numpy().tolist()


def _given(**more: Any) -> dict[str, Any]:
    return {"no": ["1"], "firm": ["F1"], "day": ["2024-01-05"], "why": ["x"], "fine": ["1"]} | more


def test_typed_columns_of_a_file_are_read_like_texts(tmp_path: Path) -> None:
    def typed(values: list[Any], kind: pa.DataType) -> pd.Series:
        return pd.Series(pa.array(values, kind), dtype=pd.ArrowDtype(kind))

    evening = datetime(2024, 1, 5, 18, 30, tzinfo=UTC)
    made = _apply(
        tmp_path, BASE,
        no=typed([7, 8], pa.int64()), firm=typed([61610.0, None], pa.float64()),
        day=typed([evening, None], pa.timestamp("us", "UTC")),
        why=typed([True, None], pa.bool_()), fine=typed([0.5, None], pa.float64()),
    )  # fmt: skip
    names = "source_id", "entity_id", "event_time", "violation", "amount", "known_time"
    assert _lists(made.rows, *names) == [
        ["7", "61610", "2024-01-06 02:30:00", "true", "0.5", "2024-01-13"],
        ["8", None, None, None, None, None],
    ]


def test_an_error_of_a_spreadsheet_goes_through_every_step(tmp_path: Path) -> None:
    """No step makes a value of it: not the catch-all, not the hash, not the sum."""
    text = """
table: equity_pledges
source: {name: 局, id: "{no}"}
columns: {entity_id: firm, event_time: day, pledgor: who, status: state, amount: fine}
split: {status: ",/"}
values: {status: {有效: valid, "*": invalid}}
units: {amount: wan}
hmac: [pledgor]
known_time: {after: event_time, days: 7}
"""
    made = _apply(
        tmp_path, text, no=["1"], firm=["F1"], day=["2024-01-05"], who=["#REF!"], state=["#N/A"],
        fine=["#VALUE!"],
    )  # fmt: skip
    assert _lists(made.rows, "pledgor", "status", "amount") == [["#REF!", "#N/A", "#VALUE! 万元"]]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINFEN_PERSON_KEY", "0123456789abcdef")


def test_a_hashed_number_stands_nowhere_in_the_open(tmp_path: Path) -> None:
    number, digest = "11010519491231002X", "dd6a5ba2eed683e7925b20f655c01434"
    text = """
table: persons
source: {name: 局, id: "{firm}/{number}"}
columns: {entity_id: firm, event_time: day, person_id: number, title: number}
constants: {role: officer}
hmac: [person_id]
known_time: {after: event_time, days: 7}
"""
    made = _apply(tmp_path, text, firm=["F1"], day=["2024-01-05"], number=[number])
    assert _lists(made.rows, "source_id", "person_id", "title") == [
        [f"F1/{digest}", digest, digest]
    ]
    assert number not in str(made.sent.to_dict())
    bare = text.replace("hmac: [person_id]\n", "").replace(", title: number", "")
    made = _apply(tmp_path, bare, firm=["F1"], day=["2024-01-05"], number=[number])
    assert list(made.sent) == ["firm", "day"]  # not hashed, so it is kept nowhere


def test_placeholders_for_nobody_are_mapped_before_they_are_hashed(tmp_path: Path) -> None:
    text = """
table: equity_pledges
source: {name: 局, id: "{no}"}
columns: {entity_id: firm, event_time: day, pledgor: who}
values: {pledgor: {"/": null}}
hmac: [pledgor]
known_time: {after: event_time, days: 7}
"""
    given: dict[str, Any] = {"no": ["1"], "firm": ["F1"], "day": ["2024-01-05"]}
    made = _apply(tmp_path, text, **given, who=["/"])
    assert _lists(made.rows, "pledgor") == [[None]]


JOIN = BASE + "joins: [{file: codes.csv, by: [name], columns: {firm: code}}]\n"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["甲", "乙", None], ["F1", None, None]),  # nobody's name is not the name of nobody
        ([" 甲\u3000", "甲", "丙"], ["F1", "F1", None]),
    ],
)
def test_a_lookup_finds_equal_keys_alone(
    tmp_path: Path, names: list[str | None], expected: list[str | None]
) -> None:
    codes = pd.DataFrame({"name": ["甲", "甲", None], "code": ["F1", "F1", "F9"]})
    given = {name: values * 3 for name, values in _given().items() if name != "firm"}
    made = _apply(tmp_path, JOIN, {"codes.csv": codes}, **given, name=names)
    assert [row[0] for row in _lists(made.rows, "entity_id")] == expected


def test_keys_of_different_types_are_equal_as_they_are_spelled(tmp_path: Path) -> None:
    pd.DataFrame({"name": [7, 8], "code": ["F7", "F8"]}).to_parquet(tmp_path / "codes.parquet")
    (tmp_path / "file.csv").write_text("no,name,day,why,fine\n1,7,2024-01-05,x,1\n")
    (tmp_path / "map.yaml").write_text(JOIN.replace("codes.csv", "codes.parquet"), "utf-8")
    store = opaque(tmp_path)
    assert ingest(store, "penalties", tmp_path / "file.csv", tmp_path / "map.yaml").stored == 1


def test_a_lookup_that_tells_two_things_is_refused(tmp_path: Path) -> None:
    codes = pd.DataFrame({"name": ["甲", "甲"], "code": ["F1", "F2"]})
    given = {name: values for name, values in _given().items() if name != "firm"}
    with pytest.raises(BadInput, match=r"codes\.csv tells two different things[^:]*\n  found: 甲"):
        _apply(tmp_path, JOIN, {"codes.csv": codes}, **given, name=["甲"])


def test_a_lookup_does_not_replace_a_column_of_the_file(tmp_path: Path) -> None:
    codes = pd.DataFrame({"name": ["甲"], "code": ["F2"]})
    with pytest.raises(NotPossible, match=r"map\.yaml, line 7: the file has such a column already"):
        _apply(tmp_path, JOIN, {"codes.csv": codes}, **_given(), name=["甲"])


def test_turned_columns_do_not_replace_a_column_of_the_file(tmp_path: Path) -> None:
    text = BASE + "unpivot: {columns: [why], item: fine, value: found}\n"
    with pytest.raises(NotPossible, match=r"line 7: the file has such a column already[^:]*: fine"):
        _apply(tmp_path, text, **_given())


def test_one_of_two_columns_of_a_name_is_not_taken_at_random(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("no,firm,day,why,fine,fine\n1,F1,2024-01-05,x,1,2\n")
    (tmp_path / "map.yaml").write_text(BASE, "utf-8")
    with pytest.raises(BadInput, match=r"several columns fine\n  found: fine, fine\.1"):
        ingest(opaque(tmp_path), "penalties", file, tmp_path / "map.yaml")
    text = BASE.replace("violation: why", "violation: fine.1")
    (tmp_path / "map.yaml").write_text(text, "utf-8")
    assert ingest(opaque(tmp_path), "penalties", file, tmp_path / "map.yaml").stored == 1


def test_a_rows_number_and_a_column_of_that_name(tmp_path: Path) -> None:
    text = BASE.replace('"{no}"', '"{no}/{row}"')
    assert _lists(_apply(tmp_path, text, **_given()).rows, "source_id") == [["1/10"]]
    own = _apply(tmp_path, text, **_given(row=["七"]))
    assert _lists(own.rows, "source_id") == [["1/七"]]


def test_the_file_is_told_by_its_own_columns(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="did you mean 'finé'") as caught:
        _apply(tmp_path, BASE, **{n: v for n, v in _given(finé=["1"]).items() if n != "fine"})
    assert "map.yaml, line 4 names a column that the file does not have" in str(caught.value)


def test_a_known_time_beyond_all_years_is_for_the_checks(tmp_path: Path) -> None:
    made = _apply(tmp_path, BASE, **_given(day=["9999-12-31"]))
    assert _lists(made.rows, "known_time") == [["2932903"]]


def test_constants_of_yaml_become_texts(tmp_path: Path) -> None:
    text = BASE.replace(
        "constants: {authority_field: tax}",
        "constants: {authority_field: tax, valid_to: 2024-06-01, decision_no: 7, basis: null}",
    )
    made = _apply(tmp_path, text, **_given())
    assert _lists(made.rows, "valid_to", "decision_no", "basis") == [["2024-06-01", "7", None]]


def test_what_was_sent_goes_along(tmp_path: Path) -> None:
    text = BASE + "units: {amount: wan}\nvalues: {violation: {x: y}}\n"
    made = _apply(tmp_path, text, **_given(fine=[" 五万 "], unread=["secret"]))
    assert _lists(made.rows, "amount", "violation") == [["五万 万元", "y"]]
    assert made.sent.to_dict("list") == {
        "no": ["1"], "firm": ["F1"], "day": ["2024-01-05"], "why": ["x"], "fine": ["五万"],
    }  # fmt: skip


def test_columns_without_a_name_or_a_value_are_nothing(tmp_path: Path) -> None:
    head = "source,source_id,entity_id,event_time,known_time,authority_field"
    file, store = tmp_path / "file.csv", opaque(tmp_path)
    file.write_text(f"{head},,\n局,1,F1,2024-01-01,2024-01-05,tax,,\n")
    assert ingest(store, "penalties", file).stored == 1
    file.write_text(f"{head},,\n局,1,F1,2024-01-01,2024-01-05,tax,,note\n")
    with pytest.raises(BadInput, match=r"unknown \(8\)"):
        ingest(store, "penalties", file)
    file.write_text(f"{head},amount,amount\n局,1,F1,2024-01-01,2024-01-05,tax,1,2\n")
    with pytest.raises(BadInput, match=r"unknown amount\.1"):
        ingest(store, "penalties", file)


def test_a_header_below_titles_is_named_by_the_mapping(tmp_path: Path) -> None:
    file, mapping = tmp_path / "file.csv", tmp_path / "map.yaml"
    file.write_text("2024年汇总\n单位：甲局\nno,firm,day,why,fine\n1,F1,2024-01-05,x,1\n")
    mapping.write_text(BASE + "header: 3\n", "utf-8")
    store = opaque(tmp_path)
    assert ingest(store, "penalties", file, mapping).stored == 1
    stored = store.rows("penalties", ["event_time", "amount"])
    assert stored is not None
    assert stored.to_pylist() == [{"event_time": date(2024, 1, 5), "amount": 1}]
