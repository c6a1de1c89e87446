"""A demo's pages in a real browser: the service on a copy of its result store, and who signs in.

The copy takes the looks of the browser, so that the demo's own audit stays as it is.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import uvicorn

from records.errors import NotFound, NotPossible
from serving.access import access
from serving.access.roles import MAY, Role
from serving.access.scope import WHOLE
from serving.access.servicesettings import Settings
from serving.results import results
from serving.results.results import Search
from serving.store.backup import backup
from serving.store.database import connect, reading
from serving.web.app import create_app

CHROMIUM = Path("/usr/bin/chromium")
WIDE, PHONE = 1280, 390
PATIENCE = 180_000
"""Milliseconds that a page may take on a busy machine."""
READERS: Mapping[Role, str] = {
    "inspector": "王敏", "supervisor": "李强", "data_scientist": "陈静", "auditor": "周正",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A running service: its address, a token for each role, and a firm to show."""

    address: str
    tokens: Mapping[Role, str]
    firm: str


@dataclass(frozen=True)
class Shown:
    """A page that is looked at: a short name, who opens it, and where it is; `{firm}` is a firm."""

    name: str
    role: Role
    path: str
    zh: str
    en: str


PAGES = (
    Shown("sign-in", "administrator", "/sign-in", "登录", "Sign in"),
    Shown("search", "inspector", "/", "查找企业", "Find an enterprise"),
    Shown(
        "firm", "inspector", "/enterprises/{firm}", "企业：类别与原因", "A firm: class and reasons"
    ),
    Shown(
        "change", "inspector", "/enterprises/{firm}/change", "怎样才会改变", "What would change it"
    ),
    Shown(
        "internal", "inspector", "/enterprises/{firm}/sheet/internal", "内部页", "Internal sheet"
    ),
    Shown("outward", "inspector", "/enterprises/{firm}/sheet/outward", "对外页", "Outward sheet"),
    Shown("lists", "supervisor", "/lists?class=C&class=D&industry=H", "企业名单", "Lists"),
    Shown("compare", "inspector", "/compare", "名单比对", "Compare a list"),
    Shown("overview", "supervisor", "/overview", "本期概况", "This run"),
    Shown("movers", "supervisor", "/overview/movers", "类别变化的企业", "Movers"),
    Shown("plans", "supervisor", "/plans", "抽查计划", "Plans"),
    Shown("plan", "supervisor", "/plans/1", "计划与证明", "A plan with its proof"),
    Shown("corrections", "inspector", "/corrections", "异议更正", "Corrections"),
    Shown(
        "correction",
        "inspector",
        "/enterprises/{firm}/corrections/new",
        "提出异议",
        "Ask for a correction",
    ),
    Shown("model", "data_scientist", "/model", "模型", "The model"),
    Shown("looks", "auditor", "/looks?q={firm}", "查阅记录", "Who looked"),
    Shown("problem", "inspector", "/enterprises/nobody", "没有找到", "Not found"),
)
"""Every page of the service but a correction once asked for, and one that cannot be shown."""


@contextmanager
def serving(demo: Path, scratch: Path) -> Iterator[Site]:
    """Serve a copy of a demo's result store, made in `scratch`, for the length of the block.

    Raises
    ------
    NotFound : there is no demo.
    """
    kept = demo / "home"
    if not (kept / "results.db").is_file():
        raise NotFound(f"no demo at {demo}", hint="run `make demo`")
    backup(connect(f"sqlite:///{kept / 'results.db'}"), scratch / "store")
    engine = connect(f"sqlite:///{scratch / 'store' / 'results.db'}")
    tokens = {
        role: access.issue(engine, READERS.get(role, role), role, days=1)
        for role in get_args(Role)
        if "pages" in MAY[role]
    }
    with reading(engine) as connection:
        now = results.published(connection)
        risky = results.search(connection, now.load, Search(classes=("C",)), WHOLE, limit=1)
    firm = str(risky.firms[0]["entity_id"])
    app = create_app(engine, Settings(records=demo / "store"))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", tokens, firm)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        engine.dispose()


@contextmanager
def chromium() -> Iterator[Any]:
    """The system's browser, without a window.

    Raises
    ------
    NotPossible : there is none, or its driver is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NotPossible("playwright is not installed", hint="pip install '.[dev]'") from None
    if not CHROMIUM.exists():
        raise NotPossible(f"no browser at {CHROMIUM}", hint="install Debian's chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def signed_in(browser: Any, site: Site, role: Role, width: int = WIDE) -> Any:
    """A page of a browser in which somebody of a role has signed in; a stranger's, without."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=site.address)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    if role in site.tokens:
        page.goto("/sign-in")
        page.locator("#token").fill(site.tokens[role])
        page.locator(".door form button").click()
        page.wait_for_load_state()
    return page


def opened(page: Any, site: Site, shown: Shown, lang: str) -> Any:
    """Go to a page in a language; the browser's answer."""
    path = shown.path.format(firm=site.firm)
    return page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
