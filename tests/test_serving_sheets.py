"""The two sheets: what an internal one must carry, and what an outward one must never."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from features.catalogue import Catalogue
from models import wording
from models.compared import Moment
from records.errors import BadInput, NotPossible
from records.store import Store
from serving.runs import lookup, whatif
from serving.store.accesstables import audit, audit_firms
from serving.store.database import connect, reading
from serving.telling.rendering import render
from serving.telling.sheetwords import SHEET
from serving.web import sheets
from tests.a_small_model import GENERAL
from tests.test_loop import call

AT = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
WORDS = re.compile(
    r"风险|信用分|评分|得分|分类|类别|等级|概率|可能性|百分点|模型|原因|对数|"
    r"risk|probab|chance|likel|score|\bpoints?\b|model|reason|grade|\bclass|odds|percent|%",
    re.IGNORECASE,
)
LETTER = re.compile(r"(?<![\w-])[A-E](?![\w-])|[A-E]\s*[类级]")
Firm = tuple[Moment, list[dict[str, Any]]]


class _Text(HTMLParser):
    """What a reader sees, and what a file's properties tell."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.style = tag == "style"
        self.parts += [value or "" for name, value in attrs if name not in ("class", "lang")]

    def handle_endtag(self, tag: str) -> None:
        self.style = False

    def handle_data(self, data: str) -> None:
        if not self.style:
            self.parts.append(data)

    def handle_comment(self, data: str) -> None:
        self.parts.append(data)


def text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return " ".join(" ".join(parser.parts).split())


def leaks(text: str, catalogue: Catalogue, lang: str) -> list[str]:
    """Words and class letters in a text, and indicators whose reason sentence stands in it."""
    found = [match[0] for pattern in (WORDS, LETTER) for match in pattern.finditer(text)]
    for one in catalogue.indicators:
        parts = [part.strip() for part in re.split(r"\{\w+\}", one.reason.in_(lang))]
        if all(part in text for part in parts):
            found.append(one.id)
    return found


def test_what_leaks_is_seen() -> None:
    catalogue = GENERAL.catalogue
    for text in ("现为 C 类", "C", "class", "27%", "现列入经营异常名录（2026年2月11日列入）"):
        assert leaks(text, catalogue, "zh")
    assert leaks("registered capital of 5 yuan", catalogue, "en")


@pytest.fixture(scope="module")
def firms(demo: Path) -> list[Firm]:
    """Firms of classes C and D with duties, and one that only carries its public grade."""
    run = pd.read_parquet(demo / "run" / "classes.parquet")
    store = Store.open(demo / "store")
    reasons = pd.read_parquet(demo / "run" / "reasons.parquet")
    asked = reasons[reasons["indicator"].isin(["G2-20", "G3-01"]) & (reasons["value"] > 0)]
    able = run[run["entity_id"].isin(asked["entity_id"])]
    ids = [able[able["risk_class"] == name]["entity_id"].iloc[0] for name in "CD"]
    ids.append(run[run["scope"] == "grade_only"]["entity_id"].iloc[0])
    return [
        (whatif.moment(demo / "run", store, one), lookup.firm_of(demo / "run", one)[1])
        for one in ids
    ]


def make(firm: Firm, kind: str, lang: str) -> str:
    told = sheets.make(*firm, kind, "王敏", lang, synthetic=True, at=AT)
    assert told.serial in told.html
    return told.html


@pytest.mark.parametrize(("lang", "which"), [("zh", [0, 2]), ("en", [1])])
def test_an_outward_sheet_leaks_nothing(firms: list[Firm], lang: str, which: list[int]) -> None:
    for firm in (firms[at] for at in which):
        row, catalogue = firm[0].firm, firm[0].classifier.definition.catalogue
        text = text_of(make(firm, "outward", lang))
        assert row["entity_id"] in text
        own = text.replace(row["name"], "").replace(row["entity_id"], "")
        duties = sheets.duties(firm[0], lang)
        assert duties or row["scope"] == "grade_only"
        for duty in duties:
            assert duty["act"] in text
            for record in duty["records"]:
                assert record["source_id"] in text
                own = own.replace(record["source_id"], "").replace(record["source"], "")
        assert not leaks(own, catalogue, lang)
        assert "王敏" not in text  # it is nobody's copy


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_act_of_the_catalogue_leaks(lang: str) -> None:
    duties = [
        {"duty": wording.capital(act.duty.in_(lang)), "act": wording.capital(act.in_(lang)),
         "later": True, "records": []}
        for act in GENERAL.catalogue.acts.values()
    ]  # fmt: skip
    html = render(
        "sheet_outward.html", s=SHEET[lang], lang=lang, name="甲", entity_id="1", at=AT,
        as_of="2026-07-01", serial="20260702-0", synthetic=True, duties=duties,
    )  # fmt: skip
    assert not leaks(text_of(html), GENERAL.catalogue, lang)


def test_an_outward_sheet_does_not_depend_on_what_the_model_makes_of_the_firm(
    firms: list[Firm],
) -> None:
    found, reasons = firms[0]
    other = {"risk_class": "A", "model_class": "A", "raw": -5.0, "probability": 0.01}
    turned = [{**one, "contribution": -one["contribution"], "records": []} for one in reasons]
    changed = replace(found, firm={**found.firm, **other, "steps": []})
    html = [make(firm, "outward", "zh") for firm in (firms[0], (changed, turned[::-1]))]
    assert html[0] == html[1]


@pytest.mark.parametrize(("lang", "which"), [("zh", 0), ("en", 0), ("zh", 2)])
def test_an_internal_sheet_carries_ladder_records_and_watermark(
    firms: list[Firm], lang: str, which: int
) -> None:
    found, reasons = firms[which]
    html = make(firms[which], "internal", lang)
    mark = html[html.index('class="watermark"') : html.index("</svg>")]
    assert "王敏" in mark
    assert "2026-07-02 09:30" in mark
    assert re.search(r"20260702-[0-9A-F]{8}", mark)
    text = text_of(html)
    assert "nan" not in text
    assert "None" not in text
    if found.firm["risk_class"]:
        shown = [one for reason in reasons[:3] for one in reason["records"]]
        assert all(record["source_id"] in text for record in shown)
        assert whatif.what_if(found, lang)["sentence"] in text
    else:
        with pytest.raises(NotPossible, match="not classified by the model"):
            whatif.what_if(found, lang)


def test_a_sheet_is_asked_for_rightly(firms: list[Firm]) -> None:
    with pytest.raises(BadInput, match="unknown kind"):
        sheets.make(*firms[0], "public", "王敏", "zh", synthetic=True)
    with pytest.raises(BadInput, match="made for somebody"):
        sheets.make(*firms[0], "internal", " ", "zh", synthetic=True)


def test_the_commands_write_and_record_what_tells_a_class(
    demo: Path, tmp_path: Path, firms: list[Firm]
) -> None:
    code = firms[0][0].firm["entity_id"]
    given = (demo / "run", code, "--store", demo / "store")
    for kind in ("internal", "outward"):
        out = tmp_path / f"{kind}.html"
        told = call("sheet", *given, "--kind", kind, "--for", "王敏", "--out", out)
        assert told.returncode == 0, told.stderr
        assert code in out.read_text("utf-8")
    told = call("changed", demo / "before", *given)
    assert "2026-06-01" in told.stdout, told.stderr
    with reading(connect()) as connection:
        looked = sa.select(audit.c.purpose, audit_firms.c.entity_id).join_from(
            audit, audit_firms, audit_firms.c.n == audit.c.n
        )
        rows = connection.execute(looked.order_by(audit.c.n)).mappings().all()
    assert [row["entity_id"] for row in rows] == [code] * 3  # the outward sheet tells no class
    assert re.fullmatch(r"sheet \d{8}-[0-9A-F]{8} for 王敏", rows[0]["purpose"])
