"""What inspectors find. It depends on the truth and on how they look.

The chance of finding a problem grows with the number of items, is lower off site, moves with
the strictness of the pair, with the class it has seen, and with a lead that says where to look.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.bureau import PLAN, SLICE, TARGETED, TIERS, Bureau, Visits
from records.province.clock import NO_DAY, Days
from records.province.events import penalise
from records.province.findings import (
    BASKET,
    CLEAN,
    CLOSED,
    ITEMS,
    OUTCOMES,
    UNREACHABLE,
    choose_items,
    item_results,
)
from records.province.ledger import Index, words
from records.province.listings import CAUSES, Listings
from records.province.names import counties, hashes
from records.province.process import World
from records.province.registry import Flags, Reals

AT_MOST = 0.98
PAIR = 3  # salt of the pairs' keyed hashes


class Inspectorate:
    """Inspectors by county, and the visits that wait for their month."""

    def __init__(self, world: World, bureau: Bureau, listings: Listings) -> None:
        self.bureau, self.listings = bureau, listings
        self.waiting: list[Visits] = []
        self.visits = 0
        settings, rng = world.parameters.bureau, world.rng("inspectors")
        firms = np.bincount(world.firms.county, minlength=len(counties()))
        staff = np.maximum(settings.inspectors.each_county, firms / settings.inspectors.firms_each)
        self.staff = staff.astype(np.int64)
        self.first = np.cumsum(self.staff) - self.staff
        strict = np.clip(rng.normal(1, settings.strictness, self.staff.sum()), 0.3, 1.7)
        county = np.repeat(np.arange(len(self.staff)), self.staff)
        self.strict = strict / (np.bincount(county, strict) / self.staff)[county]

    def month(self, world: World) -> None:
        """Make the visits whose day has come; later ones wait."""
        if not world.calendar.inspected <= world.month < world.calendar.end:
            return
        visits = Visits.joined([*self.waiting, self.bureau.choose(world)])
        due = visits.day < world.calendar.start[world.month + 1]
        self.waiting = [visits.at(~due)]
        self._conduct(world, visits.at(due))

    def roll(self) -> pa.Table:
        """Every inspector and the county it belongs to."""
        county = np.repeat(np.arange(len(self.staff)), self.staff)
        unit = counties().code.take(pa.array(county))
        within = np.arange(len(county)) - self.first[county] + 1
        number = pc.utf8_lpad(pc.cast(pa.array(within), pa.string()), 2, "0")
        return pa.table(
            {"inspector_id": pc.binary_join_element_wise(unit, number, "-"), "unit": unit}
        )

    def _conduct(self, world: World, visits: Visits) -> None:
        rng, firm = world.rng("visits"), visits.firm
        method = self._methods(world, visits)
        items = choose_items(visits.way == SLICE, rng)
        pair, strict = self._pairs(world, firm, rng)
        chance = self._chance(world, visits, method, items.sum(axis=1), strict)
        problem = rng.random(len(firm)) < chance
        outcome = self._outcomes(world, visits, problem)
        results = item_results(items, outcome, rng)
        self._write(world, visits, method, pair, results)
        self._consequences(world, visits, outcome)

    def _methods(self, world: World, visits: Visits) -> Index:
        """Positions in `bureau.methods`: the slice is always on site."""
        settings, rng = world.parameters.bureau, world.rng("methods")
        names = list(settings.methods)
        method = np.full(len(visits.firm), names.index("on_site"))
        groups = [(visits.way == TARGETED, settings.targeted_methods)]
        for position, tier in enumerate(TIERS):
            planned = (visits.way == PLAN) & (visits.tier == position)
            groups.append((planned, settings.plan_methods[tier]))
        for rows, shares in groups:
            codes = [names.index(name) for name in shares]
            method[rows] = rng.choice(codes, int(rows.sum()), p=list(shares.values()))
        return method

    def _pairs(self, world: World, firm: Index, rng: np.random.Generator) -> tuple[Index, Reals]:
        """Two different inspectors of the firm's county, and their mean strictness."""
        county = world.firms.county[firm]
        staff, first = self.staff[county], self.first[county]
        one = rng.integers(0, staff)
        two = (one + 1 + rng.integers(0, staff - 1)) % staff
        low, high = first + np.minimum(one, two), first + np.maximum(one, two)
        return low * len(self.strict) + high, (self.strict[low] + self.strict[high]) / 2

    def _chance(
        self, world: World, visits: Visits, method: Index, items: Index, strict: Reals
    ) -> Reals:
        """Chance of a finding: 1 − (1 − p)^effort, moved by strictness and the class seen.

        For a blind visit on site with the basket the effort is 1 and the mean strictness is 1,
        so that the mean chance is the true probability.
        """
        settings = world.parameters.bureau
        effort = np.array(list(settings.methods.values()))[method] * items / len(BASKET)
        effort = np.where(visits.way == TARGETED, effort * settings.lead_effort, effort)
        seen = np.array([settings.seen[tier] for tier in TIERS])[visits.tier]
        expected = np.where(visits.way == PLAN, seen, 1.0)
        found = 1 - (1 - world.probability[visits.firm]) ** effort
        return np.minimum(found * strict * expected, AT_MOST)

    def _outcomes(self, world: World, visits: Visits, problem: Flags) -> Index:
        """The visit's main result, a position in OUTCOMES."""
        rng, firm, settings = world.rng("outcomes"), visits.firm, world.parameters.bureau
        chance = world.chance(world.parameters.chances.unreachable, firm)
        away = rng.random(len(firm)) < chance
        codes = [OUTCOMES.index(name) for name in settings.results]
        named = rng.choice(codes, len(firm), p=list(settings.results.values()))
        outcome = np.where(problem, np.where(away, UNREACHABLE, named), CLEAN)
        fates = [OUTCOMES.index(name) for name in world.parameters.population.fates]
        gone = world.closed[firm] <= visits.day
        struck = world.struck[firm] <= visits.day
        outcome = np.where(gone, CLOSED, outcome)
        return np.where(struck, np.array(fates)[world.fate[firm]], outcome)

    def _write(
        self,
        world: World,
        visits: Visits,
        method: Index,
        pair: Index,
        results: Index,
    ) -> None:
        visit, item = np.nonzero(results >= 0)
        numbers = self.visits + np.arange(len(visits.firm))
        self.visits += len(numbers)
        known = world.late("inspections", visits.day)
        targeted = (visits.way == TARGETED)[visit]
        county = world.firms.county[visits.firm][visit]
        world.ledger.add(
            "inspections", visits.firm[visit], visits.day[visit], known[visit],
            inspection_id=_numbered("RW", numbers[visit]),
            plan_id=pc.if_else(
                pa.array(targeted), None, _plan_names(visits.run[visit])
            ),
            item=words(ITEMS, item),
            result=words(OUTCOMES, results[visit, item]),
            method=words(tuple(world.parameters.bureau.methods), method[visit]),
            way=words(("drawn", "targeted"), targeted.astype(np.int64)),
            drawn_by=words(("slice", "plan"), np.where(targeted, -1, visits.way[visit])),
            inclusion_probability=visits.chance[visit],
            class_run_on=np.where(targeted, NO_DAY, visits.run[visit]),
            office=pc.binary_join_element_wise(
                counties().name.take(pa.array(county)), "市场监督管理局", ""
            ),
            inspector=hashes(pair[visit], PAIR),
        )  # fmt: skip

    def _consequences(self, world: World, visits: Visits, outcome: Index) -> None:
        """Listings and penalties that follow a finding; a part of the problem is mended."""
        rng, after = world.rng("consequences"), world.parameters.bureau.after
        firm, day, n = visits.firm, visits.day, len(visits.firm)
        found = (outcome >= UNREACHABLE) & (outcome < CLOSED)
        self.bureau.problem[firm[found]] = world.month
        np.add.at(world.moving, firm[found], world.parameters.latent.mended)
        lucky, wait = rng.random(n), rng.integers(5, 20, n)
        for cause in ("unreachable", "not_published", "false_information"):
            share = (
                after.abnormal_unreachable if cause == "unreachable" else after.abnormal_published
            )
            rows = (outcome == OUTCOMES.index(cause)) & (lucky < share)
            self._list(world, firm[rows], (day + wait)[rows], cause)
        grave = np.isin(outcome, [OUTCOMES.index(o) for o in ("problem_pending", "obstructed")])
        rows = grave & (lucky < after.penalty)
        penalise(world, firm[rows], (day + 4 * wait)[rows])

    def _list(self, world: World, firm: Index, day: Days, cause: str) -> None:
        self.listings.abnormal(world, firm, day, np.full(len(firm), CAUSES.index(cause)))


def _numbered(prefix: str, numbers: Index) -> pa.Array:
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, digits, "-")


def _plan_names(run: Days) -> pa.Array:
    """`CC-2026-05`: the plan of a month."""
    month = run.astype("datetime64[D]").astype("datetime64[M]").astype(str)
    return pc.binary_join_element_wise("CC", pa.array(month), "-")
