"""A firm's packed bytes, read back as `models.ladder.tell` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from math import isnan
from struct import Struct
from typing import Any

from features.indicator import GROUPS
from models.wording import table_name
from serving.results import packing
from serving.telling.languages import LANGS

Row = dict[str, Any]

_HEAD = Struct("<9d2B")
_STEP = Struct("<BHH")
_REASON = Struct("<HHdd")
_RECORD = Struct("<IiH")
_COUNT = Struct("<H")
_OPTIONAL = tuple(
    (flag, name, Struct(f"<{code}"))
    for flag, name, code in (
        (packing.RULE, "rule", "H"),
        (packing.GIVEN, "given", "I"),
        (packing.MONTHS, "months", "i"),
        (packing.MARGIN, "margin", "d"),
        (packing.SINCE, "since", "i"),
        (packing.UNTIL, "until", "i"),
    )
)
_SIZES = [
    _STEP.size + sum(form.size for flag, _, form in _OPTIONAL if flags & flag)
    for flags in range(2 * packing.BEHIND)
]
"""Bytes of a step before its records, by its flags."""
_MOST = 1 << 14
"""Steps kept; then they are read anew."""
_Origin = tuple[str | None, str | None, str | None]
_WORDS, _DAYS = ("rule", "given"), ("since", "until")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a ladder adds to a firm's own columns; `groups` are the groups' sums in log-odds."""

    firm: Row
    reasons: list[Row]
    groups: dict[str, float]


@dataclass(frozen=True)
class Lists:
    """A run's words, (table, source) and indicators by number, and what all its firms share."""

    words: list[str]
    origins: list[tuple[str | None, str | None]]
    indicators: list[str]
    shared: Mapping[str, Any]
    _plain: dict[bytes, Row] = field(default_factory=dict)

    def unpack(self, packed: bytes, lang: str) -> Unpacked:
        """A firm in the model's scope, from its bytes."""
        *numbers, steps, reasons = _HEAD.unpack_from(packed)
        raw, probability, low, high, *groups = numbers
        origins = self._named[lang]
        at = _HEAD.size
        told_steps, told_reasons = [], []
        for _ in range(steps):
            step, at = self._step(packed, at, origins)
            told_steps.append(step)
        for _ in range(reasons):
            indicator, count, value, contribution = _REASON.unpack_from(packed, at)
            at += _REASON.size
            records: list[Row] = []
            if count:
                records, at = _records(packed, at, count, origins)
            told_reasons.append({
                "indicator": self.indicators[indicator],
                "value": None if value != value else value,  # NaN
                "contribution": contribution,
                "records": records,
            })  # fmt: skip
        firm = {
            **self.shared, "raw": raw, "probability": probability, "steps": told_steps,
            "probability_low": None if isnan(low) else low,
            "probability_high": None if isnan(high) else high,
        }  # fmt: skip
        return Unpacked(firm, told_reasons, dict(zip(GROUPS, groups, strict=True)))

    @cached_property
    def _named(self) -> dict[str, list[_Origin]]:
        """Of each origin by number its table, source and the table's name, by language."""
        return {
            lang: [(*one, one[0] and table_name(one[0], lang)) for one in self.origins]
            for lang in LANGS
        }

    def _step(self, packed: bytes, at: int, origins: list[_Origin]) -> tuple[Row, int]:
        """A step, and where what follows it begins."""
        flags = packed[at]
        end = at + _SIZES[flags]
        if not flags & packing.BEHIND:  # it is the same for many firms
            own = packed[at:end]
            if (known := self._plain.get(own)) is None:
                if len(self._plain) >= _MOST:
                    self._plain.clear()
                known = self._plain[own] = self._fields(own)
            return known, end
        (count,) = _COUNT.unpack_from(packed, end)
        records, after = _records(packed, end + _COUNT.size, count, origins)
        return {**self._fields(packed[at:end]), "records": records}, after

    def _fields(self, packed: bytes) -> Row:
        flags, name, letter = _STEP.unpack_from(packed)
        at = _STEP.size
        step: Row = {
            "step": self.words[name], "class": self.words[letter], "rule": None, "given": None,
            "months": None, "margin": None, "since": None, "until": None, "records": [],
        }  # fmt: skip
        for flag, field_name, form in _OPTIONAL:
            if flags & flag:
                (value,) = form.unpack_from(packed, at)
                at += form.size
                if field_name in _WORDS:
                    value = self.words[value]
                elif field_name in _DAYS:
                    value = _day(value)
                step[field_name] = value
        return step


def _records(packed: bytes, at: int, count: int, origins: list[_Origin]) -> tuple[list[Row], int]:
    """Records, and where what follows them begins."""
    records = []
    for _ in range(count):
        origin, day, length = _RECORD.unpack_from(packed, at)
        at += _RECORD.size
        source_id = None
        if length != packing.NO_ID:
            source_id = packed[at : at + length].decode()
            at += length
        table, source, name = origins[origin]
        records.append({
            "table": table, "source": source, "source_id": source_id, "event_time": _day(day),
            "table_name": name,
        })  # fmt: skip
    return records, at


@lru_cache(maxsize=1 << 16)
def _day(number: int) -> str | None:
    return None if number == packing.NO_DAY else str(_EPOCH + timedelta(number))
