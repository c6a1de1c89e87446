"""What a plan is: a task, its items, its blind slice, and at which ratio each class is drawn.

Everything a bureau may decide about a draw is in this one declaration. A plan that contradicts
itself is refused with the two lines that clash, before anything is committed.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from supervision.errors import PlanError
from supervision.plans import clashes, planfile
from supervision.plans.entries import (
    BlindSlice,
    ByClass,
    ByGrade,
    Capacity,
    Days,
    Deadlines,
    Entry,
    HigherRule,
    Item,
    MethodByClass,
    MethodByGrade,
    Methods,
    Name,
    Scope,
    Share,
    Text,
    YearlyByClass,
    YearlyByGrade,
)

ON_SITE: Methods = {"on_site": Decimal(1)}


class PlanDefinition(Entry):
    """A plan, checked. Ratios are visits a firm and year, spread over the year's batches.

    task : names the plan in every ticket.
    type : directed (定向) has a scope; undirected (不定向) is about every firm.
    batches : draws a year, each of 12 / batches months.
    bureau : who visits and whose capacity counts: a county, a city, or the whole province.
    strata : always hold `class` (class or grade); `city` and `county` are the first four and six
        places of a firm's division. At least as fine as the bureaus.
    items : what is inspected.
    overall_floor : the share of the firms visited within a year at least; what slice and ratios
        leave open is filled without looking at classes. A firm without class or grade is drawn at
        it.
    no_repeat : an item is inspected once a calendar year; never for D.
    joint_visits : 综合查一次: a visit takes every item that is due; otherwise the first.
    exclude : reasons on the list of exclusions that keep a firm out of the plan (not of the slice,
        and not if it is D).
    release : days before the period begins on which its tasks become visible.
    """

    task: Text
    type: Literal["directed", "undirected"]
    batches: Literal[1, 2, 3, 4, 6, 12]
    bureau: Literal["county", "city", "province"]
    strata: tuple[Literal["class", "city", "county"], ...]
    items: tuple[Item, ...] = Field(min_length=1, max_length=60)
    scope: Scope | None = None
    blind_slice: BlindSlice | None
    ratio_by_class: ByClass
    ratio_by_grade: ByGrade
    overall_floor: Share
    max_per_year_by_class: YearlyByClass = YearlyByClass()
    max_per_year_by_grade: YearlyByGrade = YearlyByGrade()
    no_repeat: bool = True
    joint_visits: bool = True
    exclude: tuple[Name, ...] = ()
    higher_rules: tuple[HigherRule, ...] = ()
    capacity: Capacity | None = None
    method_by_class: MethodByClass = MethodByClass()
    method_by_grade: MethodByGrade = MethodByGrade()
    deadlines: Deadlines = Deadlines()
    release: Days = 0

    @field_validator("batches", mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        """True is 1 for Python, not for a reader."""
        return str(value) if isinstance(value, bool | float) else value

    @model_validator(mode="after")
    def _stands(self) -> Self:
        clashes.check(self)
        return self

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a plan; `PlanError` names line, field, value, what is allowed, and the nearest."""
        data, lines = planfile.read(text)
        return cls.checked(data, lines)

    @classmethod
    def checked(cls, data: object, lines: planfile.Lines | None = None) -> Self:
        """A plan from plain data; `lines` says where each entry stands, if it stands in a file."""
        if not isinstance(data, dict):
            names = ", ".join(cls.model_fields)
            raise PlanError("a plan is a mapping", found=repr(data), allowed=names)
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise planfile.told(cls, error, lines or {}) from None

    @property
    def key_fields(self) -> dict[str, Decimal]:
        """The fields with a key ratio and the highest of it; their firms have own strata."""
        ratios: dict[str, Decimal] = {}
        for item in self.items:
            if item.field is not None and item.ratio is not None:
                ratios[item.field] = max(item.ratio, ratios.get(item.field, item.ratio))
        return dict(sorted(ratios.items()))

    def ratio(self, group: str, fields: Collection[str] = ()) -> Decimal:
        """Visits a firm and year of a group (`class A`, `grade A`, `unclassified`; `lists.join`).

        `fields` are the firm's; a key item of one of them raises the ratio.
        """
        kind, _, letter = group.partition(" ")
        table: dict[str, Entry] = {"class": self.ratio_by_class, "grade": self.ratio_by_grade}
        own: Decimal = getattr(table[kind], letter) if kind in table else self.overall_floor
        return max([own, *(ratio for name, ratio in self.key_fields.items() if name in fields)])

    def uncapped(self, group: str) -> bool:
        """Whether a group has no limit of ours: class D, and grade E, handled as D."""
        kind, _, letter = group.partition(" ")
        return clashes.UNCAPPED.get(kind) == letter

    def max_per_year(self, group: str) -> int | None:
        """The most visits a firm of a group and calendar year; null: no limit."""
        kind, _, letter = group.partition(" ")
        table: dict[str, Entry] = {
            "class": self.max_per_year_by_class,
            "grade": self.max_per_year_by_grade,
        }
        most: int | None = getattr(table[kind], letter) if kind in table else None
        return most

    def methods(self, group: str) -> Methods:
        """The shares of the methods in a group, in the order they are written."""
        kind, _, letter = group.partition(" ")
        table: dict[str, Entry] = {"class": self.method_by_class, "grade": self.method_by_grade}
        shares: Methods | None = getattr(table[kind], letter) if kind in table else None
        return shares or ON_SITE

    def plain(self) -> dict[str, Any]:
        """JSON-ready, ratios as texts, so that no reader meets a binary fraction."""
        return self.model_dump(mode="json")
