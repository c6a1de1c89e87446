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
