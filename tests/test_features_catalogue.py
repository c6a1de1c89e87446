from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from features.catalogue import GROUPS, Catalogue
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
        ("measure", "counts", "G3-11, measure: .*'count'.*found 'counts'"),
        ("from", "penalty", "G3-11, entry: from: unknown table 'penalty'"),
        ("where", {"authority_field": "market"}, "where.authority_field: 'market' is not allowed"),
        ("where", {"authority": "tax"}, "'authority' is not a column of penalties"),
        ("window", "3 years", "G3-11, window: .*found '3 years'"),
        ("reason", {"zh": "{value.__class__}", "en": "x"}, "is not allowed; allowed: last_date"),
        ("risk", None, "G3-11, risk: Field required"),
        ("reason", None, "G3-11, reason: Field required"),
        ("colour", "red", "G3-11, colour: Extra inputs"),
    ],
)
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
    assert not {i.column for i in catalogue.for_use("fit")} & {"inspector", "office"}


def test_its_hash_follows_its_meaning_and_not_its_layout(tmp_path: Path) -> None:
    catalogue = Catalogue.load(GENERAL)
    copy = tmp_path / "indicators.yaml"
    copy.write_text(yaml.safe_dump(yaml.safe_load(GENERAL.read_text("utf-8"))), "utf-8")
    assert Catalogue.load(copy).hash == catalogue.hash
    assert Catalogue.load(_changed(tmp_path, "window", "2y")).hash != catalogue.hash


def test_an_unknown_indicator_is_told_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'G3-11'"):
        Catalogue.load(GENERAL)["G3-111"]
