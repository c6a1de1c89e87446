"""Penalties: kinds, violations that repeat, fines, revoked licences, repairs."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index
from records.province.clock import YEAR, Days
from records.province.randomness import lognormal, pick
from records.province.rows import NOBODY
from records.province.streams.licences import Licences
from records.province.streams.listings import repair
from records.province.world import World
from records.province.written import code

FIELDS = ("market_regulation", "tax", "environment", "emergency", "other")
FIELD_SHARES = (0.55, 0.18, 0.09, 0.10, 0.08)
# Of VIOLATIONS, by the authority's field: the first, how many, and their shares.
BY_FIELD = (
    (0, (0.14, 0.12, 0.16, 0.08, 0.12, 0.08, 0.05, 0.05, 0.05, 0.004, 0.04, 0.02, 0.02, 0.03,
         0.02, 0.026)),
    (16, (0.6, 0.4)),
    (18, (1.0,)),
    (19, (1.0,)),
    (20, (0.4, 0.3, 0.3)),
)  # fmt: skip
KINDS = ("warning", "fine", "confiscation", "suspension", "revocation", "closure", "other",
         "restriction", "detention")  # fmt: skip
KIND_SHARES = (0.25, 0.57, 0.08, 0.025, 0.012, 0.004, 0.04, 0.014, 0.005)
HABIT = 0.45  # share of a firm's market penalties that are for its usual violation
WARNING, SUSPENSION, REVOCATION = (KINDS.index(k) for k in ("warning", "suspension", "revocation"))
FREE = [KINDS.index(kind) for kind in ("warning", "other", "restriction", "detention")]
SMALL = 10_000 * 100  # 分: a fine below it is shown for one year
REPAIRED = 0.25


class Penalties:
    """`usual` is the violation, of the market's field, that a firm commits again."""

    def __init__(self, world: World, licences: Licences) -> None:
        self.licences = licences
        self.usual = pick(BY_FIELD[0][1], len(world.firms), world.rng("penalties:usual"))

    def month(self, world: World) -> None:
        self.decide(world, *world.strikes("penalties"))

    def decide(self, world: World, firm: Index, day: Days) -> None:
        """Penalties decided on `day`; warnings count one year, others three, some are repaired."""
        rng, n = world.rng("penalties:content"), len(firm)
        kind, field = pick(KIND_SHARES, n, rng), pick(FIELD_SHARES, n, rng)
        amount = lognormal(500_000, 1.2, n, rng).round(-4)
        revoked = self._revoke(world, firm, day, kind)
        kind = np.where((kind == REVOCATION) & (revoked < 0), SUSPENSION, kind)
        field = np.where(revoked >= 0, 0, field)
        amount = np.where(np.isin(kind, FREE), 0.0, amount)
        years = np.where(kind == WARNING, 1, 3)
        shown = np.where((kind == WARNING) | (amount < SMALL), 1, 3)
        number = world.ledger.add(
            "penalties", firm, day, world.late("penalties", day),
            valid_to=day + years * YEAR,
            authority_field=code("penalties", "authority_field", *FIELDS)[field],
            violation=self._violations(world, firm, field),
            penalty=code("penalties", "penalty", *KINDS)[kind],
            amount=amount,
            decision=revoked,
            published_until=day + shown * YEAR,
        )  # fmt: skip
        mended = rng.random(n) < REPAIRED
        wait = rng.integers(100, 400, n)
        repair(world, "penalties", firm[mended], (day + wait)[mended], number[mended])

    def _violations(self, world: World, firm: Index, field: Index) -> Index:
        rng = world.rng("penalties:violations")
        violation = np.full(len(firm), NOBODY)
        for which, (first, shares) in enumerate(BY_FIELD):
            rows = field == which
            violation[rows] = first + pick(shares, int(rows.sum()), rng)
        again = (field == 0) & (rng.random(len(firm)) < HABIT)
        return np.where(again, self.usual[firm], violation)

    def _revoke(self, world: World, firm: Index, day: Days, kind: Index) -> Index:
        """The licences that penalties revoke, by record number; NOBODY where there is none."""
        revoked = np.full(len(firm), NOBODY)
        rows = kind == REVOCATION
        revoked[rows] = self.licences.revoke(world, firm[rows], day[rows])
        return revoked
