from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from features.catalogue import Catalogue
from features.indicator import GROUPS
from models.definition import SHIPPED
from records.errors import BadDefinition, NotFound

GENERAL = SHIPPED / "general" / "indicators.yaml"


def _changed(folder: Path, field: str, value: Any) -> Path:
    declared = yaml.safe_load(GENERAL.read_text("utf-8"))
    entry = next(entry for entry in declared["indicators"] if entry["id"] == "G3-11")
    if value is None:
        del entry[field]
    else:
        entry[field] = value
    path = folder / "indicators.yaml"
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("measure", "counts",
         r"line \d+, indicators.G3-11.measure: unknown measure(?s:.*)did you mean 'count'"),
        ("from", "penalty", r"G3-11.from: unknown table 'penalty'(?s:.*)'penalties'"),
        ("where", {"authority_field": "market"},
         r"where.authority_field: no value of(?s:.*)found: market\n(?s:.*)allowed: market_reg"),
        ("where", {"authority": "tax"},
         r"G3-11.where.authority: not a column of penalties(?s:.*)'authority_field'"),
        ("where", {"amount": {"under": 3}}, r"unknown entry 'under'(?s:.*)allowed: .*below"),
        ("where", {"violation": {"below": 3}}, r"violation is text, to which `below` does not"),
        ("where", {"amount": {"below": 3, "above": 1}}, r"a condition says exactly one thing"),
        ("window", "3 years", r"G3-11.window: .*(?s:.*)found: 3 years"),
        ("reason", {"zh": "{value.__class__}", "en": "x", "absent": {"zh": "x", "en": "x"}},
         r"G3-11.reason: {value.__class__} cannot be told(?s:.*)allowed: value, word, records"),
        ("reason", {"zh": "x", "en": "x", "absent": {"zh": "x", "en": "x"},
                    "unknown": {"zh": "{amount}", "en": "x"}},
         r"G3-11.reason: {amount} cannot be told"),
        ("reason", {"zh": "{word}", "en": "x", "absent": {"zh": "x", "en": "x"}},
         r"G3-11.reason.zh: {word} is told of an indicator with `values`"),
        ("risk", None, r"G3-11.risk: 'risk' is missing"),
        ("reason", None, r"G3-11.reason: 'reason' is missing"),
        ("risk", "upwards", r"G3-11.risk: not one of the known words(?s:.*)allowed: up, down"),
        ("colour", "red", r"G3-11.colour: unknown entry 'colour'(?s:.*)allowed: id, official_id"),
        ("column", "amount", r"G3-11.column: measure count does not take 'column'"),
        ("measure", "sum", r"G3-11.column: measure sum needs 'column'"),
        ("ties", ["address"], r"G3-11.ties: measure count does not take 'ties'"),
        ("subgroup", "size", r"G3-11.subgroup: not a subgroup of G3(?s:.*)allowed: abnormal"),
        ("function", "missed", r"G3-11.function: measure count does not take 'function'"),
    ],
)  # fmt: skip
def test_an_error_names_entry_field_value_and_what_is_allowed(
    tmp_path: Path, field: str, value: Any, message: str
) -> None:
    with pytest.raises(BadDefinition, match=message):
        Catalogue.load(_changed(tmp_path, field, value))


def test_the_shipped_catalogue_covers_its_ground() -> None:
    catalogue = Catalogue.load(GENERAL)
    assert len(catalogue.for_use("fit")) >= 25
    assert len({indicator.table for indicator in catalogue.indicators}) >= 8
    assert {indicator.group for indicator in catalogue.indicators} == set(GROUPS)
    assert catalogue["G5-07"].use == "policy_only"  # classes are calibrated against it
    columns = [i.column for i in catalogue.for_use("fit") if i.column]
    read = {name for c in columns for name in ([c] if isinstance(c, str) else c)}
    assert "amount" in read
    assert not read & {"inspector", "office"}


def test_its_hash_follows_its_meaning_and_not_its_layout(tmp_path: Path) -> None:
    catalogue = Catalogue.load(GENERAL)
    copy = tmp_path / "indicators.yaml"
    copy.write_text(yaml.safe_dump(yaml.safe_load(GENERAL.read_text("utf-8"))), "utf-8")
    assert Catalogue.load(copy).hash == catalogue.hash
    assert Catalogue.load(_changed(tmp_path, "window", "2y")).hash != catalogue.hash


def test_an_unknown_indicator_is_told_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'G3-11'"):
        Catalogue.load(GENERAL)["G3-111"]
