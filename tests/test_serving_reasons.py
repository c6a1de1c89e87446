from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import features
from features.engine import engine
from features.measures import OF_NEWEST
from features.spine import Spine
from features.tracing import Tracing
from models.classifier import RiskClassifier
from models.reasons import LOOKED
from records.store import Store
from serving.runs import runfolder
from serving.scoring import reasons
from serving.scoring.reasons import Reasons

FIRMS = 40


def test_the_table_is_what_firm_by_firm_it_would_be(demo: Path) -> None:
    """Four indicators take part, with ties; values and records are the demo's."""
    model = RiskClassifier.load(demo / "run" / "model")
    records = Store.open(demo / "store").snapshot()
    run = pd.read_parquet(demo / "run" / "classes.parquet")
    scored = run.loc[run["scope"] == "model", ["entity_id", "as_of"]].head(FIRMS)
    scored = scored.reset_index(drop=True)
    catalogue, fitted = model.definition.catalogue, model.definition.fitted
    values = model.matrix(features.build(records, scored, catalogue).frame)
    contributions = np.zeros(values.shape)
    random = np.random.default_rng(0)
    known = (np.nan_to_num(values) != 0).sum(axis=0)
    parts = np.sort(np.argsort(-known)[:4])
    contributions[:, parts] = random.choice([-0.2, -0.1, 0.1, 0.3], (FIRMS, len(parts)))

    why = Reasons.of(model, scored, values, contributions)
    spine = Spine.of(scored)
    with engine() as running:
        indicators = [catalogue[name] for name in fitted]
        behind_all = Tracing(records, catalogue, indicators, spine, running).of(why.wanted())
    told = reasons.table(why, behind_all, model)

    assert told.schema == runfolder.REASONS
    behind = {}
    for at in {*range(LOOKED + len(parts)), *parts.tolist()}:
        found = features.evidence(records, catalogue, catalogue[fitted[at]], scored)
        for entity_id, rows in found.groupby("entity_id"):
            named = rows[["table", "source", "source_id"]].to_dict("records")
            behind[entity_id, at] = named
    expected = []
    for firm, entity_id in enumerate(scored["entity_id"]):
        sides = {True: 0, False: 0}
        ranked = sorted(range(len(fitted)), key=lambda at: -abs(contributions[firm, at]))
        for rank, at in enumerate(ranked, 1):
            part, value = contributions[firm, at], values[firm, at]
            sides[bool(part > 0)] += 1
            stated = catalogue[fitted[at]].measure in OF_NEWEST
            known = not np.isnan(value) and (value != 0 or stated)
            shown = sides[bool(part > 0)] <= LOOKED and known
            expected.append(
                {
                    "entity_id": entity_id,
                    "rank": rank,
                    "indicator": fitted[at],
                    "group": catalogue[fitted[at]].group,
                    "value": None if np.isnan(value) else value,
                    "contribution": part,
                    "records": behind.get((entity_id, at), []) if shown else [],
                }
            )
    rows = told.to_pylist()
    for row in rows:
        for record in row["records"]:
            assert str(record.pop("event_time")) >= "1900-01-01"
    assert rows == expected
    assert sum(len(row["records"]) for row in rows) > FIRMS
