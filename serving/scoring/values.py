"""Indicator values that somebody posts, checked against the catalogue: nothing is guessed.

A value is what the catalogue computes: money in 分, shares from 0 to 1, a flag 0 or 1. One that is
left out is that of a firm without any record that counts (`when_absent`, else unknown); null says
that it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

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
    without any record that counts.
    """

    catalogue: Catalogue
    fitted: Sequence[str]
    asked: frozenset[str]
    names: Mapping[str, str]
    absent: Mapping[str, float | None]

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
        return cls(catalogue, fitted, frozenset(policy), told, absent)

    def read(self, given: Mapping[str, float | bool | None]) -> Posted:
        """Values by name.

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
            if value is not None:
                check(self.catalogue.by_id[id_], name, value)
            found[id_] = None if value is None else float(value)
        left_out = [id_ for id_ in self.fitted if id_ not in found]
        ignored = [id_ for id_ in found if id_ not in self.absent]
        whole = {**self.absent, **found}
        # None becomes NaN
        row = np.array([whole[id_] for id_ in self.fitted], np.float64)
        return Posted(row, {id_: whole[id_] for id_ in self.asked}, left_out, ignored)

    def _id(self, name: str) -> str:
        if name not in self.names:
            raise WrongValue(
                f"indicators.{name}", "没有这个指标", "there is no such indicator", found=name,
                allowed=f"ids of the model's catalogue, such as {', '.join(self.fitted[:3])}",
                hint=nearest(name, sorted(self.names)),
            )  # fmt: skip
        return self.names[name]


def check(one: Indicator, name: str, value: float) -> None:
    """That an indicator can have a value.

    Raises
    ------
    WrongValue : it cannot.
    """
    if not -LARGEST <= value <= LARGEST:
        allowed = f"a number within {LARGEST:g}"
    elif one.unit == "flag" and value not in (0.0, 1.0):
        allowed = "0 or 1"
    elif one.unit in _COUNTED and (value < 0 or (one.measure in _WHOLE and value % 1)):
        allowed = "a whole number from 0" if one.measure in _WHOLE else "a number from 0"
    elif one.measure in _PARTS and not 0 <= value <= 1:
        allowed = "a share from 0 to 1"
    else:
        return
    raise WrongValue(
        f"indicators.{name}", f"不是{one.name.zh}的取值", f"no value of {one.name.en}",
        found=str(value)[:40], allowed=allowed,
        hint=f"unit: {'分 (money)' if one.unit == 'yuan' else one.unit}",
    )  # fmt: skip
