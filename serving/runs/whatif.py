"""A firm of a run beside the store it was scored from: what would change it, why it changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from models import changes, remedies, telling
from models.classifier import RiskClassifier
from models.compared import Moment
from records.errors import NotPossible
from records.store import Store
from serving.runs.lookup import firm_of
from serving.telling import languages


def moment(run: Path, store: Store, entity_id: str) -> Moment:
    """A firm as a run found it; without `fitted` indicators where no model scored it.

    Raises
    ------
    NotFound : no such run, the firm is not in it, or the store has not the run's snapshot.
    """
    firm, reasons = firm_of(run, entity_id)
    values = {reason["indicator"]: reason["value"] for reason in reasons}
    fitted = pd.Series(values, dtype="float64")
    return Moment(store.named(firm["snapshot"]), RiskClassifier.load(run / "model"), firm, fitted)


def what_if(found: Moment, lang: str) -> dict[str, Any]:
    """What would change a firm's class, ready to send; see `models.remedies`.

    Raises
    ------
    NotPossible : the firm is not classified by the model.
    BadInput : an unknown language.
    """
    languages.checked(lang)
    row, definition = found.firm, found.classifier.definition
    if row["risk_class"] is None:
        raise NotPossible(
            f"{row['entity_id']} is not classified by the model",
            found=row["scope"],
            hint="its public credit grade applies",
        )
    values = found.indicators(definition.catalogue, remedies.asked(definition))
    given = [row[name] for name in ("risk_class", "held_months", "public_grade", "held_class")]
    firm = remedies.Firm(values, *given)
    told = remedies.what_would_change(found.classifier, firm)
    return telling.what_if(told, row["risk_class"], definition.catalogue, lang)


def changed(before: Moment, after: Moment, lang: str) -> dict[str, Any]:
    """Why a firm changed between two runs, ready to send; see `models.changes`."""
    languages.checked(lang)
    return telling.change(changes.between(before, after), lang)
