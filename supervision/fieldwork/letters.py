"""Whom to remind and whom to invite for a talk, by class; what is told them is records alone.

Regulation, second part, (五): a firm of class B is reminded of its minor dishonesty, where there
is any in force; one of class C is met more strictly, and a talk (约谈) can be proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

import pandas as pd
from pydantic import Field

from supervision.fieldwork.configured import read
from supervision.fieldwork.standing import RECORD, Entry, Kind, Words, standing

REMINDED = ("entity_id", *RECORD, "zh", "en", "mend_zh", "mend_en")
"""Columns: a row a firm and record; what the record is, and what can be done about it."""

Class = Literal["A", "B", "C", "D"]


class Minor(Entry):
    """A kind of record that counts as minor dishonesty, and what mends it."""

    kind: Kind
    name: Words
    mend: Words


class Reminder(Entry):
    """Who is reminded, and of which records."""

    class_: Class = Field(alias="class")
    records: tuple[Minor, ...]


class Talk(Entry):
    """Whom a talk is proposed with."""

    class_: Class = Field(alias="class")


class Letters(Entry):
    """What the bureau writes beside a visit."""

    reminder: Reminder
    talk: Talk

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read the settings; `PlanError` names the entry that is wrong."""
        return read(cls, text, "letters")

    @property
    def tables(self) -> tuple[str, ...]:
        """The record tables that are asked."""
        return tuple(sorted({one.kind.table for one in self.reminder.records}))


def reminders(
    rules: Letters, classes: pd.DataFrame, records: Mapping[str, pd.DataFrame], on: date
) -> pd.DataFrame:
    """The records to remind firms of; a firm without one is not in it.

    Parameters
    ----------
    classes : `entity_id` and `risk_class` (null: has none, is not reminded).
    records : the tables of `rules.tables` as known on the day; see `standing.standing`.

    Returns
    -------
    Frame of columns `REMINDED`, sorted by firm, kind as declared, the newest record first.
    """
    of_class = classes.loc[classes["risk_class"] == rules.reminder.class_, "entity_id"]
    found = [
        standing(one.kind, records[one.kind.table], on)[["entity_id", *RECORD]].assign(
            zh=one.name.zh, en=one.name.en, mend_zh=one.mend.zh, mend_en=one.mend.en
        )
        for one in rules.reminder.records
    ]
    told = pd.concat([pd.DataFrame(columns=list(REMINDED)), *found], ignore_index=True)
    told = told[told["entity_id"].isin(of_class)]
    return told.sort_values("entity_id", kind="stable", ignore_index=True)


def talks(rules: Letters, classes: pd.DataFrame) -> list[str]:
    """The firms with which a talk is proposed, sorted."""
    chosen = classes.loc[classes["risk_class"] == rules.talk.class_, "entity_id"]
    return sorted(chosen)
