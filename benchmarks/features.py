"""Indicators of a whole province: seconds, memory, growth with size; beside pandas and Feast.

Every figure is of a fresh process that ends with its table on disk. Provinces are synthetic;
they are made once, which is not measured (`benchmarks.features_records`). What is asked of the
peers, and what favours whom: docs/features.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import features_feast, features_own, features_pandas
from benchmarks.chicago_report import Row, at_most, row
from benchmarks.features_own import OF_MANY, OWN, WRITING
from benchmarks.features_records import province
from benchmarks.measured import Facts, Measured, fresh
from records.console import Stage, stages
from records.places import home

FIRMS = {"small": (20_000, 60_000), "full": (100_000, 300_000, 1_000_000, 3_000_000)}
"""Enterprises of the provinces; everything but growth is measured on the largest."""

INSPECTIONS = {"small": 6_000, "full": 300_000}

WORKED = "seconds of the processors"
"""What others' work on the machine changes least."""

STEPS = 6
"""What is measured besides growth: the inspections drawn, built, by Feast; and pandas, twice."""

SECONDS, GIGABYTES, OWN_SECONDS, TIMES = 60, 8, 30, 10
"""Goals at full size: of a province and of the inspections, and times as fast as pandas."""


def run(size: str, seed: int) -> list[Row]:
    """The province, the inspections, the two peers, and growth."""
    stores = {firms: province(firms, seed) for firms in FIRMS[size]}
    with (
        tempfile.TemporaryDirectory(dir=home() / "bench", prefix="features-") as name,
        stages("features", 2 * len(stores) + STEPS) as stage,
    ):
        bench = Bench(Path(name), size == "full", stage)
        growth = {firms: bench.everyone(store) for firms, store in stores.items()}
        largest = stores[max(stores)]
        return [
            *bench.whole(growth[max(stores)]),
            *bench.inspections(largest, INSPECTIONS[size]),
            *bench.pandas(largest),
            *bench.growing(growth),
        ]


@dataclass(frozen=True)
class Bench:
    """Measurements that leave their files in a folder.

    Parameters
    ----------
    judged : whether the goals apply.
    stage : told what is measured next.
    """

    folder: Path
    judged: bool
    stage: Stage = lambda _: None

    def everyone(self, store: Path) -> Measured:
        """The general catalogue for every registered firm on one date."""
        self._ask(features_own.everyone, store=store, out=self._spine(store))
        return self._ask(features_own.build, store=store, spine=self._spine(store))

    def whole(self, told: Measured) -> list[Row]:
        parts = told.facts["seconds"]
        what = "{rows:,} firms, {records:,} records, {indicators} indicators, one date"
        rest = told.seconds - sum(parts.values())
        return [
            self._held(what.format(**told.facts), told.seconds, "s", SECONDS, told),
            row(f"… {WORKED}", told.cpu, "s"),
            self._held("… memory", told.peak, "GB", GIGABYTES, told),
            self._held(f"… of which {OWN}", parts[OWN], "s", OWN_SECONDS, told),
            row(f"… of which {OF_MANY}", parts[OF_MANY], "s"),
            row(f"… of which {WRITING}", parts[WRITING], "s"),
            row("… of which the plan and the rest", rest, "s"),
        ]

    def inspections(self, store: Path, count: int) -> list[Row]:
        """Firms each as of the day of a visit; and Feast, asked for the same table again."""
        spine, table = self.folder / "inspections.parquet", self.folder / "table.parquet"
        self._ask(features_own.inspected, store=store, count=count, out=spine)
        told = self._ask(features_own.build, store=store, spine=spine, out=table)
        what = f"{told.facts['rows']:,} inspections, each as of its own date"
        return [
            self._held(what, told.seconds, "s", SECONDS, told),
            row(f"… {WORKED}", told.cpu, "s"),
            self._held("… memory", told.peak, "GB", GIGABYTES, told),
            self._feast(told, table),
        ]

    def _feast(self, ours: Measured, table: Path) -> Row:
        why = features_feast.lacking()
        if why:
            return row(f"the same, beside Feast: {why}", None, "values/s", peer="Feast")
        self.stage("Feast")
        theirs = features_feast.asked_again(table, self.folder)
        values = ours.facts["rows"] * ours.facts["indicators"]
        told = row(
            f"{values:,} values; Feast only joins what we computed",
            values / ours.seconds,
            "values/s",
            peer=f"Feast {theirs.facts['version']}",
            peer_figure=values / theirs.seconds,
        )
        return told | {"peer_seconds": theirs.seconds, "peer_memory": theirs.peak}

    def pandas(self, store: Path) -> list[Row]:
        """The same forty indicators of everyone by us and in pandas, written in two ways."""
        spine, ids = self._spine(store), list(features_pandas.IDS)
        ours = self._ask(features_own.build, store=store, spine=spine, only=ids)
        rows = []
        for way, numbered in {"groupby": False, "NumPy counts": True}.items():
            out = self.folder / "pandas.parquet"
            theirs = self._ask(
                features_pandas.one_date, store=store, spine=spine, out=out, numbered=numbered
            )
            told = row(
                f"{len(ids)} indicators of {ours.facts['rows']:,} firms, one date",
                ours.facts["rows"] / ours.seconds,
                "firms/s",
                peer=f"pandas, {way}",
                peer_figure=theirs.facts["rows"] / theirs.seconds,
                goal=TIMES,
            )
            told["ok"] = told["ratio"] >= TIMES if self.judged else None
            more = {"memory": ours.peak, "peer_memory": theirs.peak, "cpu": ours.cpu,
                    "peer_cpu": theirs.cpu}  # fmt: skip
            rows.append(told | more)
        return rows

    def growing(self, growth: dict[int, Measured]) -> list[Row]:
        """Each size's seconds, and its seconds for a million firms."""
        rows = []
        for firms, told in growth.items():
            what = f"growth: {firms:,} firms in {told.seconds:.1f} s"
            figure = told.seconds / firms * 1_000_000
            rows.append(row(what, figure, "s/million") | {"seconds": told.seconds, "cpu": told.cpu})
        return rows

    def _spine(self, store: Path) -> Path:
        return self.folder / f"{store.name}.parquet"

    def _held(self, what: str, figure: float, unit: str, goal: float, told: Measured) -> Row:
        """A row of a figure that must not be above its goal."""
        own = at_most(what, figure, unit, goal, self.judged)
        return own | {"cpu": told.cpu, "load": told.load}

    def _ask(self, function: Callable[..., Facts], **arguments: Any) -> Measured:
        self.stage(f"{function.__module__.removeprefix('benchmarks.')}.{function.__name__}")
        with _home(self.folder) as place:
            return fresh(function, place, **arguments)


@contextmanager
def _home(folder: Path) -> Iterator[Path]:
    """An empty home for one measurement, so that nothing is found that was made before."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="home-") as name:
        yield Path(name)
