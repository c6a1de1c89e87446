from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.spine import Spine
from records.errors import BadInput
from tests.a_catalogue import spine

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", "码"]), st.sampled_from(["2024-01-01", "2024-02-01"])
    ),
    min_size=1,
    max_size=30,
)


@given(rows=ROWS, size=st.integers(1, 8))
def test_ranges_hold_every_row_once_and_tear_no_firm_apart(
    rows: list[tuple[str, str]], size: int
) -> None:
    whole = Spine.of(spine(*rows))
    told = whole.rows.to_pylist()
    assert [(row["entity_id"], str(row["as_of"])) for row in told] == sorted(set(rows))
    parts = whole.ranges(size)
    assert [row for part in parts for row in part.rows.to_pylist()] == told
    firms = [set(part.rows["entity_id"].to_pylist()) for part in parts]
    assert sum(map(len, firms)) == len(set.union(*firms))
    assert all(part.ends == (min(own), max(own)) for part, own in zip(parts, firms, strict=True))
    assert all(len(own) <= size for own in firms)


@given(rows=ROWS)
def test_its_hash_names_the_rows_and_not_their_order(rows: list[tuple[str, str]]) -> None:
    assert Spine.of(spine(*rows)).hash == Spine.of(spine(*rows[::-1], *rows)).hash
    more = Spine.of(spine(*rows, ("Z", "2024-03-01")))
    assert more.hash != Spine.of(spine(*rows)).hash


def test_a_range_has_the_hash_of_a_spine_of_its_own() -> None:
    whole = Spine.of(spine(("A", "2024-01-01"), ("B", "2024-01-01"), ("C", "2024-01-01")))
    last = whole.ranges(1)[-1]
    assert last.hash == Spine.of(spine(("C", "2024-01-01"))).hash


def test_one_date_or_several() -> None:
    assert Spine.of(spine(("A", "2024-01-01"))).day == date(2024, 1, 1)
    assert Spine.of(spine(("A", "2024-01-01"), ("A", "2024-02-01"))).day is None


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"entity_id": ["F1"]}), "the spine lacks a column"),
        (spine(), "the spine has no rows"),
        (pd.DataFrame({"entity_id": ["A", None], "as_of": [date(2024, 1, 1)] * 2}), "1 rows"),
    ],
)
def test_what_is_no_spine_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Spine.of(frame)
