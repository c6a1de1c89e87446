"""The indicator catalogue: each indicator declared once, in YAML, and checked here.

The declaration is the only place an indicator lives: the feature, the monotone constraint, the
reason sentence and the docs page derive from it.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from records.errors import BadDefinition, NotFound
from records.files import fingerprint
from records.schema import TABLES, Column

Group = Literal["G1", "G2", "G3", "G4", "G5"]
Measure = Literal[
    "count",
    "sum",
    "distinct",
    "mean",
    "share",
    "ratio",
    "latest",
    "any",
    "days_since",
    "years_since",
    "month",
    "firms_sharing",
    "group_rate",
    "group_count",
]
Use = Literal["fit", "policy_only", "audit_only"]
Unit = Literal["times", "days", "years", "yuan", "share", "firms", "people", "flag", "number"]

GROUPS: dict[Group, dict[str, str]] = {
    "G1": {"zh": "企业基础属性", "en": "Basic attributes"},
    "G2": {"zh": "企业动态信息", "en": "Dynamics"},
    "G3": {"zh": "监管信息", "en": "Supervision"},
    "G4": {"zh": "关联关系信息", "en": "Relations"},
    "G5": {"zh": "社会评价信息", "en": "Social evaluation"},
}

SENTENCE_FIELDS = frozenset({"value", "records", "last_date", "last_month"})
"""What a reason sentence may say; nothing else is looked up."""

_NEEDS_COLUMN = frozenset({"sum", "distinct", "mean", "latest", "ratio", "years_since"})
_NEEDS_GROUP = frozenset({"firms_sharing", "group_rate", "group_count"})
_NUMBERS = frozenset({"int", "fen", "flag"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(_Strict):
    """The same words in Chinese and in English."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class Reason(Words):
    """A sentence with fields of SENTENCE_FIELDS; `absent` is for a value of 0 or unknown."""

    absent: Words | None = None

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        texts = [self.zh, self.en] + ([self.absent.zh, self.absent.en] if self.absent else [])
        for text in texts:
            for _, name, spec, conversion in string.Formatter().parse(text):
                if name is not None and (name not in SENTENCE_FIELDS or spec or conversion):
                    raise ValueError(
                        f"field {{{name}}} is not allowed; "
                        f"allowed: {', '.join(sorted(SENTENCE_FIELDS))}"
                    )
        return self


class Remedy(Words):
    """What the firm can do, and the table whose record shows it done."""

    record: str


class Indicator(_Strict):
    """One indicator; see `docs/indicators.md` for the meaning of each field.

    `window` looks back on `event_time`: ``90d``, ``6m``, ``3y``, ``all``, or ``last`` for the
    records of the newest day. `when_absent` is the value where no record counts; null means
    unknown. `risk` is the direction in which more means more risk: LightGBM's constraint.
    """

    id: str = Field(pattern=r"^G[1-5]-[0-9]{2}[a-z]?$")
    official_id: str | None = None
    name: Words
    group: Group
    subgroup: str
    table: str = Field(alias="from")
    measure: Measure
    column: str | None = None
    per: str | None = None
    by: str | None = None
    where: dict[str, Any] = {}
    of: dict[str, Any] = {}
    window: str = Field(default="all", pattern=r"^([1-9][0-9]*[dmy]|all|last)$")
    prior: int = Field(default=20, ge=0)
    unit: Unit
    when_absent: float | None = None
    risk: Literal["up", "down", "none"]
    use: Use = "fit"
    after_repair: Literal["drop", "keep"] = "drop"
    reason: Reason
    remedy: Remedy | None = None
    source: Literal["official", "published", "seen", "ours"]

    @field_validator("where", "of")
    @classmethod
    def _plain_values(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value if isinstance(value, list) else [value] for name, value in given.items()
        }

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        if self.table not in TABLES:
            raise ValueError(f"from: unknown table {self.table!r}; allowed: {', '.join(TABLES)}")
        columns = TABLES[self.table].by_name
        for part, name in (("column", self.column), ("per", self.per)):
            if name is not None and name not in columns:
                raise ValueError(
                    f"{part}: {name!r} is not a column of {self.table}; "
                    f"allowed: {', '.join(columns)}"
                )
        if self.measure in _NEEDS_COLUMN and self.column is None:
            raise ValueError(f"column: measure {self.measure} needs one")
        if self.measure in {"sum", "mean", "latest", "ratio"}:
            self._need_kind(columns, _NUMBERS)
        if self.measure == "years_since":
            self._need_kind(columns, {"date"})
        if self.measure in _NEEDS_GROUP and self.by not in TABLES["enterprises"].by_name:
            raise ValueError(
                f"by: measure {self.measure} needs a column of enterprises; found {self.by!r}"
            )
        for filters in (self.where, self.of):
            for name, values in filters.items():
                _check_filter(self.table, columns, name, values)
        return self

    def _need_kind(self, columns: dict[str, Column], kinds: Iterable[str]) -> None:
        for name in (self.column, self.per):
            if name is not None and columns[name].kind not in kinds:
                raise ValueError(
                    f"column: {name!r} is {columns[name].kind}; measure "
                    f"{self.measure} needs {', '.join(sorted(kinds))} "
                    "(sums of floats depend on their order)"
                )

    @property
    def monotone(self) -> int:
        """LightGBM's constraint: +1, −1 or 0."""
        return {"up": 1, "down": -1, "none": 0}[self.risk]


def _check_filter(table: str, columns: dict[str, Column], name: str, values: list[Any]) -> None:
    if name not in columns:
        raise ValueError(
            f"where: {name!r} is not a column of {table}; allowed: {', '.join(columns)}"
        )
    column = columns[name]
    allowed = ("open", "past") if column.kind == "date" else column.allowed
    for value in values:
        if allowed and value not in allowed:
            raise ValueError(
                f"where.{name}: {value!r} is not allowed; allowed: {', '.join(allowed)}"
            )


class Catalogue(_Strict):
    """A versioned list of indicators with unique ids."""

    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    indicators: list[Indicator]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        seen: set[str] = set()
        for indicator in self.indicators:
            if indicator.id in seen:
                raise ValueError(f"id: {indicator.id} is declared twice")
            seen.add(indicator.id)
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a catalogue; an error names file, entry, field, what was found and allowed."""
        if not path.is_file():
            raise NotFound(f"no catalogue {path}", hint="a model folder holds indicators.yaml")
        try:
            given = yaml.safe_load(path.read_text("utf-8"))
            return cls.model_validate(given)
        except yaml.YAMLError as error:
            raise BadDefinition(f"{path.name} is not YAML", found=str(error)) from error
        except ValidationError as error:
            raise BadDefinition(f"{path.name}: {_where(given, error)}") from error

    @property
    def hash(self) -> str:
        """SHA-256 of the declarations; any change of meaning changes it."""
        return fingerprint(self.model_dump(mode="json", by_alias=True))

    def for_use(self, use: Use) -> list[Indicator]:
        return [indicator for indicator in self.indicators if indicator.use == use]

    def __getitem__(self, indicator_id: str) -> Indicator:
        for indicator in self.indicators:
            if indicator.id == indicator_id:
                return indicator
        raise NotFound.among("indicator", indicator_id, (i.id for i in self.indicators))


def _where(given: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    place = list(first["loc"])
    entry = ""
    if len(place) >= 2 and place[0] == "indicators" and isinstance(place[1], int):
        entry = str(given["indicators"][place[1]].get("id", f"entry {place[1] + 1}")) + ", "
        place = place[2:]
    field = ".".join(map(str, place)) or "entry"
    found = "" if isinstance(first["input"], dict | list) else f"; found {first['input']!r}"
    return f"{entry}{field}: {first['msg'].removeprefix('Value error, ')}{found}"
