"""The front door's command of this room: `features`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, stages, tell


def features(
    store: Annotated[Path, typer.Argument(help="The store of records.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="What was known before.")],
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    model: Annotated[
        str, typer.Option(help="A shipped model's name, or a model's folder.")
    ] = "general",
    as_json: AsJson = False,
) -> None:
    """Compute a model's indicators for every live enterprise, as known on a date.

    Example: xinfen features var/store --model general --as-of 2026-07-01 --out features.parquet
    """
    from features.catalogue import Catalogue
    from features.firms import population
    from features.table import build
    from models.definition import folder_of
    from records.store import Store

    catalogue = Catalogue.load(folder_of(model) / "indicators.yaml")
    with stages("features", 3) as stage:
        stage("firms")
        opened = Store.open(store)
        records = opened.snapshot()
        firms = population(records, opened.day(as_of.date()))
        stage("indicators")
        table = build(records, firms[firms["status"] == "live"], catalogue)
        stage("writing")
        table.write(out)
    tell(
        {
            "file": str(out),
            "firms": len(table.frame),
            "indicators": len(catalogue.indicators),
            "snapshot": table.snapshot,
            "catalogue": f"{table.version}+{table.hash[:12]}",
        },
        as_json,
    )
