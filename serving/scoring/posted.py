"""Records that somebody posts, scored: through intake, indicators, policy and reasons of a run.

A store of its own is made of them in a scratch folder and thrown away afterwards; from there on it
is the batch's own code, on one firm. A table that is posted holds all there is of the firm: posted
empty, there is nothing; not posted, it is not known. What rests on many firms (relations, rates of
an industry) is as the posted records have it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import features
from features.table import compute
from models.classifier import RiskClassifier
from models.corrections import Corrections
from records import cells, faults, quarantine
from records.errors import BadInput, NotFound, NotPossible, XinfenError, nearest
from records.intake import ingest
from records.schema import TABLES
from records.store import OWN, Snapshot, Store
from serving.scoring import decisions
from serving.scoring.making import Making
from serving.scoring.parts import Parts
from serving.scoring.values import WrongValue

MOST = 2_000
"""Records that are scored at once."""

Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by record table, each by column."""


@dataclass(frozen=True)
class Before:
    """What the run before made of the firm; null: there was none."""

    previous_class: str | None = None
    held_class: str | None = None
    held_months: int = 0


@dataclass(frozen=True)
class Result:
    """A row of classes.parquet and the firm's rows of reasons.parquet.

    `absent` are indicators of which no record speaks, by what is missing.
    """

    firm: dict[str, Any]
    reasons: list[dict[str, Any]]
    absent: dict[str, list[str]]


def score(
    classifier: RiskClassifier,
    given: Records,
    as_of: date,
    *,
    entity_id: str | None,
    id_scheme: str,
    before: Before,
) -> Result:
    """Score the firm of some records, as known on a date.

    Parameters
    ----------
    entity_id : whom; may be left out where one enterprise alone is registered.
    id_scheme : of the codes, ``uscc`` or ``opaque``.

    Raises
    ------
    WrongValue : a table, field or value is wrong; the first one is named.
    NotFound : the firm is not registered and known by then.
    NotPossible : nothing was known by then, or the model does not classify the firm.
    """
    _check(given)
    with tempfile.TemporaryDirectory(prefix="xinfen-posted-") as name:
        folder = Path(name)
        store = Store.create(folder / "store", id_scheme=id_scheme)
        day = store.day(as_of)
        for name_of, rows in given.items():
            if rows:
                _take_in(store, name_of, rows, folder)
        records = _with_empty(store.snapshot(), given, folder)
        told = _firm(classifier, records, day, entity_id, before)
        catalogue = classifier.definition.catalogue
        table = compute(records, told, catalogue, within=folder, covered=[*given])
        making = Making(folder / "making", folder / "run")
        making.path.mkdir()
        scores = partial(decisions.scored, classifier)
        parts = Parts(records, classifier, table, Corrections.none(), scores)
        made = parts.make(told, making, lambda *_: None)
        run = making.run()
        parts.join(made, run, lambda *_: None)
        rows_of = [pq.read_table(run / f"{what}.parquet") for what in ("classes", "reasons")]
        firm, reasons = (rows.to_pylist() for rows in rows_of)
        absent = {what: list(ids) for what, ids in table.folder.absent.items()}
        return Result(firm[0], reasons, absent)


def _with_empty(records: Snapshot, given: Records, folder: Path) -> Snapshot:
    """A snapshot in which the tables posted empty are there, without a record."""
    empty = {}
    for name in given:
        if name not in records.tables:
            path = folder / f"{name}-empty.parquet"
            pq.write_table(pa.schema([*TABLES[name].kept, *OWN]).empty_table(), path)
            empty[name] = [str(path)]
    return Snapshot(records.id, records.tables | empty)


def _check(given: Records) -> None:
    """That tables and fields are known, and that there are not too many records."""
    count = sum(len(rows) for rows in given.values())
    if not 1 <= count <= MOST:
        raise WrongValue(
            "records", "记录条数超出范围", "too many records, or none", found=f"{count:,}",
            allowed=f"1 to {MOST:,}",
        )  # fmt: skip
    for table, rows in given.items():
        if table not in TABLES:
            raise WrongValue(
                f"records.{table}", "没有这张记录表", "there is no such record table", found=table,
                allowed=", ".join(TABLES), hint=nearest(table, list(TABLES)),
            )  # fmt: skip
        known = TABLES[table].by_name
        for at, row in enumerate(rows):
            for name in row:
                if name not in known:
                    raise WrongValue(
                        f"records.{table}.{at}.{name}", "该记录表没有这个字段",
                        f"table {table} has no such field", found=name, allowed=", ".join(known),
                        hint=nearest(name, list(known)),
                    )  # fmt: skip


def _take_in(store: Store, table: str, rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Rows into a table of the store; one that is refused is told."""
    columns = TABLES[table].by_name
    texts = {
        name: pa.array([cells.text(row.get(name)) for row in rows], pa.string())
        for name in columns
        if TABLES[table].requires(columns[name]) or any(name in row for row in rows)
    }
    path = folder / f"{table}.parquet"
    pq.write_table(pa.table(texts), path)
    try:
        report = ingest(store, table, path)
    except XinfenError as error:
        raise WrongValue(
            f"records.{table}", "记录无法接收", error.what, found=error.found,
            allowed=error.allowed, hint=error.hint,
        ) from error  # fmt: skip
    if report.quarantined:
        refused = min(quarantine.refusals(store, table), key=lambda one: one.row)
        fault = refused.reasons[0]
        raise WrongValue(
            f"records.{table}.{refused.row - 1}.{fault['field']}",
            faults.zh(fault["problem"], TABLES[table], fault["field"]), fault["problem"],
            found=fault["found"], allowed=fault["allowed"], hint=fault["hint"],
        )  # fmt: skip


def _firm(
    classifier: RiskClassifier, records: Snapshot, day: date, entity_id: str | None, before: Before
) -> pd.DataFrame:
    """The firm that is scored, as `Parts.make` asks for it."""
    firms = features.population(records, day).drop(columns=["address", "established_on"])
    if entity_id is None and len(firms) != 1:
        raise WrongValue(
            "entity_id", "记录涉及多家企业，请指明要评分的一家",
            "the records register several firms: name the one to score",
            found=f"{len(firms)} firms", allowed="the code of one of them",
        )  # fmt: skip
    mine = firms if entity_id is None else firms[firms["entity_id"] == entity_id]
    if mine.empty:
        raise NotFound(
            "no registration of the firm was known by then", hint="post it under `enterprises`"
        )
    try:
        scope = classifier.definition.policy.scope.of(mine["entity_type"])
    except BadInput as error:
        raise WrongValue(
            "records.enterprises.entity_type", "主体类型不在任何分类范围内", error.what,
            found=error.found, allowed=error.allowed,
        ) from error  # fmt: skip
    firm = mine.reset_index(drop=True).assign(scope=scope.to_numpy())
    if firm["status"].iloc[0] != "live" or firm["scope"].iloc[0] != "model":
        raise NotPossible(
            "the model does not classify the firm",
            found=f"status {firm['status'].iloc[0]}, type {firm['entity_type'].iloc[0]}",
            allowed="live firms of the types in policy.yaml's scope.model",
        )
    told = pd.DataFrame({
        "previous_class": [before.previous_class], "held_class": [before.held_class],
        "held_months": [before.held_months],
    })  # fmt: skip
    return pd.concat([firm, told], axis=1)
