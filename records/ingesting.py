"""What `xinfen ingest` does and shows: one file, or every file of a folder."""

from __future__ import annotations

from pathlib import Path

import typer

from records import folder as folders
from records import intake, quality, quality_page
from records.console import bar, stages, tell
from records.console import table as show
from records.folder import Done, Plan
from records.given import Values
from records.quality import Quality
from records.store import Store

FIGURES = ("read", "stored", "duplicate", "quarantined")


def file(
    store: Store,
    table: str,
    path: Path,
    mapping: Path | None,
    database: str | None,
    values: Values,
    reports: Path | None,
    as_json: bool,
) -> None:
    """Ingest one file and tell what became of its rows."""
    with stages(f"ingest {table}", 1) as stage:
        stage(path.name)
        source = folders.queried(path, database)
        if reports is None:
            counted = intake.ingest(store, table, source, mapping, values=values)
            if as_json:
                tell(counted.as_dict(), as_json)
            else:
                quality_page.tell_outcome(counted)
            return
        told = quality.observed(store, table, source, mapping, values)
    page = quality_page.write(told, reports, str(store.today()))
    if as_json:
        tell(told.report.as_dict() | {"report": str(page)} | _unresolved(told), as_json)
        return
    quality_page.tell(told)
    tell({"报告 report": str(page)}, as_json)


def folder(
    store: Store,
    path: Path,
    mappings: Path,
    database: str | None,
    values: Values,
    reports: Path | None,
    as_json: bool,
) -> bool:
    """Ingest a folder's files; whether all that was there was taken in."""
    found = folders.plan(path, mappings)
    with bar("ingest") as progress:
        done = folders.ingest(store, found, values=values, database=database, progress=progress)
    if reports is not None:
        for one in done:
            if one.quality is not None:
                # A folder a mapping: one file may go through several into the same table.
                quality_page.write(one.quality, reports / one.step.name, str(store.today()))
    if as_json:
        tell(_facts(found, done), as_json)
    else:
        _show(found, done)
    whole = all(one.error is None for one in done)
    return whole and not found.without_mapping and not found.without_file


def _unresolved(told: Quality) -> dict[str, object]:
    return {
        "unresolved": {f"{one.column}: {one.target}": one.unresolved for one in told.references}
    }


def _total(done: list[Done]) -> dict[str, int]:
    reports = [one.report for one in done if one.report is not None]
    return {name: sum(getattr(report, name) for report in reports) for name in FIGURES}


def _facts(found: Plan, done: list[Done]) -> dict[str, object]:
    return {
        "files": [
            {"mapping": one.step.name}
            | (
                one.quality.report.as_dict() | _unresolved(one.quality)
                if one.quality is not None
                else {"file": one.step.file.name, "error": str(one.error)}
            )
            for one in done
        ],
        "total": _total(done),
        "files_without_mapping": list(found.without_mapping),
        "mappings_without_file": list(found.without_file),
    }


def _show(found: Plan, done: list[Done]) -> None:
    rows = [
        [one.step.file.name, f"{one.step.name} → {one.step.rules.table}", *_cells(one)]
        for one in done
    ]
    total = ["合计 all", "", *(f"{count:,}" for count in _total(done).values())]
    figures = ("读取 read", "入库 stored", "重复 duplicate", "隔离 quarantined")
    show([*rows, total], ("文件 file", "映射 mapping → 表 table", *figures))
    for one in done:
        if one.error is not None:
            typer.echo(f"\n失败 failed: {one.step.file.name}, {one.step.name}\n  {one.error}")
    for what, names in (
        ("无映射的文件 files without a mapping", found.without_mapping),
        ("无文件的映射 mappings without a file", found.without_file),
    ):
        if names:
            typer.echo(f"\n{what}: {', '.join(names)}")


def _cells(one: Done) -> list[str]:
    if one.report is None:
        return ["失败 failed", "", "", ""]
    return [f"{getattr(one.report, name):,}" for name in FIGURES]
