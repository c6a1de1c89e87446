from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from models import definition as definitions
from models import wording
from models.ladder import ladder, points_per_log_odds
from models.peers import Peers
from records.errors import BadInput, NotFound
from serving.runs.lookup import ladder_of

Row = Mapping[str, Any]
GENERAL = definitions.load(definitions.folder_of("general"))


@pytest.fixture(scope="module")
def firms(demo: Path) -> list[tuple[Row, list[Row]]]:
    """Some forty firms of the demo, all that a rule moved among them, each with its reasons."""
    table = pq.read_table(demo / "run" / "classes.parquet")
    rows = table.to_pylist()
    ruled = [row for row in rows if row["steps"] and row["steps"][3]["rule"]]
    chosen = {row["entity_id"]: row for row in [*rows[:: len(rows) // 40], *ruled[:5]]}
    wanted = pc.field("entity_id").isin(list(chosen))
    reasons: dict[str, list[Row]] = {code: [] for code in chosen}
    for reason in pq.read_table(demo / "run" / "reasons.parquet", filters=wanted).to_pylist():
        reasons[reason["entity_id"]].append(reason)
    return [(row, reasons[code]) for code, row in chosen.items()]


@pytest.fixture(scope="module")
def peers(demo: Path) -> Peers:
    found = Peers.of(demo / "run" / "model", GENERAL)
    assert found is not None
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_ladder_adds_up_and_reads_whole(
    firms: list[tuple[Row, list[Row]]], peers: Peers, lang: str
) -> None:
    for firm, rows in firms:
        told = ladder(firm, rows, GENERAL, lang, peers)
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
        assert told["interval"]["low"] <= told["probability"] <= told["interval"]["high"]
        for sign, side in ((1, "reasons_for"), (-1, "reasons_against")):
            for reason in told[side]:
                texts = [reason["sentence"], reason["comparison"]]
                texts += [other["sentence"] for other in reason["also"]]
                assert not any(re.search(r"[{}]|None|nan", text) for text in texts)
                assert reason["contribution"] * sign > 0


def test_what_is_merged_adds_up_and_is_told_nowhere_else(
    firms: list[tuple[Row, list[Row]]], peers: Peers
) -> None:
    merged = 0
    for firm, rows in firms:
        own = {row["indicator"]: row["contribution"] for row in rows}
        told = ladder(firm, rows, GENERAL, "en", peers)
        reasons = [*told["reasons_for"], *told["reasons_against"]]
        named = [indicator for one in reasons for indicator in one["indicators"]]
        assert len(named) == len(set(named))
        for one in reasons:
            parts = [own[indicator] for indicator in one["indicators"]]
            said = [one["sentence"], *(other["sentence"] for other in one["also"])]
            assert len(said) == len(set(said)) <= len(parts)
            assert one["contribution"] == pytest.approx(math.fsum(parts))
            merged += bool(one["also"])
    assert merged > 10


def test_a_direct_rule_is_the_headline_and_the_frequency_is_not(
    firms: list[tuple[Row, list[Row]]],
) -> None:
    seen = 0
    for firm, rows in firms:
        for lang, often in (("zh", "每 100 家"), ("en", "of 100 firms")):
            told = ladder(firm, rows, GENERAL, lang)
            if told["scope"] != "model":
                continue
            ruled = told["steps"][3]["rule"] is not None
            assert (often in told["headline"]) != ruled
            assert "失信" in told["headline"] or lang == "en" or not ruled
            seen += ruled
    assert seen > 4


def test_a_correction_is_told_before_a_direct_rule(firms: list[tuple[Row, list[Row]]]) -> None:
    firm, rows = next(pair for pair in firms if pair[0]["steps"] and pair[0]["steps"][3]["rule"])
    steps = [dict(step) for step in firm["steps"]]
    steps[4] |= {
        "class": "B", "rule": "CO1", "given": "更正-7",
        "since": date(2026, 6, 1), "until": date(2026, 12, 31),
    }  # fmt: skip
    steps[5]["class"] = "B"
    told = ladder({**firm, "risk_class": "B", "steps": steps}, rows, GENERAL, "zh")
    assert told["headline"].startswith(
        "经两人审核更正（更正-7，2026年6月1日决定，有效至2026年12月31日），列为 B 类"
    )
    steps[5]["class"] = "C"
    with pytest.raises(BadInput, match="step final does not follow"):
        ladder({**firm, "steps": steps}, rows, GENERAL, "zh")


def test_a_counted_reason_names_its_records(firms: list[tuple[Row, list[Row]]]) -> None:
    named = 0
    for firm, rows in firms:
        for reason in ladder(firm, rows, GENERAL, "en")["reasons_for"]:
            counted = GENERAL.catalogue[reason["indicator"]].measure == "count"
            if counted and reason["value"]:
                assert reason["records"]
                assert all(record["source"].startswith("合成") for record in reason["records"])
                named += 1
    assert named > 5


@pytest.mark.parametrize(
    ("indicator", "value", "zh", "en"),
    [
        ("G3-02", 4.0, "通过登记的住所（经营场所）无法联系", "unreachable"),
        ("G3-13", 2.0, "罚款", "fine"),
        ("G3-13", 1.0, "警告、通报批评或其他", "warning or other"),
        ("G5-07a", 3.0, "C", "C"),
        ("G5-10", 3.0, "M", "M"),
        ("G1-07", 4.0, "国有", "state"),
    ],
)
def test_a_code_is_told_in_the_words_of_its_record(
    indicator: str, value: float, zh: str, en: str
) -> None:
    one = GENERAL.catalogue[indicator]
    assert wording.word(one, value, "zh") == zh
    assert wording.word(one, value, "en") == en
    assert zh in wording.sentence(one, value, [], "zh")


def test_what_is_unknown_is_not_told_as_nothing() -> None:
    one = GENERAL.catalogue["G1-05"]
    assert wording.sentence(one, 0.0, [], "zh") == "最近年度报告从业人数为零"
    assert wording.sentence(one, None, [], "zh") == "最近年度报告未公示从业人数"


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
        (1.0, "people", "1 人", "1 person"),
        (40_000.0, "yuan", "400 元", "400 yuan"),
        (-0.123, "change", "−12.3%", "−12.3%"),
        (-0.0001, "change", "0.0%", "0.0%"),
        (0.0294, "per_hundred", "2.9", "2.9"),
    ],
)
def test_quantities_are_read_aloud(value: float, unit: str, zh: str, en: str) -> None:
    assert wording.quantity(value, unit, "zh") == zh
    assert wording.quantity(value, unit, "en") == en


def test_every_indicator_has_sentences_that_fill() -> None:
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
