"""The City of Chicago's food inspections as records, and the visits of its published comparison.

Everything comes in through the shipped mappings of `records/mappings/chicago`. Of the City's
ready-made model table only the split, the label (to check ours) and the stored score of the
published model (a peer) are read. Inspectors are read apart: they are never an indicator.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

import features
from benchmarks.visits import Visits
from features.catalogue import Catalogue
from features.clocks import ROW
from models.definition import ModelDefinition
from records.intake import Report, ingest
from records.mapping import SHIPPED, Mapping
from records.store import Snapshot, Store
from training import outcomes

HERE = Path(__file__).parent / "chicago"

MAPPINGS = (
    "registrations",
    "outcomes",
    "violations",
    "visits",
    "risk_tiers",
    "complaints_311",
)
"""The shipped mappings of what the model is made from; the City's other files are left alone."""

LAST_DAY = date(2015, 1, 2)
"""The day after the City's last visit became known."""


def bring_in(folder: Path, path: Path) -> tuple[Store, list[Report]]:
    """A store of the City's records, and what became of every file's rows."""
    store = Store.create(path, id_scheme="opaque", time_zone="America/Chicago")
    reports = []
    for name in MAPPINGS:
        rules = Mapping.load(mapping(name))
        reports.append(ingest(store, rules.table, folder / rules.source.file, mapping(name)))
    return store, reports


def mapping(name: str) -> Path:
    """The file of a shipped mapping of the City's records."""
    return SHIPPED / "chicago" / f"{name}.yaml"


def published_visits(folder: Path, records: Snapshot, definition: ModelDefinition) -> pd.DataFrame:
    """The visits of the published comparison with our own labels, in the order they were made.

    Returns
    -------
    frame of the columns of `outcomes.labels` and `test` (else training), `critical_found` (the
    City's label), `published_score` (its stored XGBoost score), `colour` (of the inspector) and
    `firm` (a number for each).
    """
    table = pd.read_parquet(
        folder / "model_table_2017_xgb.parquet",
        columns=["Inspection_ID", "Test", "criticalFound", "score"],
    ).set_axis(["inspection_id", "test", "critical_found", "published_score"], axis=1)
    inspectors = pd.read_parquet(folder / "inspector_assignments.parquet").set_axis(
        ["inspection_id", "colour"], axis=1
    )
    theirs = table.merge(inspectors, on="inspection_id", how="left", validate="1:1")
    theirs["inspection_id"] = theirs["inspection_id"].astype("str")
    ours = outcomes.labels(records, definition.outcome, LAST_DAY)
    both = ours.merge(theirs, on="inspection_id", validate="1:1")
    return both.assign(firm=pd.factorize(both["entity_id"])[0])


def indicators(
    records: Snapshot, visits: pd.DataFrame, catalogue: Catalogue
) -> npt.NDArray[np.float64]:
    """Every indicator as known on the morning of each visit, shape (n, k), catalogue order."""
    frame = features.build(records, visits[ROW], catalogue).frame
    keys = visits[ROW].assign(as_of=pd.to_datetime(visits["as_of"]))
    frame["as_of"] = pd.to_datetime(frame["as_of"])
    ids = [indicator.id for indicator in catalogue.indicators]
    return keys.merge(frame, on=ROW, how="left")[ids].to_numpy(np.float64)


def as_made(visits: pd.DataFrame) -> Visits:
    """Days, findings, inspectors and firms for the measures of an order of visits."""
    return Visits(
        day=visits["visited_on"].to_numpy().astype("datetime64[D]").astype(np.int64),
        found=visits["label"].to_numpy(np.float64) > 0,
        stratum=np.asarray(pd.factorize(visits["colour"], sort=True)[0], np.int64),
        firm=visits["firm"].to_numpy(np.int64),
    )
