"""The entries a plan is written with, each checked by itself. What clashes is told by `clashes`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Exact = Annotated[Decimal, Field(allow_inf_nan=False, decimal_places=20, max_digits=30)]
"""A decimal number, because 100 x 0.07 must be 7."""

Share = Annotated[Exact, Field(gt=0, le=1)]
"""A share, above 0 and at most 1."""

Rate = Annotated[Exact, Field(gt=0)]
"""Visits a firm and year, above 0: 0.03 is 3 % of the firms within a year, 2 is twice a year."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

Name = Annotated[str, StringConstraints(pattern=r"^[^\s;:/+]+$", max_length=100)]
"""A short name within lists: no space and none of ; : / +, which part such names."""

_Coded = BeforeValidator(lambda value: str(value) if type(value) is int else value)
Division = Annotated[str, _Coded, StringConstraints(pattern=r"^[0-9]{2,12}$")]
"""The start of division codes: 23, 2301, 230102. YAML reads them as numbers; they are texts."""

Bureau = Annotated[str, _Coded, StringConstraints(pattern=r"^([0-9]{4}|[0-9]{6}|province)$")]

Method = Literal[
    "on_site", "written", "department_opinion", "laboratory", "online", "entrusted"
]  # those of the table `inspections`
Methods = dict[Method, Share]

Count = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]

Yearly = Count | None
"""At most so many visits a firm and calendar year; null: no limit of ours."""

Days = Annotated[int, Field(ge=0, le=3660, strict=True)]


class Entry(BaseModel):
    """A part of a plan: nothing unknown, nothing changed after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ByClass(Entry):
    """By risk class, A lowest risk."""

    A: Rate
    B: Rate
    C: Rate
    D: Rate


class ByGrade(Entry):
    """By public grade, A best credit, for entities that carry a grade and no class."""

    A: Rate
    B: Rate
    C: Rate
    D: Rate
    E: Rate


class YearlyByClass(Entry):
    """Most visits a year by class. D must stay null: there is no cap of ours."""

    A: Yearly = None
    B: Yearly = None
    C: Yearly = None
    D: Yearly = None


class YearlyByGrade(Entry):
    """Most visits a year by grade. E, handled as class D, must stay null."""

    A: Yearly = None
    B: Yearly = None
    C: Yearly = None
    D: Yearly = None
    E: Yearly = None


class MethodByClass(Entry):
    """Shares of the methods by class; null is on site. D is on site."""

    A: Methods | None = None
    B: Methods | None = None
    C: Methods | None = None
    D: Methods | None = None


class MethodByGrade(Entry):
    """Shares of the methods by grade; null is on site. E, handled as class D, is on site."""

    A: Methods | None = None
    B: Methods | None = None
    C: Methods | None = None
    D: Methods | None = None
    E: Methods | None = None


class ItemName(Entry):
    """What an item is called; `zh` is how the records call it."""

    zh: Text
    en: Text


class Item(Entry):
    """检查事项. What is inspected on a visit.

    `field` limits it to firms of that field (null: every firm). `specialty` is what an inspector
    should know for it. `basis` is the rule it rests on (检查依据), told to pair and firm. `ratio`
    (key items only): firms of the field are drawn at least at it.
    """

    id: Name
    name: ItemName
    kind: Literal["general", "key"] = "general"
    field: Name | None = None
    specialty: Name | None = None
    basis: Text | None = None
    ratio: Rate | None = None


class Scope(Entry):
    """Whom a directed plan is about; null is no condition. It never limits the blind slice.

    divisions : starts of division codes.
    fields : a firm of any of these fields.
    industries : starts of GB/T 4754 codes, such as C13.
    """

    divisions: tuple[Division, ...] | None = None
    fields: tuple[Name, ...] | None = None
    industries: tuple[Name, ...] | None = None


class BlindSlice(Entry):
    """Visits drawn from all live firms without looking at any class.

    `ratio` of all firms within a year; `basket`: the items of every such visit; `recheck`: the
    share of the visits that a second pair repeats (0: none).
    """

    ratio: Share
    basket: tuple[Name, ...] = Field(min_length=1)
    recheck: Annotated[Exact, Field(ge=0, le=1)]


class HigherRule(Entry):
    """A rule above ours that keeps firms out of every way, D and blind slice included.

    `rule` cites it. Exactly one of: `max_per_year` visits to a firm, or a `reason` with which the
    list of exclusions names the firm.
    """

    id: Name
    rule: Text
    max_per_year: Yearly = None
    reason: Name | None = None


class Capacity(Entry):
    """How many visits a bureau can make.

    visits_per_pair : a pair's visits a month; a bureau has as many pairs as half the qualified
        inspectors whose unit lies in it. null: no limit but those of `by_bureau`.
    by_bureau : visits a month by bureau (its code, or `province`), before `visits_per_pair`.
    """

    visits_per_pair: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    by_bureau: dict[Bureau, Count] = Field(default_factory=dict)


class Deadlines(Entry):
    """Working days after a visit until its result is entered, and until it is published."""

    enter: Days = 7
    publish: Days = 20
