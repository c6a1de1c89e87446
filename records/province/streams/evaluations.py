"""Evaluations by others: tax credit every April, customs, honours, commitments kept and broken."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index, Reals
from records.province.clock import YEAR, Days
from records.province.randomness import pick
from records.province.texts.society import (
    BROKEN,
    CUSTOMS,
    EVALUATED,
    HONOURS,
    INDUSTRY,
    KEPT,
    TAX,
)
from records.province.world import World

APRIL = 4
LEAST = (90.0, 75.0, 70.0, 50.0, 20.0)  # points of A, B, M, C, D
YOUNG = 2 * YEAR
CUSTOMS_GRADES = (0.06, 0.91, 0.03)
HONOUR_SHARES = (0.5, 0.1, 0.4)
INDUSTRY_GRADES = (0.3, 0.45, 0.25)


class Evaluations:
    """`trades` are firms known to customs; `taxed` those whose tax credit is told."""

    def __init__(self, world: World) -> None:
        self.numbers, n = world.parameters.contents.evaluations, len(world.firms)
        self.trades = world.rng("customs").random(n) < self.numbers.traders
        self.taxed = world.firms.in_scope & (world.rng("taxed").random(n) < self.numbers.told)

    def month(self, world: World) -> None:
        if world.calendar.year_month(world.month)[1] == APRIL:
            self._taxes(world)
            self._yearly(world)
        self._struck(world, "honours", "honour", HONOURS, HONOUR_SHARES, ("公示", "获奖", "认定"))
        kept = (1 - self.numbers.kept, self.numbers.kept)
        self._struck(world, "commitments", "commitment", KEPT, kept, ("承诺", "已履行"))
        self._struck(world, "broken_commitments", "commitment_broken", BROKEN, (1.0,), ("未履行",))

    def _taxes(self, world: World) -> None:
        """Grades of last year's taxes, from the inspected months on."""
        if world.month < world.calendar.inspected:
            return
        rng, start = world.rng("taxes"), world.calendar.start[world.month]
        firm = np.flatnonzero(world.operating & self.taxed)
        numbers = self.numbers
        index = numbers.sees * world.excess[firm] + numbers.lasting * world.own("taxes")[firm]
        index = index + numbers.passing * rng.normal(0, 1, len(firm))
        young = start - world.firms.established[firm] < YOUNG
        shares = np.cumsum(list(numbers.tax.values()))[:-1]
        edges = np.quantile(index, shares) if len(firm) else shares
        known = np.array([EVALUATED.index(letter) for letter in numbers.tax])
        grade = known[np.searchsorted(edges, index)]
        grade = np.where(young, EVALUATED.index("M"), grade)
        day = world.calendar.days_in(world.month, rng, len(firm))
        score = np.array(LEAST)[grade] + rng.uniform(0, 10, len(firm)).round(1)
        self._write(world, firm, day, "tax_credit", TAX, grade, valid=YEAR + 60, score=score)

    def _yearly(self, world: World) -> None:
        """Customs and associations speak of few, and not of the same."""
        rng = world.rng("evaluations")
        few = np.flatnonzero(world.operating & self.trades)
        grades = EVALUATED.index("高级认证企业") + pick(CUSTOMS_GRADES, len(few), rng)
        day = world.calendar.days_in(world.month, rng, len(few))
        self._write(world, few, day, "customs", CUSTOMS, grades, valid=YEAR)
        rated = np.flatnonzero(
            world.operating & (rng.random(len(self.trades)) < self.numbers.rated)
        )
        grades = EVALUATED.index("AAA") + pick(INDUSTRY_GRADES, len(rated), rng)
        day = world.calendar.days_in(world.month, rng, len(rated))
        self._write(world, rated, day, "industry", INDUSTRY, grades, valid=3 * YEAR)

    def _struck(
        self, world: World, stream: str, kind: str, schemes: tuple[int, ...],
        shares: tuple[float, ...], grades: tuple[str, ...],
    ) -> None:  # fmt: skip
        firm, day = world.strikes(stream)
        which = pick(shares, len(firm), world.rng(f"{stream}:content"))
        grade = np.array([EVALUATED.index(grade) for grade in grades])[which]
        self._write(world, firm, day, kind, np.array(schemes)[which], grade, valid=3 * YEAR)

    def _write(
        self, world: World, firm: Index, day: Days, kind: str, scheme: Index | int,
        grade: Index, *, valid: int, score: Reals | None = None,
    ) -> None:  # fmt: skip
        world.ledger.add(
            "external_evaluations", firm, day, world.late("external_evaluations", day),
            valid_to=day + valid, kind=kind, scheme=scheme, grade=grade, score=score,
        )  # fmt: skip
