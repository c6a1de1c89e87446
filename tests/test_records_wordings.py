"""No fault is told in one language alone: every text that the checks can make has its Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from records import faults, forms, kinds, wordings
from records.checks import check
from records.columns import Column, Table
from records.faults import Fault
from records.given import Given, unfilled
from records.rules import breaches
from records.schema import TABLES

TODAY = date(2026, 7, 1)
HOSTILE = (
    None, "", "x", "#REF!", "#UNCOMPUTED! =A1", "#LIST! []", "9.13E+17", "-5", "1e9", "2062-01-01",
    "1800-01-01", "2024-01-01", "11010519491231002X", "********", "true", "tax", "drawn", "F1",
)  # fmt: skip


def _faults(table: Table, scheme: str) -> Iterator[Fault]:
    """The faults of rows in which each column in turn holds each hostile value."""
    rows = [
        {column.name: value if column is chosen else other for column in table.columns}
        for chosen in table.columns
        for value in (*HOSTILE, *chosen.allowed)
        for other in (None, "2024-01-01", "F1", "2", "x")
    ]
    frame = pd.DataFrame(rows, dtype="str")
    checked = check(frame, table, id_scheme=scheme, today=TODAY)
    yield from (fault for row in checked.faults.values() for fault in row)


def _english(text: str, column: Column, table: Table) -> list[str]:
    """Words of English that are left in a text: no code, name or sample of ours."""
    known = {name for one in table.columns for name in (one.name, *one.allowed)}
    known |= {"true", "false", "hmac", "HMAC", "GB", "ISO", "CNY", "XINFEN_PERSON_KEY", "inf"}
    words = re.findall(r"[A-Za-z_][A-Za-z_]+", text)
    return [word for word in words if word not in known]


@pytest.mark.parametrize("scheme", ["uscc", "opaque"])
@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_fault_of_every_column_is_told_in_chinese(table: Table, scheme: str) -> None:
    told = {
        (fault.field, part)
        for fault in _faults(table, scheme)
        for part in (fault.problem, fault.allowed, fault.hint)
    }
    assert {field for field, _ in told} == set(table.by_name)
    for field, text in told:
        chinese = faults.zh(text, table, field)
        assert re.search("[一-鿿]", chinese) or set(text.split(", ")) <= set("ABCDE"), text
        assert _english(chinese, table.by_name[field], table) == [], chinese


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_rule_between_columns_is_told_in_chinese(table: Table) -> None:
    """Each declared rule is broken once, so that none is left out above."""
    for column in table.columns:
        for fault in _broken(column, table):
            for text in (fault.problem, fault.allowed):
                chinese = faults.zh(text, table, column.name)
                assert re.search("[一-鿿]", chinese), text
                assert _english(chinese, column, table) == [], chinese


def _broken(column: Column, table: Table) -> Iterator[Fault]:
    early, late = date(2020, 1, 1), date(2024, 1, 1)
    samples: list[dict[str, object]] = []
    if column.not_before:
        samples.append({column.name: early, column.not_before: late})
    if column.not_after:
        own: object = 2099 if column.kind == "int" else late
        samples.append({column.name: own, column.not_after: early})
    if column.needs:
        samples.append({column.name: 1.0 if column.kind == "float" else "x"})
    if column.other_than:
        samples.append({column.name: "x", column.other_than: "x"})
    for going in column.going:
        others = [c for c in table.by_name[going.column].allowed if c not in going.codes]
        value: object = going.of[0] if going.of else {"date": late, "text": "x"}.get(column.kind, 1)
        samples.append({column.name: value, going.column: others[0]})
    for sample in samples:
        typed = {
            name: pa.array([sample.get(name)], table.arrow.field(name).type)
            for name in table.by_name
        }
        found = [one for one in breaches(table, typed) if one.column == column.name]
        assert found, (column.name, sample)
        yield from (Fault(one.column, "", one.problem, one.allowed) for one in found)


def test_both_languages_have_the_same_holes() -> None:
    for wording in wordings.ALL:
        english = set(re.findall(r"\{(\w+)\}", wording.en)) - {"what", "column"}
        assert set(re.findall(r"\{(\w+)\}", wording.zh)) == english, wording
        assert re.search("[一-鿿]", wording.zh), wording
        assert not re.search("[一-鿿]", re.sub("[分元万年月日是否]", "", wording.en)), wording


def test_no_two_wordings_say_one_thing() -> None:
    for wording in wordings.ALL:
        sample = wording(
            column="amount", other="way", codes="a, b", what="the day", low=0, high=1,
            day="1900-01-01", name="listed_on", told="取得日期",
        )  # fmt: skip
        assert next(one for one in wordings.ALL if one.pattern.fullmatch(sample)) is wording


def test_a_value_that_was_not_given_is_told_in_both_languages() -> None:
    asked = Given(fills=["event_time"], zh="名单取得日期", en="day the list was taken")
    fault = unfilled({}, {"listed_on": asked})["event_time"]
    assert fault.problem == "listed_on was not given: 名单取得日期 · day the list was taken"
    texts = [fault.problem, fault.allowed, fault.hint]
    assert [wordings.zh(text) for text in texts] == [
        "接收时未给出 listed_on（名单取得日期）",
        "由接收方给出：--given listed_on=…",
        "接收方补给：xinfen quarantine retry … --mapping … --given listed_on=…",
    ]


def test_forms_and_kinds_are_made_of_wordings() -> None:
    texts = [*kinds.ALLOWED.values()]
    texts += [part for rule in forms.RULES.values() for part in (rule.allowed, rule.hint)]
    assert [text for text in texts if wordings.zh(text) is None] == []


def test_every_code_has_its_chinese() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert len(column.words) == len(column.allowed)
            for code, word in zip(column.allowed, column.words, strict=True):
                assert re.search("[一-鿿]", word) or code in "ABCDE", (
                    table.name,
                    column.name,
                    code,
                )


def test_a_text_that_no_wording_says_stays_as_it_is() -> None:
    assert wordings.zh("a new problem") is None
    assert faults.zh("a new problem") == "a new problem"


def test_codes_and_columns_are_told_in_chinese_too() -> None:
    table = TABLES["inspections"]
    assert faults.zh("drawn, targeted, unknown", table, "way") == (
        "drawn（随机抽取）、targeted（指定检查）、unknown（未知）"
    )
    assert faults.zh("way being drawn", table) == "选取方式 way 为 drawn（随机抽取）"
    assert faults.zh("event_time or later", table) == "不早于 发生日期 event_time"
    assert faults.reason(table, "drawn_by does not go with way") == (
        "抽取批次 drawn_by：与 选取方式 way 不相符"
    )
