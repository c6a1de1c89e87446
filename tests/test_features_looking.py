"""Coverage, history and the page, through the front door as a person would ask for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.catalogue import Catalogue
from features.history import months_before, sparkline
from models.definition import SHIPPED
from xinfen import app

GENERAL = Catalogue.load(SHIPPED / "general" / "indicators.yaml")
DAY = "2026-07-01"


def run(*words: object) -> str:
    found = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.stdout


def told(*words: object) -> Any:
    return json.loads(run(*words, "--json"))


def test_list_and_show() -> None:
    assert list(told("indicators", "list")) == [one.id for one in GENERAL.indicators]
    assert "近三年市场监管处罚次数" in run("indicators", "list")
    assert told("indicators", "show", "G3-11")["where"] == {
        "authority_field": {"among": ["market_regulation"]}
    }
    assert "measure: count" in run("indicators", "show", "G3-11")


def test_coverage_and_the_page(demo: Path, tmp_path: Path) -> None:
    page = tmp_path / "indicators.html"
    found = told("indicators", "coverage", demo / "store", "--as-of", DAY, "--page", page,
                 "--run", demo / "run")  # fmt: skip
    assert set(found) == {one.id for one in GENERAL.indicators}
    assert found["G1-06"]["known"] == 1
    assert found["G3-11"]["low"] == 0
    assert {name for name, one in found.items() if one["lacks"]} == set()
    text = page.read_text("utf-8")
    assert "合成数据" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "<script" not in text
    for one in GENERAL.indicators:
        assert f'id="{one.id}"' in text
        assert one.name.zh in text
        assert one.reason.en.replace('"', "&#34;").replace("'", "&#39;") in text
    for risk_class in "ABCD":
        assert f">{risk_class}</text>" in text


def test_history_of_a_firm(demo: Path) -> None:
    entity = _some_firm(demo)
    found = told("indicators", "history", demo / "store", entity, "--as-of", DAY, "--months", 3)
    assert list(found["G1-06"]) == ["2026-05-01", "2026-06-01", "2026-07-01"]
    years = list(found["G1-06"].values())
    assert years[2] - years[0] == pytest.approx(61 / 365.25)
    assert "▁" in run("indicators", "history", demo / "store", entity, "--as-of", DAY)


def _some_firm(demo: Path) -> str:
    import pyarrow.parquet as pq

    codes = pq.ParquetFile(demo / "run" / "classes.parquet").read(["entity_id"])
    return str(codes[0][0].as_py())


def test_months_before_end_with_the_day_itself() -> None:
    from datetime import date

    days = months_before(date(2026, 3, 15), 3)
    assert [str(day) for day in days] == ["2026-01-01", "2026-02-01", "2026-03-01", "2026-03-15"]
    assert len(months_before(date(2026, 3, 1), 3)) == 3


def test_a_sparkline_goes_from_the_least_to_the_greatest() -> None:
    nan = float("nan")
    assert sparkline([0, 1, 2, nan, 7]) == "▁▂▃·█"
    assert sparkline([3, 3]) == "▁▁"
    assert sparkline([nan]) == "·"
