"""A real browser: sign in, find a firm by half its name, read why; on a desk, a phone and paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.access import access
from serving.results import publishing
from serving.store.database import connect
from serving.web.app import create_app
from tests import a_run
from tests.a_service import answering

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a running service and a token for it."""
    folder = tmp_path_factory.mktemp("site")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    token = access.issue(engine, "王敏", "inspector", days=1)
    with answering(create_app(engine)) as port:
        yield f"http://127.0.0.1:{port}", token
    engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, site: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[Any]:
    """A signed-in page on the search form; a marker's width, else a desk's."""
    width = getattr(request, "param", 1280)
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=site[0])
    page = context.new_page()
    page.goto("/")
    page.get_by_label("访问令牌").fill(site[1])
    page.get_by_role("button", name="登录").click()
    page.locator("#q:focus").wait_for()
    yield page
    context.close()


def test_from_sign_in_to_the_reasons_by_keyboard(page: Any) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.keyboard.type("松江")  # the search field has the focus
    page.keyboard.press("Enter")
    page.get_by_role("link", name="松江小馆餐饮管理有限公司").click()
    assert page.get_by_role("heading", level=1).inner_text() == "松江小馆餐饮管理有限公司"
    assert page.locator(".badge").inner_text().split() == ["C", "信用风险较高"]
    record = page.get_by_text("1230102025110200083")
    assert not record.is_visible()
    page.get_by_text("2 条记录").click()
    assert record.is_visible()
    assert problems == []  # the content policy was not broken


def test_bars_grow_from_one_zero_line(page: Any) -> None:
    page.goto(f"/enterprises/{a_run.C}")
    bars = [
        page.locator("rect.down").first.bounding_box(),
        page.locator("rect.up").first.bounding_box(),
    ]
    assert bars[0]["x"] + bars[0]["width"] == pytest.approx(bars[1]["x"], abs=1)
    assert bars[1]["width"] == pytest.approx(bars[0]["width"] * 13.6 / 2.6, rel=0.03)


@pytest.mark.parametrize("page", [360, 768, 1280], indirect=True)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_sticks_out(page: Any, lang: str) -> None:
    width = page.viewport_size["width"]
    for path in ("/?q=9&", *(f"/enterprises/{firm}?" for firm in a_run.REASONS_OF)):
        page.goto(f"{path}lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_printed_sheet_shows_every_record_and_its_notice(page: Any) -> None:
    page.goto(f"/enterprises/{a_run.C}")
    page.emulate_media(media="print")
    assert page.get_by_text("1230102025110200083").is_visible()
    assert page.locator("footer").get_by_text("不得对外提供查询").is_visible()
    assert not page.locator("header.top").is_visible()
