"""What a bureau could send: rows of any values in any kind of file, hostile ones among them."""

from __future__ import annotations

import csv
import math
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

from records.queries import Query
from records.readers import Source
from tests.a_workbook import data, workbook

KINDS = ("utf8", "gb18030", "xlsx", "parquet", "sql")

HOSTILE: tuple[Any, ...] = (
    # Nothing, and what looks like it.
    None, "", " ", "\u3000\u200b", "NULL", "null", "None", "NaN", "nan", "\\N", b"", float("nan"),
    # What would run somewhere.
    "=cmd|'/c calc'!A1", "+1", "-1+2", "@SUM(A1:A9)", "\t=1", '=HYPERLINK("http://x")',
    "'; drop table records; --", "<script>alert(1)</script>", "{{7*7}}",
    # What breaks a format, or shows as something else.
    "\x00", "a\x00b", "\x1b[2J", "\ufffe", "\u202e局", "\u200f甲", "e\u0301", "é", "😀",
    "👩‍👩‍👧", "Ω" * 300, "x" * 5000, '"', '""', "'", ",", ";", "\n", "\r\n", "\r", 'a,b\n"c"',
    "局".encode("gb18030").decode("latin-1"), "锟斤拷", "_x0041_", "_x005F_x0041_", b"\xff\xfe",
    # Errors, truths, codes.
    "#REF!", "#N/A", "#UNCOMPUTED! =A1", "#LIST! [1]", "true", "False", "是", "Y", True, False,
    "x", "tax", "drawn", "F1", "9.13E+17", 9.1350100000000003e17, "********",
    "11010519491231002X", "91110108551385082Q", "91110108551385082q", b"\xe5\xb1\x80",
    # Numbers, and what is none.
    "0", "1", "-0", "007", "1,000", "1,00", "1.2万", "¥1,000", "3.5万元", "(5)", "1e5", "1E+05",
    "1e400", "9" * 40, "9007199254740993", "0.1", ".5", "12%", "0x1F", "1_000", "٣", "１２", "inf",
    "-inf", "Infinity", 0, 1, -5, 2**53 + 1, 10**18, 0.5, 1e-9, 1.5e300, float("inf"),
    # Days, and what is none.
    "2024-01-05", "2024/1/5", "20240105", "2024年1月5日", "２０２４年１月５日", "2024.3.5",
    "24-1-5", "01/02/2024", "2024-02-31", "0000-01-01", "9999-12-31", "1899-12-31",
    "2062-01-01", "202411", "2024-01-05 18:30:00", "2024-01-05T18:30:00Z",
    "2024-01-05T18:30:00+08:00", "２０２４", "长期", "45296", 45296, 20240105,
    date(2024, 1, 5), date(1900, 1, 1), datetime.fromisoformat("2024-01-05 18:30:00"),
)  # fmt: skip


def written(
    folder: Path, kind: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[Source, list[list[str | None]]]:
    """Rows as a source of a kind, and what each of their values is to be read as.

    A value that a kind cannot hold is written as its text.
    """
    told = [[spelled(kind, value) for value in row] for row in rows]
    match kind:
        case "utf8" | "gb18030":
            file = folder / f"{kind}.csv"
            with file.open("w", encoding=kind, newline="") as handle:
                writer = csv.writer(handle, quoting=csv.QUOTE_ALL)
                writer.writerow(names)
                writer.writerows([text or "" for text in row] for row in told)
            return file, told
        case "parquet":
            file = folder / "file.parquet"
            columns = [pa.array(column, pa.string()) for column in zip(*told, strict=True)]
            pq.write_table(pa.table(columns, names=list(names)), file)
            return file, told
        case "xlsx":
            lines = [_line(names), *(_line(row) for row in rows)]
            file = workbook(folder / "file.xlsx", data(*lines), formats=["yyyy-mm-dd", 22])
            return file, [row for row in told if any(text is not None for text in row)]
    return _query(folder, names, rows), told


def _query(folder: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Query:
    database = folder / "file.db"
    database.unlink(missing_ok=True)
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute(f"create table given ({quoted})")
        held = [[_held(value) for value in row] for row in rows]
        opened.executemany(f"insert into given values ({marks})", held)  # noqa: S608 - our names
    text = f"select {quoted} from given order by rowid"  # noqa: S608 - our names
    (folder / "file.sql").write_text(text, "utf-8")
    return Query(folder / "file.sql", f"sqlite:///{database}")


def _held(value: Any) -> Any:
    """A value as SQLite holds it."""
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) >= 2**63):
        return int(value) if isinstance(value, bool) else str(value)
    return str(value).removesuffix(" 00:00:00") if isinstance(value, date) else value


def spelled(kind: str, value: Any) -> str | None:
    """What a value in a source of a kind is read as, blanks and all; None for nothing."""
    match value:
        case None | "" | b"":
            return None
        case bool():
            return str(int(value)) if kind == "sql" else str(value).lower()
        case float() if math.isnan(value):
            return None
        case bytes():
            return value.decode() if value.isascii() or value == b"\xe5\xb1\x80" else value.hex()
        case int() | float() if kind == "xlsx":
            if not abs(value) < 1e15:
                return repr(float(value))
            rounded = float(f"{value:.15g}")
            return str(int(rounded)) if rounded.is_integer() else repr(rounded)
        case float():
            whole = value.is_integer() and abs(value) <= 2**53
            return str(int(value)) if whole else repr(value)
        case date():
            return str(value).removesuffix(" 00:00:00")
    return str(value)


def _line(row: Sequence[Any]) -> str:
    """A row as the XML of a sheet."""
    return f"<row>{''.join(map(_cell, row))}</row>"


def _cell(value: Any) -> str:
    match value:
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case int() | float() if math.isfinite(value):
            return f"<c><v>{value!r}</v></c>"
        case datetime():
            return f'<c s="2"><v>{_serial(value)!r}</v></c>'
        case date() if value.year > 1900:
            return f'<c s="1"><v>{_serial(datetime.combine(value, datetime.min.time()))!r}</v></c>'
    text = spelled("xlsx", value)
    return "<c/>" if text is None else f'<c t="inlineStr"><is><t>{_escaped(text)}</t></is></c>'


def _serial(value: datetime) -> float:
    since = value - datetime.fromisoformat("1899-12-30")
    return since.days + since.seconds / 86_400


def _escaped(text: str) -> str:
    """A text as Excel writes it: what XML cannot hold, or would change, as _xHHHH_."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = re.sub("[\x00-\x09\x0b-\x1f\ufffe\uffff]", lambda one: f"_x{ord(one[0]):04X}_", text)
    return escape(text)
