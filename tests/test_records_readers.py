from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from records import cells
from records.errors import BadInput, NotFound
from records.intake import ingest
from records.queries import Query
from records.readers import Source, batches, header_row, read
from tests.a_store import opaque
from xinfen import app


def _lists(frame: pd.DataFrame) -> dict[str, list[str | None]]:
    return {
        str(name): [None if pd.isna(value) else value for value in frame[name]] for name in frame
    }


def _csv(folder: Path, content: bytes) -> Path:
    file = folder / "file.csv"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("局,b\n一,\n".encode(), {"局": ["一"], "b": [None]}),
        ("局,b\n一,\n".encode("utf-8-sig"), {"局": ["一"], "b": [None]}),
        ("局,b\n一,2\n".encode("gb18030"), {"局": ["一"], "b": ["2"]}),
        ("局,b\n㐂𠮷,2\n".encode("gb18030"), {"局": ["㐂𠮷"], "b": ["2"]}),
        (b'a,b\r\n007,"x\ny, ""z"""\r\n', {"a": ["007"], "b": ['x\ny, "z"']}),
        (b"\n\na,b\n1,2\n\n3,=1+1\n", {"a": ["1", "3"], "b": ["2", "=1+1"]}),
        (b"a,a,NA\nNA,\x00,1e400\n", {"a": ["NA"], "a.1": ["\x00"], "NA": ["1e400"]}),
        (b"a,b\n1,2", {"a": ["1"], "b": ["2"]}),
        (b"a,b\r1,2\r3,4\r", {"a": ["1", "3"], "b": ["2", "4"]}),
        (b"a,b,\n1,2,\n", {"a": ["1"], "b": ["2"], "(3)": [None]}),
        (b" a\xc2\xa0,\xe3\x80\x80b\n1, 2\n", {"a": ["1"], "b": [" 2"]}),
        ("\ufeffa,b\n一,2\n".encode("gb18030"), {"a": ["一"], "b": ["2"]}),
        (b"a,b\n9.13E+17,007\n", {"a": ["9.13E+17"], "b": ["007"]}),
    ],
)
def test_csv_is_read_as_text(
    tmp_path: Path, content: bytes, expected: dict[str, list[str | None]]
) -> None:
    assert _lists(read(_csv(tmp_path, content))) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n\xff,2\n", "line 3 is not UTF-8 .byte 0xff., line 3 is not GB18030"),
        # One bad byte does not make a UTF-8 file GB18030.
        ("a,b\n市场监督管理局一,2\n1,2\n".encode() + b"\xd6\xd0,2\n", "line 4 is not UTF-8"),
        ("a,b\n市场监督管理局一,2\n局".encode()[:-1], "line 3 is not UTF-8"),
        (b"a,b\n1,2\n\n1,2,3\n", "row 3 .the header is row 1. has 3 fields, the header 2: 1,2,3"),
        (b"a,b\n1,\0\n\n1\n", "row 3 .the header is row 1. has 1 fields"),
        (b"a,b\n1\n", "row 2 .the header is row 1. has 1 fields"),
        (b",\n1,2\n", "has no header"),
        (b"a,b\n\n", "has no rows"),
        (b"", "has no rows"),
        ("a,b\n1,2\n".encode("utf-16"), "found: UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le") * 30, "found: UTF-16"),
        (b"a;b\n1;2\n", "columns apart by ';' and not by commas"),
        (b"a\tb\n1\t2\n", "columns apart by .* and not by commas"),
        ("汇总表\na,b\n1,2\n".encode(), "say in the mapping in which row it is"),
    ],
)
def test_a_broken_csv_is_named_by_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(_csv(tmp_path, content))


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 100])
def test_parts_make_the_whole(tmp_path: Path, rows: int) -> None:
    numbers = [str(n) for n in range(7)]
    table = pa.table({"n": numbers})
    pq.write_table(table, tmp_path / "file.parquet", row_group_size=3)
    book = Workbook()
    for cell in ("n", *numbers):
        book.active.append([cell])
    book.save(tmp_path / "file.xlsx")
    with sqlite3.connect(tmp_path / "file.db") as database:
        database.execute("create table given (n text)")
        database.executemany("insert into given values (?)", [[n] for n in numbers])
    database.close()
    (tmp_path / "file.sql").write_text("select n from given order by n")
    sources: list[Source] = [
        _csv(tmp_path, ("n\n" + "\n".join(numbers)).encode()),
        tmp_path / "file.parquet",
        tmp_path / "file.xlsx",
        Query(tmp_path / "file.sql", f"sqlite:///{tmp_path / 'file.db'}"),
    ]
    for source in sources:
        parts = [frame["n"].tolist() for frame in batches(source, rows)]
        assert [len(part) for part in parts[:-1]] == [rows] * (len(parts) - 1)
        assert [n for part in parts for n in part] == numbers


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("2024年汇总\n单位：甲局,\n名称,金额,日期\n甲,1,2024\n", 3),
        ("2024年汇总\n\n名称,金额,日期\n甲,1,2024\n", 3),
        ('"2024年\n汇总",,\n名称,金额,日期\n甲,1,2024\n', 2),
        ("名称,金额,日期\n甲,1,2024\n", 1),
    ],
)
def test_titles_above_the_header_of_a_csv(tmp_path: Path, content: str, header: int) -> None:
    file = _csv(tmp_path, content.encode())
    assert header_row(file) == header
    expected = {"名称": ["甲"], "金额": ["1"], "日期": ["2024"]}
    assert _lists(read(file, header)) == expected


def test_a_row_longer_than_a_block_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.delimited.BLOCK", 1 << 20)
    with pytest.raises(BadInput, match="a row longer than 1 MB"):
        read(_csv(tmp_path, b"a,b\n1,2\n1," + b"x" * (3 << 20) + b"\n"))
    with pytest.raises(BadInput, match=r"line 2: field larger than field limit"):
        read(_csv(tmp_path, b"a,b\n1," + b"x" * (3 << 20) + b"\n"))
    assert len(read(_csv(tmp_path, b"a,b\n1," + b"x" * (1 << 18) + b"\n"))["b"][0]) == 1 << 18


def test_long_rows_make_small_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.readers.BYTES", 1000)
    pq.write_table(pa.table({"a": ["x" * 600] * 5}), tmp_path / "file.parquet", row_group_size=1)
    assert [len(part) for part in batches(tmp_path / "file.parquet", 1)] == [1] * 5
    parts = [len(part) for part in batches(tmp_path / "file.parquet", 100)]
    assert sum(parts) == 5
    assert len(parts) >= 1


PARQUET: list[tuple[pa.Array, list[str | None]]] = [
    (pa.array([Decimal("1.50"), None]), ["1.50", None]),
    (pa.array([2**64 - 1, None], pa.uint64()), ["18446744073709551615", None]),
    (pa.array(["局", None], pa.large_string()), ["局", None]),
    (pa.array(["局", None], pa.string_view()), ["局", None]),
    (pa.array(["局", None]).dictionary_encode(), ["局", None]),
    (pa.nulls(2), [None, None]),
    (pa.array([[1, 2], None]), ["#LIST! [1, 2]", None]),
    (pa.array([{"a": "b"}, None]), ['#LIST! {"a": "b"}', None]),
    (pa.array([True, None]), ["true", None]),
    (pa.array([b"\xe5\xb1\x80", b"\xff"]), ["局", "ff"]),
    (pa.array([time(9, 30), None]), ["09:30:00", None]),
    (pa.array([timedelta(hours=30), None]), ["30:00:00", None]),
    (pa.array([datetime(2024, 1, 5, 18, 30, tzinfo=UTC), None]), ["2024-01-06 02:30:00", None]),
]


@pytest.mark.parametrize(("values", "expected"), PARQUET, ids=lambda given: str(given)[:20])
def test_parquet_of_every_type_is_read(
    tmp_path: Path, values: pa.Array, expected: list[str | None]
) -> None:
    pq.write_table(pa.table({"a": values}), tmp_path / "file.parquet")
    column = cells.column(read(tmp_path / "file.parquet")["a"], "Asia/Shanghai")
    assert cells.spelled(column).to_pylist() == expected


def test_parquet_with_two_columns_of_a_name_and_pandas_own_row_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x", "y"]}, index=[7, 9])
    frame.to_parquet(tmp_path / "file.parquet")
    assert list(read(tmp_path / "file.parquet")) == ["a"]
    frame.rename_axis("source_id").to_parquet(tmp_path / "file.parquet")
    assert list(read(tmp_path / "file.parquet")) == ["a", "source_id"]
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    pq.write_table(twice, tmp_path / "file.parquet")
    assert list(read(tmp_path / "file.parquet")) == ["a", "a.1"]


def test_parquet_with_bytes_that_are_no_text_is_named(tmp_path: Path) -> None:
    raw = pa.array([b"ok", b"\xff\xfe"])
    text = pa.Array.from_buffers(pa.string(), 2, [None, *raw.buffers()[1:]])
    pq.write_table(pa.table({"a": text}), tmp_path / "file.parquet")
    with pytest.raises(BadInput, match="Invalid UTF8 sequence at string index 1"):
        read(tmp_path / "file.parquet")


def test_parquet_keeps_whole_numbers_with_nulls_whole(tmp_path: Path) -> None:
    table = pa.table({"n": pa.array([2**53 - 1, None]), "d": pa.array([date(2024, 1, 5), None])})
    pq.write_table(table, tmp_path / "file.parquet")
    frame = read(tmp_path / "file.parquet")
    assert frame["n"][0] == 9007199254740991
    assert frame["d"][0] == date(2024, 1, 5)


def test_excel_text_stays_text_and_dates_become_dates(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["source", "source_id", "entity_id", "event_time", "known_time", "kind", "topic"])
    sheet.append(
        [
            "局",
            "007",
            "F1",
            date(2024, 1, 2),
            datetime.fromisoformat("2024-01-03T09:30"),
            "report",
            "x",
        ]
    )
    sheet.append([None] * 7)
    sheet.append(["局", 8, 61610.0, "2024年1月2日", "2024/1/3", "report", "=1+1"])
    sheet["G4"].data_type = "s"  # typed as text that looks like a formula
    more = book.create_sheet("续")
    more.append([cell.value for cell in sheet[1]])
    more.append(["局", "9", "F1", "20240102", "20240103", "report"])
    book.create_sheet("填报说明").append(["请勿修改表头"])
    hidden = book.create_sheet("字典")
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "file.xlsx")
    store = opaque(tmp_path)
    assert ingest(store, "complaints", tmp_path / "file.xlsx").stored == 3
    columns = ["source_id", "entity_id", "event_time", "known_time", "topic"]
    stored = store.rows("complaints", columns)
    assert stored is not None
    two, three = date(2024, 1, 2), date(2024, 1, 3)
    assert [tuple(row.values()) for row in stored.to_pylist()] == [
        ("007", "F1", two, three, "x"),
        ("8", "61610", two, three, "=1+1"),
        ("9", "F1", two, three, None),
    ]


def test_an_excel_cell_beyond_the_header_is_not_lost(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a"])
    book.active.append(["1", "see the note"])
    book.save(tmp_path / "file.xlsx")
    with pytest.raises(BadInput, match=r"beyond the header\n  found: see the note"):
        read(tmp_path / "file.xlsx")


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_file_that_is_not_what_its_name_says_is_named(tmp_path: Path, kind: str) -> None:
    (tmp_path / f"file.{kind}").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(BadInput, match=f"file.{kind} is not readable as"):
        read(tmp_path / f"file.{kind}")


def test_kinds_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for name, message in (("a.xls", "cannot be read"), ("a.sql", "no database is named")):
        (tmp_path / name).write_text("select 1")
        with pytest.raises(BadInput, match=message):
            read(tmp_path / name)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadInput, match=r"folder\.csv is a folder"):
        read(tmp_path / "folder.csv")
    with pytest.raises(NotFound, match="no query file"):
        next(batches(Query(tmp_path / "none.sql", "sqlite://")))


@pytest.mark.parametrize("name", ["file.csv", "file.xlsx", "file.parquet"])
def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_bytes(b"a\n1\n")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for opener in ("pathlib.Path.open", "zipfile.ZipFile.__init__", "pyarrow.parquet.ParquetFile"):
        monkeypatch.setattr(opener, denied)
    with pytest.raises(BadInput, match="Permission denied"):
        read(tmp_path / name)


SELECT = """
select '局' as source, id as source_id, firm as entity_id, day as event_time,
       '2024-01-0' || id as known_time, 'tax' as authority_field, paid as amount from fines
"""


def test_a_query_is_taken_in_by_the_command(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "bureau.db") as database:
        database.execute("create table fines (id integer, firm text, day date, paid numeric)")
        given = [(1, "F1", "2024-01-01", 100), (2, "F2", "2024-01-01", 2.5), (3, "F1", "x", None)]
        database.executemany("insert into fines values (?, ?, ?, ?)", given)
    database.close()
    (tmp_path / "fines.sql").write_text(SELECT)
    words = ["ingest", str(tmp_path / "store"), "penalties", str(tmp_path / "fines.sql"), "--from"]
    words += [f"sqlite:///{tmp_path / 'bureau.db'}", "--id-scheme", "opaque", "--json"]
    first, again = (CliRunner().invoke(app, words) for _ in range(2))
    assert '"stored": 1' in first.output
    assert '"quarantined": 2' in first.output
    assert '"stored": 0' in again.output
    assert '"duplicate": 1' in again.output


@pytest.mark.parametrize(
    "url", ["sqlite:///{}/x.db", "no url at all s3cret", "nodb://u:s3cret@h/d"]
)
def test_a_query_that_fails_does_not_tell_the_password(tmp_path: Path, url: str) -> None:
    query = Query(tmp_path / "q.sql", url.format(tmp_path))
    query.file.write_text("select 1 from nowhere")
    with pytest.raises(BadInput) as caught:
        list(batches(query))
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(query)


def test_values_of_a_query_keep_what_they_are(tmp_path: Path) -> None:
    """What SQLite can hold; `cells.text` is held to the other types of other databases."""
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("create table t (a)")
        given = [(None,), ("",), (b"\xe5\xb1\x80",), (b"\xff",), (2**62,), (0.1,), ("=1+1\x00",)]
        database.executemany("insert into t values (?)", given)
    database.close()
    (tmp_path / "q.sql").write_text('select a, a as "a" from t')
    (frame,) = batches(Query(tmp_path / "q.sql", f"sqlite:///{tmp_path / 'x.db'}"))
    expected = [None, None, "局", "ff", "4611686018427387904", "0.1", "=1+1\x00"]
    assert _lists(frame) == {"a": expected, "a.1": expected}


def test_half_a_character_from_a_database_is_named(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("create table t (a text)")
        database.execute("insert into t values (cast(x'eda080' as text))")  # U+D800
    database.close()
    (tmp_path / "q.sql").write_text("select a from t")
    with pytest.raises(BadInput, match=r"cannot be asked|half a character"):
        list(batches(Query(tmp_path / "q.sql", f"sqlite:///{tmp_path / 'x.db'}")))
