from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import cells, numbers


def _column(values: list[Any], kind: pa.DataType | None = None) -> pa.Array:
    dtype: Any = "str" if kind is None else pd.ArrowDtype(kind)
    return cells.column(pd.Series(pa.array(values, kind), dtype=dtype))


@pytest.mark.parametrize(
    ("text", "whole", "fen", "real"),
    [
        ("1", 1, 1, 1.0),
        ("007", 7, 7, 7.0),
        ("-5", -5, -5, -5.0),
        ("−5", -5, -5, -5.0),
        ("+5", 5, 5, 5.0),
        ("1,234,567", 1234567, 1234567, 1234567.0),
        ("1，000", 1000, 1000, 1000.0),
        ("１２３", 123, 123, 123.0),
        (" 5\u200b", 5, 5, 5.0),
        ("1.0", 1, 1, 1.0),
        ("5.", 5, 5, 5.0),
        (".5", None, None, 0.5),
        ("1.5", None, None, 1.5),
        ("1e5", 100_000, 100_000, 1e5),
        ("1e-05", None, None, 1e-05),
        ("9007199254740992", 2**53, 2**53, 2.0**53),
        ("9007199254740993", None, None, 2.0**53),
        # Amounts may name their unit.
        ("¥1,000", None, 100_000, None),
        ("￥ 1,000.50", None, 100_050, None),
        ("1,234.50元", None, 123_450, None),
        ("3.5 万元", None, 3_500_000, None),
        ("1亿元", None, 10_000_000_000, None),
        ("5分", None, 5, None),
        ("0.001元", None, None, None),
        # What can be read in two ways, or has lost digits, is not read.
        ("1,00", None, None, None),
        ("1,0000", None, None, None),
        ("1.000,00", None, None, None),
        ("1 000", None, None, None),
        ("(1,000)", None, None, None),
        ("1.2万", None, None, None),
        ("12%", None, None, None),
        ("1E+05", None, None, None),
        ("1.23457E+11", None, None, None),
        ("1E-05", None, None, None),
        ("1e400", None, None, None),
        ("1e-400", None, None, None),
        ("NaN", None, None, None),
        ("Infinity", None, None, None),
        ("-inf", None, None, None),
        ("0x1F", None, None, None),
        ("1_000", None, None, None),
        ("٣", None, None, None),
        ("--5", None, None, None),
        ("true", None, None, None),
        ("$5", None, None, None),
        ("=1+1", None, None, None),
    ],
)
def test_a_number_is_read_exactly_or_not_at_all(
    text: str, whole: int | None, fen: int | None, real: float | None
) -> None:
    column = _column([text, None])
    assert numbers.whole(column).to_pylist() == [whole, None]
    assert numbers.money(column).to_pylist() == [fen, None]
    assert numbers.real(column).to_pylist() == [real, None]


def test_neighbours_do_not_change_a_number() -> None:
    """A float among them used to make every number a float, and 2^53 - 1 another number."""
    column = _column(["9007199254740991", "1.5", "x", "9007199254740990"])
    assert numbers.whole(column).to_pylist() == [2**53 - 1, None, None, 2**53 - 2]


@pytest.mark.parametrize(
    ("values", "kind", "whole", "real"),
    [
        ([2**53, 2**53 + 1, -(2**63)], pa.int64(), [2**53, None, None],
         [2.0**53, 2.0**53, -(2.0**63)]),
        ([2**64 - 1, 5], pa.uint64(), [None, 5], [2.0**64, 5.0]),
        ([5.0, 1.5, float("inf"), float("nan")], pa.float64(), [5, None, None, None],
         [5.0, 1.5, None, None]),
        ([0.5], pa.float32(), [None], [0.5]),
        ([Decimal("5.00"), Decimal("5.10")], pa.decimal128(5, 2), [5, None], [5.0, 5.1]),
        ([True, False], pa.bool_(), [None, None], [None, None]),
        ([b"12"], pa.binary(), [12], [12.0]),
        ([[1]], pa.list_(pa.int8()), [None], [None]),
        ([None], pa.null(), [None], [None]),
        ([0], pa.date32(), [None], [None]),
    ],
)  # fmt: skip
def test_typed_numbers_stay_what_they_are(
    values: list[Any], kind: pa.DataType, whole: list[int | None], real: list[float | None]
) -> None:
    assert numbers.whole(_column(values, kind)).to_pylist() == whole
    assert numbers.real(_column(values, kind)).to_pylist() == real


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1", "元", 100),
        ("1元", "元", 100),
        ("¥1", "元", 100),
        ("1", "万元", 1_000_000),
        ("1万元", "元", None),
        ("¥1", "万元", None),
    ],
)
def test_an_amount_agrees_with_the_unit_of_its_column(
    text: str, unit: str, expected: int | None
) -> None:
    assert numbers.fen(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True), ("TRUE", True), ("1", True), ("是", True), ("Y", True), ("yes", True),
        ("Ｙ", True), ("false", False), ("0", False), ("否", False), ("N", False), ("no", False),
        ("2", None), ("对", None), ("t", None), ("√", None),
    ],
)  # fmt: skip
def test_truths(text: str, expected: bool | None) -> None:
    assert numbers.truths(_column([text, None])).to_pylist() == [expected, None]


def test_typed_truths() -> None:
    assert numbers.truths(_column([True, None], pa.bool_())).to_pylist() == [True, None]
    assert numbers.truths(_column([1, 0, 2], pa.int64())).to_pylist() == [True, False, None]
    assert numbers.truths(_column([1.0], pa.float64())).to_pylist() == [True]


@given(st.lists(st.integers(-(2**53), 2**53)), st.sampled_from(["{}", "{:,}", " {} ", "{}.0"]))
def test_every_whole_number_comes_back(given_: list[int], spelling: str) -> None:
    column = _column([spelling.format(number) for number in given_])
    assert numbers.whole(column).to_pylist() == given_


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_every_float_comes_back(given_: list[float]) -> None:
    assert numbers.real(_column([repr(number) for number in given_])).to_pylist() == given_
