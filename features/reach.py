"""Reach: from which day on an indicator can be known at all.

While no record was known that could speak of it, an indicator is null and never its
`when_absent`: no complaint is one thing, no records of complaints another. The same holds for a
column that no record known by then gives, and for a register of which none is known, where a table
holds several (`records.columns.Table.registers`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

import ibis.expr.types as ir

from features.catalogue import Catalogue, parts_of
from features.conditions import Condition
from features.custom import custom
from features.indicator import OF_GROUPS, Indicator
from features.known import Known
from records.schema import TABLES

FIRM = "entity_id"
LOOK = 50_000
"""Records of a table that are looked at first."""

REPAIRED = ("repaired_table", "repaired_source_id")


@dataclass(frozen=True, order=True)
class Need:
    """A record table, and columns of it of which at least one must be given: as one of `words`."""

    table: str
    columns: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How a lack of it is told."""
        words = f" {'/'.join(self.words)}" if self.words else ""
        return f"{self.table}.{'+'.join(self.columns)}{words}"

    def met(self, rows: ir.Table) -> ir.BooleanValue:
        """Whether a record gives what is needed."""
        return reduce(
            or_,
            [
                rows[name].isin(self.words) if self.words else rows[name].notnull()
                for name in self.columns
            ],
        )


@dataclass(frozen=True)
class Reach:
    """From which day on the records speak of what indicators need, in so far as dates ask.

    `tables` and `needs` hold the day after which there are records of a table, or records that
    give a column. What was there before the first date has the day before it.
    """

    tables: dict[str, date]
    needs: dict[Need, date]

    def since(self, indicator: Indicator, catalogue: Catalogue) -> date | None:
        """The day after which an indicator can be known; None: never."""
        days = [self.needs.get(need) for need in needs(indicator, catalogue)]
        return None if None in days else max(day for day in days if day is not None)

    def covering(self, tables: Collection[str], catalogue: Catalogue, first: date) -> Reach:
        """The same, and some tables hold all that was ever known, seen from a first date."""
        if not tables:
            return self
        before = first - timedelta(days=1)
        wanted = {need for one in catalogue.indicators for need in needs(one, catalogue)}
        met = {need: before for need in wanted if need.table in tables}
        return Reach(self.tables | dict.fromkeys(tables, before), self.needs | met)

    def lacks(self, indicator: Indicator, catalogue: Catalogue, by: date) -> str:
        """What keeps an indicator from being known on a date: a table, or a column of one."""
        for need in sorted(needs(indicator, catalogue)):
            first = self.needs.get(need)
            if first is None or first >= by:
                table = self.tables.get(need.table)
                return need.table if table is None or table >= by else need.name
        return ""


def columns_of(catalogue: Catalogue) -> dict[str, set[str]]:
    """What the indicators of a catalogue ask of each record table."""
    found: dict[str, set[str]] = {"enterprises": {"status"}, "repairs": set(REPAIRED)}
    for one in catalogue.indicators:
        if one.table is not None:
            per = [one.per] if one.per else []
            last = [one.last_of] if one.last_of else []
            own = {*one.columns, *per, *last, *one.where, *one.of}
            found.setdefault(one.table, set()).update(own)
        if one.by is not None:  # of the records that have it, and of the firms asked for
            for table in (str(one.table), "enterprises"):
                if one.by in TABLES[table].known:
                    found[table].add(one.by)
        if one.measure == "python":
            for table, columns in custom(str(one.function)).reads.items():
                found.setdefault(table, set()).update(columns)
    for tie in catalogue.ties.values():
        found.setdefault(tie.table, set()).update((tie.column, *tie.where))
    return found


def registered_columns(catalogue: Catalogue) -> list[str]:
    """What ties, groups and measures in Python ask of the firms' registrations."""
    own = TABLES["enterprises"].known
    found = ["status"]
    for tie in catalogue.ties.values():
        if tie.table == "enterprises":
            found += [tie.column, *tie.where]
    for one in catalogue.indicators:
        if one.by is not None and one.by in own:
            found.append(one.by)
        if one.measure == "python":
            found += custom(str(one.function)).reads.get("enterprises", [])
    return list(dict.fromkeys(found))


def survey(known: Known, catalogue: Catalogue, first: date) -> Reach:
    """Look through the records for what they give, and since when, seen from a first date.

    A look at some records known by then answers for most; only what they do not give is looked
    for in all of them.
    """
    wanted: dict[str, set[Need]] = {name: set() for name in known.records.tables}
    for one in catalogue.indicators:
        for need in needs(one, catalogue):
            wanted.setdefault(need.table, set()).add(need)
    tables: dict[str, date] = {}
    found: dict[Need, date] = {}
    before = first - timedelta(days=1)
    for table, few in wanted.items():
        if not known.has(table):
            continue
        rows = known.versions(table)
        ordered = sorted(few)
        given = _given(known, rows.filter(rows.known_time < first).limit(LOOK), ordered)
        if given["every"] is not None:
            tables[table] = before
        found |= {need: before for need in ordered if given[need.name] is not None}
        missing = [need for need in ordered if need not in found]
        if missing:
            given = _given(known, rows, missing)
            if table not in tables and given["every"] is not None:
                tables[table] = given["every"]
            days = {need: given[need.name] for need in missing}
            found |= {need: day for need, day in days.items() if day is not None}
    return Reach(tables, found)


def _given(known: Known, rows: ir.Table, few: Sequence[Need]) -> dict[str, date | None]:
    """The first day on which rows that give each need became known, and any row at all."""
    firsts = {need.name: rows.known_time.min(where=need.met(rows)) for need in few}
    whole = rows.aggregate(every=rows.known_time.min(), **firsts)
    (days,) = known.engine.fetch(whole).to_pylist()
    return dict(days)


def needs(indicator: Indicator, catalogue: Catalogue) -> frozenset[Need]:
    """Without what an indicator cannot be known."""
    return frozenset(_needs(indicator, catalogue))


def _needs(one: Indicator, catalogue: Catalogue) -> Iterator[Need]:
    if one.table is not None:
        yield from _own(one, one.table)
    if one.measure in OF_GROUPS:
        own = str(one.by) in TABLES[str(one.table)].known
        yield Need(str(one.table) if own else "enterprises", (str(one.by),))
    for name in one.ties:
        tie = catalogue.ties[name]
        yield Need(tie.table, (tie.column,))
        yield Need(tie.table, (FIRM,))
        yield Need("enterprises", (FIRM,))
    if one.measure == "python":
        for table, columns in custom(str(one.function)).reads.items():
            yield from (Need(table, (column,)) for column in (FIRM, *columns))
    for name in parts_of(one).values():
        yield from _needs(catalogue[name], catalogue)


def _own(one: Indicator, table: str) -> Iterator[Need]:
    if one.measure not in OF_GROUPS or str(one.by) not in TABLES[table].known:
        yield Need(table, (FIRM,))
    if one.columns and one.measure != "days_listed":  # a listing without an end still stands
        yield Need(table, one.columns)
    if one.per is not None:
        yield Need(table, (one.per,))
    for conditions in (one.where, one.of):
        for name, condition in conditions.items():
            if name == TABLES[table].registers and condition.among:
                yield Need(table, (name,), tuple(map(str, condition.among)))
            elif _must_be_given(condition):
                yield Need(table, (name,))


def _must_be_given(condition: Condition) -> bool:
    """Whether a column that is never given leaves a condition without an answer.

    A date that is not given is without end, so that it is `open`; what is not given is none of
    what `except` names.
    """
    return condition.other_than is None and "open" not in (condition.among or ())
