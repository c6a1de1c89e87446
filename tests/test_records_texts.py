from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.texts import BLANKS, bare, plain, trimmed

_NEAR = st.text(st.sampled_from([*BLANKS, "a", "局", "（", "）", "é", "\u00a1", "\u2027", "😀"]))


@given(
    st.lists(st.none() | _NEAR), st.integers(0, 5), st.sampled_from([pa.string, pa.large_string])
)
def test_blanks_of_all_kinds_are_no_part_of_a_text(
    texts: list[str | None], start: int, kind: type[pa.DataType]
) -> None:
    expected = [text if text is None else text.strip(BLANKS) or None for text in texts[start:]]
    assert trimmed(pa.array(texts, kind()).slice(start)).to_pylist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\xa0\u3000甲 乙\u200b\ufeff", "甲 乙"),
        ("\r\n\t甲\x85", "甲"),
        ("\u200e甲", "\u200e甲"),  # a mark of direction is a character, not a blank
        ("\x00甲\x00", "\x00甲\x00"),
        ("\u3000\u200b", None),
        ("", None),
    ],
)
def test_only_blanks_around_a_text_go(text: str, expected: str | None) -> None:
    assert trimmed(pa.array([text])).to_pylist() == [expected]


def test_the_plain_spelling_of_a_text() -> None:
    assert plain(" １２\u3000\u200b３ｘ ") == "12 3x"
    assert bare(" １２\u3000\u200b３ｘ ") == "123x"
