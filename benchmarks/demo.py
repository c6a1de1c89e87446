"""The demo: the whole loop on a fresh synthetic province, held against its known truth.

OUT/province/   records, truth, lists       OUT/run/     classes, reasons
OUT/store/      the records, checked        OUT/plan/    commitment, draw, proof
OUT/home/       registry, result store      OUT/before/  the run of a month before
OUT/plan.yaml   what the plan is            OUT/results.csv  what the visits found, as sent back
OUT/summary.json
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks import returned, tried, truth
from models import definition as definitions
from records import intake
from records.errors import BadInput
from records.files import write_json
from records.places import at_home
from records.province import generate, record_files
from records.schema import TABLES
from records.store import Store
from serving.plans import plans
from serving.planstore import publishing as plan_store
from serving.results import publishing
from serving.scoring import batch
from training import flow, registry

STAGES = len(TABLES) + 18
"""What progress is told of: each table taken in, and the rest of the loop."""

Progress = Callable[[str], None]


def run(
    out: Path, *, enterprises: int, months: int, seed: int, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Run the loop into a folder and return its summary, which is also written there.

    The same numbers give the same `run/classes.parquet` and the same plan, byte for byte.

    Raises
    ------
    BadInput : `out` holds something that is not an earlier demo.
    """
    _clear(out)
    with at_home(out / "home"):
        progress("province")
        generate(out / "province", enterprises=enterprises, months=months, seed=seed)
        as_of = date.fromisoformat(_about(out)["as_of"])
        counted = _ingest(out, progress)
        records = Store.open(out / "store").snapshot()
        general = definitions.load(definitions.folder_of("general"))
        trained = flow.train(records, general, as_of, seed=seed, progress=progress)
        progress("registry")
        version = registry.register(trained.classifier, trained.report, trained.verdict)
        classifier = registry.fetch("general", version)
        progress("month before")
        batch.score(records, classifier, _month_before(as_of), out / "before")
        scored = batch.score(
            records, classifier, as_of, out / "run", previous=out / "before", progress=progress
        )
        progress("change")
        change = tried.change(out)
        progress("remedy")
        remedy = tried.remedy(out, records, classifier)
        progress("publish")
        for month in ("before", "run"):
            publishing.publish(out / month)
        progress("plan")
        planned = _plan(out, seed)
        progress("results")
        came_back = returned.taken_back(out, as_of, seed, _weeks_after(as_of))
        plan_store.publish(out / "plan")
        progress("truth")
        summary = {
            "synthetic": True,
            "enterprises": enterprises,
            "months": months,
            "seed": seed,
            "as_of": str(as_of),
            "records": counted,
            "labels": trained.report["labels"],
            **_against_truth(out, trained),
            "class_share": scored["class_share"],
            "class_by_grade": scored["class_by_grade"],
            "reasons_max_error": scored["reasons_max_error"],
            "remedy": remedy,
            "change": change,
            "plan": planned,
            "results": came_back,
            "model": {
                "version": version,
                "content": classifier.version,
                "gate": trained.verdict.text,
                "cuts": trained.report["cuts"],
            },
            "snapshot": records.id,
        }
    write_json(out / "summary.json", summary)
    return summary


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _weeks_after(day: date) -> date:
    """When results are looked at: three weeks after the month of the visits."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) + timedelta(weeks=3)


def _clear(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not (out / "province").is_dir()):
        raise BadInput(
            f"{out} holds something that is not a demo",
            allowed="a new folder, or an earlier demo",
            hint="choose another --out",
        )
    shutil.rmtree(out)


def _about(out: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((out / "province" / "province.json").read_text("utf-8"))
    return about


def _ingest(out: Path, progress: Progress) -> dict[str, int]:
    store = Store.create(out / "store")
    outcomes = ("read", "stored", "duplicate", "corrected", "quarantined")
    counted = dict.fromkeys(outcomes, 0)
    for file in record_files(out / "province"):
        progress(f"ingest {file.stem}")
        report = intake.ingest(store, file.stem, file)
        for outcome in outcomes:
            counted[outcome] += getattr(report, outcome)
    return counted


def _plan(out: Path, seed: int) -> dict[str, Any]:
    """Commit, draw and verify; in the demo seed and public value follow from the demo's seed."""
    sealed = out / "home" / "sealed_seed"
    sealed.write_text(hashlib.sha256(f"demo seed {seed}".encode()).hexdigest(), "utf-8")
    public = hashlib.sha256(f"demo public value {seed}".encode()).hexdigest()[:16]
    lists = out / "province" / "lists"
    # All of a year's visits in one draw: a twelfth of them would tell little of so few firms.
    text = plans.SHIPPED.read_text("utf-8").replace("batches: 12 ", "batches: 1 ", 1)
    (out / "plan.yaml").write_text(text, "utf-8")
    committed = plans.commit(out / "run", out / "plan.yaml", lists, sealed, out / "plan")
    drawn = plans.draw(out / "plan", public)
    verified = plans.verify(out / "plan")
    return {
        "size": drawn["size"],
        "commitment": committed["commitment"],
        "verdict": verified["verdict"],
        "drawn_by": drawn["drawn_by"],
        "public_value": public,
    }


def _against_truth(out: Path, trained: flow.Trained) -> dict[str, Any]:
    """The run beside the true probabilities, which nothing before this has read."""
    columns = ["entity_id", "as_of", "scope", "raw", "public_score", "risk_class"]
    classes = pq.ParquetFile(out / "run" / "classes.parquet").read(columns).to_pandas()
    scored = classes[classes["scope"] == "model"]
    firms = truth.known(out / "province", scored)
    model, metrics = trained.classifier, trained.report["metrics"]
    told = truth.beside(firms, model.calibration, trained.others, model.boundaries)
    return {
        "auc": {"labels": metrics["auc"], "truth": told["auc"]},
        "calibration": {
            "ece_truth": told["ways"]["corrected"]["ece"],
            "ece_truth_naive": told["ways"]["naive"]["ece"],
            "slope": metrics["slope"],
            "expected_over_observed": metrics["expected_over_observed"],
        },
        "truth": told,
        "true_rate_by_class": truth.by_class(out / "province", scored),
    }
