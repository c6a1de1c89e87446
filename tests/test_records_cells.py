from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from records import cells
from records.errors import BadInput


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" x ", " x "),
        (True, "true"),
        (7.0, "7"),
        (0.1, "0.1"),
        (float("nan"), None),
        (float("inf"), "inf"),
        (2.0**53, "9007199254740992"),
        (9.13e17, "9.13e+17"),
        (10**30, "1" + "0" * 30),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), None),
        (date(2024, 1, 5), "2024-01-05"),
        (datetime.fromisoformat("2024-01-05"), "2024-01-05"),
        (datetime.fromisoformat("2024-01-05 09:30"), "2024-01-05 09:30:00"),
        (datetime(2024, 1, 5, tzinfo=UTC), "2024-01-05 00:00:00+00:00"),
        (
            datetime(2024, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=8))),
            "2024-01-05 09:30:00+08:00",
        ),
        (datetime.fromisoformat("2024-01-05 09:30:00.125"), "2024-01-05 09:30:00.125000"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
        (timedelta(hours=-1), "-1:00:00"),
        ("局".encode(), "局"),
        (b"\xff\xfe", "fffe"),
        (b"", None),
        (memoryview(b"ab"), "ab"),
        ({"a": Decimal("1.5")}, '#LIST! {"a": "1.5"}'),
        (["a", None], '#LIST! ["a", null]'),
        (pd.NaT, None),
        (pd.NA, None),
        (np.int64(5), "5"),
    ],
)
def test_a_value_has_one_spelling(value: Any, expected: str | None) -> None:
    assert cells.text(value) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, None], pa.uint64()), ["1", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([1.0, 0.1, float("nan")]), ["1", "0.1", None]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([True]), ["true"]),
        (pa.array([" a "], pa.large_string()), ["a"]),
        (pa.array(["a"], pa.string_view()), ["a"]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.array([b"a", b"\xff"]), ["a", "ff"]),
        (pa.array([[1, 2]]), ["#LIST! [1, 2]"]),
        (pa.nulls(2), [None, None]),
        (pa.array([date(2024, 1, 5)]), ["2024-01-05"]),
        # One day of no year that Python knows does not change how its neighbours are spelled.
        (pa.array([0, 10**8], pa.int32()).view(pa.date32()), ["1970-01-01", "100000000"]),
        (pa.array([10**15, 0], pa.int64()).view(pa.timestamp("s")),
         ["1000000000000000", "1970-01-01"]),
    ],
)  # fmt: skip
def test_a_column_of_any_type_is_spelled_like_its_values(
    values: pa.Array, expected: list[str | None]
) -> None:
    column = cells.column(pd.Series(values, dtype=pd.ArrowDtype(values.type)))
    assert cells.spelled(column).to_pylist() == expected


def test_objects_are_spelled_one_by_one() -> None:
    mixed = pd.Series([date(2024, 1, 5), "01/02/2024", 5, 1.5, None, " ", True], dtype="object")
    assert cells.column(mixed).to_pylist() == [
        "2024-01-05", "01/02/2024", "5", "1.5", None, None, "true",
    ]  # fmt: skip


def test_a_moment_of_a_zone_is_what_the_clocks_of_ours_showed() -> None:
    evening = pd.Series([pd.Timestamp("2024-01-05 18:30", tz="UTC"), None])
    assert cells.spelled(cells.column(evening, "Asia/Shanghai")).to_pylist() == [
        "2024-01-06 02:30:00",
        None,
    ]
    assert cells.spelled(cells.column(evening)).to_pylist() == ["2024-01-05 18:30:00", None]


@pytest.mark.parametrize(
    ("text", "whole", "anywhere"),
    [
        ("#REF!", True, True),
        ("#N/A", True, True),
        ("#名称?", False, False),
        ("#1", False, False),
        ("甲/#REF!", False, True),
        ("#REF!x", False, True),
        ("#UNCOMPUTED! =A1", True, True),
        ("#LIST! [1]", True, True),
        ("x", False, False),
    ],
)
def test_errors_of_a_spreadsheet_are_known(text: str, whole: bool, anywhere: bool) -> None:
    values = pa.array([text, None])
    assert cells.errors(values).to_pylist() == [whole, None]
    assert cells.errors(values, anywhere=True).to_pylist() == [anywhere, None]
    assert cells.errors(pa.array([1])).to_pylist() == [None]


def test_half_a_character_is_named() -> None:
    with pytest.raises(BadInput, match=r"column 名: a text holds half a character[^']*'\\ud800x'"):
        cells.frame([["a"], ["\ud800x"]], ["名"])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["a", " b\u3000", None], ["a", "b", "(3)"]),
        (["备注", "备注", "备注.1"], ["备注", "备注.1", "备注.1.1"]),
        (["", "a", ""], ["(1)", "a", "(3)"]),
        (["\ufeffa", 2024, 1.0], ["a", "2024", "1"]),
    ],
)
def test_columns_are_named_so_that_each_can_be_told(row: list[Any], expected: list[str]) -> None:
    assert cells.headings(row, "file") == expected


def test_a_row_of_blanks_is_no_header() -> None:
    with pytest.raises(BadInput, match="file has no header"):
        cells.headings([None, "", " \u3000"], "file")
