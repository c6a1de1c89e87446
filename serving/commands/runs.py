"""The front door's commands of this room: publish, explain, sheets and the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, bar, tell

Entity = Annotated[str, typer.Argument(help="The enterprise's code.")]
Lang = Annotated[str, typer.Option(help="zh or en.")]
Run = Annotated[Path, typer.Argument(help="Folder written by `xinfen score`.")]
StoreOption = Annotated[
    Path, typer.Option("--store", help="The store that the run was scored from.")
]


def publish(
    run: Run,
    keep: Annotated[int, typer.Option(help="Runs whose firms stay; of older ones history.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Make a run the one that the service serves; readers see the old run or the new.

    Example: xinfen publish var/run-2026-07
    """
    from serving.results import publishing

    with bar("publish") as progress:
        published = publishing.publish(run, progress=progress, keep=keep)
    tell({"run": published.run, **published.about}, as_json)


def sign_run(run: Run, as_json: AsJson = False) -> None:
    """Sign a run folder that is the bureau's own with the key that XINFEN_RUN_KEY_FILE names.

    `xinfen score` does so by itself where the key is set.

    Example: xinfen sign-run var/run-2026-07
    """
    from records.errors import NotPossible
    from serving.runs import runfolder, signed

    if (secret := signed.key()) is None:
        raise NotPossible("no key to sign with", hint=f"name its file in {signed.KEY_FILE}")
    runfolder.read(run, trusted=True)
    tell({"signature": str(signed.sign(run, secret)), "key": signed.key_id(secret)}, as_json)


def explain(
    run: Run,
    entity: Entity,
    lang: Lang = "zh",
    as_json: AsJson = False,
) -> None:
    """Tell why an enterprise is in its class; the look-up is recorded.

    Example: xinfen explain var/run-2026-07 91230103MA18XXXXX5 --lang en
    """
    from serving.runs import lookup, terminal

    told = lookup.ladder_of(run, entity, lang)
    _look(run, entity)
    if as_json:
        tell(told, as_json)
    else:
        terminal.show(told)


def moves(
    run: Run,
    previous: Annotated[Path, typer.Argument(help="The run that it is held against.")],
    out: Annotated[
        Path | None, typer.Option(help="Parquet file to write with every mover and its cause.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell whose class is another one than in an earlier run: how many, from where to where, why.

    Example: xinfen moves var/run-2026-08 var/run-2026-07 --out moves.parquet
    """
    from records.files import write_parquet
    from serving.scoring import moves as between

    counts, movers = between.moves(run, previous)
    if out is not None:
        write_parquet(out, movers)
    tell(counts, as_json)


def whatif(
    run: Run,
    entity: Entity,
    store: StoreOption,
    lang: Lang = "zh",
    as_json: AsJson = False,
) -> None:
    """Tell what would change an enterprise's class, tried by scoring it; the look-up is recorded.

    Example: xinfen whatif var/run-2026-07 91230103MA18XXXXX5 --store var/store
    """
    from records.store import Store
    from serving.runs import whatif as looked

    told = looked.what_if(looked.moment(run, Store.open(store), entity), lang)
    _look(run, entity)
    if as_json:
        tell(told, as_json)
        return
    for line in (*told["distances"], told["sentence"], *(act["sentence"] for act in told["acts"])):
        typer.echo(line)
    typer.echo(told["caveat"])


def changed(
    before: Run,
    after: Run,
    entity: Entity,
    store: StoreOption,
    lang: Lang = "zh",
    as_json: AsJson = False,
) -> None:
    """Tell why an enterprise's class changed between two runs; the look-up is recorded.

    Example: xinfen changed var/run-2026-06 var/run-2026-07 91230103MA18XXXXX5 --store var/store
    """
    from records.store import Store
    from serving.runs import whatif as looked

    opened = Store.open(store)
    sides = [looked.moment(run, opened, entity) for run in (before, after)]
    for run in (before, after):
        _look(run, entity)
    told = looked.changed(sides[0], sides[1], lang)
    if as_json:
        tell(told, as_json)
        return
    for line in (told, *told["parts"], *told["indicators"]):
        typer.echo(line["sentence"])


def sheet(
    run: Run,
    entity: Entity,
    store: StoreOption,
    reader: Annotated[str, typer.Option("--for", help="Who asks for it.")],
    out: Annotated[Path, typer.Option(help="HTML file to write, A4, for printing.")],
    kind: Annotated[
        str, typer.Option(help="internal: class and reasons; outward: records and duties only.")
    ] = "internal",
    lang: Lang = "zh",
    as_json: AsJson = False,
) -> None:
    """Write a sheet on an enterprise to print; that an internal one was made is recorded.

    Example: xinfen sheet var/run 91230103MA18XXXXX5 --store var/store --for 王敏 --out s.html
    """
    import json

    from records.files import write_bytes
    from records.store import Store
    from serving.runs import lookup
    from serving.runs import whatif as looked
    from serving.web import sheets

    found = looked.moment(run, Store.open(store), entity)
    reasons = lookup.firm_of(run, entity)[1]
    synthetic = json.loads((run / "summary.json").read_bytes()).get("synthetic", False)
    made = sheets.make(found, reasons, kind, reader, lang, synthetic=synthetic)
    if made.kind == "internal":  # an outward sheet tells no class
        _look(run, entity, f"sheet {made.serial} for {reader}")
    write_bytes(out, made.html.encode())
    tell({"sheet": str(out), "kind": made.kind, "serial": made.serial}, as_json)


def _look(run: Path, entity: str, purpose: str = "") -> None:
    """Record that a class is about to be told."""
    from serving.access.recorded import record

    record(run, "explanation", [entity], purpose)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="First bring the store to this program's version.")
    ] = False,
) -> None:
    """Serve the published run: pages for inspectors, an API for systems. Logs are JSON lines.

    Example: xinfen serve --port 8000 --workers 2
    """
    from serving.web import app

    app.run(host, port, workers=workers, upgrade=upgrade)
