from __future__ import annotations

import math
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models import definition as definitions
from models import wording
from models.ladder import points_per_log_odds
from records.errors import BadInput, NotFound
from serving.lookup import ladder_of

GENERAL = definitions.load(definitions.folder_of("general"))


def _firms(demo: Path) -> list[str]:
    table = pq.read_table(demo / "run" / "classes.parquet", columns=["entity_id"])
    codes: list[str] = table["entity_id"].to_pylist()
    return codes[:: len(codes) // 40]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_ladder_adds_up_and_reads_whole(demo: Path, lang: str) -> None:
    for code in _firms(demo):
        told = ladder_of(demo / "run", code, lang)
        if told["scope"] == "grade_only":
            assert told["risk_class"] is None
            assert told["reasons_for"] == []
            continue
        points = math.fsum(group["points"] for group in told["groups"])
        assert told["base"]["probability"] * 100 + points == pytest.approx(
            told["probability"] * 100
        )
        log_odds = math.fsum(group["log_odds"] for group in told["groups"])
        assert told["base"]["log_odds"] + log_odds == pytest.approx(told["raw"], abs=1e-5)
        assert told["steps"][-1]["class"] == told["risk_class"]
        for reason in [*told["reasons_for"], *told["reasons_against"]]:
            assert not re.search(r"[{}]|None|nan", reason["sentence"])


def test_a_counted_reason_names_its_records(demo: Path) -> None:
    named = 0
    for code in _firms(demo):
        told = ladder_of(demo / "run", code, "en")
        for reason in told["reasons_for"]:
            counted = GENERAL.catalogue[reason["indicator"]].measure == "count"
            if counted and reason["value"]:
                assert reason["records"]
                assert all(record["source"].startswith("合成") for record in reason["records"])
                named += 1
    assert named > 5


def test_at_the_base_a_unit_of_log_odds_weighs_its_derivative() -> None:
    firm = {"raw": -1.0, "base": -1.0, "probability": 0.2, "base_probability": 0.2}
    assert points_per_log_odds(firm) == pytest.approx(16.0)


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (123_456_700.0, "yuan", "123.46 万元", "1,234,567 yuan"),
        (0.1234, "share", "12.3%", "12.3%"),
        (9.25, "years", "9.2 年", "9.2 years"),
        (1.0, "times", "1", "once"),
        (2.0, "times", "2", "twice"),
        (5.0, "times", "5", "5 times"),
        (1.0, "firms", "1 户", "1 firm"),
        (3.0, "firms", "3 户", "3 firms"),
    ],
)
def test_quantities_are_read_aloud(value: float, unit: str, zh: str, en: str) -> None:
    assert wording.quantity(value, unit, "zh") == zh
    assert wording.quantity(value, unit, "en") == en


def test_every_indicator_has_sentences_that_fill(demo: Path) -> None:
    record = [{"event_time": "2024-09-01"}]
    for indicator in GENERAL.catalogue.indicators:
        for lang in ("zh", "en"):
            for value in (None, 0.0, 1.0, 3.0):
                text = wording.sentence(indicator, value, record, lang)
                assert text
                assert "{" not in text


def test_who_is_not_in_the_run_is_told_so(demo: Path) -> None:
    with pytest.raises(NotFound, match="'nobody' is not in this run"):
        ladder_of(demo / "run", "nobody", "zh")
    with pytest.raises(BadInput, match="unknown language"):
        ladder_of(demo / "run", "nobody", "fr")
    with pytest.raises(NotFound, match="no run at"):
        ladder_of(demo / "none", "nobody", "zh")
