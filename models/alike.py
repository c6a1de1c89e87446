"""Reasons that say one thing, so that it is told once.

Two reasons say one thing

- where both rest on the same records, and what one counts the other counts too;
- where nothing was counted, and the one would have counted all that the other would;
- where both are unknown, and a column of the same records is what both lack;
- where one is a quotient of the other.

All of it follows from what the indicators declare and from the records behind the values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from features.catalogue import Catalogue
from features.indicator import COUNTED, Indicator

Row = Mapping[str, Any]
State = Literal["some", "nothing", "unknown", "lacking"]

_COUNTS = (*COUNTED, "days_since")
"""Measures that are 0, or unknown, only where no record counts."""

_EVENTS = (*_COUNTS, "repeats", "share", "growth", "streak", "days_listed")
"""Measures of what happened, and not of what a record says."""


class _Near(NamedTuple):
    """An indicator and those that can say one thing with it, and in which states.

    `unknown` is its state without a value; `bit` is its own among the catalogue's, `bits` theirs.
    """

    unknown: State
    bit: int
    bits: int
    states: dict[str, frozenset[str]]


@dataclass(frozen=True)
class Alike:
    """What a catalogue's indicators have in common."""

    catalogue: Catalogue
    _known: dict[str, _Near] = field(default_factory=dict)

    def groups(self, reasons: Sequence[Row]) -> list[list[Row]]:
        """The reasons, those that say one thing together, in the order in which they come.

        No indicator comes twice.
        """
        group_of = [*range(len(reasons))]
        states: list[State] = []
        places: dict[int, int] = {}  # by the indicators' bits
        passed = 0
        for at, reason in enumerate(reasons):
            name, value = reason["indicator"], reason["value"]
            near = self._known.get(name) or self._near(name)
            unknown = value is None or value != value  # NaN
            states.append(near.unknown if unknown else "nothing" if value == 0 else "some")
            near_ones = near.bits & passed
            while near_ones:
                lowest = near_ones & -near_ones
                near_ones ^= lowest
                before = places[lowest]
                if states[before] == states[at]:
                    kinds = near.states[reasons[before]["indicator"]]
                    if _one(kinds, states[at], reason, reasons[before]):
                        mine, theirs = group_of[at], group_of[before]
                        group_of = [theirs if one == mine else one for one in group_of]
            passed |= near.bit
            places[near.bit] = at
        found: dict[int, list[Row]] = {}
        for group, reason in zip(group_of, reasons, strict=True):
            found.setdefault(group, []).append(reason)
        return list(found.values())

    def _near(self, name: str) -> _Near:
        one, bits, states = self.catalogue[name], 0, {}
        places = {other.id: place for place, other in enumerate(self.catalogue.indicators)}
        for other in self.catalogue.indicators:
            kinds = frozenset(self._common(*sorted((one, other), key=lambda each: each.id)))
            if kinds:
                states[other.id] = kinds
                bits |= 1 << places[other.id]
        self._known[name] = near = _Near(_unknown(one), 1 << places[name], bits, states)
        return near

    def _common(self, a: Indicator, b: Indicator) -> Iterator[str]:
        """In which states two indicators can say one thing."""
        if a.id in _numerator(b) or b.id in _numerator(a):
            yield "part"
        if self._columns(a) & self._columns(b):
            yield "unknown"
        one, other = self._counted(a), self._counted(b)
        if _leaves_nothing(one, other) or _leaves_nothing(other, one):
            yield "nothing"
        if a.table is None or a.table != b.table:
            return
        yield "lacking"
        events = a.measure in _EVENTS and b.measure in _EVENTS
        if events and (_covers(a, b) or _covers(b, a)):
            yield "records"

    def _counted(self, one: Indicator) -> Indicator:
        """The indicator itself, or what it is the quotient of: the one is 0 where the other is."""
        return self.catalogue[str(one.indicator)] if one.measure == "quotient" else one

    def _columns(self, one: Indicator) -> set[tuple[str, str]]:
        """The columns that an indicator measures, its parts' among them."""
        own = [*one.columns, *([one.per] if one.table and one.per else [])]
        found = {(str(one.table), name) for name in own}
        if one.measure == "quotient":
            for part in (str(one.indicator), str(one.per)):
                found |= self._columns(self.catalogue[part])
        return found


def _unknown(one: Indicator) -> State:
    """What an indicator without a value says."""
    if one.when_absent is not None:
        return "lacking"
    return "nothing" if one.measure == "days_since" else "unknown"


def _one(kinds: frozenset[str], state: State, a: Row, b: Row) -> bool:
    """Whether two reasons in one state say one thing, by what their indicators have in common."""
    if state != "some":
        return "part" in kinds or state in kinds
    return "part" in kinds or ("records" in kinds and _same(a["records"], b["records"]))


def _numerator(one: Indicator) -> tuple[str, ...]:
    return (str(one.indicator),) if one.measure == "quotient" else ()


def _leaves_nothing(wide: Indicator, narrow: Indicator) -> bool:
    """Whether one is 0, or unknown for want of a record, wherever the other is."""
    of_one = wide.table is not None and wide.table == narrow.table
    kept = wide.after_repair in ("keep", narrow.after_repair)
    longer = _days(wide.window) >= _days(narrow.window)
    return of_one and wide.measure in _COUNTS and _covers(wide, narrow) and kept and longer


def _days(window: str) -> float:
    """About how long a window is; enough to tell which of two is longer."""
    if window == "all":
        return math.inf
    return int(window[:-1]) * {"d": 1, "m": 30.4, "y": 365.25}[window[-1]]


def _covers(wide: Indicator, narrow: Indicator) -> bool:
    """Whether all that one counts is counted by the other too."""
    theirs = {**narrow.where, **narrow.of}
    same_newest = wide.last_of in (None, narrow.last_of)
    return same_newest and all(
        theirs.get(name) == condition for name, condition in wide.where.items()
    )


_ID = itemgetter("table", "source", "source_id")


def _same(mine: Sequence[Row], theirs: Sequence[Row]) -> bool:
    """Whether two reasons rest on the same records, and on any."""
    if not mine or mine[0]["source_id"] not in [one["source_id"] for one in theirs]:
        return False
    return {*map(_ID, mine)} == {*map(_ID, theirs)}
