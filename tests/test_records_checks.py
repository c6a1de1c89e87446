from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from records.checks import Checked, check
from records.schema import TABLES

TODAY = date(2026, 7, 1)
GOOD = {
    "source": "局", "source_id": "1", "entity_id": "F1", "event_time": "2024-01-01",
    "known_time": "2024-01-05",
}  # fmt: skip
OWN: dict[str, dict[str, str]] = {
    "penalties": {"authority_field": "tax"},
    "enterprises": {"name": "甲", "entity_type": "1130", "status": "live"},
    "repairs": {"repaired_table": "penalties", "repaired_source_id": "1"},
}


def _checked(table: str, **columns: Any) -> Checked:
    """The checks of one row of a table; what is not given is good."""
    row = {name: pd.Series([value], dtype="str") for name, value in (GOOD | OWN[table]).items()}
    for name, value in columns.items():
        row[name] = value if isinstance(value, pd.Series) else pd.Series([value], dtype="str")
    return check(
        pd.DataFrame(row), TABLES[table], id_scheme="opaque", today=TODAY, time_zone="Asia/Shanghai"
    )


def _problems(checked: Checked) -> list[tuple[str, str]]:
    return [(fault.field, fault.problem) for fault in checked.faults.get(0, [])]


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        ("decision_no", "9.13E+17", "decision_no is a code that a spreadsheet rewrote as a number"),
        ("source_id", "1.1e+17", "source_id is a code that a spreadsheet rewrote as a number"),
        ("source_id", "F1/9.13E+17/a", "source_id is a code that a spreadsheet rewrote as a n"),
        ("entity_id", "9.13E+17", "entity_id is a code that a spreadsheet rewrote as a number"),
        ("source_id", "F1/#REF!", "source_id is an error of a spreadsheet"),
        ("violation", "#REF!", "violation is an error of a spreadsheet"),
        ("violation", "#UNCOMPUTED! =A1", "violation is a formula that was never computed"),
        ("violation", '#LIST! ["a"]', "violation is a list, not one value"),
        ("amount", "#DIV/0!", "amount is an error of a spreadsheet"),
        ("event_time", "#N/A", "event_time is an error of a spreadsheet"),
        ("penalty", "#NAME?", "penalty is an error of a spreadsheet"),
        ("published_until", "长期", "published_until cannot be read"),
        ("amount", "1.2万", "amount cannot be read"),
        ("amount", "-1", "amount is out of range"),
        ("penalty", "罚款", "not a known value of penalty"),
        ("event_time", "2024-01-09", "known before it happened"),
        ("known_time", "2026-07-02", "date in the future or before records began"),
        ("valid_to", "2023-12-31", "valid_to lies before event_time"),
    ],
)
def test_what_cannot_be_taken_is_named(column: str, text: str, problem: str) -> None:
    (found,) = _problems(_checked("penalties", **{column: text}))
    assert found[0] == ("known_time" if "known" in problem and column == "event_time" else column)
    assert found[1].startswith(problem)


@pytest.mark.parametrize(
    ("column", "text", "stored"),
    [
        ("violation", "  违法\u3000", "违法"),
        ("violation", "=cmd|'/c calc'!A1", "=cmd|'/c calc'!A1"),
        ("violation", "1E+05", "1E+05"),  # in free text it may be what was meant
        ("violation", "见#REF!", "见#REF!"),
        ("violation", "\u200e<script>😀\x00", "\u200e<script>😀\x00"),
        ("violation", "x" * 40_000, "x" * 40_000),
        ("decision_no", "007", "007"),
        ("decision_no", "罚E+5号", "罚E+5号"),
        ("decision_no", "1E5", "1E5"),
        ("decision_no", "A9.13E+17", "A9.13E+17"),
        ("violation", "\u3000\u200b", None),
        ("amount", "¥1,000", 100_000),
        ("published_until", "9999-12-31", date(9999, 12, 31)),
        ("event_time", "2024-01-04T18:30:00Z", date(2024, 1, 5)),
    ],
)
def test_what_is_stored_is_what_was_sent(column: str, text: str, stored: object) -> None:
    checked = _checked("penalties", **{column: text})
    assert _problems(checked) == []
    assert checked.columns[column].to_pylist() == [stored]


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        (pa.array([61610.0]), "61610"),
        (pa.array([0.5]), "0.5"),
        (pa.array([True]), "true"),
        (pa.array([7], pa.uint64()), "7"),
        (pa.array([b"\xe5\xb1\x80"]), "局"),
    ],
)
def test_typed_values_become_the_text_that_a_csv_would_hold(values: pa.Array, stored: str) -> None:
    typed = pd.Series(values, dtype=pd.ArrowDtype(values.type))
    assert _checked("penalties", decision_no=typed).columns["decision_no"].to_pylist() == [stored]


def test_a_float_that_lost_the_digits_of_a_code_is_refused() -> None:
    typed = pd.Series([9.1350100000000003e17], dtype=pd.ArrowDtype(pa.float64()))
    (found,) = _problems(_checked("penalties", decision_no=typed))
    assert found[1] == "decision_no is a code that a spreadsheet rewrote as a number"


def test_a_truth_is_no_number_and_a_list_no_text() -> None:
    truth = pd.Series([True], dtype=pd.ArrowDtype(pa.bool_()))
    assert _problems(_checked("penalties", amount=truth)) == [("amount", "amount cannot be read")]
    many = pd.Series(pa.array([["a", "b"]]), dtype=pd.ArrowDtype(pa.list_(pa.string())))
    found = _problems(_checked("penalties", violation=many))
    assert found == [("violation", "violation is a list, not one value")]


def test_all_faults_of_a_row_are_told_and_no_fault_follows_from_another() -> None:
    found = _problems(
        _checked(
            "penalties",
            source=None, source_id="#REF!", event_time="x", known_time="2062-01-01",
            valid_to="2020-01-01", authority_field="国税", amount="#N/A",
        )
    )  # fmt: skip
    assert found == [
        ("source", "source is missing"),
        ("source_id", "source_id is an error of a spreadsheet"),
        ("event_time", "event_time cannot be read"),
        ("authority_field", "not a known value of authority_field"),
        ("amount", "amount is an error of a spreadsheet"),
        ("known_time", "date in the future or before records began"),
    ]


def test_a_long_value_is_shown_cut_and_kept_whole() -> None:
    (fault,) = _checked("penalties", amount="x" * 1000).faults[0]
    assert fault.found == "x" * 200 + "…"


@pytest.mark.parametrize(("day", "wrong"), [("1900-01-01", False), ("1899-12-31", True)])
def test_no_day_lies_before_records_began(day: str, wrong: bool) -> None:
    expected = [("approved_on", "approved_on lies before records began")] if wrong else []
    assert _problems(_checked("enterprises", approved_on=day)) == expected


@pytest.mark.parametrize(("code", "wrong"), [("CNY", False), ("usd", True), ("人民币", True)])
def test_a_currency_is_of_iso_4217(code: str, wrong: bool) -> None:
    expected = [("currency", "currency is not a currency code (ISO 4217)")] if wrong else []
    assert _problems(_checked("enterprises", currency=code)) == expected


@pytest.mark.parametrize(
    ("table", "wrong"), [("penalties", False), ("public_grade", True), ("行政处罚", True)]
)
def test_a_repaired_table_is_one_that_can_be(table: str, wrong: bool) -> None:
    expected = [("repaired_table", "not a known value of repaired_table")] if wrong else []
    assert _problems(_checked("repairs", repaired_table=table)) == expected


def test_the_empty_frame_has_no_faults() -> None:
    empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in GOOD | OWN["penalties"]})
    checked = check(empty, TABLES["penalties"], id_scheme="uscc", today=TODAY)
    assert checked.faults == {}
    assert {len(column) for column in checked.columns.values()} == {0}
