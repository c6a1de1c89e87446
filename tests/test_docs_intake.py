"""docs/intake.md says what intake does: its examples are read, or refused, as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from records import dates, forms, numbers

PAGE = Path(__file__).parents[1] / "docs" / "intake.md"
READ: dict[str, Callable[[pa.Array], Any]] = {
    "day": dates.days,
    "number": numbers.real,
    "truth": numbers.truths,
}


def _examples(kind: str) -> tuple[list[str], list[str]]:
    """The examples of a kind that are read, and those that are refused."""
    line = next(one for one in PAGE.read_text("utf-8").splitlines() if one.startswith(f"| {kind} "))
    read, refused = line.split("|")[2:4]
    quoted = [re.findall("`([^`]+)`", cell.split("until")[0]) for cell in (read, refused)]
    return quoted[0], quoted[1]


@pytest.mark.parametrize("kind", READ)
def test_what_the_page_says_is_read_is_read(kind: str) -> None:
    read, refused = _examples(kind)
    assert READ[kind](pa.array(read, pa.string())).null_count == 0
    assert READ[kind](pa.array(refused, pa.string())).null_count == len(refused)


def test_what_the_page_says_of_codes() -> None:
    _, refused = _examples("code")
    assert forms.refused(pa.array(refused), "code", "opaque").tolist() == [True]


def test_every_declared_repair_of_an_amount() -> None:
    (line,) = re.findall(
        r"an amount with its unit \(`([^`]+)`, `([^`]+)`\)", PAGE.read_text("utf-8")
    )
    assert numbers.money(pa.array(line)).to_pylist() == [3_500_000, 100_000]
