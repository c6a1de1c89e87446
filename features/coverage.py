"""How far indicators reach: known for how many firms, different from nothing for how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir

from features.catalogue import Catalogue
from features.engine import Engine, engine
from features.table import FeatureTable

BINS = 12
"""Bars of a distribution."""


@dataclass(frozen=True)
class Coverage:
    """An indicator over a table's firms.

    `known` and `nonzero` are shares of all rows; `lacks` names the records or the column that
    is not there, where nothing is known. `low`, `middle` and `high` are the least, the median
    and the greatest known value; null where none is known.
    """

    indicator: str
    known: float
    nonzero: float
    low: float | None
    middle: float | None
    high: float | None
    lacks: str = ""


def coverage(table: FeatureTable, catalogue: Catalogue) -> list[Coverage]:
    """The coverage of every indicator, in the catalogue's order."""
    lacking = {name: what for what, names in table.folder.absent.items() for name in names}
    with engine() as running:
        rows = running.read("table", [str(part) for part in table.parts])
        asked: dict[str, ir.Value] = {"rows": rows.count()}
        for one in catalogue.indicators:
            value = rows[one.id]
            asked |= {
                f"{one.id} known": value.count(),
                f"{one.id} nonzero": (value != 0).sum(),
                f"{one.id} low": value.min(),
                f"{one.id} middle": value.quantile(0.5),
                f"{one.id} high": value.max(),
            }
        (found,) = running.fetch(rows.aggregate(**asked)).to_pylist()
    return [
        Coverage(
            one.id,
            found[f"{one.id} known"] / found["rows"],
            (found[f"{one.id} nonzero"] or 0) / found["rows"],
            found[f"{one.id} low"],
            found[f"{one.id} middle"],
            found[f"{one.id} high"],
            lacking.get(one.id, ""),
        )
        for one in catalogue.indicators
    ]


@dataclass(frozen=True)
class Distribution:
    """How an indicator's values lie: `edges` of BINS bins, shares of rows in them by class.

    Beyond the 99th percentile all values stand in the last bin, unless there are no others. A
    class "" is of all rows.
    """

    edges: Sequence[float]
    shares: Mapping[str, Sequence[float]]
    nonzero: Mapping[str, float]


def distributions(
    table: FeatureTable, catalogue: Catalogue, classes: Path | None = None
) -> dict[str, Distribution]:
    """The distribution of every indicator that is known of anybody, by class where given.

    Parameters
    ----------
    classes : a run's `classes.parquet`; its `risk_class` by `entity_id`.
    """
    with engine() as running:
        rows = running.read("table", [str(part) for part in table.parts])
        if classes is not None:
            told = running.read("classes", [str(classes)]).select("entity_id", "risk_class")
            joined = rows.left_join(told, "entity_id")
            rows = joined.select(rows, risk_class=told.risk_class.fill_null(""))
        else:
            rows = rows.mutate(risk_class=ibis.literal(""))
        rows = running.settle("rows", rows)
        return {
            one.id: found
            for one in catalogue.indicators
            if (found := _distribution(running, rows, one.id)) is not None
        }


def _distribution(running: Engine, rows: ir.Table, name: str) -> Distribution | None:
    known = rows.filter(rows[name].notnull())
    value = known[name]
    high = (value.quantile(0.99) > value.min()).ifelse(value.quantile(0.99), value.max())
    ends = known.aggregate(low=value.min(), high=high)
    (span,) = running.fetch(ends).to_pylist()
    if span["low"] is None:
        return None
    width = (span["high"] - span["low"]) / BINS or 1.0
    place = ((known[name] - span["low"]) / width).floor().cast("int64")
    binned = known.mutate(bin=ibis.least(place, BINS - 1), hit=(known[name] != 0).ifelse(1, 0))
    counts = binned.group_by(["risk_class", "bin"]).agg(n=binned.count(), hit=binned.hit.sum())
    shares: dict[str, list[float]] = {}
    nonzero: dict[str, float] = {}
    found = running.fetch(counts.order_by(["risk_class", "bin"])).to_pylist()
    for risk_class in sorted({row["risk_class"] for row in found}):
        own = [row for row in found if row["risk_class"] == risk_class]
        total = sum(row["n"] for row in own)
        by_bin = {row["bin"]: row["n"] / total for row in own}
        shares[risk_class] = [by_bin.get(at, 0.0) for at in range(BINS)]
        nonzero[risk_class] = sum(row["hit"] for row in own) / total
    edges = [span["low"] + at * width for at in range(BINS + 1)]
    return Distribution(edges, shares, nonzero)
