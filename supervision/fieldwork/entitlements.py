"""Services and limits: what a public grade or a list entry in force gives a firm, or takes.

Regulation, second part, (八). A risk class is not among the arguments and cannot be: it decides
ratio, frequency, method and attention, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

import pandas as pd

from supervision.fieldwork.configured import read
from supervision.fieldwork.standing import RECORD, Entry, Kind, Words, standing

ENTITLED = ("entity_id", "kind", "measure", "zh", "en", *RECORD, "says", "clause_zh", "clause_en")
"""Columns: a row a firm, measure and record it rests on. `kind` is service or limit; `says` the
grade, or null where the record is a list's."""

Grade = Literal["A", "B", "C", "D", "E"]


class Measure(Entry):
    """A service or a limit."""

    id: str
    name: Words


class Services(Entry):
    """What firms of good grades are given, unless an entry in force bars them."""

    grades: tuple[Grade, ...]
    barred_by: tuple[Kind, ...] = ()
    measures: tuple[Measure, ...]


class Limits(Entry):
    """What firms of the worst grades, or on a list, are limited in."""

    grades: tuple[Grade, ...]
    lists: tuple[Kind, ...]
    measures: tuple[Measure, ...]


class Entitlements(Entry):
    """The measures, on what they rest, and the clause that says so."""

    clause: Words
    grades: Kind
    services: Services
    limits: Limits

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read the settings; `PlanError` names the entry that is wrong."""
        return read(cls, text, "entitlements")

    @property
    def tables(self) -> tuple[str, ...]:
        """The record tables that are asked."""
        kinds = (self.grades, *self.services.barred_by, *self.limits.lists)
        return tuple(sorted({kind.table for kind in kinds}))


def entitled(rules: Entitlements, records: Mapping[str, pd.DataFrame], on: date) -> pd.DataFrame:
    """Every service and limit in force on a day, with the record it rests on.

    Parameters
    ----------
    records : the tables of `rules.tables` as known on the day; see `standing.standing`.

    Returns
    -------
    Frame of columns `ENTITLED`, sorted by firm, kind, measure as declared, and record.
    """
    grades = standing(rules.grades, records[rules.grades.table], on)
    grades = grades.drop_duplicates("entity_id").assign(says=grades["grade"])
    barred = _listed(rules.services.barred_by, records, on)["entity_id"]
    good = grades["grade"].isin(rules.services.grades) & ~grades["entity_id"].isin(barred)
    bad = grades[grades["grade"].isin(rules.limits.grades)]
    listed = _listed(rules.limits.lists, records, on).assign(says=None)
    rows = [
        *_rows("service", rules.services.measures, grades[good]),
        *_rows("limit", rules.limits.measures, bad),
        *_rows("limit", rules.limits.measures, listed),
    ]
    clause = (rules.clause.zh, rules.clause.en)
    frame = pd.DataFrame([(*row, *clause) for row in rows], columns=list(ENTITLED))
    return frame.sort_values("entity_id", kind="stable", ignore_index=True)


def _listed(kinds: tuple[Kind, ...], records: Mapping[str, pd.DataFrame], on: date) -> pd.DataFrame:
    columns = ["entity_id", *RECORD]
    found = [standing(kind, records[kind.table], on)[columns] for kind in kinds]
    return pd.concat([pd.DataFrame(columns=columns), *found], ignore_index=True)


def _rows(
    kind: str, measures: tuple[Measure, ...], firms: pd.DataFrame
) -> list[tuple[object, ...]]:
    """A row a firm, measure and record."""
    told = firms[["entity_id", *RECORD, "says"]].itertuples(index=False)
    return [
        (row[0], kind, measure.id, measure.name.zh, measure.name.en, *row[1:])
        for row in told
        for measure in measures
    ]
