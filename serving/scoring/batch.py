"""Batch scoring: every live enterprise of a store gets its class, its reasons and their records.

    RUN/classes.parquet   one row a firm, sorted by entity_id
    RUN/reasons.parquet   one row a firm and fitted indicator, sorted by entity_id and rank
    RUN/moves.parquet     one row a firm that left its class of the run before, where one is given
    RUN/summary.json      counts, shares, versions
    RUN/model/            the frozen model, so that the run explains itself

One part of the firms is scored after another, so that memory is bounded and a run that was cut
off goes on where it was; the folder appears whole or not at all. Files hold ids and values;
sentences render on read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

import features
from features.clocks import ROW
from models.classifier import RiskClassifier
from models.corrections import Corrections
from records.errors import NotPossible
from records.files import fingerprint, write_json
from records.store import Snapshot
from serving.runs import runfolder, signed
from serving.scoring import decisions, making, moves, summaries
from serving.scoring.parts import Counted, Parts, Scores

FORMAT = 1
"""Counts the meanings of the same columns; parts of another meaning are made anew."""


def score(
    records: Snapshot,
    classifier: RiskClassifier,
    as_of: date,
    out: Path,
    *,
    previous: Path | None = None,
    corrections: pd.DataFrame | None = None,
    on: str = "duckdb",
    progress: Callable[[str], None] = lambda _: None,
    counted: Counted = lambda *_: None,
) -> dict[str, Any]:
    """Score every enterprise known and live on a date, and write the run.

    Cut off at any point, the same call goes on after the parts that are whole; when the run is
    there, it tells its summary. The files do not depend on the number of parts, on how often
    the run was cut off, or on the engine.

    Parameters
    ----------
    previous : the run before, whose classes hysteresis may hold.
    corrections : classes that two persons decided; columns `models.corrections.COLUMNS`.
    on : the engine of indicators and scores, ``duckdb`` or ``spark``.
    progress : told the name of each stage as it begins.
    counted : told how much of a stage is done, of how much, as each part begins.

    Returns
    -------
    the run's summary.

    Raises
    ------
    BadInput : `out` is something else, an entity type is in no scope of the policy, or a
        correction is wrong.
    NotFound : `previous` is not a whole run, or there is no such engine.
    NotPossible : nobody is in the model's scope, nothing was known yet, or another process is
        making this run.
    """
    before = _previous(previous)
    asked = _asked(records, classifier, as_of, previous, corrections)
    if (done := making.done(out, asked)) is not None:
        return done
    with making.making(out, asked) as folder:
        progress("firms")
        firms = features.population(records, as_of).drop(columns=["address", "established_on"])
        corrected = Corrections.of(corrections, firms["entity_id"])
        known, live = len(firms), _live(firms, classifier)
        scopes = {str(one): int(n) for one, n in live["scope"].value_counts().sort_index().items()}
        told = live[live["scope"] != "out"].merge(before, on="entity_id", how="left")
        del firms, live, before
        scored = told.loc[told["scope"] == "model", ROW]
        if scored.empty:
            raise NotPossible(
                f"no enterprise in the model's scope is live on {as_of}",
                found=f"{known} enterprises known",
                hint="choose another --as-of",
            )
        progress("indicators")
        table = features.build(
            records, scored, classifier.definition.catalogue, on=on, progress=counted
        )
        progress("classes and reasons")
        scores: Scores = partial(decisions.scored, classifier)
        if on == "spark":
            from serving.scoring import distributed

            scores = distributed.scores(classifier, table, scored["entity_id"], folder)
        parts = Parts(records, classifier, table, corrected, scores)
        made = parts.make(told, folder, counted)
        progress("run")
        run = folder.run()
        parts.join(made, run, counted)
        summary = summaries.summary(
            classifier, records, as_of, known, scopes, run / "classes.parquet"
        )
        summary["reasons_max_error"] = max(part.about["reasons_max_error"] for part in made)
        classifier.save(run / "model")
        if previous is not None:
            summary["moves"] = moves.write(run, previous)
        summary["asked"] = asked
        write_json(run / "summary.json", summary)
        if (secret := signed.key()) is not None:
            signed.sign(run, secret)
        folder.show(run)
    return summary


def _asked(
    records: Snapshot,
    classifier: RiskClassifier,
    as_of: date,
    previous: Path | None,
    corrections: pd.DataFrame | None,
) -> str:
    """A name for all that decides what a run holds; the version names model and policy."""
    before = None if previous is None else runfolder.identity(previous)
    told = None if corrections is None else corrections.astype("str").to_dict("list")
    return fingerprint([FORMAT, records.id, classifier.version, str(as_of), before, told])


def _previous(run: Path | None) -> pd.DataFrame:
    """What the run before made of each firm: `entity_id` and `decisions.BEFORE`."""
    if run is None:
        return pd.DataFrame(columns=["entity_id", *decisions.BEFORE])
    runfolder.check_parts(run)
    columns = ["entity_id", "risk_class", "held_class", "held_months"]
    frame: pd.DataFrame = pq.ParquetFile(run / "classes.parquet").read(columns).to_pandas()
    return frame.rename(columns={"risk_class": "previous_class"})


def _live(firms: pd.DataFrame, classifier: RiskClassifier) -> pd.DataFrame:
    """The enterprises that are live, with their `scope`."""
    live = firms[firms["status"] == "live"].reset_index(drop=True)
    return live.assign(scope=classifier.definition.policy.scope.of(live["entity_type"]))
