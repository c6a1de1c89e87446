"""Ids of long lists are found and sorted as those of short ones are."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supervision.canonical import arrow
from supervision.draws import ids, texts
from tests import a_list

IDS = st.text(st.sampled_from("09AÀ企\U0001f600"), min_size=1, max_size=4)
CODES = st.text(st.sampled_from("09A"), min_size=11, max_size=11)
MIXED = st.text(st.characters(max_codepoint=127), min_size=18, max_size=18)
"""Codes that no number of 64 bits could hold."""


def column(names: list[str]) -> pd.Series[str]:
    return pd.Series(names, dtype="str")


@pytest.fixture(params=[False, True], ids=["short", "long"])
def _both(request: pytest.FixtureRequest) -> Iterator[None]:
    with a_list.lengths(request.param):
        yield


@pytest.mark.usefixtures("_both")
def test_ids_are_found_where_they_stand() -> None:
    @given(st.lists(IDS, max_size=30), st.lists(IDS, max_size=30))
    @example(["A", "9", "企"], ["0", "9", "9A", "A", "企"])
    def holds(wanted: list[str], known: list[str]) -> None:
        for listed in (known, sorted(set(known), key=str.encode)):
            expected = [listed.index(one) if one in listed else -1 for one in wanted]
            assert ids.places(column(wanted), column(listed)).tolist() == expected
            found = [at >= 0 for at in expected]
            assert ids.among(column(wanted), column(listed)).tolist() == found

    holds()


@pytest.mark.usefixtures("_both")
def test_ids_are_sorted_byte_by_byte() -> None:
    @given(
        st.one_of(
            st.lists(IDS, min_size=1, max_size=30),
            st.lists(CODES, min_size=1),
            st.lists(MIXED, min_size=1),
        )
    )
    def holds(names: list[str]) -> None:
        at = ids.order(arrow(column(names)))
        assert sorted(at.tolist()) == list(range(len(names)))
        rows = texts.take(pd.DataFrame({"id": column(names)}), at)
        assert rows["id"].tolist() == sorted(names, key=str.encode)
        assert ids.rising(arrow(rows["id"])) == (len(set(names)) == len(names))

    holds()


@pytest.mark.usefixtures("_both")
def test_a_slice_of_a_list_is_a_list() -> None:
    whole = pa.array(["C0", "B1", "A2", "A3", "B4"], type=pa.large_string())
    part = pd.Series(pd.array(whole.slice(1, 3), dtype="str"))
    assert ids.order(arrow(part)).tolist() == [1, 2, 0]
    assert ids.places(part, column(["A2", "A3", "B1"])).tolist() == [2, 0, 1]
    assert ids.places(column(["A3"]), part).tolist() == [2]
