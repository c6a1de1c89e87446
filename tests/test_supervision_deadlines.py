"""Working days by the State Council's notices: bridges, make-up days, years not published yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.deadlines import WorkingDays
from supervision.errors import PlanError

OFF = {  # 国办发明电〔2024〕12号, 国办发明电〔2025〕7号
    2025: "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 "
    "10-03 10-06 10-07 10-08",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 "
    "10-01 10-02 10-05 10-06 10-07",
}
MADE_UP = {
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@pytest.mark.parametrize("year", OFF)
def test_every_day_of_a_published_year_is_as_the_notice_says(year: int) -> None:
    calendar = WorkingDays()
    off = {date.fromisoformat(f"{year}-{day}") for day in OFF[year].split()}
    made_up = {date.fromisoformat(f"{year}-{day}") for day in MADE_UP[year].split()}
    day = date(year, 1, 1)
    while day.year == year:
        worked = day in made_up or (day.weekday() < 5 and day not in off)
        assert calendar.works(day) == worked, day
        day += timedelta(days=1)
    assert calendar.unpublished() == []


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        ("2026-02-13", 7, "2026-03-02"),  # 14 made up, 15–23 off, 28 made up
        ("2026-09-30", 7, "2026-10-15"),  # 1–7 off, Saturday the 10th made up
        ("2026-03-02", 20, "2026-03-30"),
        ("2026-03-07", 0, "2026-03-07"),
        ("2025-12-31", 2, "2026-01-05"),  # over the year: Sunday the 4th is made up
    ],
)
def test_a_deadline_in_working_days(day: str, days: int, due: str) -> None:
    assert str(WorkingDays().due(date.fromisoformat(day), days)) == due


def test_a_year_that_is_not_published_counts_statutory_days_and_says_so() -> None:
    calendar = WorkingDays()
    assert not calendar.works(date(2031, 1, 1))
    assert not calendar.works(date(2031, 1, 23))  # Spring Festival, by the lunar calendar
    assert not calendar.works(date(2031, 10, 1))
    assert calendar.works(date(2031, 3, 3))
    assert not calendar.works(date(2031, 3, 1))
    assert calendar.unpublished() == [2031]
    assert calendar.due(date(2140, 1, 1), 7) == date(2140, 1, 12)  # beyond the package: weekends
    assert calendar.unpublished() == [2031, 2140]


def test_what_cannot_be_counted_is_refused() -> None:
    for day, days in ((date(2026, 1, 1), -1), (date.max, 7)):
        with pytest.raises(PlanError, match="cannot be counted"):
            WorkingDays().due(day, days)


CALENDAR = WorkingDays()


@given(st.dates(date(2008, 1, 1), date(2035, 1, 1)), st.integers(0, 40))
def test_due_and_between_agree(day: date, days: int) -> None:
    due = CALENDAR.due(day, days)
    assert CALENDAR.between(day, due) == days
    assert days == 0 or CALENDAR.works(due)
    assert CALENDAR.between(due, day) == 0


def test_a_column_keeps_its_nulls() -> None:
    told = WorkingDays().dues([date(2026, 3, 2), None, date(2026, 3, 2)], 20).tolist()
    assert told == [date(2026, 3, 30), None, date(2026, 3, 30)]
