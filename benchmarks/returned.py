"""The visits of a drawn plan as a synthetic province makes them, taken back as a bureau's file.

The file holds what a bureau sends: a row an item, entered when it was entered. What comes later
than the day of taking in is not in it, and is chased.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import sheets
from records.province import inspect
from records.province.truth import read_chances
from records.store import Store
from serving.estimates import estimates
from serving.returns import returns

WRITTEN = ("visit", "item", "result", "inspected_on", "entered_on", "finding", "follow_up")


def results(plan: Path, province: Path, month: date, seed: int, until: date) -> Path:
    """Make a plan's visits in a month of the province and write `PLAN/../results.csv`.

    Parameters
    ----------
    until : the last day of entering; what is entered later is left out.
    """
    rows = inspect(province, _asked(plan), month, seed).to_pandas()
    sent = rows.rename(
        columns={"plan_id": "visit", "event_time": "inspected_on", "known_time": "entered_on"}
    )[list(WRITTEN)]
    sent = sent[pd.to_datetime(sent["entered_on"]) <= pd.Timestamp(until)]
    file = plan.parent / "results.csv"
    sheets.write_csv(file, pa.Table.from_pandas(sent.astype("str"), preserve_index=False))
    return file


def taken_back(out: Path, month: date, seed: int, on: date) -> dict[str, Any]:
    """Take a demo's visits back and hold the estimate beside the truth of all firms.

    Returns
    -------
    `states` of the visits, `problems` found, `records` stored, `rate` with `low`, `high` and
    `basis`, and `truth`, the mean true probability of the firms that the estimate speaks for.
    """
    plan = out / "plan"
    file = results(plan, out / "province", month, seed, on)
    told = returns.take_in(plan, file, on=on, store=Store.open(out / "store"))
    found = estimates.estimates([plan], ["class"])
    everybody = found.rates.iloc[0]
    return {
        "states": told["states"],
        "refused": told["refused"],
        "problems": int(everybody["problems"]),
        "records": told["store"]["stored"],
        "rate": float(everybody["rate"]),
        "low": float(everybody["low"]),
        "high": float(everybody["high"]),
        "basis": found.about["basis"],
        "firms": int(found.about["firms"]),
        "truth": _truth(out, month),
    }


def _asked(plan: Path) -> pd.DataFrame:
    """The drawn visits as `inspect` takes them; a pair of a blind visit sees no class."""
    lines = (plan / "drawn.jsonl").read_text("utf-8").splitlines()
    drawn = pd.DataFrame([json.loads(line) for line in lines])
    items = json.loads((plan / "plan.json").read_bytes())["plan"]["items"]
    named = {item["id"]: item["name"]["zh"] for item in items}
    asked = drawn["items"].str.split(";")
    return drawn.assign(
        items=asked.map(len),
        item_names=asked.map(lambda ids: ";".join(named[one] for one in ids)),
        class_seen=drawn["risk_class"],
        plan_id=drawn["visit"],
    )


def _truth(out: Path, month: date) -> float:
    """Mean true probability of the frame's firms in the month of the visits."""
    frame = pq.read_table(out / "plan" / "frame.parquet", columns=["entity_id"]).to_pandas()
    truth = read_chances(out / "province", month).to_pandas().set_index("entity_id")
    return float(frame["entity_id"].map(truth["true_probability"]).mean())
