"""What a firm can do about an indicator: acts, each declared once with all that follows from it.

    acts:
      leave_abnormal_list:
        zh: 履行义务后申请移出经营异常名录
        en: meet the duty and apply for removal from the abnormal-operation list
        duty: {zh: 现列入经营异常名录, en: on the abnormal-operation list now}
        record: abnormal_listings      # the table whose record shows it done
        needs: {}                      # indicators that must have reached a value before
        makes: {G3-01: 0, G3-02: 0, G3-04: {adds: -1}}

An indicator names by `remedy` the act that answers it. `makes` is what the act's records make of
indicators on the day they are known; without it nobody can say beforehand, and the act is told as
advice only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from features.indicator import Strict, Words
from records.declarations import Entry, wrong
from records.schema import TABLES


class Effect(Strict):
    """What an indicator becomes: a value (null: unknown), or its own with something added.

    `adds` is a number, or indicators whose present values are added.
    """

    becomes: float | None = None
    adds: float | tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, said: Any) -> Any:
        return said if isinstance(said, dict) else {"becomes": said}

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise wrong("an effect says exactly one thing", allowed=tuple(Effect.model_fields))
        return self

    @property
    def added(self) -> tuple[str, ...]:
        """The indicators whose values are added."""
        return self.adds if isinstance(self.adds, tuple) else ()

    def of(self, value: float, present: Mapping[str, float]) -> float:
        """The value after the act; NaN is unknown and counts as 0 where something is added."""
        if self.adds is None:
            return math.nan if self.becomes is None else self.becomes
        more = (self.adds,) if isinstance(self.adds, float) else [present[n] for n in self.adds]
        return math.fsum(0.0 if math.isnan(part) else part for part in (value, *more))


class Act(Words):
    """An act: what to do (`zh`, `en`), the duty it meets, and what follows."""

    duty: Words
    record: str
    needs: dict[str, float] = Field(default={})
    makes: dict[str, Effect] = Field(default={})
    note: str = ""

    @model_validator(mode="after")
    def _known_table(self) -> Self:
        if self.record not in TABLES:
            raise wrong(f"unknown table {self.record!r}", self.record, TABLES, ("record",))
        return self

    @property
    def names(self) -> list[tuple[Entry, str]]:
        """Every indicator that is named, with the entry that names it."""
        made: list[tuple[Entry, str]] = [(("makes", name), name) for name in self.makes]
        needed: list[tuple[Entry, str]] = [(("needs", name), name) for name in self.needs]
        added: list[tuple[Entry, str]] = [
            (("makes", name, "adds"), other)
            for name, effect in self.makes.items()
            for other in effect.added
        ]
        return made + needed + added
