"""The catalogue as a page: every indicator with its words, its reach and its distribution.

One HTML file with nothing fetched; the plots are SVG drawn here.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from features.catalogue import Catalogue
from features.coverage import BINS, Distribution, coverage, distributions
from features.indicator import GROUPS, Indicator
from features.table import FeatureTable
from records.files import write_bytes

RISK = {"up": "↑ 越大风险越高", "down": "↓ 越大风险越低", "none": "– 不设方向"}
USE = {"fit": "入模 fitted", "policy_only": "仅政策 policy only", "audit_only": "仅审计 audit only"}
SOURCE = {"official": "官方 official", "published": "公开规则 published",
          "seen": "公开系统 seen", "ours": "自拟 ours"}  # fmt: skip
COLOURS = {"A": "#27734f", "B": "#2f66ab", "C": "#955c07", "D": "#b03434", "": "#8a94a3"}
WIDTH, HEIGHT, LEFT = 300, 14, 20


def write(
    table: FeatureTable,
    catalogue: Catalogue,
    out: Path,
    *,
    firms: int,
    synthetic: bool,
    classes: Path | None = None,
) -> None:
    """Write the page of a catalogue over a table of one date.

    Parameters
    ----------
    firms : rows of the table.
    classes : a run's `classes.parquet`, for distributions by class.
    """
    from jinja2 import Environment, StrictUndefined

    engine = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    page = (files("features") / "page.html").read_text("utf-8")
    found = distributions(table, catalogue, classes)
    html = engine.from_string(page).render(
        catalogue=catalogue,
        table=table,
        firms=firms,
        synthetic=synthetic,
        by_class=classes is not None,
        groups=GROUPS,
        coverage={one.indicator: one for one in coverage(table, catalogue)},
        plots={name: plot(one) for name, one in found.items()},
        said={one.id: said(one) for one in catalogue.indicators},
        risk=RISK,
        use=USE,
        source=SOURCE,
        share=share,
        figure=figure,
    )
    write_bytes(out, html.encode())


def said(one: Indicator) -> str:
    """What an indicator measures, as its declaration says it."""
    own = {"id", "official_id", "name", "subgroup", "unit", "risk", "exception", "use", "reason",
           "remedy", "source", "note"}  # fmt: skip
    told = one.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=own)
    told["unit"] = one.unit
    return "　".join(f"{name}: {_plain(value)}" for name, value in told.items())


def _plain(value: object) -> str:
    if isinstance(value, dict):
        if list(value) == ["among"]:
            return _plain(value["among"])
        return "{" + ", ".join(f"{name}: {_plain(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        parts = ", ".join(map(_plain, value))
        return parts if len(value) == 1 else f"[{parts}]"
    return "null" if value is None else str(value)


def plot(one: Distribution) -> Markup:
    """A strip of bars for each class: the darker, the more firms have such a value."""
    side = (WIDTH - LEFT) / BINS
    strips = []
    for line, (risk_class, shares) in enumerate(one.shares.items()):
        top = line * (HEIGHT + 4)
        strips.append(f'<text x="0" y="{top + 11}">{risk_class or "全"}</text>')
        for at, part in enumerate(shares):
            # By root: a bin of one in a hundred is seen beside one of ninety.
            depth = part**0.5
            strips.append(
                f'<rect x="{LEFT + at * side:.1f}" y="{top}" width="{side - 1.5:.1f}" '
                f'height="{HEIGHT}" fill="{COLOURS[risk_class]}" fill-opacity="{depth:.3f}" '
                f'stroke="#e2e6ec" stroke-width=".6"><title>{figure(one.edges[at])} – '
                f"{figure(one.edges[at + 1])}: {share(part)}</title></rect>"
            )
    height = len(one.shares) * (HEIGHT + 4) + 10
    ends = (
        f'<text x="{LEFT}" y="{height - 1}">{figure(one.edges[0])}</text>'
        f'<text x="{WIDTH}" y="{height - 1}" text-anchor="end">{figure(one.edges[-1])}</text>'
    )
    return Markup(  # noqa: S704 - numbers and our own words
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="分布">'
        f"{''.join(strips)}{ends}</svg>"
    )


def share(part: float) -> str:
    """A percentage; what is not nothing is never shown as 0, what is not all never as 100."""
    if 0 < part < 0.0005:
        return "＜0.1%"
    if 0.9995 <= part < 1:
        return "＞99.9%"
    return f"{part:.1%}"


def figure(value: float) -> str:
    """A value in few characters."""
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
