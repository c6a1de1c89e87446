"""A snapshot's records as known on the dates asked for; every indicator reads through here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import ibis
import ibis.expr.types as ir

from features import clocks
from features.clocks import ROW
from features.conditions import Condition, every
from features.engine import Engine
from records.schema import TABLES
from records.store import Snapshot


@dataclass(frozen=True)
class Asked:
    """The firms and dates that something is asked of.

    Parameters
    ----------
    rows : distinct `entity_id` and `as_of`.
    day : the one date that is asked for, or None where there are several.
    everyone : the rows hold most firms on that one date: records are read through rather than
        looked up, and answers may come for firms that were not asked for.
    between : the first and last `entity_id`, where the rows are a range of firms.
    """

    rows: ir.Table
    day: date | None = None
    everyone: bool = False
    between: tuple[str, str] | None = None

    def only(self, rows: ir.Table) -> Asked:
        """Other rows on the same dates."""
        return replace(self, rows=rows, everyone=False, between=None)


ALWAYS = (
    "source", "source_id", "entity_id", "event_time", "known_time", "valid_to", "sequence",
    "corrects", "newness",
)  # fmt: skip
"""What is always read of a record: its identity, its clocks, its place among the others."""


class Known:
    """A snapshot's tables as known on dates, on an engine.

    Parameters
    ----------
    only : the columns that will be asked of each table, besides ALWAYS; None: all.
    """

    def __init__(
        self, records: Snapshot, engine: Engine, only: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self.records = records
        self.engine = engine
        self._only = only
        self._versions: dict[str, ir.Table] = {}
        self._corrected: dict[str, ir.Table] = {}
        self._repaired: frozenset[str] | None = None
        self._firms: ir.Table | None = None

    def has(self, name: str) -> bool:
        return name in self.records.tables

    def versions(self, name: str) -> ir.Table:
        """All versions of all records of a table.

        A column that was declared after the files were written is null.
        """
        if name not in self._versions:
            table = _with_declared(self.engine.read(name, self.records.tables[name]), name)
            if self._only is not None:
                wanted = dict.fromkeys([*ALWAYS, *sorted(self._only.get(name, ()))])
                table = table.select(*wanted)
            self._versions[name] = table
        return self._versions[name]

    def corrected(self, name: str) -> ir.Table:
        """The versions of a table that were corrected, and when that was known."""
        if name not in self._corrected:
            found = clocks.superseding(self.versions(name))
            self._corrected[name] = self.engine.settle(f"corrected_{name}", found)
        return self._corrected[name].view()

    def everyone(self, day: date, named_in: str = "enterprises") -> Asked:
        """All firms that a table's records name, on one date."""
        firms = self.versions(named_in).select("entity_id").distinct()
        return Asked(firms.mutate(as_of=ibis.literal(day)), day, everyone=True)

    def rows(self, name: str, asked: Asked) -> ir.Table:
        """The records in force on the dates asked for, with `as_of` and `repaired`."""
        rows = self._in_force(name, asked)
        if name == "repairs" or name not in self._repaired_tables():
            return rows.mutate(repaired=ibis.literal(False))
        standing = self._in_force("repairs", asked)
        return clocks.with_repairs(rows, standing.filter(standing.repaired_table == name))

    def holders(self, name: str, column: str, keys: ir.Table) -> ir.Table:
        """The records in force that hold one of the `key`s on its `as_of`, of whatever firm."""
        versions = self.versions(name)
        dated = versions.join(keys, versions[column] == keys.key).select(versions, keys.as_of)
        return clocks.in_force(dated, self.corrected(name))

    def newest(self, name: str, asked: Asked, columns: Iterable[str]) -> ir.Table:
        """The newest value that was given of each column: `entity_id`, `as_of` and the columns."""
        rows = self._in_force(name, asked)
        return rows.group_by(ROW).agg(**{column: newest(rows, rows[column]) for column in columns})

    def profile(
        self, asked: Asked, columns: Iterable[str], conditions: Mapping[str, Condition] = {}
    ) -> ir.Table:
        """Firms as they are registered, the columns and those that the conditions name.

        Only firms that meet the conditions are in it.
        """
        names = dict.fromkeys([*columns, *conditions])
        if self._firms is not None and asked.everyone and {*names} <= {*self._firms.columns}:
            firms = self._firms.select(*ROW, *names)
            if asked.between is not None:
                firms = firms.filter(firms.entity_id.between(*asked.between))
        else:
            firms = self.newest("enterprises", asked, names)
        return firms.filter(every(firms, dict(conditions))) if conditions else firms

    def register(self, asked: Asked, columns: Iterable[str]) -> None:
        """Find what is asked of the registrations of everyone once, and go on from it."""
        firms = self.newest("enterprises", asked, dict.fromkeys(columns))
        self._firms = self.engine.settle("firms", firms)

    def _in_force(self, name: str, asked: Asked) -> ir.Table:
        versions = self.versions(name)
        if asked.everyone and asked.day is not None:
            dated = versions.mutate(as_of=ibis.literal(asked.day))
            if asked.between is not None:
                dated = dated.filter(dated.entity_id.between(*asked.between))
        else:
            dated = versions.join(asked.rows, "entity_id").select(versions, asked.rows.as_of)
        return clocks.in_force(dated, self.corrected(name))

    def _repaired_tables(self) -> frozenset[str]:
        """The tables of which any record was ever repaired."""
        if self._repaired is None:
            named: list[str] = []
            if self.has("repairs"):
                tables = self.versions("repairs").select("repaired_table").distinct()
                named = self.engine.fetch(tables)[0].to_pylist()
            self._repaired = frozenset(named)
        return self._repaired


def newest(rows: ir.Table, value: ir.Column, where: ir.BooleanValue | None = None) -> ir.Column:
    """The value of the newest row that gives one, by the store's `newness`."""
    given = value.notnull() if where is None else where & value.notnull()
    return value.argmax(rows.newness, where=given)


def _with_declared(table: ir.Table, name: str) -> ir.Table:
    kinds = {"text": "string", "date": "date", "int": "int64", "fen": "int64",
             "float": "float64", "flag": "boolean"}  # fmt: skip
    absent = {
        column.name: ibis.null(kinds[column.kind])
        for column in TABLES[name].known.values()
        if column.name not in table.columns
    }
    return table.mutate(**absent) if absent else table
