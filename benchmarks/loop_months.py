"""The simulated months of a province: what each policy believed, whom it visited, what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import loop_draw, loop_oracles, loop_rates
from benchmarks.loop_choices import Visited, greedy, uniform
from benchmarks.loop_models import Floats, Learner, classes, scores
from benchmarks.loop_oracles import ORACLES
from benchmarks.loop_world import Own, World
from training.flow import Trained

Told = Callable[[int, int, str], None]

VISITS = ("day", "policy", "entity_id", "group", "drawn_by", "chance", "true", "problem")


@dataclass(frozen=True)
class Lived:
    """One province after its months.

    visits : columns `VISITS`: `group` is Xinfen's class or the public grade, `chance` that of being
        drawn in any way (null where not drawn), `true` the chance of a finding (0 where the firm
        had closed), `problem` what was found (null where it was gone, or where nobody went).
    months : `day`, how many listed firms live, their `true` rate, and that of those that are
        scored; for either model what it expected of these; `rate`, `low` and `high` of each
        estimate.
    groups : `day`, `group`, and its listed `firms`.
    drift : the month in which complaints change.
    """

    seed: int
    drift: date
    visits: pd.DataFrame
    months: pd.DataFrame
    groups: pd.DataFrame


def lived(
    folder: Path, *, enterprises: int, months: int, every: int, seed: int, told: Told
) -> Lived:
    """Simulate the months of a fresh province.

    Parameters
    ----------
    every : months from one training to the next; classes are told anew each month.
    told : called with (months done, of all, what is at work).
    """
    told(0, months, "province")
    world = World.made(folder, enterprises=enterprises, months=months, seed=seed)
    simulation = _Simulation(world)
    for done, day in enumerate(world.months):
        if done % every == 0:
            for name in simulation.learning:
                told(done, months, f"{day:%Y-%m} train {name}")
                simulation.learn(name, day)
        told(done, months, f"{day:%Y-%m} visits")
        simulation.month(day)
    told(months, months, "")
    visits, groups = (
        pd.concat(parts, ignore_index=True) for parts in (simulation.visits, simulation.groups)
    )
    return Lived(seed, world.drift, visits, pd.DataFrame(simulation.rows), groups)


class _Simulation:
    """What the policies know between months, and what has been noted of them."""

    learning = ("greedy", "xinfen")

    def __init__(self, world: World) -> None:
        self.world, self.learner = world, Learner(world.seed)
        self.own = {
            "uniform": Own.of(world, "uniform", 0, drawn=True, learns=False),
            "greedy": Own.of(world, "greedy", 1, drawn=False, learns=True),
            "xinfen": Own.of(world, "xinfen", 2, drawn=True, learns=True),
        }
        self.history = world.visited_before()
        self.visited = {
            name: Visited.of(self.history, world.months[0]) for name in ("greedy", *ORACLES)
        }
        self.run: pd.DataFrame | None = None
        self.trained: dict[str, Trained] = {}
        self.visits: list[pd.DataFrame] = []
        self.rows: list[dict[str, Any]] = []
        self.groups: list[pd.DataFrame] = []

    def learn(self, name: str, day: date) -> None:
        """Train a policy's model on what its records tell by a day."""
        self.trained[name] = self.learner.train(self.own[name].records, day)

    def month(self, day: date) -> None:
        """One month: Xinfen draws, and all visit as often as it does."""
        firms, model = self.world.firms(day), self.trained["xinfen"].classifier
        run, values = classes(self.own["xinfen"].records, model, firms, self.run)
        self.run = run
        drawn = loop_draw.drawn(firms, run, self.history, day, self.world.seed)
        firms = firms.assign(group=drawn["group"].to_numpy())
        counted = firms["group"].value_counts().sort_index().rename("firms").reset_index()
        self.groups.append(counted.assign(day=day))

        own = self._visit("xinfen", loop_draw.asked(drawn), firms, day)
        visited = own[["entity_id"]].assign(visited_on=pd.Timestamp(day))
        self.history = pd.concat([self.history, visited], ignore_index=True)
        self._visit("uniform", uniform(firms, len(own), self.world.seed, day), firms, day)
        raw, naive = self._greedy(firms, run)
        chosen = greedy(firms, raw, self.visited["greedy"], len(own), day)
        theirs = self._visit("greedy", chosen, firms, day)
        known = loop_oracles.known(firms, run, values, self.world.seed)
        for name in ORACLES:
            found = loop_oracles.visits(name, firms, drawn, known[name], self.visited[name], day)
            self._note(name, found, firms, day)
        expected = {"xinfen": run["probability"].to_numpy(np.float64), "greedy": naive}
        self.rows.append(_rates(day, firms, expected) | loop_rates.estimates(drawn, own, theirs))

    def _visit(self, name: str, plan: pd.DataFrame, firms: pd.DataFrame, day: date) -> pd.DataFrame:
        found = self.own[name].visit(plan, day)
        self._note(name, found, firms, day)
        return found

    def _note(self, name: str, found: pd.DataFrame, firms: pd.DataFrame, day: date) -> None:
        rows = found.merge(firms[["entity_id", "group", "true"]], on="entity_id", how="left")
        told = rows.assign(day=day, policy=name, true=rows["true"].fillna(0.0))
        self.visits.append(told[[*VISITS]])

    def _greedy(self, firms: pd.DataFrame, run: pd.DataFrame) -> tuple[Floats, Floats]:
        """Raw scores and uncorrected probabilities; NaN for firms that the model does not score."""
        trained, scored = self.trained["greedy"], run["scope"].eq("model").to_numpy()
        rows = firms[scored].reset_index(drop=True)
        raw, naive = np.full((2, len(firms)), np.nan)
        raw[scored] = scores(self.own["greedy"].records, trained.classifier, rows)
        naive[scored] = trained.naive.probability(raw[scored])
        return raw, naive


def _rates(day: date, firms: pd.DataFrame, expected: dict[str, Floats]) -> dict[str, Any]:
    true = firms["true"].to_numpy(np.float64)
    living = ~np.isnan(true)
    row: dict[str, Any] = {"day": day, "living": int(living.sum())}
    row["true"] = float(true[living].mean())
    for name, chance in expected.items():
        rows = living & ~np.isnan(chance)
        row["true scored"] = float(true[rows].mean())
        row[f"expected {name}"] = float(chance[rows].mean())
    return row
