"""Lists of firms and plans for draws, as small as a test wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import pandas as pd
import pytest

from supervision import canonical
from supervision.draws import eligible, ids, lists, sizes, tickets
from supervision.draws.sizes import Sizes
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition

ITEMS = [
    {"id": "address", "name": {"zh": "住所", "en": "address"}},
    {"id": "report", "name": {"zh": "年报", "en": "annual report"}},
]

CITY = {
    ("class A", "230102"): 300, ("class B", "230102"): 100, ("class C", "230103"): 60,
    ("class D", "230102"): 20, ("unclassified", "230102"): 7, ("class A", "230204"): 80,
    ("grade B", "230204"): 40, ("class D", "230204"): 3,
}  # fmt: skip
"""Firms of two cities, most of them in the first; for `firms`."""


LENGTHS = pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
"""A list is read by other loops from some length on; what holds of it must not know which."""


@contextmanager
def lengths(long: bool) -> Iterator[None]:
    """Lists of any size are taken for long ones, as a province's are, or left as they are."""
    with pytest.MonkeyPatch.context() as patch:
        if long:
            for module in (canonical, ids, tickets):
                patch.setattr(module, "LONG", 1)
        yield


def plan(**changes: Any) -> PlanDefinition:
    """A plan of one batch a year, bureaus and strata by city; `changes` replace whole entries."""
    entries: dict[str, Any] = {
        "task": "双随机抽查",
        "type": "undirected",
        "batches": 1,
        "bureau": "city",
        "strata": ["class", "city"],
        "items": ITEMS,
        "blind_slice": {"ratio": "0.1", "basket": ["address"], "recheck": "0.03"},
        "ratio_by_class": {"A": "0.01", "B": "0.03", "C": "0.1", "D": "0.3"},
        "ratio_by_grade": dict.fromkeys("ABCDE", "0.03"),
        "overall_floor": "0.1",
    }
    return PlanDefinition.checked(entries | changes)


def firms(counts: Mapping[tuple[str, str], int], **columns: Any) -> pd.DataFrame:
    """So many firms of each (group, division), as `lists.join` gives them.

    `firms({("class A", "230102"): 3})`; `columns` are set for all of them.
    """
    rows = [place for place, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["group", "division"], dtype="str")
    frame["entity_id"] = [f"F{number:05d}" for number in range(len(rows))]
    frame["name"], frame["address"], frame["status"] = frame["entity_id"], "一路", "live"
    kind, letter = frame["group"].str[:5], frame["group"].str[6:]
    frame["risk_class"] = letter.where(kind == "class")
    frame["public_grade"] = letter.where(kind == "grade")
    for column in ("fields", "industry"):
        frame[column] = pd.Series([None] * len(frame), dtype="str")
    return frame.assign(**columns)


def inspectors(counts: Mapping[str, int]) -> pd.DataFrame:
    """So many inspectors of each unit."""
    units = [unit for unit, count in counts.items() for _ in range(count)]
    ids = [f"I{number:03d}" for number in range(len(units))]
    return lists.inspectors(pd.DataFrame({"inspector_id": ids, "unit": units}))


def marked(
    definition: PlanDefinition,
    frame: pd.DataFrame,
    history: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    day: date = date(2026, 1, 1),
) -> tuple[pd.DataFrame, Period]:
    """The marked firms, and the period of the day."""
    period = Period.containing(day, definition.batches)
    past, aside = lists.history(history, frame), lists.exclusions(exclusions, frame)
    return eligible.mark(definition, frame, past, aside, period), period


def sized(
    definition: PlanDefinition,
    frame: pd.DataFrame,
    history: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    day: date = date(2026, 1, 1),
    staff: Mapping[str, int] | None = None,
) -> tuple[pd.DataFrame, Sizes]:
    """The marked firms and the sizes of their draw."""
    found, period = marked(definition, frame, history, exclusions, day)
    return found, sizes.sizes(definition, found, period, inspectors(staff or {"23": 2}))
