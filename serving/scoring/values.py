"""Indicator values that somebody posts, checked against the catalogue: nothing is guessed.

A value is what the catalogue computes: money in 分, shares from 0 to 1, a flag 0 or 1. One that is
left out is that of a firm without any record that counts (`when_absent`, else unknown); null says
that it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.indicator import Indicator
from records.errors import BadInput, nearest

LARGEST = 1e18
"""No value is larger; money in 分 of the whole country is less."""

_WHOLE = frozenset((
    "count", "distinct", "repeats", "streak", "pointed_at", "firms_sharing", "related_count",
    "group_count", "days_listed", "days_since",
))  # fmt: skip
_PARTS = frozenset(("share", "related_share", "group_rate"))
_NUMBERS = (float, int, bool)
_COUNTED = frozenset(("times", "days", "firms", "people"))


class WrongValue(BadInput):
    """A posted value is wrong; `field` names it, `zh` says `what` in Chinese."""

    def __init__(
        self, field: str, zh: str, what: str, *, found: str, allowed: str, hint: str = ""
    ) -> None:
        super().__init__(what, found=found, allowed=allowed, hint=hint)
        self.field, self.zh = field, zh


@dataclass(frozen=True)
class Posted:
    """What was posted: `row` of the fitted indicators in their order, NaN where unknown.

    `evidence` are those that the policy asks for; `left_out` the fitted ones that were not posted,
    `ignored` those of the catalogue that neither model nor policy asks for.
    """

    row: npt.NDArray[np.float64]
    evidence: dict[str, float | None]
    left_out: list[str]
    ignored: list[str]


@dataclass(frozen=True)
class Reader:
    """Reads values by the names of a catalogue: ids, or names in Chinese or English.

    `names` are the ids by all of these, `absent` what each fitted or asked indicator is of a firm
    without any record that counts, `ranges` what each can be.
    """

    catalogue: Catalogue
    fitted: Sequence[str]
    asked: frozenset[str]
    names: Mapping[str, str]
    absent: Mapping[str, float | None]
    ranges: Mapping[str, _Range]

    @classmethod
    def of(cls, catalogue: Catalogue, fitted: Sequence[str], policy: Sequence[str]) -> Self:
        """Of a model's catalogue; a name that two indicators have stands for neither."""
        names: dict[str, str] = {}
        for one in catalogue.indicators:
            for name in {one.name.zh, one.name.en}:
                names[name] = "" if name in names else one.id
        own = {one.id: one.id for one in catalogue.indicators}
        told = {name: id_ for name, id_ in names.items() if id_} | own
        absent = {id_: catalogue.by_id[id_].when_absent for id_ in (*fitted, *policy)}
        ranges = {one.id: _Range.of(one) for one in catalogue.indicators}
        return cls(catalogue, fitted, frozenset(policy), told, absent, ranges)

    def read(self, given: Mapping[str, Any]) -> Posted:
        """Values by name, as JSON has them.

        Raises
        ------
        WrongValue : an unknown name, one named twice, or a value that the indicator cannot have.
        """
        found: dict[str, float | None] = {}
        for name, value in given.items():
            id_ = self._id(name)
            if id_ in found:
                raise WrongValue(
                    f"indicators.{name}", f"指标 {id_} 给出了两次",
                    f"indicator {id_} is given twice", found=name, allowed="one value each",
                )  # fmt: skip
            if value is None:
                found[id_] = None
                continue
            if type(value) not in _NUMBERS:
                raise _none(self.catalogue.by_id[id_], name, value, "a number, true, false or null")
            low, high, whole, words = self.ranges[id_]
            if not low <= value <= high or (whole and value % 1):
                if not -LARGEST <= value <= LARGEST:
                    words = f"a number within {LARGEST:g}"
                raise _none(self.catalogue.by_id[id_], name, value, words)
            found[id_] = float(value)
        left_out = [id_ for id_ in self.fitted if id_ not in found]
        ignored = [id_ for id_ in found if id_ not in self.absent]
        every = {**self.absent, **found}
        # None becomes NaN
        row = np.array([every[id_] for id_ in self.fitted], np.float64)
        return Posted(row, {id_: every[id_] for id_ in self.asked}, left_out, ignored)

    def _id(self, name: str) -> str:
        if name not in self.names:
            raise WrongValue(
                f"indicators.{name}", "没有这个指标", "there is no such indicator", found=name,
                allowed=f"ids of the model's catalogue, such as {', '.join(self.fitted[:3])}",
                hint=nearest(name, sorted(self.names)),
            )  # fmt: skip
        return self.names[name]


class _Range(NamedTuple):
    """Which values an indicator can have."""

    low: float
    high: float
    whole: bool
    words: str

    @classmethod
    def of(cls, one: Indicator) -> Self:
        if one.unit == "flag":
            return cls(0.0, 1.0, True, "0 or 1")
        if one.unit in _COUNTED:
            whole = one.measure in _WHOLE
            return cls(0.0, LARGEST, whole, f"a {'whole ' if whole else ''}number from 0")
        if one.measure in _PARTS:
            return cls(0.0, 1.0, False, "a share from 0 to 1")
        return cls(-LARGEST, LARGEST, False, f"a number within {LARGEST:g}")


def _none(one: Indicator, name: str, value: object, allowed: str) -> WrongValue:
    unit = "分 (money)" if one.unit == "yuan" else one.unit
    return WrongValue(
        f"indicators.{name}", f"不是{one.name.zh}的取值", f"no value of {one.name.en}",
        found=str(value)[:40], allowed=allowed, hint=f"unit: {unit}",
    )  # fmt: skip
