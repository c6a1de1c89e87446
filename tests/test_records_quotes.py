from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import quotes
from records.errors import BadInput
from records.readers import read


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (b"a,b\n1,2\n", True),
        (b'"a","b"\r\n"1","2"', True),
        (b'\xef\xbb\xbf"a","b"\n1,2\n', True),
        (b'a,b\n"x ""y"" z","1\n2"\n', True),
        (b'a,b\n"",""\n', True),
        (b'a,b\n"x"y,2\n', False),
        (b'a,b\nx"y,2\n', False),
        (b'a,b\n1, "2"\n', False),
        (b'a,b\n1,"2\n', False),
        (b"a,b\n1,\0\n", False),
    ],
)
def test_a_quote_is_plain_where_it_opens_or_closes_a_field(
    tmp_path: Path, content: bytes, plain: bool
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    assert quotes.are_plain(file) is plain


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_blocks_of_any_size_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    file = tmp_path / "file.csv"
    for content, plain in ((b'"a","b""c"\n"1","2\n"\n', True), (b'"a","b"c\n', False)):
        file.write_bytes(content)
        monkeypatch.setattr(quotes, "BLOCK", size)
        assert quotes.are_plain(file) is plain


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # Arrow takes these without a word, and every row after the quote with them.
        (b'a,b\n1,"x\n2,y\n3,z\n', "line 2: unexpected end of data"),
        (b'a,b\n1,2\n3,"x"y\n', "line 3: ',' expected after '\"'"),
        ('a,b\n1,"老王"饭店\n'.encode(), "line 2: ',' expected"),
    ],
)
def test_a_quote_that_cannot_be_told_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read(tmp_path / "file.csv")


def test_a_quote_within_a_bare_field_is_a_letter(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(b'a,b\n5" pipe, "x"\n')
    assert read(tmp_path / "file.csv").to_dict("list") == {"a": ['5" pipe'], "b": [' "x"']}


_letters = st.text(st.sampled_from(list('",\n\r a局')), max_size=6)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from(list('",\n a')), max_size=24))
def test_what_is_read_is_what_pythons_strict_parser_reads(tmp_path: Path, body: str) -> None:
    """Whichever parser a file goes to, both say the same of it, or the file is refused."""
    file = tmp_path / "file.csv"
    file.write_text(f"x,y\n{body}", "utf-8", newline="")
    try:
        expected = [row for row in csv.reader(io.StringIO(body, newline=""), strict=True) if row]
        fits = bool(expected) and all(len(row) == 2 for row in expected)
    except csv.Error:
        fits = False
    if not fits:
        with pytest.raises(BadInput):
            read(file)
        return
    frame = read(file)
    found = frame.astype("object").where(frame.notna(), "").to_numpy().tolist()
    assert found == expected


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_letters, _letters), min_size=1, max_size=5))
def test_what_a_writer_quotes_comes_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    file = tmp_path / "file.csv"
    pd.DataFrame(rows, columns=["x", "y"]).to_csv(file, index=False, quoting=csv.QUOTE_ALL)
    frame = read(file)
    found = frame.astype("object").where(frame.notna(), "").to_numpy().tolist()
    assert found == [list(row) for row in rows]
