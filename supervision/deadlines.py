"""Deadlines in working days: the State Council's holidays and make-up days, without a network.

A make-up day (调休上班) is a Saturday or Sunday that is worked for a bridge between holidays. Which
they are is published each autumn for the year to come. For a year that is not published yet, the
statutory holidays count (also those of the lunar calendar) and weekends do; bridges and make-up
days cannot be known, and whoever asks is told so. Source: the package `holidays`, country CN.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from supervision.errors import PlanError

FIRST_MADE_UP = 2007
"""Since then every published year has days that are made up; a year without is not published."""

_DAY = timedelta(days=1)
_SATURDAY = 5
_LAST = date(9990, 1, 1)


class WorkingDays:
    """The calendar of working days; it remembers which years it was asked for."""

    def __init__(self) -> None:
        self._asked: set[int] = set()
        self._works: dict[date, bool] = {}

    def works(self, day: date) -> bool:
        """Whether a day is worked: no weekend and no holiday, or a weekend that is made up."""
        if day not in self._works:
            self._asked.add(day.year)
            self._works[day] = self._looked_up(day)
        return self._works[day]

    def due(self, day: date, days: int) -> date:
        """The last day of a deadline of so many working days after a day, which does not count.

        >>> str(WorkingDays().due(date(2026, 2, 13), 1))  # Saturday the 14th was made up
        '2026-02-14'

        Raises
        ------
        PlanError : the number of days is negative, or the day is beyond every calendar.
        """
        if days < 0 or day >= _LAST:
            raise PlanError(
                "a deadline cannot be counted", found=f"{day} + {days}",
                allowed=f"0 working days or more, from a day before {_LAST}",
            )  # fmt: skip
        while days:
            day += _DAY
            days -= self.works(day)
        return day

    def between(self, day: date, until: date) -> int:
        """Working days after one day up to another, which counts; 0 where it is no later.

        >>> WorkingDays().between(date(2026, 9, 30), date(2026, 10, 10))  # 1–7 October are off
        3
        """
        return sum(self.works(day + n * _DAY) for n in range(1, (until - day).days + 1))

    def unpublished(self) -> list[int]:
        """The years asked for so far whose bridges and make-up days are not published here."""
        return sorted(year for year in self._asked if not self._published(year))

    def dues(self, days: Iterable[object], after: int) -> pd.Series[Any]:
        """`due` of each day of a column, null for null; shape as given, each day counted once."""
        given = pd.Series(list(days), dtype=object)
        told = {day: self.due(day, after) for day in given.dropna().unique()}
        return given.map(told).astype(object).where(given.notna(), None)

    def _looked_up(self, day: date) -> bool:
        if not self._calendar.start_year <= day.year <= self._calendar.end_year:
            return day.weekday() < _SATURDAY
        return bool(self._calendar.is_working_day(day))

    def _published(self, year: int) -> bool:
        if not FIRST_MADE_UP <= year <= self._calendar.end_year:
            return False
        self._looked_up(date(year, 1, 1))  # the calendar fills itself by the year
        return any(day.year == year for day in self._calendar.weekend_workdays)

    @cached_property
    def _calendar(self) -> Any:
        import holidays  # here: a fifth of a second that a draw need not wait for

        return holidays.country_holidays("CN")
