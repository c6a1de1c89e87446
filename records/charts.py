"""Charts of the quality report as SVG, drawn here: nothing is fetched, nothing can run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import compress

from markupsafe import Markup

from records.quality import EARLIER

GROUND = "#eef1f5"


def strip(parts_of: Sequence[tuple[str, str, int]]) -> Markup:
    """One bar of parts: (label, colour, count); a part that is there is never too thin to see."""
    read, left, parts = sum(count for *_, count in parts_of) or 1, 0.0, []
    for label, colour, count in parts_of:
        width = 1000 * count / read
        if width:
            parts.append(
                f'<rect x="{left:.1f}" width="{max(width, 2):.1f}" height="14" fill="{colour}">'
                f"<title>{Markup.escape(label)}</title></rect>"
            )
        left += width
    return Markup(  # noqa: S704 - numbers and our own words
        '<svg class="strip" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" '
        f'aria-label="各类结果的占比">{"".join(parts)}</svg>'
    )


def bar(value: float, most: float, colour: str = "#2f66ab") -> Markup:
    """A bar as long as value / most."""
    width = 100 * value / most if most else 0
    return Markup(  # noqa: S704 - numbers
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="10" fill="{GROUND}"/>'
        f'<rect width="{width:.2f}" height="10" fill="{colour}"/></svg>'
    )


def heat(months: Sequence[str], coverage: Mapping[str, Sequence[int]]) -> Markup:
    """Regions by months; the darker, the more rows; white is a month without any."""
    side, left, top = 30, 92, 58
    shown = [month != EARLIER for month in months]
    most = max((max(compress(counts, shown), default=0) for counts in coverage.values()), default=0)
    width, height = left + side * len(months) + 40, top + side * len(coverage)
    parts = [
        f'<text class="m" transform="translate({left + side * at + 19} {top - 8}) rotate(-55)">'
        f"{month}</text>"
        for at, month in enumerate(months)
    ]
    for line, (region, counts) in enumerate(coverage.items()):
        y = top + side * line
        label = Markup.escape(region if len(region) <= 8 else f"{region[:7]}…")
        parts.append(f'<text x="{left - 8}" y="{y + 19}" text-anchor="end">{label}</text>')
        for at, (month, count) in enumerate(zip(months, counts, strict=True)):
            # By logarithm: a county with ten rows and one with ten thousand are both covered.
            depth = 0.12 + 0.88 * math.log1p(count) / math.log1p(max(count, most)) if count else 0.0
            fill = f'fill="#2f66ab" fill-opacity="{depth:.2f}"' if count else 'fill="#fff"'
            if month == EARLIER:  # years in one column say nothing beside months
                depth, fill = 0.0, f'fill="{GROUND}"'
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
