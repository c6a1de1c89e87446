"""One content, one text."""

from __future__ import annotations

import pandas as pd
import pytest

from supervision import canonical

NASTY = ['引号"与\\', "\u2028行\n列\t", "\x00\x1f\x7f", "é\U0001f600", ""]


def test_texts_are_written_as_rfc_8785_writes_them() -> None:
    for value in NASTY:
        assert canonical.text(value) == canonical.document(value)


def test_a_table_is_rfc_8785_lines() -> None:
    frame = pd.DataFrame({"b": NASTY, "a": [None, "1", None, "2", "3"], "left": "out"})
    rows = [{"a": a, "b": b} for a, b in zip([None, "1", None, "2", "3"], NASTY, strict=True)]
    assert canonical.table(frame, ("b", "a")) == canonical.lines(rows)


def test_a_table_reads_back() -> None:
    frame = pd.DataFrame({"a": ["2026-01-01", None], "b": ["x\n", "1"]}, dtype="str")
    again = canonical.untable(canonical.table(frame, ("a", "b")), ("a", "b"))
    pd.testing.assert_frame_equal(again, frame)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1.0, "a": None}, b'{"a":null,"b":1}'),
        ([1e-7, True, "字"], '[1e-7,true,"字"]'.encode()),
    ],
)
def test_documents(value: object, text: bytes) -> None:
    assert canonical.document(value) == text


def test_the_hash_is_sha_256() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert canonical.digest(b"") == empty
