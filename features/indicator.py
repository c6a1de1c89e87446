"""An indicator, declared: what is counted of which records, and how it is told.

The declaration is the only place an indicator lives: the feature, LightGBM's monotone
constraint, the reason sentence, the remedy and the pages derive from it.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.conditions import Condition
from records.declarations import wrong
from records.schema import TABLES, Column, Kind

Group = Literal["G1", "G2", "G3", "G4", "G5"]
Use = Literal["fit", "policy_only", "audit_only"]
Unit = Literal[
    "times",
    "days",
    "years",
    "yuan",
    "share",
    "change",
    "per_hundred",
    "firms",
    "people",
    "flag",
    "number",
]

GROUPS: dict[Group, dict[str, str]] = {
    "G1": {"zh": "企业基础属性", "en": "Basic attributes"},
    "G2": {"zh": "企业动态信息", "en": "Dynamics"},
    "G3": {"zh": "监管信息", "en": "Supervision"},
    "G4": {"zh": "关联关系信息", "en": "Relations"},
    "G5": {"zh": "社会评价信息", "en": "Social evaluation"},
}

SENTENCE_FIELDS = ("value", "word", "records", "last_date", "last_month")
"""What a reason sentence may say; nothing else is looked up. `word` is the record's own, where
`values` makes a number of it."""


@dataclass(frozen=True, slots=True)
class Asks:
    """What a measure must be told and may be told besides, and the kinds its column may be."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


_ROWS = ("where", "window", "after_repair", "last_of")
_NUMBER: tuple[Kind, ...] = ("int", "fen", "flag")

MEASURES: dict[str, Asks] = {
    # of a firm's own records; `features.measures`
    "count": Asks(("from",), _ROWS),
    "any": Asks(("from",), _ROWS),
    "sum": Asks(("from", "column"), _ROWS, (*_NUMBER, "float")),
    "mean": Asks(("from", "column"), _ROWS, _NUMBER),
    "highest": Asks(("from", "column"), (*_ROWS, "values"), (*_NUMBER, "float", "text")),
    "distinct": Asks(("from", "column"), _ROWS),
    "repeats": Asks(("from", "column"), _ROWS, ("text",)),
    "share": Asks(("from", "of"), (*_ROWS, "column", "prior", "toward")),
    "growth": Asks(("from", "window"), ("where", "after_repair", "prior")),
    "change": Asks(("from", "column", "window"), ("where", "after_repair"), _NUMBER),
    "latest": Asks(("from", "column"), (*_ROWS, "values"), (*_NUMBER, "float", "text")),
    "newest_is": Asks(("from", "of"), _ROWS),
    "ratio": Asks(("from", "column", "per"), _ROWS, _NUMBER),
    "days_since": Asks(("from",), _ROWS),
    "years_since": Asks(("from", "column"), _ROWS, ("date",)),
    # of a firm's own records in their order; `features.histories`
    "streak": Asks(("from", "column", "of"), _ROWS),
    "days_listed": Asks(("from", "column", "window"), ("where", "after_repair"), ("date",)),
    # of many firms; `features.groups`, `features.relations`
    "group_rate": Asks(("from", "by", "of"), ("where", "window", "prior")),
    "group_count": Asks(("from", "by"), ("where", "window")),
    "pointed_at": Asks(("from", "column"), ("where", "after_repair"), ("text",)),
    "firms_sharing": Asks(("ties",)),
    "related_count": Asks(("ties", "indicator"), ("most",)),
    "related_share": Asks(("ties", "indicator"), ("most",)),
    # of other indicators, and of what YAML cannot say; `features.pieces`, `features.custom`
    "quotient": Asks(("indicator", "per"), ("prior",)),
    "python": Asks(("function",)),
}

_SAID = (
    "from", "column", "per", "by", "ties", "indicator", "function", "where", "of", "window",
    "last_of", "values", "prior", "toward", "most", "after_repair",
)  # fmt: skip
"""Fields that belong to a measure; all others belong to every indicator."""


class Strict(BaseModel):
    """A declaration: nothing unknown, nothing changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Strict):
    """The same words in Chinese and in English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class Reason(Words):
    """A sentence with fields of SENTENCE_FIELDS.

    `absent` is for a value of 0, and for an unknown one unless `unknown` says that otherwise.
    """

    absent: Words
    unknown: Words | None = None

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        others = [words for words in (self.absent, self.unknown) if words is not None]
        for text in (self.zh, self.en, *(text for one in others for text in (one.zh, one.en))):
            for _, name, spec, conversion in string.Formatter().parse(text):
                if name is not None and (name not in SENTENCE_FIELDS or spec or conversion):
                    raise wrong(f"{{{name}}} cannot be told", name, SENTENCE_FIELDS)
        return self


class Indicator(Strict):
    """One indicator; docs/catalogue.md says what each measure is and what it asks for.

    `window` looks back on `event_time`: ``90d``, ``6m``, ``3y``, or ``all``. `last_of` lets only
    the newest record of each value of a column count. `when_absent` is the value where no record
    counts; null means unknown. `risk` is the direction in which more means more risk: LightGBM's
    constraint; `exception` says which adverse record may move it the other way, and why. `remedy`
    names the act of the catalogue by which a firm can answer it.
    """

    id: str = Field(pattern=r"^G[1-5]-[0-9]{2}[a-z]?$")
    official_id: str | None = None
    name: Words
    subgroup: str
    table: str | None = Field(default=None, alias="from")
    measure: str
    column: str | list[str] | None = None
    per: str | None = None
    by: str | None = None
    ties: list[str] = []
    indicator: str | None = None
    function: str | None = None
    where: dict[str, Condition] = {}
    of: dict[str, Condition] = {}
    window: str = Field(default="all", pattern=r"^([1-9][0-9]*[dmy]|all)$")
    last_of: str | None = None
    values: dict[str, int] = {}
    prior: int = Field(default=0, ge=0)
    toward: float | None = Field(default=None, ge=0, le=1)
    most: int = Field(default=50, ge=2)
    after_repair: Literal["drop", "keep"] = "drop"
    unit: Unit
    when_absent: float | None = None
    risk: Literal["up", "down", "none"]
    exception: Words | None = None
    use: Use = "fit"
    reason: Reason
    remedy: str | None = None
    source: Literal["official", "published", "seen", "ours"]
    note: str = ""

    @property
    def group(self) -> Group:
        """The first-level group, which the id names."""
        return cast(Group, self.id[:2])

    @property
    def monotone(self) -> int:
        """LightGBM's constraint: +1, −1 or 0."""
        return {"up": 1, "down": -1, "none": 0}[self.risk]

    @property
    def first_is_free(self) -> bool:
        """Whether the record that makes it known may lower the score.

        LightGBM does not order what is unknown among what is known; `exception` need not say so.
        """
        return self.use == "fit" and self.monotone != 0 and self.when_absent is None

    @property
    def columns(self) -> tuple[str, ...]:
        """The measured columns; several are added up."""
        if self.column is None:
            return ()
        return (self.column,) if isinstance(self.column, str) else tuple(self.column)

    @model_validator(mode="after")
    def _has_the_word_it_tells(self) -> Self:
        for lang, text in (("zh", self.reason.zh), ("en", self.reason.en)):
            if "{word}" in text and not self.values:
                what = "{word} is told of an indicator with `values`"
                raise wrong(what, text, at=("reason", lang))
        return self

    @model_validator(mode="after")
    def _says_what_its_measure_asks(self) -> Self:
        if self.measure not in MEASURES:
            raise wrong("unknown measure", self.measure, MEASURES, ("measure",))
        asks = MEASURES[self.measure]
        said = self.model_dump(exclude_unset=True, by_alias=True)
        for name in asks.must:
            if not said.get(name):
                raise wrong(f"measure {self.measure} needs {name!r}", at=(name,))
        takes = (*asks.must, *asks.may)
        for name in said:
            if name in _SAID and name not in takes:
                raise wrong(f"measure {self.measure} does not take {name!r}", name, takes, (name,))
        if self.measure in ("days_since", "years_since") and self.when_absent is not None:
            raise wrong("a time that has not begun has no length", at=("when_absent",))
        if self.exception is not None and self.risk == "none":
            raise wrong("there is no direction of risk to depart from", at=("exception",))
        return self

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        if self.table is None:
            return self
        if self.table not in TABLES:
            raise wrong(f"unknown table {self.table!r}", self.table, TABLES, ("from",))
        known = TABLES[self.table].known
        self._check_columns(known)
        self._check_values(known)
        for part, conditions in (("where", self.where), ("of", self.of)):
            for name, condition in conditions.items():
                if name not in known:
                    raise wrong(f"not a column of {self.table}", name, known, (part, name))
                condition.check(known[name], (part, name), dated=self.measure not in OF_GROUPS)
        return self

    def _check_columns(self, known: dict[str, Column]) -> None:
        asks = MEASURES[self.measure]
        parts = {"column": self.columns, "per": (self.per,), "last_of": (self.last_of,)}
        for part, names in parts.items():
            for name in names:
                if name is None:
                    continue
                if name not in known:
                    raise wrong(f"not a column of {self.table}", name, known, (part,))
                kind = known[name].kind
                if part != "last_of" and asks.kinds and kind not in asks.kinds:
                    what = f"{name} is {kind}, of which there is no {self.measure}"
                    raise wrong(what, kind, asks.kinds, (part,))
        if self.measure in OF_GROUPS:
            groups = {**TABLES["enterprises"].known, **known}
            if self.by not in groups:
                raise wrong(
                    "a column neither of the records nor of firms", self.by, groups, ("by",)
                )

    def _check_values(self, known: dict[str, Column]) -> None:
        texts = [name for name in self.columns if known[name].kind == "text"]
        if "values" in MEASURES[self.measure].may and bool(texts) != bool(self.values):
            what = "a text needs what each word counts, and nothing else takes it"
            raise wrong(what, ", ".join(self.columns), at=("values",))
        for word in self.values:
            allowed = known[self.columns[0]].allowed
            if allowed and word not in allowed and not word.endswith("*"):
                raise wrong(f"no value of {self.columns[0]}", word, allowed, ("values", word))


OF_GROUPS = ("group_rate", "group_count")
OF_TIES = ("firms_sharing", "related_count", "related_share", "pointed_at")
OF_OTHERS = ("quotient", "related_count", "related_share")
"""Measures of a group's records, of tied firms, and of other indicators' values."""
COUNTED = ("count", "any", "sum", "distinct", "highest")
"""Measures of a firm's own records that are above 0 only where a record counts."""
