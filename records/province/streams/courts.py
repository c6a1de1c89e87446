"""Courts: lawsuits, judgment defaulters, limits on consumption."""

from __future__ import annotations

from typing import Any

import numpy as np

from records.province.arrays import Index
from records.province.clock import NO_DAY, Days
from records.province.randomness import lognormal
from records.province.texts.society import CAUSES, CONDUCTS
from records.province.world import World
from records.province.written import code, drawn

ROLES = ("plaintiff", "defendant", "third_party")
FILED_BEFORE = (20, 200)  # days from the filing of a case to its publication


class Courts:
    """`defaulter_until` is the day a firm stops being a judgment defaulter."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.courts
        self.defaulter_until = np.full(len(world.firms), NO_DAY)

    def month(self, world: World) -> None:
        self._lawsuits(world)
        firm, day, ended = self._defaults(world)
        self.defaulter_until[firm] = ended
        world.trouble(firm, ended)
        conduct = world.rng("court_records:conduct").integers(0, len(CONDUCTS), len(firm))
        self._executed(world, firm, day, ended, kind="defaulter", conduct=conduct)
        limited = world.rng("consumption").random(len(firm)) < self.numbers.limited
        alone, from_day = world.strikes("consumption_limits")
        until = self._until(world, "consumption", from_day)
        self._executed(
            world, np.r_[firm[limited], alone], np.r_[day[limited], from_day],
            np.r_[ended[limited], until], kind="consumption_limit",
        )  # fmt: skip

    def _lawsuits(self, world: World) -> None:
        firm, day = world.strikes("lawsuits")
        rng, n = world.rng("court_records:content"), len(firm)
        third = rng.random(n) < self.numbers.third_party
        role = np.where(third, 2, world.happens("defendant", firm, rng).astype(np.int64))
        world.ledger.add(
            "court_records", firm, day, world.late("court_records", day),
            kind="lawsuit",
            amount=lognormal(self.numbers.amount, 1.3, n, rng).round(-2),
            cause=rng.integers(0, len(CAUSES), n),
            role=code("court_records", "role", *ROLES)[role],
            filed_on=day - rng.integers(*FILED_BEFORE, n),
        )  # fmt: skip

    def _defaults(self, world: World) -> tuple[Index, Days, Days]:
        """Firms that begin to default, from which day until which."""
        firm, day = world.strikes("defaulters")
        _, first = np.unique(firm, return_index=True)
        fresh: Index = first[day[first] > self.defaulter_until[firm[first]]]
        return firm[fresh], day[fresh], self._until(world, "defaulters", day[fresh])

    def _until(self, world: World, name: str, day: Days) -> Days:
        wait = lognormal(self.numbers.default_days, 0.6, len(day), world.rng(f"{name}:until"))
        return day + wait.astype(np.int64)

    def _executed(
        self, world: World, firm: Index, day: Days, ended: Days, *, kind: str, **own: Any
    ) -> None:
        """What a court enforces; its end is a correction."""
        rng, n = world.rng(f"court_records:{kind}"), len(firm)
        undone = drawn("court_records", "performance", self.numbers.performed, n, rng)
        full = code("court_records", "performance", "full")[0]
        content = {
            "kind": kind,
            "amount": lognormal(self.numbers.amount, 1.3, n, rng).round(-2),
            "filed_on": day - rng.integers(*FILED_BEFORE, n),
            **own,
        }
        known = world.late("court_records", day)
        number = world.ledger.add("court_records", firm, day, known, performance=undone, **content)
        world.ledger.add(
            "court_records", firm, day, world.late("court_records", ended),
            number=number, ended_on=ended, performance=full, **content,
        )  # fmt: skip
