from __future__ import annotations

from typing import Any

import pytest

from models import definition as definitions

ALIKE = definitions.load(definitions.folder_of("general")).alike


def reason(indicator: str, value: float | None, *records: str) -> dict[str, Any]:
    return {
        "indicator": indicator,
        "value": value,
        "records": [{"table": "t", "source": "s", "source_id": name} for name in records],
    }


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        # The same records behind a count and an amount, over all fields and over one.
        (reason("G3-11", 1, "p1"), reason("G3-12", 5e5, "p1"), True),
        (reason("G3-11", 1, "p1"), reason("G3-12", 5e5, "p1", "p2"), False),
        (reason("G3-01", 1, "l1"), reason("G3-03", 1, "l1"), True),
        # One record, of which two different things are said.
        (reason("G2-14", 1, "r1"), reason("G2-21", 1, "r1"), False),
        (reason("G2-12", 9e6, "r1"), reason("G2-24", 3, "r1"), False),
        # Values without any record behind them say nothing in common.
        (reason("G3-11", 1), reason("G3-12", 5e5), False),
        # No penalty at all says that there is none of a kind; one of a kind says nothing of all.
        (reason("G3-13", 0), reason("G3-11", 0), True),
        (reason("G3-16a", 0), reason("G3-12", 0), True),
        (reason("G3-11", 0), reason("G3-15", 0), False),
        (reason("G2-06", 0), reason("G2-08", 0), False),
        # A shorter window says nothing of a longer one.
        (reason("G5-01", 0), reason("G5-02", 0), True),
        (reason("G5-05", 0), reason("G5-06", 0), True),
        # The same column unknown; different ones of the same report.
        (reason("G2-16", None), reason("G2-15", None), True),
        (reason("G5-01a", None), reason("G1-05", None), True),
        (reason("G1-05", None), reason("G2-24", None), False),
        # One known, the other not.
        (reason("G2-12", 9e6, "r1"), reason("G2-13", None), False),
        # A quotient and what it is the quotient of.
        (reason("G5-01", 2, "c1", "c2"), reason("G5-01a", 0.2, "c1", "c2", "r1"), True),
        (reason("G5-01", 0), reason("G5-01a", 0), True),
        (reason("G5-01", 2, "c1"), reason("G5-01a", None), False),
        (reason("G5-01a", 0), reason("G5-03a", 0), True),
        # Firms that two relations speak of are others.
        (reason("G4-01", 0), reason("G4-03", 0), False),
    ],
)
def test_two_reasons_say_one_thing_or_not(
    one: dict[str, Any], other: dict[str, Any], together: bool
) -> None:
    assert len(ALIKE.groups([one, other])) == 2 - together
    assert len(ALIKE.groups([other, one])) == 2 - together


def test_a_third_joins_two_and_the_order_stays() -> None:
    first, second, wide = reason("G3-11", 0), reason("G3-15", 0), reason("G3-13", 0)
    apart = reason("G1-06", 3.0)
    assert ALIKE.groups([first, apart, second, wide]) == [[first, second, wide], [apart]]
