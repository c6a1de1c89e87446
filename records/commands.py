"""The front door's commands of this room: `province` and `ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, bar, tell


def province(
    out: Annotated[Path, typer.Argument(help="Folder to write; an earlier province is replaced.")],
    enterprises: Annotated[int, typer.Option(help="Enterprises ever registered.")] = 20_000,
    months: Annotated[int, typer.Option(help="Months of inspections.")] = 36,
    seed: Annotated[int, typer.Option(help="Fixes every bit.")] = 0,
    parameters: Annotated[
        Path | None, typer.Option(help="YAML like records/province/province.yaml.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic province: records, lists, and the truth apart.

    Example: xinfen province var/province --enterprises 20000 --months 36 --seed 1
    """
    from records.province import Parameters, generate

    given = Parameters.load(parameters) if parameters else None
    with bar("province") as progress:
        generate(
            out, enterprises=enterprises, months=months, seed=seed, parameters=given,
            progress=progress,
        )  # fmt: skip
    files = sorted(path.stem for path in (out / "records").glob("*.parquet"))
    tell(
        {
            "province": str(out),
            "synthetic": True,
            "enterprises": enterprises,
            "months": months,
            "seed": seed,
            "tables": ", ".join(files),
        },
        as_json,
    )


def ingest(
    store: Annotated[Path, typer.Argument(help="The store; made if it is not there.")],
    table: Annotated[str | None, typer.Argument(help="Record table, such as penalties.")] = None,
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV (UTF-8, GB18030), Excel, Parquet, or a query (.sql)."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--from",
            envvar="XINFEN_FROM",
            show_envvar=True,
            help="The query's database, a SQLAlchemy URL; in the variable, no password is seen.",
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML that maps the file's columns.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--all", help="Instead of table and file: a folder of files.")
    ] = None,
    mappings: Annotated[
        Path | None, typer.Option(help="With --all: a folder of mappings, or ours by name: gsxt.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(help="name=value that a mapping asks for, such as listed_on=2024-06-30."),
    ] = None,
    id_scheme: Annotated[
        str | None, typer.Option(help="For a new store: uscc (default) or opaque.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="For a new store; Asia/Shanghai by default.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder for data-quality reports (HTML).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a file's rows, or a folder's, into the store; every row is accounted for.

    Example: xinfen ingest var/store penalties penalties.csv --mapping penalties.yaml
    Example: xinfen ingest var/store penalties penalties.sql --from sqlite:///bureau.db
    Example: xinfen ingest var/store --all 2024-06 --mappings gsxt --given field=food
    """
    from records import ingesting
    from records.given import parsed
    from records.store import Store

    opened = Store.create(store, id_scheme=id_scheme, time_zone=time_zone)
    values = parsed(given or [])
    if folder is not None and mappings is not None and table is None and mapping is None:
        whole = ingesting.folder(opened, folder, mappings, database, values, report, as_json)
        raise typer.Exit(0 if whole else 1)
    if table is None or file is None or folder is not None or mappings is not None:
        raise typer.BadParameter("give TABLE and FILE, or --all FOLDER with --mappings")
    ingesting.file(opened, table, file, mapping, database, values, report, as_json)
