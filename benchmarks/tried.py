"""The demo's remedy, tried, and its change between two months, told.

What `models.remedies` says of a firm is done in a copy of the store: the acts' records are taken
in, every indicator is computed anew, and the firm is scored and decided again.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

import features
from benchmarks import mending
from features.indicator import OF_GROUPS, OF_TIES
from models import remedies, telling
from models.classifier import RiskClassifier
from models.remedies import Firm, Outcome, WhatIf
from records.store import Snapshot, Store
from serving.runs import whatif

_ROW = [
    "entity_id", "as_of", "risk_class", "held_class", "held_months", "public_grade", "raw",
]  # fmt: skip


def remedy(out: Path, records: Snapshot, classifier: RiskClassifier) -> dict[str, Any] | None:
    """The first firm, by class C, B, D and then by code, whose class an act would better; tried.

    Returns
    -------
    None where no firm has such an act.
    """
    for row, firm in _able(out / "run", records, classifier):
        found = remedies.what_would_change(classifier, firm)
        if found.acts and found.then is not None:
            done = _tried(out / "store", records, classifier, row, firm, found)
            catalogue = classifier.definition.catalogue
            return {
                "entity_id": row["entity_id"],
                "risk_class": firm.risk_class,
                "acts": list(found.acts),
                "told": _plain(found.then),
                "tried": _plain(done),
                "sentence": {
                    lang: telling.what_if(found, firm.risk_class, catalogue, lang)["sentence"]
                    for lang in ("zh", "en")
                },
            }
    return None


def change(out: Path) -> dict[str, Any] | None:
    """Of the firms whose class rose between the two runs, the one of median change of score."""
    runs = (out / "before", out / "run")
    then, now = (pq.ParquetFile(run / "classes.parquet").read(_ROW).to_pandas() for run in runs)
    both = then.merge(now, on="entity_id", suffixes=("_then", "_now"))
    rose = both[both["risk_class_now"] > both["risk_class_then"]]
    if rose.empty:
        return None
    rose = rose.assign(by=rose["raw_now"] - rose["raw_then"]).sort_values(["by", "entity_id"])
    code = str(rose["entity_id"].iloc[len(rose) // 2])
    store = Store.open(out / "store")
    before, after = (whatif.moment(run, store, code) for run in runs)
    return {lang: whatif.changed(before, after, lang) for lang in ("zh", "en")}


def _able(
    run: Path, records: Snapshot, classifier: RiskClassifier
) -> list[tuple[dict[str, Any], Firm]]:
    """Firms that have an open act, as the run found them."""
    definition = classifier.definition
    classes = pq.ParquetFile(run / "classes.parquet").read(_ROW).to_pandas()
    classes = classes[classes["risk_class"].isin([*"BCD"])].reset_index(drop=True)
    columns = ["entity_id", "indicator", "value"]
    reasons = pq.ParquetFile(run / "reasons.parquet").read(columns).to_pandas()
    values = reasons.pivot(index="entity_id", columns="indicator", values="value")
    lacking = [one for one in remedies.asked(definition) if one not in definition.fitted]
    more = features.build(
        records, classes[["entity_id", "as_of"]], definition.catalogue.only(lacking)
    )
    values = values.join(more.frame.set_index("entity_id")[lacking], how="inner")
    rows = classes.sort_values(["risk_class", "entity_id"], key=_in_order).to_dict("records")
    able = []
    for row in rows:
        own = pd.Series(values.loc[row["entity_id"]], dtype="float64")
        if remedies.open_acts(definition.catalogue, own):
            grade = row["public_grade"] if isinstance(row["public_grade"], str) else None
            held = int(row["held_months"]), grade, row["held_class"]
            able.append((row, Firm(own, row["risk_class"], *held)))
    return [({str(name): value for name, value in row.items()}, firm) for row, firm in able]


def _in_order(column: pd.Series) -> pd.Series:
    return column.map({"C": 0, "B": 1, "D": 2}) if column.name == "risk_class" else column


def _tried(
    store: Path,
    records: Snapshot,
    classifier: RiskClassifier,
    row: dict[str, Any],
    firm: Firm,
    found: WhatIf,
) -> Outcome:
    """The firm scored and decided from the records that its acts leave."""
    as_of: date = row["as_of"]
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(store, Path(scratch) / "store")
        copy = Store.open(Path(scratch) / "store")
        mending.mend(copy, records, found.acts or (), row["entity_id"], as_of)
        spine = pd.DataFrame({"entity_id": [row["entity_id"]], "as_of": [as_of]})
        catalogue = classifier.definition.catalogue
        own = [
            name
            for name in remedies.asked(classifier.definition)
            if catalogue[name].measure not in (*OF_TIES, *OF_GROUPS)
        ]
        built = features.build(copy.snapshot(), spine, catalogue.only(own)).frame
    values = firm.values.copy()
    values[own] = built[own].iloc[0].astype(np.float64)
    return remedies.tried(classifier, replace(firm, values=values), [()])[0]


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {"risk_class": outcome.risk_class, "probability": outcome.probability}
