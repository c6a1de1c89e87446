"""No file kills a worker: hostile ones are refused before they unfold, mangled ones told."""

from __future__ import annotations

import io
import resource
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import sheets
from records.errors import BadInput, XinfenError
from serving.runs import listfiles

SECONDS = 60.0
"""No list takes longer, on a machine that does other things as well."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("book") / "list.xlsx"
    sheets.write(path, "名单", ["统一社会信用代码", "企业名称"], [["91230102MA1CATER04", "甲"]] * 5)
    return path.read_bytes()


def _changed(book: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part another."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as given,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for name in given.namelist():
            content = given.read(name)
            to.writestr(name, change(content) if name == part else content)
    return made.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_TAIL = b"</sheetData></worksheet>"


def _sheet(rows: bytes) -> Callable[[bytes], bytes]:
    return lambda _: _HEAD + rows + _TAIL


BOMBS = {
    "rows": _sheet(b"<row/>" * 1_600_000),
    "cells of a row": _sheet(b"<row>" + b"<c/>" * 1_000_000 + b"</row>"),
    "cells in the last column": _sheet(b'<row><c r="ZZZ1"><v>1</v></c></row>' * 100_000),
    "a row far down": _sheet(b'<row r="1000000000"><c><v>1</v></c></row>'),
    "a row of no number": _sheet(b'<row r="&#x661;"><c><v>1</v></c></row>'),
    "a long text": _sheet(b"<row><c><is><t>" + b"A" * 65_000_000 + b"</t></is></c></row>"),
    "entities": lambda _: (
        b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        + _HEAD + b"<row><c><is><t>&b;</t></is></c></row>" + _TAIL
    ),
    "marks of another kind": _sheet(b"<x>" + b"<y/>" * 1_600_000 + b"</x>"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_what_unfolds_too_far_is_refused(book: bytes, kind: str) -> None:
    bomb = _changed(book, SHEET, BOMBS[kind])
    assert len(bomb) < 200_000
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(BadInput):
        listfiles.read(bomb)
    assert time.perf_counter() - begun < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB


def test_many_sheets_of_one_part_are_refused(book: bytes) -> None:
    def sheets_(content: bytes) -> bytes:
        begin, end = content.index(b"<sheet "), content.index(b"</sheets>")
        return content[:begin] + content[begin:end] * 200_000 + content[end:]

    with pytest.raises(BadInput, match="too large"):
        listfiles.read(_changed(book, STRINGS, sheets_))


def test_an_archive_of_many_parts_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as to:
        for n in range(listfiles.PARTS + 1):
            to.writestr(f"{n}.xml", b"")
    with pytest.raises(BadInput, match="501 parts"):
        listfiles.read(made.getvalue())


def _read(content: bytes) -> None:
    """Read a list, or be told what is wrong with it; nothing else may happen."""
    begun = time.perf_counter()
    with suppress(XinfenError):
        found = listfiles.read(content)
        assert isinstance(found, pd.DataFrame)
        assert list(found) == ["row", "code", "name"]
    assert time.perf_counter() - begun < SECONDS


FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=3_000)
_TEXT = st.text(alphabet="code,名称\n\r\"'=\t;0A统\x00\ufeff", max_size=60)
BYTES = (
    st.binary(max_size=300)
    | st.binary(max_size=60).map(lambda more: b"PK\x03\x04" + more)
    | st.binary(max_size=60).map(lambda more: "统一社会信用代码,企业名称\n".encode() + more)
    | _TEXT.map(lambda text: text.encode("utf-8"))
    | _TEXT.map(lambda text: ("code\n" + text).encode("gb18030"))
    | _TEXT.map(lambda text: text.encode("utf-16"))
)
HITS = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=6)


@FEW
@given(BYTES)
def test_any_bytes(content: bytes) -> None:
    _read(content)


def _hit(content: bytes, hits: list[tuple[int, int]]) -> bytes:
    mangled = bytearray(content)
    for at, value in hits:
        mangled[at % len(mangled)] = value
    return bytes(mangled)


PARTS = st.sampled_from([
    SHEET, STRINGS, "xl/styles.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml",
    "_rels/.rels",
])  # fmt: skip


@FEW
@given(HITS)
def test_a_workbook_hit_anywhere(book: bytes, hits: list[tuple[int, int]]) -> None:
    _read(_hit(book, hits))


@FEW
@given(PARTS, HITS)
def test_a_workbook_whose_part_is_hit(book: bytes, part: str, hits: list[tuple[int, int]]) -> None:
    _read(_changed(book, part, lambda content: _hit(content, hits)))


@FEW
@given(PARTS, st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 4))
def test_a_workbook_whose_part_is_cut_and_doubled(
    book: bytes, part: str, begin: int, end: int, times: int
) -> None:
    first, last = sorted((begin, end))
    _read(_changed(book, part, lambda one: one[:first] + one[first:last] * times + one[last:]))


@pytest.mark.slow
@MANY
@given(BYTES, PARTS, HITS)
def test_deeper(book: bytes, content: bytes, part: str, hits: list[tuple[int, int]]) -> None:
    _read(content)
    _read(_hit(book, hits))
    _read(_changed(book, part, lambda one: _hit(one, hits)))
