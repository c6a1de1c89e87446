from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from records.checks import DATE_FORMATS, days

DAY = date(2024, 1, 5)


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
    found = days(given, DATE_FORMATS)
    assert found.dt.date[0] == DAY
    assert pd.isna(found[1])


@pytest.mark.parametrize(
    "given",
    [
        pd.Series([True, None], dtype=pd.ArrowDtype(pa.bool_())),
        pd.Series([b"2024", None], dtype=pd.ArrowDtype(pa.binary())),
        pd.Series([[1], None]),
        pd.Series([10**30, None], dtype="object"),
    ],
)
def test_what_is_no_day_is_none(given: pd.Series) -> None:
    assert days(given, DATE_FORMATS).isna().all()
