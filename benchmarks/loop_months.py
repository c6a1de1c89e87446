"""The simulated months of one province: what each policy believed, whom it visited, what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import loop_draw, loop_oracles, loop_rates
from benchmarks.loop_choices import Visited, greedy, oracle, uniform
from benchmarks.loop_models import Learner, classes, indicators
from benchmarks.loop_world import Own, World
from training.evaluate import calibration_error
from training.flow import Trained

Floats = npt.NDArray[np.float64]
Told = Callable[[int, int, str], None]

POLICIES = ("uniform", "greedy", "xinfen")
ORACLES = ("oracle", "within ratios", "best ratios", "from records", "best records")


@dataclass(frozen=True)
class Lived:
    """One province after its months.

    `visits`: `day`, `policy`, `entity_id`, `group`, `drawn_by`, `chance` (inclusion; null where
    not drawn), `true` (0 where the firm had closed) and `problem` (null where it was gone or
    nobody went). `months`: `day`, the true rate of all listed and living firms, and for each
    model its expected rate and calibration error on the firms it scores, beside their true rate;
    `rate`, `low` and `high` of each estimate. `groups`: `day`, `group` and its live `firms`.
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
    simulation = _Simulation(world, every)
    for done, day in enumerate(world.months):
        simulation.month(
            day, lambda what, done=done, day=day: told(done, months, f"{day:%Y-%m} {what}")
        )  # type: ignore[misc]
    told(months, months, "")
    visits = pd.concat(simulation.visits, ignore_index=True)
    groups = pd.concat(simulation.groups, ignore_index=True)
    return Lived(seed, world.drift, visits, pd.DataFrame(simulation.rows), groups)


class _Simulation:
    def __init__(self, world: World, every: int) -> None:
        self.world, self.every = world, every
        self.learner = Learner(world.seed)
        self.own = {
            "uniform": Own.of(world, "uniform", 0, drawn=True, learns=False),
            "greedy": Own.of(world, "greedy", 1, drawn=False, learns=True),
            "xinfen": Own.of(world, "xinfen", 2, drawn=True, learns=True),
        }
        first, before = world.months[0], world.visited_before()
        self.visited = {name: Visited.of(before, first) for name in ("greedy", *ORACLES)}
        self.history = before
        self.run: pd.DataFrame | None = None
        self.trained: dict[str, Trained] = {}
        self.visits: list[pd.DataFrame] = []
        self.rows: list[dict[str, Any]] = []
        self.groups: list[pd.DataFrame] = []

    def month(self, day: date, told: Callable[[str], None]) -> None:
        """One month: all learn, Xinfen draws, all visit as often as it does."""
        firms = self.world.firms(day)
        if (len(self.rows)) % self.every == 0:
            for name in ("greedy", "xinfen"):
                told(f"train {name}")
                self.trained[name] = self.learner.train(self.own[name].records, day)
        told("visits")
        records = self.own["xinfen"].records
        model = self.trained["xinfen"].classifier
        self.run = classes(records, model, firms, self.run)
        drawn = loop_draw.drawn(firms, self.run, self.history, day, self.world.seed)
        firms = firms.assign(group=drawn["group"].to_numpy())
        plan = self._steered(drawn)
        own = self._visit("xinfen", plan, firms, day)
        size = len(plan)
        self._visit("uniform", uniform(firms, size, self.world.seed, day), firms, day)
        score, naive = self._greedy_scores(firms)
        chosen = greedy(firms, score, self.visited["greedy"], size, day)
        theirs = self._visit("greedy", chosen, firms, day)
        self._oracles(firms, drawn, day)
        counted = firms["group"].value_counts().sort_index().rename("firms").reset_index()
        self.groups.append(counted.assign(day=day))
        expected = {"xinfen": self.run["probability"].to_numpy(np.float64), "greedy": naive}
        self.rows.append(_rates(day, firms, expected) | loop_rates.estimates(drawn, own, theirs))

    def _steered(self, drawn: pd.DataFrame) -> pd.DataFrame:
        """The visits of the plan; a pair sees the class unless the visit is of the slice."""
        rows = drawn[drawn["drawn_by"].notna()]
        blind = rows["drawn_by"] == "slice"
        planned = rows["plan_probability"] + rows["top_up_probability"]
        return pd.DataFrame(
            {
                "entity_id": rows["entity_id"],
                "drawn_by": rows["drawn_by"],
                "class_seen": rows["risk_class"].where(~blind, None),
                "inclusion_probability": rows["slice_probability"].where(blind, planned),
                "chance": rows["inclusion_probability"],
            }
        ).reset_index(drop=True)

    def _visit(self, name: str, plan: pd.DataFrame, firms: pd.DataFrame, day: date) -> pd.DataFrame:
        found = self.own[name].visit(plan, day)
        if name == "xinfen":
            mine = found[["entity_id"]].assign(visited_on=pd.Timestamp(day))
            self.history = pd.concat([self.history, mine], ignore_index=True)
        self._note(name, found, firms, day)
        return found

    def _note(self, name: str, found: pd.DataFrame, firms: pd.DataFrame, day: date) -> None:
        rows = found.merge(firms[["entity_id", "group", "true"]], on="entity_id", how="left")
        chance = rows["chance"] if "chance" in rows else rows["inclusion_probability"]
        told = rows.assign(day=day, policy=name, chance=chance, true=rows["true"].fillna(0.0))
        columns = ["day", "policy", "entity_id", "group", "drawn_by", "chance", "true", "problem"]
        self.visits.append(told[columns])

    def _greedy_scores(self, firms: pd.DataFrame) -> tuple[Floats, Floats]:
        """Raw scores and uncorrected probabilities; NaN for firms that the model does not score."""
        trained = self.trained["greedy"]
        scored = self.run["scope"].eq("model").to_numpy() if self.run is not None else None
        rows = firms[scored].reset_index(drop=True)
        values = indicators(self.own["greedy"].records, rows, self.learner.definition)
        raw = np.full(len(firms), np.nan)
        raw[scored] = trained.classifier.raw(trained.classifier.matrix(values))
        naive = np.full(len(firms), np.nan)
        naive[scored] = trained.naive.probability(raw[scored])
        return raw, naive

    def _oracles(self, firms: pd.DataFrame, drawn: pd.DataFrame, day: date) -> None:
        """The visits of everybody who knows more than a plan can, beside the same slice."""
        sliced = drawn["drawn_by"].eq("slice").to_numpy()
        listed = firms.assign(sliced=sliced)
        plan = drawn[drawn["drawn_by"].notna() & ~sliced]
        counts = {
            str(name): int(n) for name, n in plan["group"].value_counts().sort_index().items()
        }
        scores = self._scores(firms, day)
        for name, visited in self.visited.items():
            if name == "greedy":
                continue
            floors = counts if name == "within ratios" else {"class A": counts.get("class A", 0)}
            more = len(plan) - sum(floors.values())
            entity = oracle(listed, scores[name], visited, floors, more, day)
            both = pd.concat([listed.loc[sliced, "entity_id"], entity], ignore_index=True)
            by = ["slice"] * int(sliced.sum()) + ["plan"] * len(entity)
            frame = pd.DataFrame({"entity_id": both, "drawn_by": by})
            self._note(name, frame.assign(chance=np.nan, problem=np.nan), firms, day)

    def _scores(self, firms: pd.DataFrame, day: date) -> dict[str, Floats]:
        assert self.run is not None
        truth = firms["true"].to_numpy(np.float64)
        told = self.run["probability"].to_numpy(np.float64)
        scored = firms[~np.isnan(told)].reset_index(drop=True)
        values = indicators(self.own["xinfen"].records, scored, self.learner.definition)
        fitted = values[self.learner.definition.fitted].to_numpy(np.float64)
        learned = np.full(len(firms), np.nan)
        learned[~np.isnan(told)] = loop_oracles.learned(fitted, truth[~np.isnan(told)])
        by_group = firms.groupby("group")["true"].transform("mean").to_numpy(np.float64)
        grade = self.run["public_grade"]
        return {
            "oracle": truth,
            "within ratios": truth,
            "best ratios": loop_oracles.shuffled(by_group, self.world.seed, day),
            "from records": loop_oracles.by_grade(told, grade),
            "best records": loop_oracles.by_grade(learned, grade),
        }


def _rates(day: date, firms: pd.DataFrame, expected: dict[str, Floats]) -> dict[str, Any]:
    true = firms["true"].to_numpy(np.float64)
    living = ~np.isnan(true)
    row: dict[str, Any] = {"day": day, "listed": len(firms), "living": int(living.sum())}
    row["true"] = float(true[living].mean())
    for name, chance in expected.items():
        rows = living & ~np.isnan(chance)
        row["true scored"] = float(true[rows].mean())
        row[f"expected {name}"] = float(chance[rows].mean())
        row[f"error {name}"] = float(calibration_error(chance[rows], true[rows]))
    return row
