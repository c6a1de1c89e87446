"""What MLflow keeps of a run: parameters, metrics, tags, and plain files; nothing is pickled.

report.html, report.json    the report; the plots it holds stand apart in plots/*.svg
model_card.zh.md, .en.md    the model card
gate.json                   the gate's verdict, requirement by requirement
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.classifier import RiskClassifier
from records.files import write_bytes, write_json
from training import card, plots
from training.gate import Verdict
from training.report import page


def write(
    folder: Path, classifier: RiskClassifier, report: Mapping[str, Any], verdict: Verdict
) -> None:
    """The run's files."""
    drawn = plots.drawn(classifier, report)
    write_json(folder / "report.json", report)
    write_json(folder / "gate.json", verdict.as_dict())
    write_bytes(folder / "report.html", page(classifier, report, drawn).encode())
    for name, text in drawn.items():
        write_bytes(folder / "plots" / f"{name}.svg", text.encode())
    for lang in card.LANGUAGES:
        text = card.card(classifier, report, lang)
        write_bytes(folder / f"model_card.{lang}.md", text.encode())


def versions(classifier: RiskClassifier) -> dict[str, str]:
    """What a version was made from; tags of the run and of the registered version."""
    definition = classifier.definition
    return {
        "content": classifier.version,
        "snapshot": classifier.snapshot,
        "catalogue": definition.catalogue.version,
        "catalogue_hash": definition.catalogue.hash,
        "outcome": definition.outcome.version,
        "policy": definition.policy.version,
        "definition_hash": definition.hash,
    }


def params(classifier: RiskClassifier, report: Mapping[str, Any]) -> dict[str, Any]:
    """Settings, and what was chosen by what the labels showed."""
    definition = classifier.definition
    told: dict[str, Any] = {f"blocks.{k}": v for k, v in definition.blocks.model_dump().items()}
    chosen = {
        "seed": report.get("seed"),
        "until": report.get("until"),
        "reference": report.get("reference", {}).get("basis"),
        "calibration": report.get("calibration", {}).get("method"),
        "cuts": report.get("cuts", {}).get("method"),
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    return definition.fit.model_dump() | told | given | versions(classifier)


def metrics(report: Mapping[str, Any]) -> dict[str, float]:
    """Every figure with its limits, and the counts of labels that it rests on."""
    told: dict[str, Any] = dict(report.get("metrics", {}))
    for name, (low, high) in report.get("limits", {}).items():
        told |= {f"{name}_low": low, f"{name}_high": high}
    told |= {f"labels_{way}": count for way, count in report.get("labels", {}).items()}
    reference = report.get("reference", {})
    told |= {f"reference_{k}": reference.get(k) for k in ("n", "positives", "effective")}
    told["kappa"] = report.get("beside_grade", {}).get("kappa")
    numbers = {name: value for name, value in told.items() if isinstance(value, int | float)}
    return {name: float(value) for name, value in numbers.items() if math.isfinite(value)}


def signature(classifier: RiskClassifier) -> Any:
    """Fitted indicators in, each a double that may be unknown or absent; a probability out."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs = [ColSpec("double", name, required=False) for name in classifier.definition.fitted]
    return ModelSignature(Schema(inputs), Schema([ColSpec("double", "probability")]))


def example(classifier: RiskClassifier) -> pd.DataFrame | None:
    """One row to try the model with: each indicator's median over all firms, no firm's own."""
    if classifier.background is None:
        return None
    known = pd.DataFrame(classifier.background.values, columns=classifier.definition.fitted)
    middle = known.median().replace([np.inf, -np.inf], np.nan)
    return middle.to_frame().T.reset_index(drop=True)
