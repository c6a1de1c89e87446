"""The province's calendar. It is anchored at its end: its last day never moves.

Days are counted as integers since 1970-01-01, months from the first month of the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int64]

END = np.datetime64("2026-07", "M")
"""First month after the last; its first day is the date to score."""

AS_OF = int(END.astype("datetime64[D]").astype(np.int64))
LAST_DAY = AS_OF - 1
LATEST_KNOWN = LAST_DAY + 60
"""What becomes known later than this has not reached anybody yet."""

YEAR = 365
NEVER = np.int64(2**40)
NO_DAY = np.int64(-(2**40))


@dataclass(frozen=True)
class Calendar:
    """Months of history, then months of inspections, then the month to score.

    Month `t` runs from `start[t]` to `start[t + 1] - 1`; `inspected` is the first month of
    inspections and `end` the month after the last.
    """

    history: int
    months: int

    @property
    def inspected(self) -> int:
        return self.history

    @property
    def end(self) -> int:
        return self.history + self.months

    @cached_property
    def start(self) -> Days:
        months = END - self.end + np.arange(self.end + 2)
        return months.astype("datetime64[D]").astype(np.int64)

    def year_month(self, t: int) -> tuple[int, int]:
        day = as_date(int(self.start[t]))
        return day.year, day.month

    def days_in(self, t: int, rng: np.random.Generator, size: int) -> Days:
        """Days of month `t`, uniform."""
        return rng.integers(self.start[t], self.start[t + 1], size=size)


def as_date(day: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)
