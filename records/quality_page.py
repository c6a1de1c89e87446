"""The quality report for people: tables in the terminal, one HTML file with nothing fetched."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import typer

from records import charts, faults
from records.console import table as show
from records.files import write_bytes
from records.intake import Report
from records.quality import Quality
from records.schema import TABLES, Table, declared

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
    outcomes = [(*OUTCOMES[name], getattr(report, name)) for name in OUTCOMES]
    partly, empty, complete = _nulls(quality, table)
    html = engine.from_string(page.read_text("utf-8")).render(
        quality=quality,
        report=report,
        table=table,
        today=today,
        outcomes=outcomes,
        strip=charts.strip([(f"{zh} {en}", colour, count) for zh, en, colour, count in outcomes]),
        reasons=[
            (faults.reason(table, text), text, count) for text, count in report.reasons.items()
        ],
        nulls=partly,
        empty=empty,
        complete=complete,
        ranks=[(name, quality.lateness[rank]) for rank, name in RANKS.items()]
        if quality.lateness
        else [],
        late=list(quality.late.items()),
        references=_references(quality, table),
        bar=charts.bar,
        heat=charts.heat(quality.months, quality.coverage),
    )
    out = folder / f"{report.table}-{report.file}.html"
    write_bytes(out, html.encode())
    return out


def tell_outcome(report: Report) -> None:
    """Print what became of the rows of an ingest, and why rows were refused."""
    table = declared(report.table)
    typer.echo(f"{table.zh} {table.name}  {report.file}")
    parts = [
        [f"{zh} {en}", _count(getattr(report, name)), _share(getattr(report, name), report.read)]
        for name, (zh, en, _) in OUTCOMES.items()
    ]
    among = {"其中更正 corrected": report.corrected, "修复代码 repaired": report.repaired}
    parts += [[label, _count(count), ""] for label, count in among.items() if count]
    show([["读取 read", _count(report.read), ""], *parts])
    if report.reasons:
        rows = [
            [faults.reason(table, text), _count(count)] for text, count in report.reasons.items()
        ]
        _below(rows, ("隔离原因 reasons", "行数 rows"))


def tell(quality: Quality) -> None:
    """Print the report as tables."""
    tell_outcome(quality.report)
    table = declared(quality.report.table)
    if not quality.accepted:
        return
    partly, empty, _ = _nulls(quality, table)
    gaps = [[label, _share(share)] for label, share, _ in partly]
    gaps += [[", ".join(empty), _share(1)]] if empty else []
    if gaps:
        _below(gaps, ("空值 null shares", "占比 share"))
    days = [str(quality.lateness[rank]) for rank in RANKS]
    _below([["天 days", *days]], ("迟报 lateness", *RANKS.values()))
    ends = [
        [faults.label(table, clock), str(quality.first[clock]), str(quality.last[clock])]
        for clock in quality.first
    ]
    _below(ends, ("日期 dates", "最早 first", "最晚 last"))
    if quality.references:
        found = [
            [
                f"{one.column} → {one.target}",
                _count(one.rows - one.unresolved),
                _count(one.unresolved),
                *one.examples[:1],
            ]
            for one in quality.references
        ]
        _below(found, ("引用 references", "已找到 found", "未找到 not yet", "例 such as"))
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


def _nulls(
    quality: Quality, table: Table
) -> tuple[list[tuple[str, float, str]], list[str], list[str]]:
    """Columns that may be null: those that partly are, (column, share, what a null means), the
    emptiest first; those that all are; those that never are."""
    optional = {
        name: share
        for name, share in quality.nulls.items()
        if not table.requires(table.by_name[name])
    }
    partly = [
        (faults.label(table, name), share, table.by_name[name].null)
        for name, share in optional.items()
        if 0 < share < 1
    ]
    empty, complete = (
        [faults.label(table, name) for name, share in optional.items() if share == all_or_none]
        for all_or_none in (1, 0)
    )
    return sorted(partly, key=lambda row: -row[1]), empty, complete


def _references(quality: Quality, table: Table) -> list[tuple[str, str, int, int, str]]:
    """(column, table referred to, rows, unresolved rows, examples of them)."""
    return [
        (
            faults.label(table, one.column),
            f"{TABLES[one.target].zh} {one.target}",
            one.rows,
            one.unresolved,
            ", ".join(one.examples),
        )
        for one in quality.references
    ]


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
