"""Going on from an earlier table: only firms whose records or windows moved are computed anew.

Between two dates and two snapshots of one store a firm is *touched* if a record of its own came,
became known, was corrected, ended or left a window. An untouched firm keeps its values, but for
those that age by themselves. What rests on many firms is found anew for all. The result equals
a full build, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow.parquet as pq

from features import cache, pieces
from features.building import Building, Progress
from features.catalogue import Catalogue
from features.clocks import ROW, since, until
from features.conditions import earlier, later
from features.engine import engine
from features.indicator import Indicator
from features.known import Asked, Known
from features.measures import DAYS_A_YEAR, OF_TWO_WINDOWS
from features.pieces import Piece
from features.reach import columns_of
from features.spine import Spine
from features.table import FeatureTable, build
from records.errors import BadInput
from records.store import Snapshot, Store


def update(
    before: FeatureTable,
    store: Store,
    records: Snapshot,
    spine: pd.DataFrame,
    catalogue: Catalogue,
    *,
    on: str = "duckdb",
    progress: Progress = lambda *_: None,
) -> FeatureTable:
    """The table of a later date, going on from the table of an earlier one.

    Parameters
    ----------
    before : a table of one date and of the same catalogue.
    store : where both snapshots were taken.
    records : the later snapshot.
    spine : firms on one later date, or the same date.

    Raises
    ------
    BadInput : several dates, an earlier date, or a table of another catalogue.
    NotFound : the earlier table's snapshot is not one of the store's.
    """
    asked = Spine.of(spine)
    days = _checked(before, asked, catalogue)
    folder = cache.folder(records, asked, catalogue, on)
    if folder.whole:
        return FeatureTable(folder)
    with engine(on) as running:
        known = Known(records, running, columns_of(catalogue))
        step = _Step(known, asked, catalogue, before, store.named(before.snapshot), days)
        if step.absent != dict(before.folder.absent):  # a table's first records speak of all firms
            return build(records, spine, catalogue, on=on, progress=progress)
        step.into(folder, progress)
    return FeatureTable(folder)


Days = tuple[date, date]
"""The date of the earlier table and that of the later one."""


def _checked(before: FeatureTable, spine: Spine, catalogue: Catalogue) -> Days:
    if before.hash != catalogue.hash:
        raise BadInput(
            "the earlier table is of another catalogue",
            found=f"{before.version}+{before.hash[:12]}",
            allowed=f"{catalogue.version}+{catalogue.hash[:12]}",
            hint="build the later table anew",
        )
    if before.day is None or spine.day is None or spine.day < before.day:
        raise BadInput(
            "a table goes on from one date to one later date",
            found=f"from {before.as_of} to {spine.first}",
            hint="build it anew",
        )
    return before.day, spine.day


class _Step(Building):
    """A build in which only touched firms' own records are read."""

    def __init__(
        self,
        known: Known,
        spine: Spine,
        catalogue: Catalogue,
        before: FeatureTable,
        old: Snapshot,
        days: Days,
    ) -> None:
        super().__init__(known, spine, catalogue)
        self.before = known.engine.read("before", [str(part) for part in before.parts])
        self.kept = [one for one in self.chosen if pieces.is_own(one)]
        self.days = (days[1] - days[0]).days
        tables = pieces.by_table(self.kept) | ({"repairs": []} if known.has("repairs") else {})
        moved = [_moved(known, old, *one, *days) for one in tables.items()]
        self.touched = known.engine.settle(
            "touched", reduce(lambda a, b: a.union(b), moved).distinct()
        )

    def own(self, asked: Asked) -> Iterator[Piece]:
        """Fresh values of touched and of new firms; those of the others as they were, aged."""
        stayed = self.before.anti_join(self.touched, "entity_id")
        if asked.between is not None:
            stayed = stayed.filter(stayed.entity_id.between(*asked.between))
        fresh = asked.only(self.settled("fresh", asked.rows.anti_join(stayed, "entity_id")))
        found = [
            replace(piece, rows=self.settled(piece.name, piece.rows))
            for piece in pieces.own(self.known, fresh, self.kept)
        ]
        ids = tuple(one.id for one in self.kept)
        new = pieces.filled(pieces.joined(fresh, found), self.kept).select(*ROW, *ids)
        aged = asked.rows.join(stayed, "entity_id").select(
            asked.rows.entity_id,
            asked.rows.as_of,
            **{one.id: self._aged(stayed[one.id], one) for one in self.kept},
        )
        yield Piece("kept", self.settled("kept", new.union(aged)), ids)
        yield from self.in_python(asked)

    def _aged(self, value: ir.FloatingColumn, one: Indicator) -> ir.Value:
        if one.measure == "days_since":
            return value + float(self.days)
        if one.measure == "years_since":
            days = (value * DAYS_A_YEAR).round().cast("float64") + float(self.days)
            return days / DAYS_A_YEAR
        return value


def _moved(
    known: Known, old: Snapshot, table: str, indicators: list[Indicator], first: date, last: date
) -> ir.Table:
    """Firms of whom a record came, or counts on one of the dates and not on the other."""
    versions = known.versions(table)
    corrected = known.corrected(table)
    rows = versions.left_join(corrected, versions.sequence == corrected.superseded).select(
        versions, corrected.superseded_on
    )
    begin, end = ibis.literal(first), ibis.literal(last)
    came = (rows.sequence >= _count(old, table)) & (rows.known_time < end)
    turns = [came] + [
        _turns(day, begin, end) for day in (rows.known_time, rows.superseded_on, rows.valid_to)
    ]
    for one in indicators:
        turns += [turn for turn in _leaving(rows, one, begin, end) if turn is not None]
        for conditions in (one.where, one.of):
            for name, condition in conditions.items():
                if rows[name].type().is_date():
                    turns.append(_turns(rows[name], begin, end))
                if condition.within is not None:
                    near, far = later(begin, condition.within), later(end, condition.within)
                    turns.append(_turns(rows[name], near, far))
    moved = rows.filter(reduce(or_, turns))
    corrections = rows.filter(came, rows.corrects.notnull())
    was = corrections.select(was=corrections.corrects).view()
    before = versions.semi_join(was, versions.sequence == was.was)
    return moved.select("entity_id").union(before.select("entity_id"))


def _turns(day: ir.DateValue, begin: ir.DateValue, end: ir.DateValue) -> ir.BooleanValue:
    """Whether a day is from the first on and before the last: what holds until then, turns."""
    return ((day >= begin) & (day < end)).fill_null(False)


def _leaving(
    rows: ir.Table, one: Indicator, begin: ir.DateValue, end: ir.DateValue
) -> Iterator[ir.BooleanValue]:
    """Whether a record leaves an indicator's window, or is counted by the day."""
    if one.measure == "days_listed":
        gone = rows[one.columns[0]].fill_null(ibis.date("9999-12-30"))
        yield gone >= begin
        early, late = since(begin, one.window), since(end, one.window)
        if early is not None:
            yield (rows.event_time < late) & (gone > early)
        return
    until_day = until(rows.event_time, one.window)
    if until_day is not None:
        yield _turns(until_day, begin, end)
    if one.measure in OF_TWO_WINDOWS:
        window = one.window
        yield _turns(
            rows.event_time,
            earlier(earlier(begin, window), window),
            earlier(earlier(end, window), window),
        )


def _count(old: Snapshot, table: str) -> int:
    """Rows of a table in a snapshot: the `sequence` of the first that came later."""
    return sum(pq.read_metadata(file).num_rows for file in old.tables.get(table, []))
