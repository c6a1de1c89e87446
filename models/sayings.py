"""What a model's indicators say, kept: one value of one indicator comes back in thousands of firms.

A sentence depends on the indicator, the value, how many records are behind it and the newest one's
day, and on nothing else of the firm; so does what it is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from features.catalogue import Catalogue
from models import wording
from models.peers import Usual

MOST = 1 << 16
"""Sayings kept in each language; then they are made anew."""

K = TypeVar("K")
V = TypeVar("V")
Told = dict[str, Any]
_Key = tuple[str, float | None, int, Any, str]


@dataclass(frozen=True)
class Sayings:
    """The sayings of one catalogue."""

    catalogue: Catalogue
    _said: dict[_Key, Told] = field(default_factory=dict)
    _compared: dict[tuple[Usual, str, str], str] = field(default_factory=dict)

    def of(
        self, indicator: str, value: float | None, records: Sequence[Mapping[str, Any]], lang: str
    ) -> Told:
        """`indicator`, `group`, `name` and `sentence` of a reason; not to be changed."""
        newest = records[0]["event_time"] if records else None
        key = indicator, value, len(records), newest, lang
        if (found := self._said.get(key)) is not None:
            return found
        one = self.catalogue[indicator]
        said = wording.sentence(one, value, records, lang)
        told = {
            "indicator": one.id,
            "group": one.group,
            "name": one.name.in_(lang),
            "sentence": wording.capital(said),
        }
        return _keep(self._said, key, told)

    def compared(self, usual: Usual, indicator: str, lang: str) -> str:
        """`wording.compared`, kept."""
        key = usual, indicator, lang
        if (found := self._compared.get(key)) is not None:
            return found
        return _keep(self._compared, key, wording.compared(usual, self.catalogue[indicator], lang))


def _keep(kept: dict[K, V], key: K, value: V) -> V:
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = value
    return value
