"""A small drawn plan folder with results, made by the room's own draw; outcomes are known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serving.plans.plans import SHIPPED
from supervision import canonical
from supervision.draws import drawing, lists, visiting
from supervision.plans.plan import PlanDefinition
from tests import a_list, a_plan_folder

FIRMS = 3000
RATES = {"A": 0.05, "B": 0.15, "C": 0.3, "D": 0.5}
COUNTIES = ("230102", "230103", "230202", "231102")
ITEM = "licence"
"""The item on which a problem shows, of the shipped basket."""


def plan(**changed: Any) -> PlanDefinition:
    """The shipped plan, drawn once a year at higher ratios, so that few firms give many visits."""
    shipped = PlanDefinition.from_yaml(SHIPPED.read_text("utf-8"))
    ratios = {"A": "0.05", "B": "0.1", "C": "0.3", "D": "0.6"}
    slice_ = shipped.plain()["blind_slice"] | {"ratio": "0.05"}
    other = {
        "batches": 1, "ratio_by_class": ratios, "blind_slice": slice_, "overall_floor": "0.16"
    }  # fmt: skip
    return PlanDefinition.checked(shipped.plain() | other | changed)


def objects(firms: int = FIRMS, seed: int = 3) -> pd.DataFrame:
    """The list of objects."""
    rng = np.random.default_rng(seed)
    return lists.objects(pd.DataFrame({
        "entity_id": [f"F{number:05d}" for number in range(firms)],
        "name": "企业", "address": None, "status": "live",
        "division": rng.choice(list(COUNTIES), firms),
        "industry": rng.choice(["C13", "F51", "H62"], firms),
    }))  # fmt: skip


def classes(listed: pd.DataFrame, seed: int = 4) -> pd.DataFrame:
    """A class run of them, with probabilities and what else a run holds."""
    rng = np.random.default_rng(seed)
    risk = rng.choice(list(RATES), len(listed), p=[0.6, 0.25, 0.1, 0.05])
    return pd.DataFrame({
        "entity_id": listed["entity_id"], "risk_class": risk, "public_grade": "A",
        "scope": "model", "as_of": date(2026, 7, 1), "snapshot": "s" * 8,
        "industry": listed["industry"],
        "entity_type": rng.choice(["1100", "4500"], len(listed)),
        "probability": pd.Series(risk).map(RATES),
    })  # fmt: skip


def drawn(
    folder: Path,
    definition: PlanDefinition | None = None,
    results: bool = True,
    on: date = date(2026, 7, 1),
) -> Path:
    """Write the folder; every visit was made as drawn, and its problems are the class's."""
    definition = definition or plan()
    listed = objects()
    run = lists.classes(classes(listed), listed)
    seed = str(12 - on.month)[0] * 64  # another for each half of the year
    marked, sized = a_list.sized(definition, lists.join(listed, run), day=on, staff={"23": 8})
    frame = drawing.draw(definition, marked, sized, seed, "f" * 64)
    made = _spelled(visiting.visits(definition, marked, frame, sized, seed))
    about = {"as_of": "2026-07-01", "snapshot": "s" * 8}
    a_plan_folder.write(folder, definition, on, about)
    a_plan_folder.put(folder, "proof.json", {"frame_hash": "f" * 64})
    (folder / "objects.jsonl").write_bytes(canonical.table(listed, lists.OBJECTS))
    pq.write_table(
        pa.Table.from_pandas(_spelled(frame), preserve_index=False), folder / "frame.parquet"
    )
    if results:
        write_results(folder, marked, made)
    return folder


def _spelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts that recur, written out as the files of a plan have them."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("category"), "str"))


def write_results(folder: Path, marked: pd.DataFrame, made: pd.DataFrame) -> None:
    """The files that `xinfen results` leaves, cut to the columns that estimates read."""
    rng = np.random.default_rng(9)
    chance = (
        made["entity_id"].map(marked.set_index("entity_id")["risk_class"].astype("str")).map(RATES)
    )
    label = (rng.random(len(made)) < chance.fillna(0.1)).astype(float)
    pair = np.array([rng.permutation(8)[:2] for _ in range(len(made))])
    visits = made[["visit", "entity_id", "division", "bureau", "drawn_by", "items"]].assign(
        way="drawn", state="visited", inspected_on=date(2026, 7, 20), items_done=made["items"],
        method=made["method"], method_drawn=made["method"], label=label,
        inspector_1=[f"I{one}" for one in pair[:, 0]],
        inspector_2=[f"I{one}" for one in pair[:, 1]],
    )  # fmt: skip
    rows = [
        (visit, item, told if item == ITEM else 0.0)
        for visit, items, told in zip(made["visit"], made["items"], label, strict=True)
        for item in items.split(";")
    ]
    (folder / "results").mkdir()
    items = pd.DataFrame(rows, columns=["visit", "item", "label"])
    for name, table in (("visits", visits), ("results", items)):
        path = folder / "results" / f"{name}.parquet"
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)


def lists_folder(folder: Path) -> tuple[Path, Path]:
    """A lists folder and a run of the same firms."""
    listed = objects()
    (folder / "lists").mkdir(parents=True)
    (folder / "run").mkdir()
    listed.to_csv(folder / "lists" / "objects.csv", index=False)
    people = pd.DataFrame({"inspector_id": ["I1", "I2"], "unit": "23"})
    people.to_csv(folder / "lists" / "inspectors.csv", index=False)
    table = pa.Table.from_pandas(classes(listed), preserve_index=False)
    pq.write_table(table, folder / "run" / "classes.parquet")
    return folder / "lists", folder / "run"
