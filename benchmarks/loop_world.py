"""A province that policies inspect side by side for two years, each with records of its own.

The province has lived its whole life already: `inspect` says what visits would have found, and
nothing found mends a problem. All policies start from the same records. The province's own
inspections after the start are left out of them, so that nobody learns from visits that were not
his; its other records stay, with what followed from those visits (listings, penalties), alike for
all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import features
from features.firms import table_on
from records import intake
from records.errors import NotPossible
from records.province import generate, inspect, record_files
from records.province.findings import BASKET
from records.province.truth import read_chances
from records.store import Snapshot, Store

END = pd.Timestamp("2026-07-01")
"""The first day after the province's last."""

BEFORE = 24
"""Months of the province's own inspections that everybody starts from."""

ITEMS = tuple(BASKET)
"""What every visit inspects: the fixed basket, on site, as the truth is told."""

PROBLEMS = ("not_published", "false_information", "unreachable", "problem_corrected",
            "obstructed", "problem_pending")  # fmt: skip
GONE = ("closed", "deregistered", "revoked", "cancelled", "moved_out")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """A generated province in a folder, and the months that are simulated on it."""

    folder: Path
    seed: int
    months: tuple[date, ...]

    @classmethod
    def made(cls, folder: Path, *, enterprises: int, months: int, seed: int) -> World:
        """Generate a province and take in what everybody starts from.

        Parameters
        ----------
        enterprises : firms ever registered; about nine in ten live at the end.
        months : how many are simulated, up to the province's last.
        """
        days = pd.date_range(end=END, periods=months + 1, freq="MS")[:-1]
        world = cls(folder, seed, tuple(day.date() for day in days))
        generate(
            world.province,
            enterprises=enterprises,
            months=BEFORE + months,
            seed=seed,
            truth_months=months,
        )
        store = Store.create(folder / "bare")
        for file in record_files(world.province):
            if file.stem != "inspections":
                intake.ingest(store, file.stem, file)
        return world

    @property
    def province(self) -> Path:
        return self.folder / "province"

    @cached_property
    def drift(self) -> date:
        """The month in which complaining becomes a click."""
        about = json.loads((self.province / "province.json").read_text("utf-8"))
        back = int(about["parameters"]["drift"]["months_before_end"])
        return (END - pd.DateOffset(months=back)).date()

    @cached_property
    def start(self) -> Snapshot:
        """The records that everybody starts from."""
        return self.store("start", drawn=True).snapshot()

    def store(self, name: str, *, drawn: bool) -> Store:
        """A store of its own with the records of the start; `drawn` as in `Own`."""
        shutil.copytree(self.folder / "bare", self.folder / name)
        store = Store.open(self.folder / name)
        rows = pq.ParquetFile(self.province / "records" / "inspections.parquet").read()
        early = pc.less(rows["event_time"], pa.scalar(self.months[0], pa.date32()))
        path = self.folder / f"{name}-start.parquet"
        pq.write_table(rows.filter(early) if drawn else _targeted(rows.filter(early)), path)
        intake.ingest(store, "inspections", path)
        return store

    def firms(self, day: date) -> pd.DataFrame:
        """The firms that are known and live on a day, as the register tells them.

        Returns
        -------
        the columns of `features.population`, and `true`, the probability that a visit of that
        month finds a problem; null where the firm has closed and the register does not know it.
        """
        known = features.population(self.start, day)
        live = known[known["status"] == "live"].reset_index(drop=True)
        truth = read_chances(self.province, day).to_pandas().set_index("entity_id")
        return live.assign(true=live["entity_id"].map(truth["true_probability"]))

    def visited_before(self) -> pd.DataFrame:
        """Visits of the calendar year before the start: `entity_id`, `visited_on`."""
        first = self.months[0]
        known = table_on(self.start, "inspections", first)
        days = pd.to_datetime(known["event_time"])
        year = (days >= pd.Timestamp(first.year, 1, 1)) & (days < pd.Timestamp(first))
        told = known[year].assign(visited_on=days[year])[["entity_id", "visited_on"]]
        return told.drop_duplicates().sort_values(["entity_id", "visited_on"], ignore_index=True)


@dataclass(frozen=True)
class Own:
    """A policy's own records: those of the start, and what its visits found.

    `drawn` says whether it draws, and knows the chance of each visit; to one that does not, every
    visit is one that was made, those of the start too. `number` sets its inspections apart.
    """

    world: World
    store: Store | None
    name: str
    number: int
    drawn: bool

    @classmethod
    def of(cls, world: World, name: str, number: int, *, drawn: bool, learns: bool) -> Own:
        store = world.store(name, drawn=drawn) if learns else None
        return cls(world, store, name, number, drawn)

    @property
    def records(self) -> Snapshot:
        if self.store is None:
            raise NotPossible(f"{self.name} keeps no records")
        return self.store.snapshot()

    def visit(self, plan: pd.DataFrame, day: date) -> pd.DataFrame:
        """Make visits in a month, take in what they found, and tell the plan of it.

        Parameters
        ----------
        plan : `entity_id`, `drawn_by`, `class_seen` and `inclusion_probability`, a row a visit.

        Returns
        -------
        `plan` with `problem`: whether any item showed one; null where the firm was gone.
        """
        asked = plan.assign(
            method="on_site",
            items=len(ITEMS),
            item_names=";".join(ITEMS),
            plan_id=f"{self.name}-{day:%Y-%m}",
            class_run_on=str(day),
        )
        rows = inspect(self.world.province, asked, day, seed=10 * self.world.seed + self.number)
        results = rows.select(["entity_id", "result"]).to_pandas()
        found = results.groupby("entity_id")["result"].agg(_problem)
        if self.store is not None:
            path = self.world.folder / f"{self.name}-{day:%Y-%m}.parquet"
            pq.write_table(rows if self.drawn else _targeted(rows), path)
            intake.ingest(self.store, "inspections", path)
        return plan.assign(problem=plan["entity_id"].map(found).astype("float"))


def _problem(results: pd.Series[str]) -> float | None:
    if results.isin(GONE).any():
        return None
    return float(results.isin(PROBLEMS).any())


def _targeted(rows: pa.Table) -> pa.Table:
    """The same rows as of visits that nobody drew."""
    none = {"drawn_by": None, "inclusion_probability": None, "class_run_on": None}
    changed: dict[str, str | None] = {"way": "targeted", **none}
    for name, value in changed.items():
        at = rows.schema.get_field_index(name)
        field = rows.schema.field(at)
        rows = rows.set_column(at, field, pa.array([value] * len(rows), field.type))
    return rows
