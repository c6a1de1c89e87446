"""A list and a plan on which everything binds: capacity, floor, exclusions, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supervision.canonical import digest
from supervision.draws import eligible, lists, sizes
from supervision.draws.drawing import WAYS, Urn, draw
from supervision.draws.sizes import Sizes
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from tests import a_list

Flags = npt.NDArray[np.bool_]

CITIES = {"2301": 0.5, "2302": 0.32, "2303": 0.18}
CLASSES = {"A": 0.5, "B": 0.25, "C": 0.12, "D": 0.08, "": 0.05}
RATES = {"A": 0.05, "B": 0.12, "C": 0.3, "D": 0.5, "": 0.2}

PLAN = """
task: 小名单
type: undirected
batches: {batches}
bureau: city
strata: [class, city]
items:
  - {{id: address, name: {{zh: 住所, en: address}}}}
  - {{id: report, name: {{zh: 年报, en: annual report}}}}
  - {{id: food, name: {{zh: 食品, en: food}}, kind: key, field: food, ratio: 0.9}}
blind_slice: {{ratio: 0.3, basket: [address, report], recheck: {recheck}}}
ratio_by_class: {{A: 0.12, B: 0.3, C: 0.9, D: 2}}
ratio_by_grade: {{A: 0.12, B: 0.12, C: 0.3, D: 0.9, E: 2}}
overall_floor: {floor}
max_per_year_by_class: {{A: 1, B: 2, C: 2, D: null}}
no_repeat: true
exclude: [complaint]
higher_rules: [{{id: H1, rule: 法院通知, reason: sealed}}]
capacity: {{visits_per_pair: 100, by_bureau: {{2303: {room}}}}}
"""
"""What 2303 has no room for makes A and B give way; the floor is filled by a top-up elsewhere."""

CHECKED = 20
"""Draws of the urn that are made in whole too."""


@dataclass(frozen=True)
class Drawn:
    """Many draws of one batch: `ways`, shape (draws, firms), 0 or 1 + the place in WAYS."""

    marked: pd.DataFrame
    sized: Sizes
    frame: pd.DataFrame
    ways: npt.NDArray[np.int8]

    def by(self, way: str = "") -> Flags:
        """Whether each firm was drawn in a way, or in any."""
        return np.asarray(self.ways == 1 + WAYS.index(way) if way else self.ways > 0)


@dataclass(frozen=True)
class List:
    """So many firms over three cities, with a plan of so many batches a year.

    `room` is the capacity of city 2303 a month.
    """

    count: int
    batches: int
    room: int
    seed: int = 1
    floor: float = 1.0
    recheck: float = 0.2

    @cached_property
    def plan(self) -> PlanDefinition:
        return PlanDefinition.from_yaml(PLAN.format(**vars(self)))

    @cached_property
    def firms(self) -> pd.DataFrame:
        """`lists.join`, and `label`: whether a visit to the firm finds a problem."""
        rng = np.random.default_rng(self.seed)
        city = rng.choice([*CITIES], self.count, p=[*CITIES.values()])
        letters = rng.choice([*CLASSES], self.count, p=[*CLASSES.values()])
        ids = [f"F{number:04d}" for number in range(self.count)]
        told: dict[str, Any] = {"entity_id": ids, "name": ids, "address": None, "status": "live"}
        told["division"] = [f"{code}02" for code in city]
        told["fields"] = np.where(rng.random(self.count) < 0.1, "food", "")
        listed = lists.objects(pd.DataFrame(told))
        by_grade = rng.random(self.count) < 0.06
        run = pd.DataFrame({"entity_id": ids, "risk_class": np.where(by_grade, "", letters)})
        run["public_grade"] = np.where(by_grade, "C", "")
        run["scope"] = np.where(by_grade, "grade_only", "model")
        joined = lists.join(listed, lists.classes(run, listed))
        chance = np.array([RATES[letter] for letter in letters])
        return joined.assign(label=(rng.random(self.count) < chance).astype(float))

    @cached_property
    def past(self) -> pd.DataFrame:
        """Earlier visits of the year to a sixth of the firms, some of the address alone."""
        rng = np.random.default_rng(self.seed + 1)
        rows = self.count // 6
        told = pd.DataFrame({"entity_id": rng.choice(self.firms["entity_id"], rows, replace=False)})
        told["visited_on"] = "2026-02-10"
        told["items"] = np.where(rng.random(rows) < 0.3, "address", "")
        return lists.history(told, self.firms)

    @cached_property
    def aside(self) -> pd.DataFrame:
        """Complaints against some firms, and a few that a court has sealed."""
        ids = self.firms["entity_id"]
        told = pd.DataFrame({"entity_id": ids[5::13], "reason": "complaint"})
        sealed = pd.DataFrame({"entity_id": ids[9::71], "reason": "sealed"})
        return lists.exclusions(pd.concat([told, sealed]), self.firms)

    @cached_property
    def inspectors(self) -> pd.DataFrame:
        """Eight of each city."""
        return a_list.inspectors(dict.fromkeys(CITIES, 8))

    def batch(self, day: date, past: pd.DataFrame | None = None) -> tuple[pd.DataFrame, Sizes]:
        """The marks and sizes of the batch of a day."""
        period = Period.containing(day, self.plan.batches)
        before = self.past if past is None else past
        marked = eligible.mark(self.plan, self.firms, before, self.aside, period)
        return marked, sizes.sizes(self.plan, marked, period, self.inspectors)

    def drawn(self, draws: int, day: date = date(2026, 5, 1)) -> Drawn:
        """One batch drawn with many seeds; the first are held against the whole draw."""
        marked, sized = self.batch(day)
        ways, urn = np.zeros((draws, self.count), np.int8), Urn(self.plan, marked, sized)
        for number in range(draws):
            seed = seed_of(number)
            for way, _, chosen in urn.drawn(seed, urn.tickets(seed)):
                ways[number, chosen] = 1 + way
            if number < CHECKED:
                frame = draw(self.plan, marked, sized, seed)
                assert (ways[number] == codes(frame)).all()
        return Drawn(marked, sized, frame, ways)


@dataclass(frozen=True)
class Year:
    """Twelve batches, each drawn given the history that the ones before it left.

    `ways` and `chances`: by month and firm, shape (12, firms) and (3, 12, firms) (slice, plan,
    top-up); `eligible`, shape (12, firms).
    """

    ways: npt.NDArray[np.int8]
    chances: npt.NDArray[np.float64]
    eligible: npt.NDArray[np.bool_]


def year(listed: List, number: int) -> Year:
    """A year of monthly draws; nothing is known of the year before."""
    shape = (12, listed.count)
    found = Year(np.zeros(shape, np.int8), np.zeros((3, *shape)), np.zeros(shape, bool))
    past = listed.past.iloc[:0]
    basket = ";".join(listed.plan.blind_slice.basket) if listed.plan.blind_slice else ""
    for month in range(12):
        day = date(2026, month + 1, 1)
        marked, sized = listed.batch(day, past)
        frame = draw(listed.plan, marked, sized, seed_of(12 * number + month))
        found.ways[month] = codes(frame)
        found.eligible[month] = marked["eligible"]
        for at, way in enumerate(WAYS):
            found.chances[at, month] = frame[f"{way}_probability"]
        visited = frame.loc[frame["drawn"], ["entity_id", "drawn_by"]]
        blind = visited["drawn_by"] == "slice"
        made = visited[["entity_id"]].assign(
            visited_on=day.isoformat(), items=pd.Series(basket, visited.index).where(blind)
        )
        past = pd.concat([past, made], ignore_index=True)
    return found


def codes(frame: pd.DataFrame) -> npt.NDArray[np.int8]:
    """By which way each firm was drawn: 0, or 1 + its place in WAYS."""
    return (pd.Index(WAYS).get_indexer(pd.Index(frame["drawn_by"])) + 1).astype(np.int8)


def seed_of(number: int) -> str:
    """A seed like any other."""
    return digest(f"simulated {number}".encode())
