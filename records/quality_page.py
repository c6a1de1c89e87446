"""The quality report for people: tables in the terminal, one HTML file with nothing fetched.

The page holds no script and no address; its charts are SVG drawn here.
"""

from __future__ import annotations

import math
from importlib.resources import files
from itertools import compress
from pathlib import Path

import typer
from markupsafe import Markup

from records import faults
from records.console import table as show
from records.files import write_bytes
from records.quality import EARLIER, Quality
from records.schema import Table, declared

OUTCOMES = {
    "stored": ("入库", "stored", "#27734f"),
    "duplicate": ("重复", "duplicate", "#8a94a3"),
    "quarantined": ("隔离", "quarantined", "#b03434"),
}
RANKS = {"median": "中位数 median", "p90": "九成以内 p90", "p99": "99% 以内 p99"}


def write(quality: Quality, folder: Path, today: str) -> Path:
    """Write the report as one HTML file in a folder; returns where it is.

    Parameters
    ----------
    today : the civil date of the ingest in the store's time zone, as text.
    """
    from jinja2 import Environment, StrictUndefined

    page = files("records") / "quality.html"
    engine = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    engine.filters |= {"share": _share, "count": _count}
    report, table = quality.report, declared(quality.report.table)
    html = engine.from_string(page.read_text("utf-8")).render(
        quality=quality,
        report=report,
        table=table,
        today=today,
        outcomes=[(*OUTCOMES[name], getattr(report, name)) for name in OUTCOMES],
        strip=_strip(quality),
        reasons=[
            (faults.reason(table, text), text, count) for text, count in report.reasons.items()
        ],
        nulls=_nulls(quality, table),
        ranks=[(name, quality.lateness[rank]) for rank, name in RANKS.items()]
        if quality.lateness
        else [],
        late=list(quality.late.items()),
        bar=_bar,
        heat=_heat(quality),
    )
    out = folder / f"{report.table}-{report.file}.html"
    write_bytes(out, html.encode())
    return out


def tell(quality: Quality) -> None:
    """Print the report as tables."""
    report, table = quality.report, declared(quality.report.table)
    parts = [
        [f"{zh} {en}", _count(getattr(report, name)), _share(getattr(report, name), report.read)]
        for name, (zh, en, _) in OUTCOMES.items()
    ]
    typer.echo()
    show([["读取 read", _count(report.read), ""], *parts], title=f"{table.zh} {report.file}")
    if report.reasons:
        rows = [
            [faults.reason(table, text), _count(count)] for text, count in report.reasons.items()
        ]
        _below(rows, ("隔离原因 reasons", "次数 times"))
    if not quality.accepted:
        return
    gaps = [[label, _share(share)] for label, share, _ in _nulls(quality, table) if share]
    if gaps:
        _below(gaps, ("空值 null shares", "占比 share"))
    days = [str(quality.lateness[rank]) for rank in RANKS]
    _below([["天 days", *days]], ("迟报 lateness", *RANKS.values()))
    ends = [
        [faults.label(table, clock), str(quality.first[clock]), str(quality.last[clock])]
        for clock in quality.first
    ]
    _below(ends, ("日期 dates", "最早 first", "最晚 last"))
    months = quality.months[-6:]  # a terminal's width; the page shows all
    cover = [
        [region, *(_count(count) if count else "·" for count in counts[-6:]), _count(sum(counts))]
        for region, counts in quality.coverage.items()
    ]
    _below(cover, ("地区 region", *months, "合计 all"))


def _below(rows: list[list[str]], header: tuple[str, ...]) -> None:
    """A table with a line of air above it."""
    typer.echo()
    show(rows, header)


def _nulls(quality: Quality, table: Table) -> list[tuple[str, float, str]]:
    """(column, share of nulls, what a null means), the emptiest first."""
    rows = [
        (faults.label(table, name), share, table.by_name[name].null)
        for name, share in quality.nulls.items()
        if not table.requires(table.by_name[name])
    ]
    return sorted(rows, key=lambda row: -row[1])


def _count(value: int) -> str:
    return f"{value:,}"


def _share(value: float, of: float = 1) -> str:
    """A percentage; what is not nothing is never shown as 0 and what is not all never as 100."""
    if not of:
        return "–"
    share = value / of
    if 0 < share < 0.0005:
        return "＜0.1%"
    if 0.9995 <= share < 1:
        return "＞99.9%"
    return f"{share:.1%}"


def _strip(quality: Quality) -> Markup:
    """One bar of all rows read, in parts by outcome."""
    read, left, parts = quality.report.read or 1, 0.0, []
    for name, (zh, en, colour) in OUTCOMES.items():
        width = 1000 * getattr(quality.report, name) / read
        if width:
            parts.append(
                f'<rect x="{left:.1f}" width="{max(width, 2):.1f}" height="14" fill="{colour}">'
                f"<title>{zh} {en}</title></rect>"
            )
        left += width
    return Markup(  # noqa: S704 - numbers and our own words
        '<svg class="strip" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" '
        f'aria-label="各类结果的占比">{"".join(parts)}</svg>'
    )


def _bar(value: float, most: float, colour: str = "#2f66ab") -> Markup:
    """A bar as long as value / most."""
    width = 100 * value / most if most else 0
    return Markup(  # noqa: S704 - numbers
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="10" fill="#eef1f5"/>'
        f'<rect width="{width:.2f}" height="10" fill="{colour}"/></svg>'
    )


def _heat(quality: Quality) -> Markup:
    """Regions by months; the darker, the more rows; white is a month without any."""
    side, left, top = 30, 92, 58
    shown = [month != EARLIER for month in quality.months]
    most = max(
        (max(compress(counts, shown), default=0) for counts in quality.coverage.values()), default=0
    )
    width, height = left + side * len(quality.months) + 40, top + side * len(quality.coverage)
    parts = [
        f'<text class="m" transform="translate({left + side * at + 19} {top - 8}) rotate(-55)">'
        f"{month}</text>"
        for at, month in enumerate(quality.months)
    ]
    for line, (region, counts) in enumerate(quality.coverage.items()):
        y = top + side * line
        label = Markup.escape(region if len(region) <= 8 else f"{region[:7]}…")
        parts.append(f'<text x="{left - 8}" y="{y + 19}" text-anchor="end">{label}</text>')
        for at, (month, count) in enumerate(zip(quality.months, counts, strict=True)):
            # By logarithm: a county with ten rows and one with ten thousand are both covered.
            depth = 0.12 + 0.88 * math.log1p(count) / math.log1p(max(count, most)) if count else 0.0
            fill = f'fill="#2f66ab" fill-opacity="{depth:.2f}"' if count else 'fill="#fff"'
            if month == EARLIER:  # years in one column say nothing beside months
                depth, fill = 0.0, 'fill="#eef1f5"'
            parts.append(
                f'<rect x="{left + side * at}" y="{y}" width="{side - 2}" height="{side - 2}" '
                f'rx="3" stroke="#e2e6ec" {fill}>'
                f"<title>{Markup.escape(region)} {month}: {count:,}</title></rect>"
            )
            if count:
                ink = "#fff" if depth > 0.7 else "#1b2433"
                parts.append(
                    f'<text class="n" x="{left + side * at + 14}" y="{y + 18}" fill="{ink}" '
                    f'text-anchor="middle">{_brief(count)}</text>'
                )
    return Markup(  # noqa: S704 - numbers and escaped names
        f'<svg class="heat" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="各地区各月的行数">{"".join(parts)}</svg>'
    )


def _brief(count: int) -> str:
    """A count in at most four characters."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if count >= unit:
            return f"{count / unit:.0f}{name}"
    return str(count)
