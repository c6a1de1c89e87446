"""A store that serves a run of one firm with a given model, for `trials`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from models.classifier import RiskClassifier
from models.policy import STEPS
from serving.access import access
from serving.results import publishing
from serving.runs.runfolder import CLASSES, REASONS
from serving.store.database import connect


def store(folder: Path, model: RiskClassifier) -> tuple[str, str]:
    """The store's URL, and a token that may score."""
    run = folder / "run"
    run.mkdir()
    model.save(run / "model")
    (run / "summary.json").write_text(json.dumps({"synthetic": True}), "utf-8")
    steps = [dict.fromkeys(("rule", "given", "months", "margin", "since", "until"))
             | {"step": name, "class": "B", "records": []} for name in STEPS]  # fmt: skip
    firm = {
        "entity_id": "F1", "name": "某企业", "entity_type": "1130", "status": "live",
        "scope": "model", "as_of": date(2026, 3, 31), "raw": -1.0, "base": -1.0,
        "base_probability": 0.3, "probability": 0.3, "model_class": "B", "risk_class": "B",
        "held_class": "B", "held_months": 0, "steps": steps, "model_name": "general",
        "model_version": "1", "catalogue_version": model.definition.catalogue.version,
        "catalogue_hash": model.definition.catalogue.hash,
        "policy_version": model.definition.policy.version, "snapshot": "0" * 64,
    }  # fmt: skip
    reason = {"entity_id": "F1", "rank": 1, "indicator": model.definition.fitted[0],
              "group": "G1", "value": 0.0, "contribution": 0.0, "records": []}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([firm], CLASSES), run / "classes.parquet")
    pq.write_table(pa.Table.from_pylist([reason], REASONS), run / "reasons.parquet")
    url = f"sqlite:///{folder / 'results.db'}"
    engine = connect(url)
    publishing.publish(run, engine=engine)
    token = access.issue(engine, "bench", "batch", days=1)
    engine.dispose()
    return url, token
