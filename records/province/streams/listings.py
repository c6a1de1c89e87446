"""The two public lists: abnormal operation and serious dishonesty, with removals as corrections.

A removal is a new version of the listing, known later, and usually a credit repair as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.arrays import Index
from records.province.clock import NEVER, NO_DAY, YEAR, Days
from records.province.texts.oversight import REPAIRABLE, SERIOUS
from records.province.world import World

CAUSES = ("annual_report", "not_published", "false_information", "unreachable")

KINDS = {
    "abnormal_listings": "removal_from_abnormal",
    "serious_listings": "removal_from_serious",
    "penalties": "end_of_publication",
}
APPLIED_BEFORE = (2, 11)  # days from an application to its decision


class Listings:
    """Who is listed until which day; NO_DAY where never listed."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.listings
        self.abnormal_until = np.full(len(world.firms), NO_DAY)
        self.serious_until = np.full(len(world.firms), NO_DAY)

    def month(self, world: World) -> None:
        firm, day = world.strikes("serious_listings")
        _, first = np.unique(firm, return_index=True)
        self.serious(world, firm[first], day[first])

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
            wait = np.exp(rng.normal(np.log(self.numbers.removal_days), 0.9, len(firm)))
            stays = rng.random(len(firm)) > self.numbers.removed
            removed = np.where(stays, NEVER, day + wait.astype(np.int64))
        _, first = np.unique(firm, return_index=True)
        fresh = first[day[first] > self.abnormal_until[firm[first]]]
        firm, day, cause, removed = firm[fresh], day[fresh], cause[fresh], removed[fresh]
        self.abnormal_until[firm] = removed
        number = world.ledger.add(
            "abnormal_listings", firm, day, world.quick("abnormal_listings", day), cause=cause
        )
        out = removed < NEVER
        self._remove(world, "abnormal_listings", firm[out], day[out], removed[out], number[out],
                     cause=cause[out])  # fmt: skip

    def serious(self, world: World, firm: Index, day: Days) -> None:
        """Put firms on the serious list for three years; some leave early by repair."""
        rng = world.rng("serious_listings")
        fresh = day > self.serious_until[firm]
        firm, day = firm[fresh], day[fresh]
        cause = rng.integers(0, len(SERIOUS), len(firm))
        until = day + self.numbers.serious_years * YEAR
        number = world.ledger.add(
            "serious_listings", firm, day, world.quick("serious_listings", day),
            valid_to=until, cause=cause,
        )  # fmt: skip
        early = rng.random(len(firm)) < self.numbers.serious_early
        removed = np.where(early, day + YEAR + rng.integers(0, 120, len(firm)), until)
        self.serious_until[firm] = removed
        world.trouble(firm, removed)
        self._remove(
            world, "serious_listings", firm, day, removed, number,
            cause=cause, valid_to=until, removal_reason=early.astype(np.int64),
        )  # fmt: skip

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
        mended = world.rng("repairs").random(len(firm)) < self.numbers.repaired
        repair(world, table, firm[mended], removed[mended], number[mended])


def repair(world: World, table: str, firm: Index, day: Days, number: Index) -> None:
    """A credit repair of records, decided on `day`."""
    waited = world.rng("repairs:applied").integers(*APPLIED_BEFORE, len(firm))
    world.ledger.add(
        "repairs", firm, day, world.quick("repairs", day),
        repaired_table=REPAIRABLE.index(table), repaired_source_id=number,
        kind=KINDS[table], applied_on=day - waited,
    )  # fmt: skip
