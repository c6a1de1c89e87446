from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pyarrow as pa
import pytest

from records import cells
from records.dates import day, days

DAY = date(2024, 1, 5)
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    "given",
    [
        pd.Series(["2024-01-05", None]),
        pd.Series(["2024/1/5", ""]),
        pd.Series(["20240105", "x"]),
        pd.Series(["2024年1月5日", None]),
        pd.Series(["2024-01-05 15:03:00", None]),
        pd.Series([20240105, None], dtype=pd.ArrowDtype(pa.int64())),
        pd.Series([20240105.0, None]),
        pd.Series([DAY, None]),
        pd.Series([DAY, None], dtype=pd.ArrowDtype(pa.date32())),
        pd.Series([pd.Timestamp(2024, 1, 5, 15, 3), None]),
    ],
)
def test_a_day_is_read_from_every_spelling(given: pd.Series) -> None:
    assert days(cells.column(given)).to_pylist() == [DAY, None]


@pytest.mark.parametrize(
    "given",
    [
        pd.Series([True, None], dtype=pd.ArrowDtype(pa.bool_())),
        pd.Series([b"2024", None], dtype=pd.ArrowDtype(pa.binary())),
        pd.Series([[1], None]),
        pd.Series([10**30, None], dtype="object"),
        # Nothing guesses at objects: no number is a moment in nanoseconds, no order is chosen.
        pd.Series([5, "01/02/2024", 1.7e18, None], dtype="object"),
    ],
)
def test_what_is_no_day_is_none(given: pd.Series) -> None:
    assert days(cells.column(given)).null_count == len(given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024.3.5", date(2024, 3, 5)),
        ("2024-1-5", DAY),
        ("2024 年 1 月 5 日", DAY),
        ("２０２４年１月５日", DAY),
        ("２０２４－０１－０５", DAY),
        ("\u3000\u200b2024-01-05\xa0\ufeff", DAY),
        ("2024-01-05T15:03", DAY),
        ("2024-01-05 15:03:00.123456", DAY),
        ("2024年1月5日15:03", DAY),
        ("2024-1-5 0:00:00", DAY),
        ("1900-01-01", date(1900, 1, 1)),
        ("2024-02-29", date(2024, 2, 29)),
        ("9999-12-31", date(9999, 12, 31)),
        ("0001-01-01", date(1, 1, 1)),
        # What could be another day, or is none at all.
        ("2023-02-29", None),
        ("2024-02-31", None),
        ("2024-13-01", None),
        ("2024-00-10", None),
        ("0000-01-01", None),
        ("24-01-05", None),
        ("24.1.5", None),
        ("01/02/2024", None),
        ("2024/1-5", None),
        ("202411", None),
        ("2024105", None),
        ("2024", None),
        ("2024-01", None),
        ("2024年1月", None),
        ("45296", None),
        ("20240105.0", None),
        ("2024-01-05 24:00:00", None),
        ("2024-01-05 15:60", None),
        ("2024-01-05 下午3:00", None),
        ("٢٠٢٤-٠١-٠٥", None),
        ("长期", None),
        ("2024-01-05\x00", None),
        ("=TODAY()", None),
        ("", None),
    ],
)
def test_a_text_is_a_day_only_where_it_can_be_no_other(text: str, expected: date | None) -> None:
    assert day(text) == expected
    assert days(cells.column(pd.Series([text, "2024-01-05"]))).to_pylist() == [expected, DAY]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2024-01-05T18:30:00Z", SHANGHAI, date(2024, 1, 6)),
        ("2024-01-05 18:30:00+00:00", SHANGHAI, date(2024, 1, 6)),
        ("2024-01-05 18:30 +0000", SHANGHAI, date(2024, 1, 6)),
        ("2024-01-06T02:30:00+08:00", SHANGHAI, date(2024, 1, 6)),
        ("2024-01-06T02:30:00+08:00", "UTC", date(2024, 1, 5)),
        ("2024-01-05T18:30:00Z", None, date(2024, 1, 5)),
        ("2024-01-05 18:30:00", SHANGHAI, date(2024, 1, 5)),
        ("9999-12-31T23:59:59Z", SHANGHAI, None),
        ("0001-01-01T00:00:00+23:59", "UTC", None),
    ],
)
def test_a_moment_that_names_an_offset_is_a_day_of_the_zone(
    text: str, zone: str | None, expected: date | None
) -> None:
    assert days(pa.array([text]), (), zone).to_pylist() == [expected]


@pytest.mark.parametrize(
    ("text", "spelling", "expected"),
    [
        ("01/02/2024", "%m/%d/%Y", date(2024, 1, 2)),
        ("01/02/2024", "%d/%m/%Y", date(2024, 2, 1)),
        ("1/2/2024 11:59", "%d/%m/%Y", date(2024, 2, 1)),
        ("05-JAN-2024", "%d-%b-%Y", DAY),
        ("1/5/2024 03:04:00 pm", "%m/%d/%Y %I:%M:%S %p", DAY),
        ("2024-01", "%Y-%m", date(2024, 1, 1)),
        ("1112024", "%d%m%Y", None),  # the 11th of January, or the 1st of November
        ("45296", "excel", DAY),
        ("61", "excel", date(1900, 3, 1)),
        ("60", "excel", None),  # a 29 February 1900 that never was
        ("2958465", "excel", date(9999, 12, 31)),
        ("2958466", "excel", None),
        ("2024-01-05", "excel", DAY),
    ],
)
def test_a_mapping_may_name_further_spellings(
    text: str, spelling: str, expected: date | None
) -> None:
    assert day(text, (spelling,)) == expected


def test_moments_of_any_unit_lie_on_the_day_that_the_clock_showed() -> None:
    evening = datetime.fromisoformat("2024-01-05 18:30")
    for unit in ("s", "ms", "us", "ns"):
        naive = pd.Series([evening, None], dtype=pd.ArrowDtype(pa.timestamp(unit)))
        assert days(cells.column(naive, SHANGHAI)).to_pylist() == [DAY, None]
        zoned = pd.Series([evening, None], dtype=pd.ArrowDtype(pa.timestamp(unit, "UTC")))
        assert days(cells.column(zoned, SHANGHAI)).to_pylist() == [date(2024, 1, 6), None]
    before = pa.array([-1], pa.timestamp("s"))
    assert days(before).to_pylist() == [date(1969, 12, 31)]


@pytest.mark.parametrize(
    ("count", "kind"),
    [
        (10**9, pa.date32()),
        (-719_163, pa.date32()),  # the year 0
        (10**15, pa.timestamp("s")),
        (10**15, pa.timestamp("s", "UTC")),
        (-(10**17), pa.timestamp("ms", "UTC")),
    ],
)
def test_days_of_no_year_are_none_and_no_crash(count: int, kind: pa.DataType) -> None:
    whole = pa.int32() if kind == pa.date32() else pa.int64()
    values = pa.array([count, 0], whole).view(kind)
    given = cells.column(pd.Series(values, dtype=pd.ArrowDtype(kind)), SHANGHAI)
    assert days(given).to_pylist()[0] is None


def test_a_date_of_milliseconds_is_a_day() -> None:
    assert days(pa.array([1, -1, None], pa.int64()).view(pa.date64())).to_pylist() == [
        date(1970, 1, 1),
        date(1969, 12, 31),
        None,
    ]
