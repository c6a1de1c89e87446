"""The visits of the history: made on their day, written down, with consequences."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index
from records.province.bureau import PLAN, SLICE, TARGETED, Bureau, Visits
from records.province.clock import NO_DAY, Days
from records.province.detection import HIDDEN, TIERS, Ends, Looks, chance_found, main_result
from records.province.findings import (
    BASKET,
    CLOSED,
    FEWEST,
    MOST,
    OUTCOMES,
    UNREACHABLE,
    choose_items,
    item_results,
    item_rows,
    settled,
)
from records.province.rows import NOBODY
from records.province.staff import Staff
from records.province.streams.listings import CAUSES, Listings
from records.province.streams.penalties import Penalties
from records.province.world import World
from records.province.written import code

DRAWN_AMONG = ("undirected", "directed")  # a slice among all firms, a plan among those of a tier


class Inspectorate:
    """Inspectors by county, and the visits that wait for their month."""

    def __init__(
        self, world: World, bureau: Bureau, listings: Listings, penalties: Penalties
    ) -> None:
        self.bureau, self.listings, self.penalties = bureau, listings, penalties
        self.waiting: list[Visits] = []
        self.visits = 0
        rng = world.rng("inspectors")
        self.staff = Staff.hired(world.parameters.bureau, world.firms.county, rng)

    def month(self, world: World) -> None:
        """Make the visits whose day has come; later ones wait."""
        if not world.calendar.inspected <= world.month < world.calendar.end:
            return
        visits = Visits.joined([*self.waiting, self.bureau.choose(world)])
        due = visits.day < world.calendar.start[world.month + 1]
        self.waiting = [visits.at(~due)]
        self._conduct(world, visits.at(due))

    def _conduct(self, world: World, visits: Visits) -> None:
        rng, firm, blind = world.rng("visits"), visits.firm, visits.way == SLICE
        number = np.where(blind, len(BASKET), rng.integers(FEWEST, MOST + 1, len(firm)))
        items = choose_items(blind, number, rng)
        one, two = self.staff.pairs(world.firms.county[firm], rng)
        looks = Looks(
            method=self._methods(world, visits),
            items=number,
            strict=self.staff.strictness(one, two),
            seen=np.where(visits.way == PLAN, visits.tier, HIDDEN),
            led=visits.way == TARGETED,
        )
        chance = chance_found(world.parameters.bureau, world.probability[firm], looks)
        problem = rng.random(len(firm)) < chance
        ends = Ends(
            world.closed[firm] <= visits.day, world.struck[firm] <= visits.day, world.fate[firm]
        )
        outcome = main_result(
            world.parameters, world.excess[firm], problem, ends, world.rng("outcomes")
        )
        results = item_results(items, outcome, rng)
        self._write(world, visits, looks.method, self.staff.pair(one, two), results)
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

    def _write(
        self, world: World, visits: Visits, method: Index, pair: Index, results: Index
    ) -> None:
        numbers = self.visits + np.arange(len(visits.firm))
        self.visits += len(numbers)
        targeted = visits.way == TARGETED
        draws = np.where(targeted, NO_DAY, visits.run)
        visit, own = item_rows(
            results, visits.day,
            inspection_id=numbers,
            plan_id=np.where(targeted, NOBODY, visits.run),
            method=code("inspections", "method", *world.parameters.bureau.methods)[method],
            way=code("inspections", "way", "drawn", "targeted")[targeted.astype(np.int64)],
            drawn_by=_or_none(code("inspections", "drawn_by", "slice", "plan"), visits.way),
            draw_type=_or_none(code("inspections", "draw_type", *DRAWN_AMONG), visits.way),
            inclusion_probability=visits.chance,
            class_run_on=draws,
            inspector=pair,
        )  # fmt: skip
        firm, day = visits.firm[visit], visits.day[visit]
        known = world.late("inspections", visits.day)[visit]
        number = world.ledger.add("inspections", firm, day, known, **own)
        later, when = settled(own["result"], day, world.rng("inspections:settled"))
        own = {name: values[later] for name, values in own.items()} | {"settled_on": when[later]}
        known = np.maximum(known, world.late("inspections:settled", when))[later]
        world.ledger.add("inspections", firm[later], day[later], known, number=number[later], **own)

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
        self.penalties.decide(world, firm[rows], (day + 4 * wait)[rows])

    def _list(self, world: World, firm: Index, day: Days, cause: str) -> None:
        self.listings.abnormal(world, firm, day, np.full(len(firm), CAUSES.index(cause)))


def _or_none(words: Index, way: Index) -> Index:
    """The word of a way of drawing; none where a visit was not drawn."""
    return np.append(words, NOBODY)[way]
