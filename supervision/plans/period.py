"""The period a batch is for, and the part of a year's visits that falls on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, Self

from supervision.errors import PlanError


@dataclass(frozen=True)
class Period:
    """Batch `batch` of the `of` of a calendar year; it begins on `start` and ends with `end`."""

    year: int
    batch: int
    of: int
    start: date
    end: date

    @classmethod
    def containing(cls, day: date, batches: int) -> Self:
        """The period of a plan with so many batches a year that a day falls in."""
        months = 12 // batches
        batch = (day.month - 1) // months + 1
        start = date(day.year, (batch - 1) * months + 1, 1)
        after = date(day.year + batch // batches, batch * months % 12 + 1, 1)
        return cls(day.year, batch, batches, start, after - timedelta(days=1))

    @classmethod
    def checked(cls, data: Mapping[str, Any]) -> Self:
        """A period from the `plain` of one; refused where its parts do not belong together."""
        try:
            found = cls.containing(date.fromisoformat(str(data["start"])), int(data["of"]))
        except (KeyError, ValueError, ZeroDivisionError):
            found = None
        if found is None or found.plain() != dict(data):
            allowed = "year, batch, of, start and end of one batch"
            raise PlanError("the period does not stand", found=repr(dict(data)), allowed=allowed)
        return found

    @property
    def months(self) -> int:
        return 12 // self.of

    def plain(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "year": self.year,
            "batch": self.batch,
            "of": self.of,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
        }

    def part(self, yearly: Fraction, offset: int = 0) -> int:
        """This batch's part of a yearly number of visits.

        The first k batches together make ceil(yearly k / of), so that a year makes ceil(yearly):
        above zero it is at least one visit a year. `offset` lets a stratum begin its year at
        another batch, so that the small ones do not all fall on January.
        """
        turn = (self.batch - 1 + offset) % self.of
        return ceil(yearly * (turn + 1) / self.of) - ceil(yearly * turn / self.of)
