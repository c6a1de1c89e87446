"""Pictures of every page, from the demo: docs/pages/*.png, and docs/pages.md that shows them.

`python -m benchmarks.screenshots [DEMO]` takes them anew; the demo is var/demo by default.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks import browser
from benchmarks.browser import PAGES, PHONE, WIDE, Shown, Site
from records.errors import XinfenError
from records.files import write_bytes

DOCS = Path(__file__).parent.parent / "docs"
COLOURS = 96
"""Of a picture; the pages have few."""
TALLEST = {WIDE: 1700, PHONE: 1500}
"""Of a picture, in pixels; what lies below is cut off."""
BOTH = ("search", "firm", "overview")
"""The pages that are shown in English as well."""

LEAD = """# The pages 页面

Every page as a browser shows it, at 1280 pixels and on a telephone, taken from the demo by
`make screens`. **All of it is synthetic data 合成数据**: firms, records and persons are generated
and are nobody's. `make demo`, then `make serve`, opens the same.

Each page is checked in Chromium in both languages and both widths: nothing sticks out, no content
policy is broken, and axe-core finds no serious fault (`tests/test_serving_journeys.py`).
"""


def main() -> int:
    """Take the pictures and write the page."""
    demo = Path(sys.argv[1] if len(sys.argv) > 1 else "var/demo")
    out = DOCS / "pages"
    with (
        tempfile.TemporaryDirectory() as scratch,
        browser.serving(demo, Path(scratch)) as site,
        browser.chromium() as chromium,
    ):
        for shown in PAGES:
            for width, lang in _wanted(shown):
                page = browser.signed_in(chromium, site, shown.role, width)
                write_bytes(out / _name(shown, width, lang), picture(page, site, shown, lang))
                page.context.close()
    write_bytes(DOCS / "pages.md", text().encode())
    return 0


def picture(page: Any, site: Site, shown: Shown, lang: str) -> bytes:
    """A PNG of a page, small."""
    browser.opened(page, site, shown, lang)
    width = page.viewport_size["width"]
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    cut = whole.crop((0, 0, width, min(whole.height, TALLEST.get(width, whole.height))))
    small = io.BytesIO()
    cut.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def text() -> str:
    """docs/pages.md."""
    parts = [LEAD]
    for shown in PAGES:
        parts.append(f"\n## {shown.zh} · {shown.en}\n\n`{shown.path}` ({shown.role})\n")
        for width, lang in _wanted(shown):
            how = "telephone" if width == PHONE else "wide"
            what = f"{shown.en}, {how}, {lang}; synthetic data"
            size = ' width="280"' if width == PHONE else ' width="860"'
            parts.append(f'\n<img src="pages/{_name(shown, width, lang)}"{size} alt="{what}">\n')
    return "".join(parts)


def _wanted(shown: Shown) -> list[tuple[int, str]]:
    english = [(WIDE, "en")] if shown.name in BOTH else []
    return [(WIDE, "zh"), *english, (PHONE, "zh")]


def _name(shown: Shown, width: int, lang: str) -> str:
    return f"{shown.name}-{'phone' if width == PHONE else 'wide'}-{lang}.png"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except XinfenError as error:
        sys.exit(f"error: {error}")
