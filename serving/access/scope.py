"""How far a caller sees: which regions, and which fields of an enterprise.

A scope goes into every query that tells enterprises, as conditions and as the list of columns, so
that what lies outside is never read: an enterprise of another region is answered like one that
does not exist, also in counts, pages and lists.

    regions  None: the whole province; else prefixes of division codes, such as 2301 for a city
    fields   None: all; else names of `FIELDS`; the code of an enterprise is always told
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from records.errors import BadInput, NotFound, XinfenError

LADDER = "ladder"
FIELDS = (
    "name", "division", "industry", "entity_type", "status", "scope", "risk_class", "model_class",
    "previous_class", "public_grade", "public_score", "probability", LADDER,
)  # fmt: skip
"""What a scope can hold back: the columns told of an enterprise, and its ladder."""

REGION = re.compile(r"[0-9]{2,12}")


class FieldHidden(XinfenError):
    """What was asked rests on a field that the caller's scope holds back."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller sees; made by `Scope.of`, or `WHOLE`."""

    regions: tuple[str, ...] | None
    fields: tuple[str, ...] | None

    @classmethod
    def of(cls, regions: Iterable[str] | None = None, fields: Iterable[str] | None = None) -> Scope:
        """A scope, checked; None: not narrowed, while an empty list sees nothing.

        Raises
        ------
        BadInput : a region that is no prefix of a division code.
        NotFound : an unknown field.
        """
        checked = None if regions is None else tuple(sorted(set(regions)))
        for region in checked or ():
            if not REGION.fullmatch(region):
                raise BadInput(
                    "a region is the beginning of a division code",
                    found=region, allowed="2 to 12 digits, such as 2301 for a city",
                )  # fmt: skip
        named = None if fields is None else set(fields)
        for unknown in sorted((named or set()) - set(FIELDS)):
            raise NotFound.among("field", unknown, FIELDS)
        shown = None if named is None else tuple(name for name in FIELDS if name in named)
        return cls(checked, shown)

    def sees(self, field: str) -> bool:
        """Whether a field is told; the code always is."""
        return self.fields is None or field == "entity_id" or field in self.fields

    def need(self, *fields: str) -> None:
        """Go on only if all these fields are told.

        Raises
        ------
        FieldHidden : one is not.
        """
        for field in fields:
            if not self.sees(field):
                raise FieldHidden(
                    "a field outside the token's scope", found=field,
                    hint="ask the administrator for a token that sees it",
                )  # fmt: skip

    def within(self, division: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """The condition on a column of division codes; a row without a code is in no region."""
        if self.regions is None:
            return sa.true()
        return sa.or_(sa.false(), *(division.like(f"{region}%") for region in self.regions))

    def covers(self, division: str | None) -> bool:
        """`within` for one code that is known already."""
        return self.regions is None or (division is not None and division.startswith(self.regions))

    def as_json(self) -> dict[str, list[str] | None]:
        """As it stands in the table of tokens."""
        return {
            "regions": None if self.regions is None else list(self.regions),
            "fields": None if self.fields is None else list(self.fields),
        }

    def __str__(self) -> str:
        regions = "whole province" if self.regions is None else " ".join(self.regions) or "nowhere"
        return regions if self.fields is None else f"{regions}; {' '.join(self.fields) or 'codes'}"


WHOLE = Scope(None, None)
"""The whole province, all fields."""
