"""A firm of a load beside the records it was scored from: what would change it, its sheets.

The store tells what the run found; the records are those of the run's own snapshot, so that nothing
that came later is told. Indicators are computed anew, as the run computed them.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from models.classifier import RiskClassifier
from models.compared import Moment
from records.errors import NotPossible
from records.store import Store
from serving.access.scope import LADDER, Scope
from serving.results import freezing, results
from serving.results.kept import Kept
from serving.results.loading import TOLD

_known: Kept[int, RiskClassifier] = Kept(2)
_READING = Lock()


def classifier(connection: Connection, load: int) -> RiskClassifier:
    """The model of a load; kept from call to call.

    Raises
    ------
    NotPossible : the run was published without it.
    """
    with _READING:
        if found := _known.get(connection, load):
            return found
        with freezing.model(connection, load) as folder:
            if not (folder / "manifest.json").is_file():
                raise NotPossible(
                    "the published run keeps no model",
                    hint="publish a run that `xinfen score` made with this version",
                )
            return _known.put(connection, load, RiskClassifier.load(folder))


def of(
    connection: Connection, load: int, entity_id: str, records: Path, scope: Scope
) -> Moment | None:
    """A firm as the load's run found it; None if it is not within the scope.

    Parameters
    ----------
    records : folder of the record store.

    Raises
    ------
    FieldHidden : the scope holds ladders back.
    NotPossible : the run was published without its model.
    NotFound : the record store has not the run's snapshot.
    """
    scope.need(LADDER)
    row = results.rows_of(connection, load, [entity_id], scope).get(entity_id)
    if row is None:
        return None
    lists, packed = freezing.of(connection, load).lists, bytes(row["packed"])
    firm: dict[str, Any] = {**lists.shared, **{name: row[name] for name in TOLD}}
    if packed:
        firm |= lists.unpack(packed, "zh").firm
        held = next(step for step in firm["steps"] if step["step"] == "hysteresis")
        waits = held["months"] if held["rule"] is not None else 0
        firm |= {"held_class": held["class"], "held_months": waits}
    snapshot = Store.open(records).named(str(firm["snapshot"]))
    return Moment(snapshot, classifier(connection, load), firm, pd.Series(dtype="float64"))
