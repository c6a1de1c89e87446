"""Every page and every journey in a real browser: zh and en, wide and on a phone, by axe-core.

With XINFEN_SCREENS=FOLDER the pictures of all pages are kept there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from benchmarks import browser
from benchmarks.browser import CHROMIUM, PAGES, PHONE, WIDE, Shown, Site
from records.store import Store
from serving.access.roles import Role
from serving.access.scope import WHOLE, Scope
from serving.results import moments, publishing, results
from serving.results.searching import Search
from serving.runs import whatif
from serving.store.database import connect, reading
from serving.web import sheets

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")

SCREENS = os.environ.get("XINFEN_SCREENS")
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with browser.serving(demo, tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(chromium: Any, site: Site) -> Iterator[Any]:
    """Signed-in pages by role and width, each opened once."""
    kept: dict[tuple[str, int], Any] = {}

    def of(role: str, width: int = WIDE) -> Any:
        if (role, width) not in kept:
            kept[role, width] = browser.signed_in(chromium, site, cast("Role", role), width)
        return kept[role, width]

    yield of
    for page in kept.values():
        page.context.close()


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_each_page(site: Site, pages: Any, shown: Shown, lang: str, width: int) -> None:
    page = pages(shown.role, width)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    answer = browser.opened(page, site, shown, lang)
    assert answer.status == (404 if shown.name == "problem" else 200)
    assert [text for text in broken if "Content Security" in text] == []
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.evaluate("document.documentElement.lang") == ("zh-CN" if lang == "zh" else "en")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(UNHEADED) == 0
    found = axe.Axe().run(page).response["violations"]
    grave = [
        (one["id"], [node["html"][:160] for node in one["nodes"]][:4])
        for one in found
        if one["impact"] in GRAVE
    ]
    assert grave == []
    if SCREENS:
        Path(SCREENS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SCREENS}/{shown.name}-{width}-{lang}.png", full_page=True)


UNHEADED = """[...document.querySelectorAll('main table')].filter(
    one => !one.querySelector('thead th, tbody th[scope=row]')).length"""


def test_a_newcomer_is_three_clicks_from_the_reasons(chromium: Any, site: Site) -> None:
    page = chromium.new_context(base_url=site.address).new_page()
    page.goto("/")  # leads to the door
    page.locator("#token").fill(site.tokens["inspector"])
    page.get_by_role("button", name="登录").click()
    first = page.locator(".examples a").first
    name = first.locator("> b").inner_text()
    first.click()
    assert page.locator("h1").inner_text() == name
    assert page.locator(".badge b").inner_text() == "D"
    assert page.get_by_role("heading", name="类别是怎样确定的").is_visible()
    page.context.close()


def test_the_keyboard_finds_content_and_pages(pages: Any) -> None:
    page = pages("inspector")
    page.goto("/overview?lang=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Lists").press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == "Lists"
    assert page.locator("nav [aria-current=page]").inner_text() == "Lists"


def test_a_list_is_narrowed_opened_and_exported(pages: Any, tmp_path: Path) -> None:
    page = pages("supervisor")
    page.goto("/lists?lang=zh")
    page.get_by_role("group", name="风险类别").get_by_label("D 高").check(force=True)
    page.get_by_label("行业").select_option("H")
    page.get_by_role("button", name="列出").click()
    chips = page.locator("td .chip b").all_inner_texts()
    assert chips
    assert set(chips) == {"D"}
    with page.expect_download() as coming:
        page.get_by_role("link", name="导出 Excel").click()
    coming.value.save_as(tmp_path / "list.xlsx")
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    rows = [*book.worksheets[0].iter_rows(min_row=2)]
    assert f"共 {len(rows)} 家" in page.locator("#found").inner_text()
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    told = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows(min_row=2)}
    assert told["导出人"] == "李强"
    assert "H 住宿和餐饮业" in told["条件"]
    page.locator("td.n a").first.click()
    assert page.locator(".badge b").inner_text() == "D"


def test_a_list_is_uploaded_and_answered(pages: Any, site: Site, tmp_path: Path) -> None:
    page = pages("inspector")
    file = tmp_path / "list.csv"
    file.write_text(f"统一社会信用代码,企业名称\n{site.firm},\n,=cmd|' /C calc'!A0\n", "utf-8")
    page.goto("/compare?lang=zh")
    page.get_by_label("名单文件").set_input_files(file)
    page.get_by_label("事由").fill("4月抽查比对")
    page.get_by_role("button", name="比对", exact=True).click()
    assert "共 2 行，对应 1 家企业" in page.locator("#told").inner_text()
    assert "名称不存在" in page.locator("tbody").inner_text()
    page.get_by_role("link", name="再比对一份名单").click()
    page.get_by_label("名单文件").set_input_files(file)
    with page.expect_download() as coming:
        page.get_by_role("button", name="比对并下载 Excel").click()
    coming.value.save_as(tmp_path / "answer.xlsx")
    rows = [*openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets[0].iter_rows(min_row=2)]
    assert len(rows) == 2
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    page.goto("/compare?lang=en")
    (tmp_path / "bad.csv").write_text("nothing\nof use\n", "utf-8")
    page.get_by_label("List", exact=True).set_input_files(tmp_path / "bad.csv")
    page.get_by_role("button", name="Compare", exact=True).click()
    assert "no column holds codes or names" in page.get_by_role("alert").inner_text()


def test_an_auditor_sees_who_looked_and_no_class(pages: Any, site: Site) -> None:
    pages("inspector").goto(f"/enterprises/{site.firm}")
    page = pages("auditor")
    page.goto("/?lang=zh")
    assert page.locator("h1").inner_text() == "无权查看"
    assert page.locator("nav.nav a").all_inner_texts() == [
        "概况", "抽查计划", "异议更正", "模型", "查阅记录",
    ]  # fmt: skip
    page.get_by_role("link", name="查阅记录").click()
    page.locator("#q").fill(site.firm)
    page.keyboard.press("Enter")
    assert "王敏" in page.locator("tbody").inner_text()


def test_the_outward_sheet_prints_and_tells_no_class(pages: Any, site: Site) -> None:
    page = pages("inspector")
    page.goto(f"/enterprises/{site.firm}/sheet/outward?lang=zh")
    text = page.locator("body").inner_text()
    for hidden in ("风险较高", "概率", "模型", "个百分点", "王敏"):
        assert hidden not in text
    page.emulate_media(media="print")
    assert not page.locator(".onscreen").is_visible()
    page.emulate_media(media="screen")
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_internal_sheet_adds_up_as_the_page_does(pages: Any, site: Site) -> None:
    page = pages("inspector")
    page.goto(f"/enterprises/{site.firm}?lang=zh")
    shown = page.locator(".sums td.num").all_inner_texts()
    page.goto(f"/enterprises/{site.firm}/sheet/internal?lang=zh")
    assert page.locator("table").first.locator("tbody td:last-child").all_inner_texts() == shown
    assert "王敏" in page.locator(".watermark").first.text_content()


def test_what_the_store_tries_is_what_the_run_would(demo: Path, tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    publishing.publish(demo / "run", engine=engine)
    store = Store.open(demo / "store")
    with reading(engine) as connection:
        load = results.published(connection).load
        for letter in "BD":
            wanted = Search(classes=(letter,))
            firm = results.search(connection, load, wanted, WHOLE, limit=1).firms[0]["entity_id"]
            found = moments.of(connection, load, firm, demo / "store", WHOLE)
            assert found is not None
            ours = whatif.moment(demo / "run", store, firm)
            assert whatif.what_if(found, "zh") == whatif.what_if(ours, "zh")
            assert sheets.duties(found, "en") == sheets.duties(ours, "en")
        assert moments.of(connection, load, firm, demo / "store", Scope.of(["99"])) is None
    engine.dispose()
