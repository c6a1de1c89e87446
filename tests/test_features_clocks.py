from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest

from features import clocks
from features.engine import DuckDB, engine

DAYS = [date(2023, 1, 1) + timedelta(days=at) for at in range(2200)]


@pytest.mark.parametrize("window", ["1d", "90d", "1m", "2m", "3m", "6m", "13m", "1y", "3y"])
def test_until_is_the_last_date_whose_window_still_holds_a_day(window: str) -> None:
    """Whatever the lengths of the months, 29 February among them."""
    with engine() as running:
        days = running.give("days", pa.table({"day": DAYS}))
        begins = running.fetch(
            days.select("day", first=clocks.since(days.day, window)).order_by("day")
        )["first"].to_pylist()
        asked = days.filter(days.day < date(2025, 12, 1))
        found = running.fetch(asked.select("day", last=clocks.until(asked.day, window)))
    for row in found.to_pylist():
        assert row["last"] == DAYS[bisect_right(begins, row["day"]) - 1], row["day"]


def test_a_window_of_all_time_has_no_ends() -> None:
    day = ibis.literal(date(2024, 1, 1))
    assert clocks.since(day, "all") is None
    assert clocks.until(day, "all") is None


def test_the_ordered_first_becomes_duckdbs_own() -> None:
    running = DuckDB()
    table = ibis.table({"e": "string", "v": "int64", "k": "int64", "w": "boolean"}, name="t")
    newest = table.group_by("e").agg(v=table.v.argmax(table.k, where=table.w))
    sql = running._sql(newest)
    assert "ARG_MAX(CASE WHEN" in sql
    assert "FIRST(" not in sql
    running.close()
