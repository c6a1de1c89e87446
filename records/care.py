"""The front door's commands that look after records: `quarantine …`, `store …`, `mapping …`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from records.console import AsJson, stages, tell
from records.console import table as show

quarantine = typer.Typer(
    name="quarantine", help="Refused rows: seen, sent back, tried again.", no_args_is_help=True
)
store = typer.Typer(name="store", help="The store: its state and its care.", no_args_is_help=True)
mapping = typer.Typer(
    name="mapping",
    help="Mapping files: a bureau's columns, codes and dates as ours. Under `given:` one names "
    "what the file does not hold and whoever ingests must say, by --given name=value; without it "
    "the rows are refused, and `quarantine retry` takes it later.",
    no_args_is_help=True,
)

StoreFolder = Annotated[Path, typer.Argument(help="The store of records.")]
TableName = Annotated[str, typer.Argument(help="Record table, such as penalties.")]
AnyTable = Annotated[str | None, typer.Argument(help="Record table; all of them by default.")]


@quarantine.command("list")
def quarantine_list(store: StoreFolder, table: AnyTable = None, as_json: AsJson = False) -> None:
    """What was refused and is still open: by table, or one table's faults by file.

    Example: xinfen quarantine list var/store penalties
    """
    from records import faults
    from records import quarantine as refused
    from records.schema import TABLES, declared
    from records.store import Store

    opened = Store.open(store)
    if table is None:
        counts = {name: refused.counts(opened, name) for name in TABLES}
        counts = {name: count for name, count in counts.items() if count["refused"]}
        if as_json or not counts:
            tell(counts or {"quarantine": "empty"}, as_json)
        else:
            tell({"table": counts}, as_json)
        return
    rules, found = declared(table), refused.by_fault(opened, table)
    if as_json:
        tell({"table": table, "faults": found}, as_json)
        return
    show(
        [
            [
                one["file"],
                faults.label(rules, one["field"]),
                faults.zh(one["problem"], rules),
                one["found"],
                f"{one['rows']:,}",
            ]
            for one in found
        ],
        ("文件 file", "字段 field", "问题 problem", "例 example", "行 rows"),
    )


@quarantine.command("export")
def quarantine_export(
    store: StoreFolder,
    table: TableName,
    out: Annotated[Path, typer.Option(help="Excel file (.xlsx) to write.")],
    file: Annotated[str | None, typer.Option(help="Only rows that came in this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the open rows of a table as Excel, to be mended by their source.

    Example: xinfen quarantine export var/store penalties --out 退回.xlsx
    """
    from records import quarantine as refused
    from records.store import Store

    rows = refused.export(Store.open(store), table, out, file)
    tell({"report": str(out), "rows": rows}, as_json)


@quarantine.command("retry")
def quarantine_retry(
    store: StoreFolder,
    table: TableName,
    file: Annotated[Path | None, typer.Argument(help="The mended report (.xlsx).")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="The mapping the rows came with, perhaps mended; for its rows only."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(help="name=value that the mapping asks for, such as listed_on=2024-06-30."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take refused rows in again, mended in the report or by the mapping; all are accounted for.

    Example: xinfen quarantine retry var/store penalties 退回.xlsx
    Example: xinfen quarantine retry var/store penalties --mapping tax.yaml --given on=2024-06-30
    """
    from records import quality_page, retrying
    from records import quarantine as refused
    from records.given import parsed
    from records.store import Store

    opened = Store.open(store)
    report = retrying.retry(opened, table, file, mapping, parsed(given or []))
    still = refused.counts(opened, table)["open"]
    if as_json:
        tell(report.as_dict() | {"open": still}, as_json)
        return
    quality_page.tell_outcome(report)
    tell({"仍待处理 open": still}, as_json)


@store.command("status")
def store_status(store: StoreFolder, as_json: AsJson = False) -> None:
    """Each table's rows, days, files, size and schema.

    Example: xinfen store status var/store
    """
    from records import maintenance
    from records.store import Store

    found = {name: asdict(one) for name, one in maintenance.status(Store.open(store)).items()}
    if as_json:
        tell(found, as_json)
        return
    rows = [
        [
            name,
            f"{one['rows']:,}",
            str(one["first_known"] or "–"),
            str(one["last_known"] or "–"),
            f"{one['files']:,}",
            f"{one['size'] / 1e3:,.0f} kB",
            str(one["version"]),
            f"{one['schema']} (migrate: {', '.join(one['due'])})" if one["due"] else one["schema"],
        ]
        for name, one in found.items()
    ]
    head = ("table", "rows", "first known", "last known", "files", "size", "version", "schema")
    show([[str(cell) for cell in row] for row in rows], head)


@store.command("references")
def store_references(store: StoreFolder, table: AnyTable = None, as_json: AsJson = False) -> None:
    """Where references between records lead, and how many do not lead anywhere yet.

    Example: xinfen store references var/store
    """
    from records import references
    from records.store import Store

    found = references.survey(Store.open(store), table)
    if as_json:
        tell({"references": [asdict(one) for one in found]}, as_json)
        return
    rows = [
        [
            f"{one.table}.{one.column} → {one.target}",
            f"{one.rows - one.unresolved:,}",
            f"{one.unresolved:,}",
            ", ".join(one.examples),
        ]
        for one in found
    ]
    show(rows, ("引用 references", "已找到 found", "未找到 not yet", "例 such as"))


@store.command("history")
def store_history(store: StoreFolder, table: TableName, as_json: AsJson = False) -> None:
    """A table's batches and rewrites, the oldest first, with the head each led to.

    Example: xinfen store history var/store penalties
    """
    from records import maintenance
    from records.store import Store

    found = maintenance.history(Store.open(store), table)
    if as_json:
        tell({"table": table, "history": found}, as_json)
        return
    show(
        [
            [
                str(one["version"]),
                one["at"],
                one["what"],
                f"{one['rows']:,}" if one["rows"] is not None else "–",
                one["batch"][:12],
                one["head"][:12],
                " ".join(f"{name}={value}" for name, value in one["given"].items()),
            ]
            for one in found
        ],
        ("version", "at (UTC)", "what", "rows", "batch", "head", "given"),
    )


@store.command("compact")
def store_compact(
    store: StoreFolder,
    table: AnyTable = None,
    keep_days: Annotated[
        int, typer.Option(min=0, help="How long files out of use stay for those who read them.")
    ] = 7,
    as_json: AsJson = False,
) -> None:
    """Rewrite tables into few files clustered by firm; snapshots keep their ids and stay readable.

    Example: xinfen store compact var/store
    """
    from records import maintenance
    from records.store import Store

    opened = Store.open(store)
    names = [table] if table else list(maintenance.status(opened))
    done: dict[str, Any] = {}
    with stages("compact", len(names)) as stage:
        for name in names:
            stage(name)
            done[name] = asdict(maintenance.compact(opened, name, keep_days=keep_days))
    tell(done if as_json else {"table": done}, as_json)


@store.command("migrate")
def store_migrate(store: StoreFolder, table: AnyTable = None, as_json: AsJson = False) -> None:
    """Give tables the columns declared since they were written, empty.

    Example: xinfen store migrate var/store
    """
    from records import maintenance
    from records.store import Store

    opened = Store.open(store)
    names = [table] if table else list(maintenance.status(opened))
    added = {name: maintenance.migrate(opened, name) for name in names}
    if as_json:
        tell(added, as_json)
        return
    tell({name: ", ".join(columns) or "nothing to add" for name, columns in added.items()}, as_json)


@mapping.command("draft")
def mapping_draft(
    file: Annotated[Path, typer.Argument(help="A bureau's file.")],
    table: Annotated[str, typer.Option(help="The record table it speaks of.")],
    out: Annotated[Path | None, typer.Option(help="YAML to write; printed by default.")] = None,
) -> None:
    """Propose a mapping from column names and values, with what was guessed and what is left.

    Example: xinfen mapping draft 行政处罚.csv --table penalties --out penalties.yaml
    """
    from records import drafting
    from records.files import write_bytes

    text = drafting.draft(file, table)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_bytes(out, text.encode())
    tell({"mapping": str(out)}, False)
