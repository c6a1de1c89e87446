"""The front door's commands of this room: `province` and `ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, bar, stages, tell


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
    table: Annotated[str, typer.Argument(help="Record table, such as penalties.")],
    file: Annotated[
        Path, typer.Argument(help="CSV (UTF-8, GB18030), Excel, Parquet, or a query (.sql).")
    ],
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
    id_scheme: Annotated[
        str | None, typer.Option(help="For a new store: uscc (default) or opaque.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="For a new store; Asia/Shanghai by default.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder for a data-quality report (HTML).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a file's rows into a record table; every row is accounted for.

    Example: xinfen ingest var/store penalties penalties.csv --mapping penalties.yaml
    Example: xinfen ingest var/store penalties penalties.sql --from sqlite:///bureau.db
    """
    from records import intake, quality, quality_page
    from records.queries import Query
    from records.schema import declared
    from records.store import Store

    with stages(f"ingest {table}", 1) as stage:
        stage(file.name)
        opened = Store.create(store, id_scheme=id_scheme, time_zone=time_zone)
        source: Path | Query = file
        if database is not None and file.suffix.lower() == ".sql":
            source = Query(file, database)
        if report is None:
            counted = intake.ingest(opened, table, source, mapping)
            if as_json:
                tell(counted.as_dict(), as_json)
            else:
                quality_page.tell_outcome(counted)
            return
        observed = quality.Observed(declared(table), opened.id_scheme)
        counted = intake.ingest(opened, table, source, mapping, seen=observed)
    told = quality.summary(counted, observed, observed.referred.resolved(opened))
    page = quality_page.write(told, report, str(opened.today()))
    if as_json:
        unresolved = {f"{one.column}: {one.target}": one.unresolved for one in told.references}
        tell(counted.as_dict() | {"report": str(page), "unresolved": unresolved}, as_json)
        return
    quality_page.tell(told)
    tell({"报告 report": str(page)}, as_json)
