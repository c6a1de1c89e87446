"""A snapshot's tables as known on the dates of a spine; every indicator reads through here."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from features import clocks, engine
from features.clocks import ROW
from records.store import Snapshot


class Known:
    """A snapshot's tables as known on the dates of a spine."""

    def __init__(self, records: Snapshot, spine: pd.DataFrame) -> None:
        self.records = records
        self.engine: Backend = engine.connect()
        self.spine = engine.spine(self.engine, spine[ROW])
        self.dates = self.spine.select("as_of").distinct()
        self._versions: dict[str, ir.Table] = {}

    def has(self, name: str) -> bool:
        return name in self.records.tables

    def versions(self, name: str) -> ir.Table:
        if name not in self._versions:
            table = engine.table(self.engine, self.records, name)
            self._versions[name] = clocks.with_supersession(table)
        return self._versions[name]

    def of_spine(self, name: str) -> ir.Table:
        """Records of the spine's firms on the spine's dates."""
        return self._with_repairs(
            clocks.known(self.versions(name), self.spine, ["entity_id"]), name
        )

    def of_all(self, name: str) -> ir.Table:
        """Records of all firms on every date of the spine."""
        return self._with_repairs(clocks.known(self.versions(name), self.dates, []), name)

    def _with_repairs(self, rows: ir.Table, name: str) -> ir.Table:
        repairs = self.versions("repairs") if self.has("repairs") else None
        return clocks.with_repairs(rows, repairs, name)

    def newest(self, name: str) -> ir.Table:
        """Each firm's newest record of a table, on every date of the spine."""
        rows = clocks.known(self.versions(name), self.dates, [])
        newest = ibis.window(
            group_by=[rows[key] for key in ROW],
            order_by=[rows.event_time.desc(), rows.known_time.desc(), rows.sequence.desc()],
        )
        ranked = rows.mutate(place=ibis.row_number().over(newest))
        return ranked.filter(ranked.place == 0).drop("place")
