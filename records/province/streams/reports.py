"""Annual reports: filed in time, late, never, or with nothing but zeros.

Reports of a year are due on 30 June of the next. Who has not filed by the end of July is listed
as abnormal and may leave the list by filing late. All is settled in January, so that no record
speaks of a risk that came after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.arrays import Flags, Index
from records.province.clock import NEVER, Days
from records.province.streams.figures import Figures, Filed
from records.province.streams.holders import Holders
from records.province.streams.listings import CAUSES, Listings
from records.province.world import World

JANUARY = 1
DEADLINE = 180  # days after 1 January
MENDED = 0.8  # of the revenue that was told at first
TOLD_ANEW = ("revenue", "main_revenue")
AFTER = 30  # days from one version to the next


class Reports:
    """Who files, when and what; the figures are those of `Figures`."""

    def __init__(self, world: World, listings: Listings, holders: Holders) -> None:
        self.numbers = world.parameters.contents.reports
        self.listings, self.holders, self.figures = listings, holders, Figures(world)

    def month(self, world: World) -> None:
        year, month = world.calendar.year_month(world.month)
        if month != JANUARY:
            return
        rng, start = world.rng("reports"), world.calendar.start[world.month]
        firm, deadline = np.flatnonzero(world.operating), start + DEADLINE
        missing = world.happens("report_missing", firm, rng)
        late = ~missing & world.happens("report_late", firm, rng)
        caught_up = missing & (rng.random(len(firm)) < self.numbers.caught_up)
        in_time = deadline - rng.integers(0, DEADLINE - 31, len(firm))
        day = np.where(late, deadline + rng.integers(1, 26, len(firm)), in_time)
        day = np.where(caught_up, deadline + rng.integers(30, 300, len(firm)), day)
        self._list(world, firm[missing], np.where(caught_up, day, NEVER)[missing], deadline)
        filed = ~missing | caught_up
        self._file(world, firm[filed], day[filed], year - 1, (late | caught_up)[filed])

    def _list(self, world: World, firm: Index, filed: Days, deadline: int) -> None:
        rng = world.rng("reports:listing")
        day = deadline + rng.integers(27, 41, len(firm))
        removed = np.where(filed < NEVER, np.maximum(filed, day) + 12, NEVER)
        cause = np.full(len(firm), CAUSES.index("annual_report"))
        self.listings.abnormal(world, firm, day, cause, removed)

    def _file(self, world: World, firm: Index, day: Days, year: int, late: Flags) -> None:
        zero = world.happens("report_zero", firm, world.rng("reports:zero"))
        paid_in = self.holders.paid[firm] * world.firms.capital[firm]
        figures: dict[str, Any] = self.figures.of(world, Filed(firm, zero), paid_in)
        known = world.quick("annual_reports", day)
        number = world.ledger.add("annual_reports", firm, day, known, year=year, late=late,
                                  amendments=0, **figures)  # fmt: skip
        rng = world.rng("reports:amended")
        again = np.flatnonzero(
            world.happens("report_amended", firm, rng) & (figures["revenue"] > 0)
        )
        twice = again[rng.random(len(again)) < self.numbers.amended_again]
        for times, at in enumerate((again, twice), 1):
            told = {name: each[at] for name, each in figures.items()}
            self._amend(world, firm[at], day[at], known[at] + times * AFTER, year, late[at],
                        number[at], times, told)  # fmt: skip

    def _amend(
        self, world: World, firm: Index, day: Days, known: Days, year: int, late: Flags,
        number: Index, times: int, figures: dict[str, Any],
    ) -> None:  # fmt: skip
        mended = {name: (figures[name] * MENDED**times).round() for name in TOLD_ANEW}
        world.ledger.add("annual_reports", firm, day, known, number=number, year=year, late=late,
                         amendments=times, **figures | mended)  # fmt: skip
