"""Texts made of numbers are those that would be made row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.draws import coded
from supervision.draws.coded import joined, spelled

TEXTS = st.one_of(st.none(), st.sampled_from(["", "A", "B", "甲", "230102", "a/b"]))


def how(*parts: str | None) -> str | None:
    told = [part for part in parts if part is not None]
    return "/".join(told) if told else None


@pytest.mark.parametrize("table", [1, coded.TABLE])  # with and without a table of places
def test_as_row_by_row(table: int) -> None:
    @given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=40))
    def holds(rows: list[tuple[str | None, ...]]) -> None:
        frame = pd.DataFrame(rows, columns=list("abc"), dtype="str")
        made = joined([frame[name] for name in "abc"], how)
        wanted = pd.Series([how(*row) for row in rows], index=frame.index, dtype="str")
        pd.testing.assert_series_equal(made.astype("str"), wanted, check_names=False)
        assert coded.coded(made)[1] == sorted(set(wanted.dropna()))
        assert coded.placed(frame["a"], ["B", "A"]).tolist() == [
            {"B": 0, "A": 1}.get(row[0] or "", -1) for row in rows
        ]

    before, coded.TABLE = coded.TABLE, table
    try:
        holds()
    finally:
        coded.TABLE = before


def test_codes_are_spelled() -> None:
    made = spelled(np.array([1, -1, 0, 1]), ["a", "b"], pd.Index([3, 4, 5, 6]))
    assert made.cat.categories.tolist() == ["a", "b"]
    assert made.to_dict() == {3: "b", 4: np.nan, 5: "a", 6: "b"} | {4: made[4]}
    assert pd.isna(made[4])
    assert spelled(np.array([-1, -1]), []).isna().all()
