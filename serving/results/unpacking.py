"""A firm's packed bytes, read back as the rows that `models.ladder` tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import isnan
from struct import Struct
from typing import Any

from features.indicator import GROUPS
from serving.results import packing

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

    def unpack(self, packed: bytes) -> Unpacked:
        """A firm in the model's scope, from its bytes."""
        *numbers, steps, reasons = _HEAD.unpack_from(packed)
        raw, probability, low, high, *groups = numbers
        at = _HEAD.size
        told_steps, told_reasons = [], []
        for _ in range(steps):
            step, at = self._step(packed, at)
            told_steps.append(step)
        for _ in range(reasons):
            indicator, count, value, contribution = _REASON.unpack_from(packed, at)
            records, at = self._records(packed, at + _REASON.size, count)
            told_reasons.append({
                "indicator": self.indicators[indicator],
                "value": None if isnan(value) else value,
                "contribution": contribution,
                "records": records,
            })  # fmt: skip
        firm = {
            **self.shared, "raw": raw, "probability": probability, "steps": told_steps,
            "probability_low": None if isnan(low) else low,
            "probability_high": None if isnan(high) else high,
        }  # fmt: skip
        return Unpacked(firm, told_reasons, dict(zip(GROUPS, groups, strict=True)))

    def _step(self, packed: bytes, at: int) -> tuple[Row, int]:
        flags, name, letter = _STEP.unpack_from(packed, at)
        at += _STEP.size
        step: Row = {
            "step": self.words[name], "class": self.words[letter], "rule": None, "given": None,
            "months": None, "margin": None, "since": None, "until": None, "records": [],
        }  # fmt: skip
        if not flags:
            return step, at
        for flag, field, form in _OPTIONAL:
            if flags & flag:
                (value,) = form.unpack_from(packed, at)
                at += form.size
                if field in _WORDS:
                    value = self.words[value]
                elif field in _DAYS:
                    value = _day(value)
                step[field] = value
        if flags & packing.BEHIND:
            (count,) = _COUNT.unpack_from(packed, at)
            step["records"], at = self._records(packed, at + _COUNT.size, count)
        return step, at

    def _records(self, packed: bytes, at: int, count: int) -> tuple[list[Row], int]:
        records = []
        for _ in range(count):
            origin, day, length = _RECORD.unpack_from(packed, at)
            at += _RECORD.size
            source_id = None
            if length != packing.NO_ID:
                source_id = packed[at : at + length].decode()
                at += length
            table, source = self.origins[origin]
            records.append({
                "table": table, "source": source, "source_id": source_id,
                "event_time": None if day == packing.NO_DAY else _day(day),
            })  # fmt: skip
        return records, at


@lru_cache(maxsize=1 << 16)
def _day(number: int) -> date:
    return _EPOCH + timedelta(number)
