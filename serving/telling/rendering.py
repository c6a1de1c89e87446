"""Templates made into HTML: one environment for pages and sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from serving.telling import coded

_HERE = Path(__file__).parent


def render(template: str, **told: Any) -> str:
    """A template of `serving/telling/templates`; what it names and is not told is an error."""
    return _TEMPLATES.get_template(template).render(**told)


def _signed(points: float) -> str:
    """+3.2 or −3.2, with a true minus; what rounds to nothing has no sign."""
    text = f"{abs(points):.1f}"
    return text if text == "0.0" else f"{'+' if points > 0 else '−'}{text}"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_HERE / "templates", _HERE / "static"]),
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        signed=_signed,
        percent=lambda share: f"{100 * share:.1f}%",
        thousands=lambda number: f"{number:,}",
    )
    environment.globals.update(division_name=coded.division, industry_name=coded.industry)
    return environment


_TEMPLATES = _environment()
