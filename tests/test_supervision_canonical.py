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


FIELDS = ("text", "number", "truth", "some", "whole")
MIXED = pd.DataFrame({
    "text": [*NASTY, None],
    "number": [0.1, 1.0, None, 1e-7, 5e22, 0.1],
    "truth": [True, False, True, True, False, False],
    "some": [True, None, False, None, True, None],
    "whole": [1, 2, 3, 4, 5, 6],
})  # fmt: skip


def test_numbers_and_truth_values_are_written_too() -> None:
    held = MIXED.astype(object).where(MIXED.notna(), None)
    rows = [dict(zip(FIELDS, row, strict=True)) for row in held.to_numpy().tolist()]
    assert canonical.table(MIXED, FIELDS) == canonical.lines(rows)


def test_a_long_list_has_the_bytes_of_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pd.DataFrame(
        {"b": NASTY * 50, "a": [None, "1", "\b\f\r", "\x0b", "/"] * 50}, dtype="str"
    )
    short = [canonical.table(MIXED, FIELDS), canonical.table(texts, ("b", "a"))]
    quoted = canonical.quoted(texts["b"]).to_pylist()
    monkeypatch.setattr(canonical, "LONG", 0)
    monkeypatch.setattr("supervision.jsonlines.ROWS", 64)
    monkeypatch.setattr("supervision.jsonlines.BYTES", 2000)
    assert [canonical.table(MIXED, FIELDS), canonical.table(texts, ("b", "a"))] == short
    assert canonical.quoted(texts["b"]).to_pylist() == quoted
    again = canonical.untable(short[1], ("b", "a"))
    pd.testing.assert_frame_equal(again, texts)


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (b'{"a":"1","b":"2"}\n{"a":"1", "b":"2"}\n', 2),
        (b'{"b":"2","a":"1"}\n', 1),
        (b'{"a":"1"}\n', 1),
        (b'{"a":"1","b":"2","c":null}\n', 1),
        (b'{"a":1,"b":"2"}\n', 1),
        (b'{"a":"1","b":"\\u000a"}\n', 1),
        (b'{"a":"1","b":"\\/"}\n', 1),
        (b'{"a":"1","b":"\t"}\n', 1),
        (b'{"a":"1","b":"\xff"}\n', 1),
        (b'{"a":"1","b":"2"}\n\n', 2),
        (b'{"a":"1","b":"2"}\n{"a":"1","b":"2"}', 2),
        (b'{"a":"1","b":"2"}x\n', 1),
        (b'{"a":"1","b":"2"\n', 1),
        (b'{"a":"1","b":"2', 1),
    ],
)
def test_what_is_not_canonical_is_named(
    monkeypatch: pytest.MonkeyPatch, wrong: bytes, line: int, long: bool
) -> None:
    monkeypatch.setattr(canonical, "LONG", 0 if long else 20_000)
    with pytest.raises(canonical.NotCanonical) as found:
        canonical.untable(wrong, ("a", "b"))
    assert found.value.line == line


def test_an_empty_list() -> None:
    empty = canonical.untable(b"", ("a", "b"))
    assert (list(empty), len(empty)) == (["a", "b"], 0)
    assert canonical.table(empty, ("a", "b")) == b""


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
