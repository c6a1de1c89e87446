"""Results of a plan as `inspections` records, from which the next training learns.

Each drawn visit carries the chance of the draw that chose it, as frame.parquet says: of the slice,
`slice_probability`; of the plan and the top-up, which is written as plan, `plan_probability` +
`top_up_probability`; of a re-check, the slice's times the share of slice visits repeated. A visit
swapped in was drawn by nobody: it is `targeted` and has no chance.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import people
from records.errors import NotPossible
from records.schema import TABLES
from serving.returns.planned import Planned
from supervision.proofs import proof

TABLE = TABLES["inspections"]
WRITTEN = {"slice": "slice", "plan": "plan", "top_up": "plan", "recheck": "recheck"}
"""How a record says which draw chose a visit."""


def records(plan: Planned, items: pd.DataFrame, visits: pd.DataFrame) -> pa.Table:
    """The records of all results taken in, by visit and item: the columns of `inspections`.

    An item with several results has a row each, the gravest first; one that had more before says of
    those that fell away that their influence ended.

    Parameters
    ----------
    items : `supervision.returns.visits.results`, with `most`, how many results the item ever had.
    visits : `supervision.returns.visits.fold`.
    """
    rows = items.merge(visits, on="visit", suffixes=("", "_of_visit"), how="left")
    rows = _exploded(rows).merge(_chances(plan), on="visit", how="left")
    drawn = rows["way"].eq("drawn").to_numpy(bool)
    number = rows["place"].astype("str")
    first = rows["place"].eq(1).to_numpy(bool)
    run = pd.Series([plan.class_run_on] * len(rows), index=rows.index, dtype=object)
    early = pd.to_datetime(run) > pd.to_datetime(rows["inspected_on"])
    told: dict[str, Any] = {
        "source": rows["bureau"].fillna("plan").astype("str") + "/" + plan.id,
        "source_id": rows["visit"] + "/" + rows["item"] + np.where(first, "", "#" + number),
        "entity_id": rows["entity_id"],
        "event_time": rows["inspected_on"],
        "known_time": np.maximum(rows["known_on"], rows["inspected_on"]) if len(rows) else [],
        "valid_to": rows["inspected_on"].where(rows["ended"], None),
        "inspection_id": plan.id + "/" + rows["visit"],
        "plan_id": plan.id,
        "item": rows["item_name"],
        "result": rows["code"],
        "method": rows["method"],
        "way": rows["way"],
        "drawn_by": rows["drawn_by"].map(WRITTEN).where(drawn, None),
        "inclusion_probability": rows["chance"].where(drawn, None),
        "class_run_on": run.where(~early.to_numpy(bool), None),
        "office": rows["office"].where(rows["office"].notna(), rows["bureau"]),
        "inspector": _pairs(rows),
        "plan_name": plan.name,
        "task_name": rows["task_name"].where(rows["task_name"].notna(), plan.name),
        "draw_type": plan.draw_type,
        "finding": rows["finding"],
        "follow_up": rows["follow_up"],
        "settled_on": rows["settled_on"],
    }
    frame = pd.DataFrame(told, index=rows.index).reindex(columns=list(TABLE.by_name))
    frame = frame.astype(object).where(frame.notna(), None)
    return pa.Table.from_pandas(frame, schema=TABLE.arrow, preserve_index=False)


def keyed() -> bool:
    """Whether inspectors can be told apart in records: only by keyed hashes, so with a key."""
    try:
        people.key()
    except NotPossible:
        return False
    return True


def _exploded(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a result code with its `place`, and a row for each that fell away (`ended`)."""
    codes = rows["result"].str.split(";")
    more = [max(0, most - len(now)) for most, now in zip(rows["most"], codes, strict=True)]
    filled = [now + [now[0]] * extra for now, extra in zip(codes, more, strict=True)]
    places = [list(range(1, len(all_) + 1)) for all_ in filled]
    told = {"code": filled, "place": places}
    rows = rows.assign(**{name: pd.Series(lists, index=rows.index) for name, lists in told.items()})
    rows = rows.assign(held=codes.map(len))
    rows = rows.explode(["code", "place"], ignore_index=True)
    return rows.assign(ended=(rows["place"] > rows["held"]).astype(bool))


def _chances(plan: Planned) -> pd.DataFrame:
    """The chance of the draw that chose each visit: `visit`, `chance`."""
    visits = plan.drawn.visits[["visit", "entity_id", "drawn_by"]]
    if plan.drawn.elsewhere:
        return pd.DataFrame({"visit": pd.Series(dtype=object), "chance": pd.Series(dtype=float)})
    names = ["entity_id", "slice_probability", "plan_probability", "top_up_probability"]
    path: Path = plan.folder / proof.FRAME
    wanted = pa.array(visits["entity_id"].unique())
    frame = pq.read_table(path, columns=names, filters=[("entity_id", "in", wanted.to_pylist())])
    told = visits.merge(frame.to_pandas(), on="entity_id", how="left")
    by = told["drawn_by"]
    repeated = (by == "recheck").sum() / max(1, (by == "slice").sum())
    planned = told["plan_probability"].fillna(0) + told["top_up_probability"].fillna(0)
    sliced = told["slice_probability"]
    chance = np.select(
        [by == "slice", by == "recheck"], [sliced, sliced * min(1.0, repeated)], planned
    )
    return pd.DataFrame({"visit": told["visit"], "chance": np.clip(chance, 0, 1)})


def _pairs(rows: pd.DataFrame) -> list[str | None]:
    """Each pair as one keyed hash, whoever is named first; null without a key."""
    if not keyed():
        return [None] * len(rows)
    secret = people.key()
    told = []
    for one, two in zip(rows["inspector_1"], rows["inspector_2"], strict=True):
        names = "+".join(sorted(str(name) for name in (one, two) if pd.notna(name)))
        hashed = hmac.new(secret, names.encode(), hashlib.sha256).hexdigest()
        told.append(hashed[: people.HEX] if names else None)
    return told
