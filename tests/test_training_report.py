"""The report, its plots, the card and the screen: what they tell, and that they stand alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from models import drawing
from models.classifier import RiskClassifier
from training import card, plots, report, screen, words

Told = dict[str, Any]

TUNING = {
    "trials": [
        {
            "number": 0,
            "state": "complete",
            "blocks": [0.4, 0.34],
            "loss": 0.34,
            "best_so_far": 0.34,
        },
        {"number": 1, "state": "stopped", "blocks": [0.5], "loss": None, "best_so_far": 0.34},
        {
            "number": 2,
            "state": "complete",
            "blocks": [0.4, 0.33],
            "loss": 0.33,
            "best_so_far": 0.33,
        },
    ],
    "best": {"number": 2, "settings": {"rounds": 80}, "loss": 0.33},
    "declared_loss": 0.34,
    "importance": {"rounds": 0.7, "max_depth": 0.3},
}


@pytest.fixture(scope="module")
def model(demo: Path) -> RiskClassifier:
    return RiskClassifier.load(demo / "run" / "model")


@pytest.fixture(scope="module")
def told(model: RiskClassifier) -> Told:
    return {**model.facts, "tuning": TUNING}


@pytest.fixture(scope="module")
def drawn(model: RiskClassifier, told: Told) -> dict[str, str]:
    return plots.drawn(model, told)


@pytest.fixture(scope="module")
def html(model: RiskClassifier, told: Told, drawn: dict[str, str]) -> str:
    return report.page(model, told, drawn)


def test_every_plot_is_drawn_and_fetches_nothing(drawn: dict[str, str]) -> None:
    assert list(drawn) == list(plots.PLOTS)
    for text in drawn.values():
        assert text.startswith("<svg")
        assert "http" not in text.replace("http://www.w3.org", "")
        assert "<metadata" not in text  # which would hold the time of day


def test_the_same_report_is_drawn_in_the_same_bits(
    model: RiskClassifier, told: Told, drawn: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "PLOTS", {name: plots.PLOTS[name] for name in ("split", "tuning")})
    again = plots.drawn(model, told)
    assert again == {name: drawn[name] for name in again}


def test_a_plot_needs_no_chinese_font_to_be_made(
    model: RiskClassifier, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "PLOTS", {"rates": plots.PLOTS["rates"]})
    monkeypatch.setitem(drawing.STYLE, "font.family", ["DejaVu Sans"])
    assert "双稳健" in plots.drawn(model, told)["rates"]  # the reader's own font shows it


def test_labelled_counts_stand_beside_the_split(told: Told, drawn: dict[str, str]) -> None:
    for block in told["blocks"]:
        assert f"{block['labels']:,} 标签 labels" in drawn["split"]
    assert "评判 judges" in drawn["split"]


def test_the_page_stands_alone_and_its_contents_lead_somewhere(html: str) -> None:
    assert "http" not in html.replace("http://www.w3.org", "")
    assert "<script" not in html
    assert "<link" not in html
    links = re.findall(r'<a href="#([\w-]+)">', html)
    assert links == re.findall(r'<section id="([\w-]+)">', html)
    assert {"gate", "time", "classes", "tuning", "settings"} <= set(links)


def test_the_page_tells_every_check_and_count_in_both_languages(html: str, told: Told) -> None:
    for check in told["gate"]["checks"]:
        zh, en = words.both(check["what"])
        assert zh in html
        assert en in html
        assert not zh.isascii() or zh == "AUC"
    assert f"{told['metrics']['n']:,} / {told['metrics']['positives']:,}" in html
    body = html[html.index("<main>") :]
    assert body.count('<span lang="zh">') == body.count('<span lang="en">') > 100
    assert "合成数据" in html  # a demo's records are synthetic, and the page says so


def test_whatever_others_add_is_told_and_what_they_leave_out_is_not_missed(
    model: RiskClassifier, told: Told
) -> None:
    added = {"conditional": [{"group": "branch", "miss": 0.25}], "remark": "<b>as it is</b>"}
    html = report.page(model, told | added, {})
    assert 'id="further"' in html
    assert "0.250" in html
    assert "&lt;b&gt;as it is" in html
    for name in set(told) - {"gate"}:
        rest = {key: value for key, value in told.items() if key != name}
        assert report.page(model, rest, {})
        assert all(card.card(model, rest, lang) for lang in card.LANGUAGES)
    bare = report.page(model, {"gate": told["gate"]}, {})
    assert re.findall(r'<section id="([\w-]+)">', bare) == ["top", "gate"]


@pytest.mark.parametrize(
    ("limits", "zh", "en"),
    [
        ({"auc": [0.6, 0.7], "skill_over_public_score": [0.01, 0.02]}, "没有基线", "No baseline"),
        ({"skill_over_base_rate": [-0.01, 0.02]}, "误差之内：平均率", "of the model: base rate"),
        ({"skill_over_base_rate": [-0.03, -0.01]}, "优于本模型：平均率", "Better than the model"),
    ],
)
def test_the_first_line_says_who_does_as_well(limits: Told, zh: str, en: str) -> None:
    assert zh in report.first_line({"limits": limits}, "zh")
    assert en in report.first_line({"limits": limits}, "en")


def test_the_card_says_what_it_may_not_be_used_for(model: RiskClassifier, told: Told) -> None:
    zh, en = (card.card(model, told, lang) for lang in card.LANGUAGES)
    assert "不向社会提供查询" in zh
    assert "not to be disclosed" in en
    for text in (zh, en):
        assert model.version in text
        assert model.snapshot in text
        assert f"{told['metrics']['auc']:.3f}" in text
        assert text.count("\n| ✓ |") + text.count("\n| ✗ |") == len(told["gate"]["checks"])
    assert len(card.description(model, told)) <= card.LONGEST


def test_the_summary_fits_one_screen_and_ends_with_the_verdict(
    told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    others = {"skill_over_explainable_boosting_machine": [0.01, 0.03]}
    gain = {"gain": 0.0012, "low": -0.0123, "high": 0.0123}
    facts = told | {
        "limits": told["limits"] | others,
        "metrics": told["metrics"] | dict.fromkeys(others, 0.02),
        "beside": dict.fromkeys(("draws_only", "with_policy_only", "with_audit_only"), gain)
        | {"champion": gain | {"version": "1.0.0+0123456789ab"}},
        "gate": {"promoted": True, "text": "promoted"},
    }
    screen.show({"model": "general", "version": "12", "content": "1.0.0+0123456789ab", **facts})
    lines = capsys.readouterr().out.splitlines()
    assert 24 <= len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert lines[-1] == "gate: promoted"
    screen.show({"model": "general", "version": "12", "content": "1.0.0+0123456789ab", **told})
    text = " ".join(capsys.readouterr().out.split())
    assert text.endswith(f"gate: {told['gate']['text']}")


def test_words_are_told_once() -> None:
    assert words.short("auc") == "AUC"
    assert words.both("a_new_figure") == ("a new figure", "a new figure")
    assert words.told("expected over observed, county 230102", "zh") == "预期／实际，区县 230102"
    assert words.told("skill_over_logistic_regression", "zh") == "相对逻辑回归的技巧"
    assert json.dumps(words.NAMES)
