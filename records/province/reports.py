"""Annual reports: filed in time, late, never, or with nothing but zeros.

Reports of a year are due on 30 June of the next. Who has not filed by the end of July is listed
as abnormal and may leave the list by filing late. All is settled in January, so that no record
speaks of a risk that came after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.clock import NEVER, Days
from records.province.ledger import Index
from records.province.listings import CAUSES, Listings
from records.province.process import World
from records.province.registry import Flags

JANUARY = 1
DEADLINE = 180  # days after 1 January
SILENT = 0.3  # share that keep their figures unpublished
CAUGHT_UP = 0.6  # share of missing reports filed late after listing
AMENDED = 0.02
YUAN = 100  # 分
THOUSAND = 1000 * YUAN


class Reports:
    def __init__(self, world: World, listings: Listings) -> None:
        self.listings = listings
        rng = world.rng("reports:firm")
        self.silent = rng.random(len(world.firms)) < SILENT
        self.margin = rng.normal(0.06, 0.06, len(world.firms))

    def month(self, world: World) -> None:
        year, month = world.calendar.year_month(world.month)
        if month != JANUARY:
            return
        rng, start = world.rng("reports"), world.calendar.start[world.month]
        firm, deadline = np.flatnonzero(world.operating), start + DEADLINE
        chances = world.parameters.chances
        missing = rng.random(len(firm)) < world.chance(chances.report_missing, firm)
        late = ~missing & (rng.random(len(firm)) < world.chance(chances.report_late, firm))
        caught_up = missing & (rng.random(len(firm)) < CAUGHT_UP)
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
        rng, figures = world.rng("reports:figures"), self._figures(world, firm)
        known = world.quick("annual_reports", day)
        number = world.ledger.add("annual_reports", firm, day, known, year=year, late=late,
                                  **figures)  # fmt: skip
        amends = rng.random(len(firm)) < AMENDED
        again = np.flatnonzero(amends & (figures["revenue"] > 0))
        amended = {name: values[again] for name, values in figures.items()}
        amended["revenue"] = (amended["revenue"] * 0.8).round()
        world.ledger.add(
            "annual_reports", firm[again], day[again], known[again] + 30,
            number=number[again], year=year, late=late[again], **amended,
        )  # fmt: skip

    def _figures(self, world: World, firm: Index) -> dict[str, Any]:
        """Figures of a report in 分, counts in persons; NaN is not published."""
        rng, n, excess = world.rng("reports:figures"), len(firm), world.excess[firm]
        staff = np.exp(world.firms.size[firm] + rng.normal(0, 0.15, n)).round()
        revenue = np.exp(rng.normal(4.6, 0.8, n)) * np.maximum(staff, 1) * THOUSAND
        assets = np.exp(rng.normal(4.8, 0.9, n)) * np.maximum(staff, 1) * THOUSAND
        debt = np.clip(0.42 + 0.13 * excess + rng.normal(0, 0.20, n), 0.02, 3.0)
        margin = self.margin[firm] - 0.035 * excess + rng.normal(0, 0.04, n)
        zero = rng.random(n) < world.chance(world.parameters.chances.report_zero, firm)
        figures = {
            "employees": staff,
            "assets": assets,
            "liabilities": assets * debt,
            "equity": assets - assets * debt,
            "revenue": revenue,
            "net_profit": revenue * margin,
            "tax": revenue * 0.03 * (margin > 0),
        }
        hidden = self.silent[firm] & ~zero
        figures = {name: np.where(zero, 0.0, values).round() for name, values in figures.items()}
        return {
            name: values if name == "employees" else np.where(hidden, np.nan, values)
            for name, values in figures.items()
        }
