"""The two public lists: abnormal operation and serious dishonesty, with removals as corrections.

A removal is a new version of the listing, known later, and usually a credit repair as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.clock import NEVER, NO_DAY, YEAR, Days
from records.province.ledger import Index, source_ids, words
from records.province.process import World, strike

CAUSES = ("annual_report", "not_published", "false_information", "unreachable")
REMOVALS = ("补报年度报告", "履行公示义务", "更正公示信息", "重新取得联系")
SERIOUS = ("提供虚假材料取得登记", "生产销售不合格食品", "列入异常名录届满三年", "拒不履行处罚决定")

REMOVED, REMOVAL_MEDIAN = 0.75, 150.0  # share ever removed, days until then
REPAIRED = 0.8
SERIOUS_YEARS, SERIOUS_EARLY = 3, 0.3  # kept three years; a share is removed after one


class Listings:
    """Who is listed until which day; NO_DAY where never listed."""

    def __init__(self, world: World) -> None:
        self.abnormal_until = np.full(len(world.firms), NO_DAY)
        self.serious_until = np.full(len(world.firms), NO_DAY)

    def month(self, world: World) -> None:
        rng = world.rng("serious_listings")
        stream = world.parameters.streams.serious_listings
        firm = np.unique(strike(rng, world.rate("serious_listings", stream)))
        self.serious(world, firm, world.calendar.days_in(world.month, rng, len(firm)))

    def abnormal(
        self, world: World, firm: Index, day: Days, cause: Index, removed: Days | None = None
    ) -> None:
        """List firms that are not on the list; `removed` is drawn where it is not given.

        Parameters
        ----------
        firm, day, cause : shape (n,); cause is a position in CAUSES.
        removed : day of removal, NEVER if it stays.
        """
        rng = world.rng("abnormal_listings")
        if removed is None:
            wait = np.exp(rng.normal(np.log(REMOVAL_MEDIAN), 0.9, len(firm)))
            stays = rng.random(len(firm)) > REMOVED
            removed = np.where(stays, NEVER, day + wait.astype(np.int64))
        _, first = np.unique(firm, return_index=True)
        fresh = first[day[first] > self.abnormal_until[firm[first]]]
        firm, day, cause, removed = firm[fresh], day[fresh], cause[fresh], removed[fresh]
        self.abnormal_until[firm] = removed
        number = world.ledger.add(
            "abnormal_listings", firm, day, world.quick("abnormal_listings", day),
            cause=words(CAUSES, cause),
        )  # fmt: skip
        out = removed < NEVER
        self._remove(world, "abnormal_listings", firm[out], day[out], removed[out], number[out],
                     cause=words(CAUSES, cause[out]),
                     removal_reason=words(REMOVALS, cause[out]))  # fmt: skip

    def serious(self, world: World, firm: Index, day: Days) -> None:
        """Put firms on the serious list for three years; some leave early by repair."""
        rng = world.rng("serious_listings")
        fresh = day > self.serious_until[firm]
        firm, day = firm[fresh], day[fresh]
        cause = words(SERIOUS, rng.integers(0, len(SERIOUS), len(firm)))
        until = day + SERIOUS_YEARS * YEAR
        number = world.ledger.add(
            "serious_listings", firm, day, world.quick("serious_listings", day),
            valid_to=until, cause=cause,
        )  # fmt: skip
        early = rng.random(len(firm)) < SERIOUS_EARLY
        removed = np.where(early, day + YEAR + rng.integers(0, 120, len(firm)), until)
        self.serious_until[firm] = removed
        world.trouble(firm, removed)
        self._remove(world, "serious_listings", firm, day, removed, number,
                     cause=cause, valid_to=until)  # fmt: skip

    def _remove(
        self,
        world: World,
        table: str,
        firm: Index,
        day: Days,
        removed: Days,
        number: Index,
        **content: Any,
    ) -> None:
        known = world.quick(table, removed)
        world.ledger.add(table, firm, day, known, number=number, removed_on=removed, **content)
        mended = world.rng("repairs").random(len(firm)) < REPAIRED
        repair(world, table, firm[mended], removed[mended], number[mended])


def repair(world: World, table: str, firm: Index, day: Days, number: Index) -> None:
    """A credit repair of records, decided on `day`."""
    world.ledger.add(
        "repairs", firm, day, world.quick("repairs", day),
        repaired_table=table, repaired_source_id=source_ids(table, number),
    )  # fmt: skip
