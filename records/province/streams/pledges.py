"""What binds a firm's property: pledges, mortgages, freezes; their ends are corrections."""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.arrays import Index
from records.province.clock import NO_DAY, YEAR, Days
from records.province.randomness import lognormal
from records.province.texts.encumbrances import COLLATERAL, COVERED, DEBTS
from records.province.world import World
from records.province.written import code, drawn


class Pledges:
    """Encumbrances begin as streams; nobody keeps them but the records."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.pledges
        self.company = world.firms.company
        self.inventor = world.firms.traits.inventor

    def month(self, world: World) -> None:
        self._equity(world, *world.strikes("equity_pledges", times=self.company))
        self._rights(world, *world.strikes("ip_pledges", times=self.inventor))
        self._chattels(world, *world.strikes("chattel_mortgages"))
        self._freezes(world, *world.strikes("equity_freezes", times=self.company))

    def _equity(self, world: World, firm: Index, day: Days) -> None:
        rng, n = world.rng("equity_pledges:content"), len(firm)
        share = rng.integers(5, 101, n) / 100
        content: dict[str, Any] = {
            "pledgor": world.firms.rep[firm],
            "pledgee": rng.integers(0, self.numbers.creditors, n),
            "share": share,
            "amount": (share * world.firms.capital[firm]).round(),
        }
        number = world.ledger.add("equity_pledges", firm, day, world.late("equity_pledges", day),
                                  status="valid", **content)  # fmt: skip
        ends, out = self._ends(rng, day)
        world.ledger.add(
            "equity_pledges", firm[out], day[out], world.late("equity_pledges", ends[out]),
            number=number[out], status="invalid", cancelled_on=ends[out],
            **{name: values[out] for name, values in content.items()},
        )  # fmt: skip

    def _rights(self, world: World, firm: Index, day: Days) -> None:
        rng, n = world.rng("ip_pledges:content"), len(firm)
        kind = drawn("ip_pledges", "kind", self.numbers.rights, n, rng)
        creditor, until = (
            rng.integers(0, self.numbers.creditors, n),
            day + rng.integers(1, 4, n) * YEAR,
        )
        number = world.ledger.reserve("ip_pledges", n)
        ended = until < world.calendar.start[world.calendar.end]
        for rows, known, status in (
            (np.ones(n, bool), world.late("ip_pledges", day), "valid"),
            (ended, world.late("ip_pledges", until), "invalid"),
        ):
            world.ledger.add(
                "ip_pledges", firm[rows], day[rows], known[rows], number=number[rows],
                kind=kind[rows], pledgee=creditor[rows], ends_on=until[rows], status=status,
            )  # fmt: skip

    def _chattels(self, world: World, firm: Index, day: Days) -> None:
        rng, n = world.rng("chattel_mortgages:content"), len(firm)
        ends, out = self._ends(rng, day)
        content: dict[str, Any] = {
            "debt_kind": rng.integers(0, len(DEBTS), n),
            "amount": lognormal(self.numbers.mortgage, 1.2, n, rng).round(-6),
            "starts_on": day,
            "ends_on": day + rng.integers(1, 6, n) * YEAR,
            "scope": rng.integers(0, len(COVERED), n),
            "collateral": rng.integers(0, len(COLLATERAL), n),
            "mortgagee": rng.integers(0, self.numbers.creditors, n),
        }
        number = world.ledger.add("chattel_mortgages", firm, day, world.quick("mortgages", day),
                                  status="valid", **content)  # fmt: skip
        world.ledger.add(
            "chattel_mortgages", firm[out], day[out], world.quick("mortgages", ends[out]),
            number=number[out], status="invalid",
            **{name: values[out] for name, values in content.items()},
        )  # fmt: skip

    def _freezes(self, world: World, firm: Index, day: Days) -> None:
        rng, n = world.rng("equity_freezes:content"), len(firm)
        content: dict[str, Any] = {
            "holder": world.firms.rep[firm],
            "amount": (rng.uniform(0.1, 1, n) * world.firms.capital[firm]).round(),
        }
        span = self.numbers.freeze_years * YEAR
        until = day + span
        number = world.ledger.add("equity_freezes", firm, day, world.late("equity_freezes", day),
                                  state="frozen", ends_on=until, **content)  # fmt: skip
        state = drawn("equity_freezes", "state", self.numbers.freezes, n, rng)
        released, renewed = code("equity_freezes", "state", "released", "renewed")
        change = np.where(state == released, day + rng.integers(60, span, n), until)
        later = np.where(state == renewed, until + span, change)
        out = state >= 0
        world.ledger.add(
            "equity_freezes", firm[out], day[out], world.late("equity_freezes", change[out]),
            number=number[out], ends_on=later[out], state=state[out],
            **{name: values[out] for name, values in content.items()},
        )  # fmt: skip

    def _ends(self, rng: np.random.Generator, day: Days) -> tuple[Days, Index]:
        """Days on which securities end, and the places of those that ever do."""
        ends = day + lognormal(self.numbers.days, 0.7, len(day), rng).astype(np.int64)
        ever = rng.random(len(day)) < self.numbers.cancelled
        return np.where(ever, ends, NO_DAY), np.flatnonzero(ever)
