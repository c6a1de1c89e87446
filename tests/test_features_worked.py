"""The worked example of docs/worked_example.md, on every engine and both ways to the records."""

from __future__ import annotations

import ast
import operator
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import features
from features.catalogue import Catalogue
from features.indicator import MEASURES
from records.store import Snapshot
from tests.a_store import opaque, put

PAGE = Path(__file__).parent.parent / "docs" / "worked_example.md"
TEXT = PAGE.read_text("utf-8")
DAY, JANUARY = date(2026, 7, 1), date(2026, 1, 1)

_SIGNS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}


def block(kind: str) -> dict[str, str]:
    """The page's blocks of a kind by name."""
    found = re.findall(rf"^```{kind} (\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    return dict(found)


def _worth(cell: str) -> float:
    """A number or fraction as it stands on the page; · is null."""

    def of(node: ast.expr) -> float:
        match node:
            case ast.Constant(value):
                return float(value)  # type: ignore[arg-type]
            case ast.UnaryOp(sign, operand):
                return float(_SIGNS[type(sign)](of(operand)))
            case ast.BinOp(left, sign, right):
                return float(_SIGNS[type(sign)](of(left), of(right)))
        raise ValueError(f"not a number: {cell}")

    return np.nan if cell == "·" else of(ast.parse(cell, mode="eval").body)


def catalogue_of_the_page() -> Catalogue:
    """The page's indicators; their names become ids G3-01, G3-02, … in their order."""
    given = yaml.safe_load(block("yaml")["indicators"])
    ids = {name: f"G3-{at:02d}" for at, name in enumerate(given["indicators"], 1)}
    words = {"zh": "{value}", "en": "{value}"}
    common = {
        "name": words,
        "subgroup": "x",
        "unit": "number",
        "risk": "none",
        "reason": words | {"absent": {"zh": "无", "en": "none"}},
        "source": "ours",
    }
    entries = []
    for name, entry in given["indicators"].items():
        parts = {part: ids[entry[part]] for part in ("indicator", "per") if entry.get(part) in ids}
        entries.append({**common, "id": ids[name], **entry, **parts})
    return Catalogue.model_validate(
        {"version": "1.0.0", "ties": given["ties"], "indicators": entries}
    )


@pytest.fixture(scope="module")
def declared() -> Catalogue:
    return catalogue_of_the_page()


@pytest.fixture(scope="module")
def expected(declared: Catalogue) -> pd.DataFrame:
    """The page's table, firms and dates as rows."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    head, rows = cells[0], cells[1:]
    named = list(yaml.safe_load(block("yaml")["indicators"])["indicators"])
    assert [row[0] for row in rows] == named
    asked = [(name[:3], JANUARY if "January" in name else DAY) for name in head[1:-1]]
    table = pd.DataFrame(asked, columns=["entity_id", "as_of"])
    for one, row in zip(declared.indicators, rows, strict=True):
        table[one.id] = [_worth(cell) for cell in row[1:-1]]
    return table.sort_values(["entity_id", "as_of"], ignore_index=True)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The page's records, ingested like any bureau's files."""
    store = opaque(tmp_path_factory.mktemp("worked"))
    for table, text in block("csv").items():
        given: list[dict[str, Any]] = pd.read_csv(StringIO(text), dtype=str).to_dict("records")  # type: ignore[assignment]
        report = put(store, table, given, table)
        assert (report.read, report.quarantined) == (report.stored, 0), report.reasons
    return store.snapshot()


def _compare(built: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Exactly: the page's fractions are worked out by the same rules of floating point."""
    pd.testing.assert_frame_equal(built, expected.reset_index(drop=True), check_exact=True,
                                  check_dtype=False)  # fmt: skip


@pytest.mark.parametrize("everyone", [1, 50_000], ids=["read through", "looked up"])
def test_on_one_date(
    records: Snapshot,
    declared: Catalogue,
    expected: pd.DataFrame,
    everyone: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("features.spine.EVERYONE", everyone)
    wanted = expected[expected["as_of"] == DAY]
    _compare(features.build(records, wanted[["entity_id", "as_of"]], declared).frame, wanted)


def test_on_two_dates(records: Snapshot, declared: Catalogue, expected: pd.DataFrame) -> None:
    _compare(features.build(records, expected[["entity_id", "as_of"]], declared).frame, expected)


def test_in_parts(
    records: Snapshot,
    declared: Catalogue,
    expected: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("features.building.CELLS", 3 * len(declared.indicators))
    monkeypatch.setattr("features.spine.EVERYONE", 1)
    wanted = expected[expected["as_of"] == DAY]
    table = features.build(records, wanted[["entity_id", "as_of"]], declared)
    assert len(table.parts) == 4
    _compare(table.frame, wanted)


@pytest.mark.usefixtures("spark")
def test_on_spark(records: Snapshot, declared: Catalogue, expected: pd.DataFrame) -> None:
    built = features.build(records, expected[["entity_id", "as_of"]], declared, on="spark")
    _compare(built.frame, expected)


def test_the_example_shows_every_measure(declared: Catalogue) -> None:
    assert {one.measure for one in declared.indicators} == set(MEASURES)
