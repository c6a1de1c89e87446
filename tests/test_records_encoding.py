from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.encoding import encoding_of
from records.errors import BadInput


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
def test_a_file_is_utf8_where_python_reads_it_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    try:
        found = encoding_of(file)
    except BadInput:
        found = ""
    try:
        content.decode()
    except UnicodeDecodeError:
        assert found != "utf8"
    else:
        assert found == "utf8" or content[:2] in (b"\xff\xfe", b"\xfe\xff")


@pytest.mark.parametrize("shift", range(3))
@pytest.mark.parametrize("feed", ["", "\n"])
def test_letters_across_the_blocks_of_a_file(tmp_path: Path, shift: int, feed: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text("x" * shift + ("局" + feed) * 800_000, "utf-8")
    assert encoding_of(file) == "utf8"
    file.write_bytes(file.read_bytes() + b"\xff")
    with pytest.raises(BadInput, match=r"is not UTF-8 \(byte 0xff\)"):
        encoding_of(file)
