"""The catalogue: a model's indicators, the ties between firms, and what firms can do."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from features.acts import Act
from features.conditions import Condition
from features.custom import registered
from features.indicator import (
    OF_GROUPS,
    OF_OTHERS,
    OF_TIES,
    Group,
    Indicator,
    Strict,
    Use,
    Words,
)
from records import declarations
from records.declarations import Entry, wrong
from records.errors import NotFound
from records.files import fingerprint
from records.schema import TABLES


class Subgroup(Words):
    """A second-level name of the catalogue."""

    group: Group


class Tie(Strict):
    """What two firms may have in common: equal values of a column of one table.

    Firms are held against their newest registration where the table is `enterprises`, else
    against all records in force. `where` leaves out what binds nobody, such as a hosted address.
    """

    name: Words
    table: str = Field(alias="from")
    column: str
    where: dict[str, Condition] = Field(default={})

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        if self.table not in TABLES:
            raise wrong(f"unknown table {self.table!r}", self.table, TABLES, ("from",))
        known = TABLES[self.table].known
        if self.column not in known:
            raise wrong(f"not a column of {self.table}", self.column, known, ("column",))
        for name, condition in self.where.items():
            if name not in known:
                raise wrong(f"not a column of {self.table}", name, known, ("where", name))
            condition.check(known[name], ("where", name))
        return self


class Catalogue(Strict):
    """A versioned list of indicators with unique ids."""

    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    subgroups: dict[str, Subgroup] = Field(default={})
    ties: dict[str, Tie] = Field(default={})
    acts: dict[str, Act] = Field(default={})
    indicators: list[Indicator] = Field(min_length=1)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a catalogue.

        Raises
        ------
        NotFound : there is no such file.
        BadDefinition : names line, entry, field, value, what is allowed and the nearest of it.
        """
        if not path.is_file():
            raise NotFound(f"no catalogue {path}", hint="a model's folder holds indicators.yaml")
        return declarations.read(path, cls)

    @cached_property
    def by_id(self) -> dict[str, Indicator]:
        return {indicator.id: indicator for indicator in self.indicators}

    @property
    def hash(self) -> str:
        """SHA-256 of the declarations; any change of meaning changes it."""
        return fingerprint(self.model_dump(mode="json", by_alias=True, exclude_defaults=True))

    def for_use(self, use: Use) -> list[Indicator]:
        return [indicator for indicator in self.indicators if indicator.use == use]

    def remedy_of(self, indicator_id: str) -> Act | None:
        """The act that answers an indicator, if there is one."""
        remedy = self[indicator_id].remedy
        return None if remedy is None else self.acts[remedy]

    def answered_by(self, act: str) -> list[Indicator]:
        """The indicators that an act answers."""
        return [indicator for indicator in self.indicators if indicator.remedy == act]

    def only(self, ids: Iterable[str]) -> Catalogue:
        """Some of the indicators, and those they are made of; cheap to compute, without acts."""
        wanted = {part for name in ids for part in (name, *parts_of(self[name]).values())}
        kept = [one for one in self.indicators if one.id in wanted]
        return Catalogue(
            version=self.version,
            subgroups=self.subgroups,
            ties=self.ties,
            indicators=[one.model_copy(update={"remedy": None}) for one in kept],
        )

    def __getitem__(self, indicator_id: str) -> Indicator:
        if indicator_id not in self.by_id:
            raise NotFound.among("indicator", indicator_id, self.by_id)
        return self.by_id[indicator_id]

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        seen: set[str] = set()
        for at, one in enumerate(self.indicators):
            if one.id in seen:
                raise wrong("declared twice", one.id, at=("indicators", at, "id"))
            seen.add(one.id)
            own = [name for name, part in self.subgroups.items() if part.group == one.group]
            if self.subgroups and one.subgroup not in own:
                entry = ("indicators", at, "subgroup")
                raise wrong(f"not a subgroup of {one.group}", one.subgroup, own, entry)
            if one.function is not None and one.function not in registered():
                entry = ("indicators", at, "function")
                raise wrong("unknown function", one.function, registered(), entry)
            for tie in one.ties:
                if tie not in self.ties:
                    raise wrong("unknown tie", tie, self.ties, ("indicators", at, "ties"))
            for field, name in parts_of(one).items():
                self._check_part(one, name, ("indicators", at, field))
        return self

    @model_validator(mode="after")
    def _acts_agree(self) -> Self:
        for at, one in enumerate(self.indicators):
            if one.remedy is not None and one.remedy not in self.acts:
                raise wrong("unknown act", one.remedy, self.acts, ("indicators", at, "remedy"))
        for name, act in self.acts.items():
            if not self.answered_by(name):
                raise wrong("no indicator names it as its remedy", name, at=("acts", name))
            for entry, other in act.names:
                if other not in self.by_id:
                    raise wrong("unknown indicator", other, self.by_id, ("acts", name, *entry))
        return self

    def _check_part(self, indicator: Indicator, name: str, at: Entry) -> None:
        """That an indicator rests on one that is declared, and does not rest on others itself."""
        related = indicator.measure != "quotient"
        never = {*OF_OTHERS, *OF_TIES, *OF_GROUPS} if related else {*OF_OTHERS}
        fit = [one.id for one in self.indicators if one.measure not in never]
        if name not in fit:
            what = "not an indicator of firms' own records" if related else "not such an indicator"
            raise wrong(what, name, fit, at)


def parts_of(indicator: Indicator) -> dict[str, str]:
    """The other indicators that one is made of, by the field that names them."""
    if indicator.measure not in OF_OTHERS:
        return {}
    parts = {"indicator": indicator.indicator}
    if indicator.measure == "quotient":
        parts["per"] = indicator.per
    return {field: name for field, name in parts.items() if name is not None}
