from __future__ import annotations

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import xinfen
from records import quality, quality_page
from records.intake import Report, ingest
from records.quality import Observed, Quality
from records.schema import TABLES
from records.store import Store
from tests.a_store import CODES, opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field amount violation"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    put(
        Store.create(tmp_path / "elsewhere" / "store"),
        "penalties",
        rows(
            PENALTY,
            f"1 {CODES[0]} 2024-01-01 2024-01-01 tax 100 -",
            f"2 {CODES[0]} 2024-03-01 2024-03-08 tax 100 -",
            f"3 {CODES[1]} 2024-03-31 2025-12-01 tax - <b>",
            f"1 {CODES[0]} 2024-01-01 2024-01-01 tax 100 -",
            f"4 {CODES[1]} 2024-03-31 2024-04-01 <i>&no 1 -",
        ),
        "<sent>",
    )
    return tmp_path / "elsewhere" / "<sent>.csv"


def _measured(folder: Path, file: Path) -> Quality:
    store = Store.create(folder / "store")
    observed = Observed(TABLES["penalties"], store.id_scheme)
    return quality.summary(ingest(store, "penalties", file, seen=observed), observed)


def test_figures_of_an_ingest(tmp_path: Path, file: Path) -> None:
    found = _measured(tmp_path, file)
    report = found.report
    assert (report.read, report.stored, report.duplicate, report.quarantined) == (5, 3, 1, 1)
    assert report.reasons == {"not a known value of authority_field": 1}
    assert found.accepted == 4
    assert {name: share for name, share in found.nulls.items() if share} == {
        "valid_to": 1.0,
        "decision_no": 1.0,
        "violation": 0.75,
        "penalty": 1.0,
        "amount": 0.25,
        "office": 1.0,
        "basis": 1.0,
        "decision": 1.0,
        "published_until": 1.0,
    }
    assert found.lateness == {"median": 0, "p90": 610, "p99": 610}
    assert {name: count for name, count in found.late.items() if count} == {
        "当日": 2,
        "1–7": 1,
        "＞365": 1,
    }
    assert found.months == ("2024-01", "2024-02", "2024-03")
    assert found.coverage == {"110108": (2, 0, 1), "350100": (0, 0, 1)}
    assert found.first == {"event_time": date(2024, 1, 1), "known_time": date(2024, 1, 1)}
    assert found.last == {"event_time": date(2024, 3, 31), "known_time": date(2025, 12, 1)}


def test_chunks_count_like_the_whole(tmp_path: Path, file: Path) -> None:
    whole = Observed(TABLES["penalties"], "uscc")
    parts = Observed(TABLES["penalties"], "uscc")
    store = Store.create(tmp_path / "store")

    def seen(accepted: object) -> None:
        whole(accepted)
        for at in range(accepted.num_rows):  # type: ignore[attr-defined]
            parts(accepted.slice(at, 1))  # type: ignore[attr-defined]

    report = ingest(store, "penalties", file, seen=seen)
    assert quality.summary(report, parts) == quality.summary(report, whole)


def test_regions_and_months_beyond_the_shown_are_summed() -> None:
    observed = Observed(TABLES["complaints"], "opaque")
    assert observed.region == "division"
    for county in range(1, 31):
        observed.cells[f"2301{county:02d}", "2019-05"] = 1
        observed.cells[f"2302{county:02d}", "2024-02"] = 2
    observed.cells["别处", "2024-03"] = 5
    report = Report("complaints", "f", 95, 95, 0, 0, 0, 0, {})
    found = quality.summary(report, observed)
    assert found.months[:2] == ("此前", "2022-04")
    assert found.months[-1] == "2024-03"
    assert len(found.months) == 25
    assert {region: sum(counts) for region, counts in found.coverage.items()} == {
        "230100": 30,
        "230200": 60,
        "别处": 5,
    }
    for place in range(40):
        observed.cells[f"街道{place:02d}", "2024-01"] = 1
    found = quality.summary(report, observed)
    assert len(found.coverage) == 21
    assert list(found.coverage)[-1] == "其余 23 个"
    assert sum(map(sum, found.coverage.values())) == 135


def test_an_opaque_store_without_divisions_has_one_region(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    observed = Observed(TABLES["penalties"], store.id_scheme)
    file = tmp_path / "f.csv"
    file.write_text(
        "source,source_id,entity_id,event_time,known_time,authority_field\n"
        "局,1,F1,2024-01-01,2024-01-02,tax\n"
    )
    found = quality.summary(ingest(store, "penalties", file, seen=observed), observed)
    assert (found.region, found.coverage) == ("", {"未注明": (1,)})


def test_columns_that_are_always_or_never_given_are_told_apart(tmp_path: Path, file: Path) -> None:
    found = _measured(tmp_path, file)
    text = quality_page.write(found, tmp_path / "report", "2026-07-01").read_text("utf-8")
    for part in (
        "全部为空 never given",
        "<span>决定书文号 decision_no</span>",
        ">25.0%<",
        ">75.0%<",
    ):
        assert part in text
    assert ">100.0%<" not in text


class _Page(HTMLParser):
    """The tags of a page, and every attribute that would fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetches: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetches += [name for name, _ in attrs if name in ("src", "href", "onload", "onclick")]


def test_the_page_is_whole_and_runs_nothing(tmp_path: Path, file: Path) -> None:
    out = quality_page.write(_measured(tmp_path, file), tmp_path / "report", "2026-07-01")
    assert out == tmp_path / "report" / "penalties-<sent>.csv.html"
    text = out.read_text("utf-8")
    page = _Page()
    page.feed(text)
    assert page.fetches == []
    assert not {"script", "link", "img", "iframe", "b"} & set(page.tags)
    assert "url(" not in text
    assert "&lt;sent&gt;.csv" in text
    for part in (
        "数据质量报告：行政处罚",
        "行的去向",
        "隔离原因",
        "空值",
        "迟报",
        "覆盖：地区与月份",
    ):
        assert part in text
    assert "处罚领域 authority_field：取值不在规定范围内" in text
    assert ">60.0%<" in text
    assert "<title>110108 2024-01: 2</title>" in text


def test_a_file_of_refused_rows_only_has_a_report_too(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "source,source_id,entity_id,event_time,known_time,authority_field\n,,,,,\na,b,c,d,e,f\n"
    )
    found = _measured(tmp_path, file)
    assert (found.accepted, found.lateness, found.months, found.coverage) == (0, {}, (), {})
    assert "没有被隔离的行" not in quality_page.write(found, tmp_path, "2026-07-01").read_text(
        "utf-8"
    )
    quality_page.tell(found)


def test_the_front_door_reports_on_request(tmp_path: Path, file: Path) -> None:
    arguments = ["ingest", str(tmp_path / "store"), "penalties", str(file)]
    plain = CliRunner().invoke(xinfen.app, [*arguments, "--json"])
    assert "report" not in json.loads(plain.output)
    short = CliRunner().invoke(xinfen.app, arguments)
    for part in ("行政处罚 penalties", "读取 read", "处罚领域 authority_field：取值不在规定范围内"):
        assert part in short.output
    out = tmp_path / "reports"
    told = CliRunner().invoke(xinfen.app, [*arguments, "--report", str(out), "--json"])
    assert json.loads(told.output)["report"] == str(out / "penalties-<sent>.csv.html")
    assert json.loads(told.output)["unresolved"] == {"entity_id: enterprises": 4}
    shown = CliRunner().invoke(xinfen.app, [*arguments, "--report", str(out)])
    for part in ("重复 duplicate", "隔离原因", "迟报 lateness", "110108", "未找到 not yet"):
        assert part in shown.output
    assert "entity_id → enterprises" in shown.output
    page = (out / "penalties-<sent>.csv.html").read_text("utf-8")
    for part in ("References to other records", "登记注册 enterprises", f"such as {CODES[0]}"):
        assert part in page
