"""What a model's indicators say, kept: one value of one indicator comes back in thousands of firms.

A sentence depends on the indicator, the value and, where it tells them, on how many records are
behind it and on the newest one's day or month, and on nothing else of the firm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, TypeVar

from features.catalogue import Catalogue
from models import wording
from models.peers import Usual

MOST = 1 << 16
"""Sayings kept in each language; then they are made anew."""

K = TypeVar("K")
V = TypeVar("V")
Told = dict[str, Any]
_Key = tuple[str, str, float | None, int, str]
_DAY, _MONTH = len("2026-05-31"), len("2026-05")


@dataclass(frozen=True)
class Sayings:
    """The sayings of one catalogue."""

    catalogue: Catalogue
    _said: dict[_Key, Told] = field(default_factory=dict)
    _tells: dict[tuple[str, str], tuple[bool, int]] = field(default_factory=dict)
    _remedies: dict[tuple[str, str], Told | None] = field(default_factory=dict)
    _compared: dict[tuple[Usual, str, str], str] = field(default_factory=dict)

    def of(
        self, indicator: str, value: float | None, records: Sequence[Mapping[str, Any]], lang: str
    ) -> Told:
        """`indicator`, `group`, `name` and `sentence` of a reason; not to be changed.

        Parameters
        ----------
        records : those behind it, the newest first, as they are sent.
        """
        counts, letters = self._tells.get((indicator, lang)) or self._told_of(indicator, lang)
        newest = (records[0]["event_time"] or "")[:letters] if records else ""
        key = indicator, lang, value, len(records) if counts else 0, newest
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

    def _told_of(self, indicator: str, lang: str) -> tuple[bool, int]:
        """Whether a sentence counts its records, and how much of the newest one's day it tells."""
        sentence = self.catalogue[indicator].reason.in_(lang)
        told = {name for _, name, _, _ in Formatter().parse(sentence)}
        letters = _DAY if "last_date" in told else _MONTH if "last_month" in told else 0
        return self._tells.setdefault((indicator, lang), ("records" in told, letters))

    def remedy(self, indicator: str, lang: str) -> Told | None:
        """What a firm can do about a reason; null: nothing is known. Not to be changed."""
        key = indicator, lang
        if key not in self._remedies:
            act = self.catalogue.remedy_of(indicator)
            self._remedies[key] = (
                None
                if act is None
                else {"indicator": indicator, "sentence": wording.capital(act.in_(lang))}
            )
        return self._remedies[key]

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
