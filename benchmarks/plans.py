"""Commit, draw and verify a plan over a whole province: seconds and memory of fresh processes.

The lists and the run are synthetic and in no order; they are made before, which is not measured.
The peer is the same machine's plain way of one part: tickets by `hashlib`, one call a firm.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import plans_lists
from benchmarks.chicago_report import Row, at_most, row
from benchmarks.measured import Facts, Measured, fresh
from records.console import Stage, stages
from records.places import home
from serving.plans import plans
from supervision.draws.tickets import Tickets

FIRMS = {"small": 100_000, "full": 3_000_000}
SECONDS, GIGABYTES = 10, 4
"""Goals at full size, for each of the three."""

PUBLIC = "体彩排列五 26078 期 31415"


def run(size: str, seed: int) -> list[Row]:
    """Commit, draw and verify; then tickets beside hashlib."""
    (home() / "bench").mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=home() / "bench", prefix="plans-") as name,
        stages("plans", 5) as stage,
    ):
        bench = Bench(Path(name), size == "full", stage)
        bench.ask(plans_lists.make, folder=name, firms=FIRMS[size], seed=seed)
        bench.ask(warm)
        told = {
            function.__name__: bench.ask(function, folder=name)
            for function in (commit, draw, verify)
        }
        rows = [line for what, found in told.items() for line in bench.held(what, found)]
        return [*rows, tickets(FIRMS[size], bench.ask)]


@dataclass(frozen=True)
class Bench:
    """Measurements in a folder; `judged` says whether the goals apply."""

    folder: Path
    judged: bool
    stage: Stage

    def ask(self, function: Callable[..., Facts], **arguments: Any) -> Measured:
        """A function in a fresh process."""
        self.stage(function.__name__)
        return fresh(function, self.folder, **arguments)

    def held(self, what: str, told: Measured) -> list[Row]:
        """Seconds and memory beside their goals."""
        name = f"{what}, {told.facts['firms']:,} firms, {told.facts['size']:,} visits"
        figures = ((name, told.seconds, "s", SECONDS), ("… memory", told.peak, "GB", GIGABYTES))
        more = {"cpu": told.cpu, "load": told.load}
        return [at_most(*figure, judged=self.judged) | more for figure in figures]


def warm() -> Facts:
    """Have the loops compiled and kept, as they are after a first plan."""
    from supervision import canonical
    from supervision.draws import ids

    names = pd.Series([f"{number:0{canonical.LINE}}" for number in range(canonical.LONG)])
    canonical.untable(canonical.table(pd.DataFrame({"a": names}), ("a",)), ("a",))
    ids.places(names[:3], names)
    Tickets("seed", "task", names).smallest("slice", np.arange(len(names)), 3)
    return {}


def commit(folder: str) -> Facts:
    """Commit the shipped plan."""
    at = Path(folder)
    out = at / "plans" / "one"
    told = plans.commit(at / "run", plans.SHIPPED, at / "lists", at / "seed", out)
    visits = told["slice"] + told["recheck"] + told["planned"] + told["top_up"]
    return {"firms": told["firms"], "size": visits}


def draw(folder: str) -> Facts:
    """Draw it."""
    told = plans.draw(Path(folder) / "plans" / "one", PUBLIC)
    return {"firms": told["firms"], "size": told["size"]}


def verify(folder: str) -> Facts:
    """Recompute it."""
    told = plans.verify(Path(folder) / "plans" / "one")
    if told["verdict"] != "provably random":
        raise RuntimeError(str(told["difference"]))
    return {"firms": told["firms"], "size": told["size"]}


def tickets(firms: int, ask: Callable[..., Measured]) -> Row:
    """All tickets of a stratum by us and, one call a firm, by hashlib."""
    ours, theirs = (ask(function, firms=firms) for function in (smallest, by_hashlib))
    if ours.facts["first"] != theirs.facts["first"]:
        raise RuntimeError("the tickets differ")
    return row(
        f"tickets of {firms:,} firms and the smallest of them",
        firms / ours.facts["seconds"],
        "firms/s",
        peer="hashlib",
        peer_figure=firms / theirs.facts["seconds"],
    )


def _names(firms: int) -> list[str]:
    return [f"91{230100 + number % 130}{number:010d}" for number in range(firms)]


def smallest(firms: int) -> Facts:
    """The smallest ticket by the compiled loops, and the seconds it took."""
    import time

    names = pd.Series(_names(firms), dtype="str")
    Tickets("seed", "task", names).smallest("warm", np.arange(1), 1)
    begun = time.perf_counter()
    drawn = Tickets("seed", "task", names)
    first = int(drawn.smallest("slice", np.arange(firms), 1)[0])
    return {"seconds": time.perf_counter() - begun, "first": first}


def by_hashlib(firms: int) -> Facts:
    """The same by hashlib."""
    import time

    names = _names(firms)
    begun = time.perf_counter()
    start = hashlib.sha256(b'["seed","task","slice",')
    found = []
    for name in names:
        ticket = start.copy()
        ticket.update(b'"' + name.encode() + b'"]')
        found.append(ticket.digest())
    first = found.index(min(found))
    return {"seconds": time.perf_counter() - begun, "first": first}
