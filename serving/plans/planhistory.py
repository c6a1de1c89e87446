"""Visits of plans drawn before, beside the one to be committed: they join its history."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound
from serving.plans.register import Register
from supervision.canonical import digest
from supervision.draws.lists import HISTORY
from supervision.draws.visiting import RECHECK
from supervision.proofs import proof

NOT_MADE = ("not_visited", "swapped")
TARGETED = "targeted"
"""How results call a visit that was made in place of a drawn one."""


def visits(folder: Path, register: Register) -> pd.DataFrame:
    """A row a visit of each plan of a folder that is drawn and not aborted, columns `HISTORY`.

    A visit is dated by the first day of its plan's period, and has its plan's items. One that the
    results of the plan say was not made is left out, and one made in its place stands instead.

    Raises
    ------
    NotFound : a drawn plan is gone; who takes one away would make its firms due again.
    BadInput : what was drawn is not what the plan's proof says.
    """
    found = [_visits(folder / entry["plan"], entry["commitment"]) for entry in register.drawn()]
    frames = [frame for frame in found if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(HISTORY))


def _visits(plan: Path, commitment: str) -> pd.DataFrame:
    try:
        drawn = (plan / proof.DRAWN).read_bytes()
        start = json.loads((plan / "plan.json").read_bytes())["period"]["start"]
        result = json.loads((plan / proof.PROOF).read_bytes())
    except FileNotFoundError as missing:
        raise NotFound(
            f"{missing.filename}: the register says that this plan was drawn",
            hint=f"put the folder back, or finish the draw; `xinfen abort {plan}` if it is void",
        ) from None
    stated = (result["commitment"], result["drawn_hash"])
    if stated != (commitment, digest(drawn)):
        raise BadInput(f"{plan}/{proof.DRAWN} is not what was drawn", hint=f"xinfen verify {plan}")
    rows = [json.loads(line) for line in drawn.splitlines()]
    left_out, instead = _came_back(plan)
    kept = [r for r in rows if r["drawn_by"] != RECHECK and r["visit"] not in left_out]
    told = [(row["entity_id"], start, row["items"] or None) for row in [*kept, *instead]]
    return pd.DataFrame(told, columns=list(HISTORY), dtype="str")


def _came_back(plan: Path) -> tuple[set[str], list[dict[str, str]]]:
    """The drawn visits that were not made, and those made in their place."""
    path = plan / "results" / "visits.parquet"
    if not path.is_file():
        return set(), []
    columns = ["visit", "entity_id", "way", "state", "items"]
    rows = pq.read_table(path, columns=columns).to_pylist()
    not_made = {row["visit"] for row in rows if row["state"] in NOT_MADE}
    return not_made, [row for row in rows if row["way"] == TARGETED]
