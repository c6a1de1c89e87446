"""Points rules: literal firms by the shipped tables, and what a wrong table is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from features.catalogue import Catalogue
from models import definition, points
from records.errors import BadDefinition, NotFound, NotPossible

CATALOGUE = Catalogue.load(definition.folder_of("general") / "indicators.yaml")
RULES = {rule.name: rule for rule in points.rules()}
SMALL: dict[str, Any] = {
    "name": "small", "version": "1.0.0", "source": "example",
    "title": {"zh": "小", "en": "small"}, "basis": {"zh": "无", "en": "none"},
    "begins": {"B": 5, "C": 10, "D": 20},
    "items": [
        {"id": "fines", "indicator": "G3-12", "name": {"zh": "罚没", "en": "fines"},
         "steps": [{"above": 0, "points": 4}, {"at_least": 1000, "points": 9}]},
        {"id": "debts", "indicator": "G2-16", "name": {"zh": "负债", "en": "debts"},
         "steps": [{"above": 0.5, "at_most": 1, "points": 1}, {"above": 1, "points": 3}]},
        {"id": "problems", "indicator": ["G3-19", "G3-20"],
         "name": {"zh": "问题", "en": "problems"},
         "clause": "第三条", "steps": [{"at_least": 2, "points": 8}]},
        {"id": "serious", "indicator": "G3-05", "name": {"zh": "严重", "en": "serious"},
         "steps": [{"at_least": 1, "class": "D"}]},
    ],
}  # fmt: skip


def firms(**columns: list[float]) -> pd.DataFrame:
    """Rows of indicators by id, `G3_12` for G3-12; all others are 0."""
    count = len(next(iter(columns.values())))
    plain = {one.id: np.zeros(count) for one in CATALOGUE.indicators}
    told = {name.replace("_", "-"): np.array(values) for name, values in columns.items()}
    return pd.DataFrame(plain | told)


def written(folder: Path, changes: dict[str, object] | None = None, name: str = "a") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(SMALL | (changes or {}), allow_unicode=True), "utf-8")
    return path


def test_points_add_up_and_a_class_begins_where_its_points_do(tmp_path: Path) -> None:
    rule = points.load(written(tmp_path))
    rows = firms(
        G3_12=[0, 1, 99_900, 100_000, 100_000, 0],  # fen; steps are in yuan
        G2_16=[0.5, 0.51, 1, 1.01, 2, 0],
        G3_19=[0, 0, 0, 0, 1, 0],
        G3_20=[0, 0, 0, 0, 1, 0],
        G3_05=[0, 0, 0, 0, 0, 1],
    )
    found = rule.score(rows, CATALOGUE)
    assert found.total.tolist() == [0, 5, 5, 12, 20, 0]
    assert "".join(found.risk_class) == "ABBCDD"
    assert found.standing.tolist() == [0, 5, 5, 12, 20, 20]  # a class outright counts as its begin
    assert found.behind(4, "en")[2] == {
        "item": "problems", "name": "problems", "clause": "第三条", "value": 2.0, "points": 8.0,
        "class": None, "unknown": False,
    }  # fmt: skip
    assert [(one["item"], one["class"]) for one in found.behind(5, "zh")] == [("serious", "D")]


def test_what_is_unknown_gives_no_points_and_is_told(tmp_path: Path) -> None:
    rule = points.load(written(tmp_path))
    nan = np.nan
    rows = firms(G3_12=[nan, nan], G2_16=[nan, 0], G3_19=[nan, nan], G3_20=[nan, 2], G3_05=[nan, 0])
    found = rule.score(rows, CATALOGUE)
    assert found.total.tolist() == [0, 8]  # what is known of a sum counts
    assert "".join(found.risk_class) == "AB"
    assert [one["item"] for one in found.behind(0, "en")] == [i["id"] for i in SMALL["items"]]
    assert all(one["unknown"] and one["points"] == 0 for one in found.behind(0, "en"))
    assert [(one["item"], one["value"], one["unknown"]) for one in found.behind(1, "en")] == [
        ("fines", None, True), ("problems", 2.0, True)
    ]  # fmt: skip


def test_tianjins_rule_as_published() -> None:
    """Fewer than 5 penalties and up to 100,000 yuan; 5 to 10 or 100,000 to 500,000; more."""
    rows = firms(
        G3_11=[0, 4, 3, 5, 10, 10, 0, 0, 0, 0, 0],
        G3_15=[0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0],
        G3_12=[0, 1e7, 0, 0, 0, 0, 10_000_100, 5e7, 50_000_100, 0, 0],
        G3_09=[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
        G3_01=[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    )
    found = RULES["tianjin"].score(rows, CATALOGUE)
    assert "".join(found.risk_class) == "ABBCCDCCDDB"


def test_henans_direct_rules() -> None:
    found = RULES["henan"].score(firms(G3_05=[0, 1, 0], G3_09=[0, 0, 1]), CATALOGUE)
    assert "".join(found.risk_class) == "ADD"
    assert found.standing.tolist() == [0, 750, 750]


def test_shipped_rules_fit_the_general_catalogue_and_the_example_says_what_it_is() -> None:
    assert [(rule.name, rule.source) for rule in points.rules(catalogue=CATALOGUE)] == [
        ("example", "example"), ("henan", "published"), ("tianjin", "published"),
    ]  # fmt: skip
    assert "not official" in RULES["example"].title.en
    assert "非官方" in RULES["example"].title.zh


FINES = SMALL["items"][0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"begins": {"B": 5, "C": 5, "D": 9}}, r"a.yaml, line \d+, begins: must rise from B to D"),
        ({"source": "offical"}, "source: not one of the known words(.|\n)*did you mean 'official'"),
        ({"begin": {}}, "unknown entry 'begin'(.|\n)*did you mean 'begins'"),
        ({"items": [FINES, FINES]}, "items.fines.id: declared twice"),
        ({"items": []}, "items: "),
        (
            {"items": [FINES | {"steps": [{"above": 0}]}]},
            "items.fines.steps.0: a step needs a bound, and points or a class(.|\n)*points, class",
        ),
        ({"items": [FINES | {"steps": [{"points": 3}]}]}, "above, at_least, below, at_most"),
        (
            {"items": [FINES | {"steps": [{"above": 0, "points": 3, "class": "D"}]}]},
            "points or class, not both",
        ),
        (
            {"items": [FINES | {"steps": [{"above": 0, "at_least": 1, "points": 3}]}]},
            "above or at_least, not both",
        ),
        (
            {"items": [FINES | {"steps": [{"above": 1, "below": 1, "points": 3}]}]},
            "no value lies between the bounds(.|\n)*1 to 1",
        ),
        ({"items": [FINES | {"steps": [{"above": 0, "class": "E"}]}]}, "class(.|\n)*A, B, C, D"),
        (
            {"items": [FINES | {"indicator": "G3-121"}]},
            "a.yaml: item fines: the catalogue has no G3-121. did you mean 'G3-",
        ),
        ({"items": [FINES | {"indicator": ["G3-12", "G3-11"]}]}, "times and yuan cannot be added"),
    ],
)
def test_a_wrong_rule_is_told_by_entry_and_value(
    changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    written(tmp_path, changes)
    with pytest.raises(BadDefinition, match=message):
        points.rules(tmp_path, CATALOGUE)


def test_a_rule_that_does_not_fit_scores_nothing(tmp_path: Path) -> None:
    rule = points.load(written(tmp_path, {"items": [FINES | {"indicator": "G3-99"}]}))
    assert rule.lacking(CATALOGUE).startswith("item fines: the catalogue has no G3-99")
    with pytest.raises(NotPossible, match="points rule small, item fines"):
        rule.score(firms(G3_12=[0]), CATALOGUE)


def test_a_folder_without_rules_or_with_one_twice(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no points rule"):
        points.rules(tmp_path)
    written(tmp_path)
    written(tmp_path, name="b")
    with pytest.raises(BadDefinition, match=r"b.yaml: another rule of the folder is named small"):
        points.rules(tmp_path)
