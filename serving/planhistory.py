"""Visits of plans drawn before, beside the one to be committed: they join its history."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound
from serving.register import Register
from supervision.canonical import digest
from supervision.draws.lists import HISTORY
from supervision.draws.visiting import RECHECK
from supervision.proofs import proof

NOT_VISITED = "not_visited"


def visits(folder: Path, register: Register) -> pd.DataFrame:
    """A row a visit of each plan of a folder that is drawn and not aborted, columns `HISTORY`.

    A visit is dated by the first day of its plan's period, and has its plan's items. One that the
    results of the plan say was not made is left out.

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
    left_out = _not_made(plan)
    kept = [r for r in rows if r["drawn_by"] != RECHECK and r["visit"] not in left_out]
    told = [(row["entity_id"], start, row["items"] or None) for row in kept]
    return pd.DataFrame(told, columns=list(HISTORY), dtype="str")


def _not_made(plan: Path) -> set[str]:
    path = plan / "results" / "visits.parquet"
    if not path.is_file():
        return set()
    made = pq.read_table(path, columns=["visit", "state"]).to_pandas()
    return set(made.loc[made["state"] == NOT_VISITED, "visit"])
