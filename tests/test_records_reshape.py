from __future__ import annotations

import pandas as pd
import pytest

from records.reshape import fields, filled, in_fen, recoded, split


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("1", "yuan", "100"),
        ("0.07", "yuan", "7"),
        (1234.56, "yuan", "123456"),
        ("1,234.50元", "yuan", "123450"),
        ("-3.5", "wan", "-3500000"),
        ("３.５万元", "wan", "3500000"),
        ("33.333333", "wan", "33333333"),
        ("1e2", "wan", "100000000"),
        ("0.001", "yuan", "0.001 元"),
        ("3.5万元", "yuan", "3.5万 元"),
        ("1e400", "wan", "1e400 万元"),
        ("1e15", "yuan", "1e15 元"),
        ("NaN", "yuan", "NaN 元"),
        ("sNaN", "yuan", "sNaN 元"),
        ("=1+1", "yuan", "=1+1 元"),
        ("9" * 80, "yuan", "9" * 80 + " 元"),
    ],
)
def test_amounts_become_whole_fen_or_stay_unreadable(
    amount: object, unit: str, expected: str
) -> None:
    assert in_fen(pd.Series([amount]), unit).tolist() == [expected]


def test_an_absent_amount_stays_absent() -> None:
    assert in_fen(pd.Series([None, "1"]), "yuan").isna().tolist() == [True, False]


def test_a_template_names_its_columns_and_may_lack_some() -> None:
    frame = pd.DataFrame({"a": ["x", None, "y"], "b": ["1", "2", None]})
    assert fields("{a}/{b?}") == ["a", "b"]
    assert filled(frame, "<{a}/{b?}>").fillna("-").tolist() == ["<x/1>", "-", "<y/>"]
    assert filled(frame, "same").tolist() == ["same"] * 3


def test_tokens_are_whole_and_a_row_without_any_stays() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3, 4], "code": ["1,10", "10", None, " , "]})
    assert split(frame, "code", ",").fillna("-").to_numpy().tolist() == [
        [1, "1"],
        [1, "10"],
        [2, "10"],
        [3, "-"],
        [4, "-"],
    ]


def test_values_are_recoded_by_exact_token() -> None:
    given = pd.Series(["1", "10", " 1 ", None, "x"])
    assert recoded(given, {"1": "a", "x": None}).fillna("-").tolist() == ["a", "10", "a", "-", "-"]
    assert recoded(given, {"1": "a", "*": "z"}).fillna("-").tolist() == ["a", "z", "a", "-", "z"]
