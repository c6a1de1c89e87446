"""Penalties: kinds, violations that repeat, fines, revoked licences, repairs."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Flags, Index
from records.province.clock import YEAR, Days
from records.province.randomness import lognormal, pick
from records.province.rows import NOBODY
from records.province.streams.licences import Licences
from records.province.streams.listings import repair
from records.province.world import World
from records.province.written import code, drawn

FIELDS = ("market_regulation", "tax", "environment", "emergency", "other")
# Of VIOLATIONS, by the authority's field: the first, how many, and their shares.
BY_FIELD = (
    (0, (0.14, 0.12, 0.16, 0.08, 0.12, 0.08, 0.05, 0.05, 0.05, 0.004, 0.04, 0.02, 0.02, 0.03,
         0.02, 0.026)),
    (16, (0.6, 0.4)),
    (18, (1.0,)),
    (19, (1.0,)),
    (20, (0.4, 0.3, 0.3)),
)  # fmt: skip
FREE = ("warning", "other", "restriction", "detention")
"""Penalties that cost no money."""


class Penalties:
    """`usual` is the violation, of the market's field, that a firm commits again."""

    def __init__(self, world: World, licences: Licences) -> None:
        self.numbers, self.licences = world.parameters.contents.penalties, licences
        self.usual = pick(BY_FIELD[0][1], len(world.firms), world.rng("penalties:usual"))

    def month(self, world: World) -> None:
        self.decide(world, *world.strikes("penalties"))

    def decide(self, world: World, firm: Index, day: Days) -> None:
        """Penalties decided on `day`; warnings count one year, others three, some are repaired."""
        rng, n, numbers = world.rng("penalties:content"), len(firm), self.numbers
        kind = drawn("penalties", "penalty", numbers.kinds, n, rng)
        field = drawn("penalties", "authority_field", numbers.fields, n, rng)
        warning, suspension, revocation = code(
            "penalties", "penalty", "warning", "suspension", "revocation"
        )
        amount = lognormal(numbers.fine, 1.2, n, rng).round(-4)
        revoked = self._revoke(world, firm, day, kind == revocation)
        kind = np.where((kind == revocation) & (revoked < 0), suspension, kind)
        field = np.where(revoked >= 0, code("penalties", "authority_field", FIELDS[0]), field)
        amount = np.where(np.isin(kind, code("penalties", "penalty", *FREE)), 0.0, amount)
        years = np.where(kind == warning, 1, 3)
        shown = np.where((kind == warning) | (amount < numbers.small), 1, 3)
        number = world.ledger.add(
            "penalties", firm, day, world.late("penalties", day),
            valid_to=day + years * YEAR,
            authority_field=field,
            violation=self._violations(world, firm, field),
            penalty=kind,
            amount=amount,
            decision=revoked,
            published_until=day + shown * YEAR,
        )  # fmt: skip
        mended = rng.random(n) < numbers.repaired
        wait = rng.integers(100, 400, n)
        repair(world, "penalties", firm[mended], (day + wait)[mended], number[mended])

    def _violations(self, world: World, firm: Index, field: Index) -> Index:
        rng = world.rng("penalties:violations")
        violation = np.full(len(firm), NOBODY)
        fields = code("penalties", "authority_field", *FIELDS)
        for which, (first, shares) in zip(fields, BY_FIELD, strict=True):
            rows = field == which
            violation[rows] = first + pick(shares, int(rows.sum()), rng)
        again = (field == fields[0]) & (rng.random(len(firm)) < self.numbers.usual)
        return np.where(again, self.usual[firm], violation)

    def _revoke(self, world: World, firm: Index, day: Days, rows: Flags) -> Index:
        """The licences that penalties revoke, by record number; NOBODY where there is none."""
        revoked = np.full(len(firm), NOBODY)
        revoked[rows] = self.licences.revoke(world, firm[rows], day[rows])
        return revoked
