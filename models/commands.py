"""The front door's commands of this room: `features`, and `indicators …`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from records.console import AsJson, bar, tell
from records.console import table as show

if TYPE_CHECKING:
    from features.catalogue import Catalogue
    from features.table import FeatureTable
    from records.store import Snapshot

StoreFolder = Annotated[Path, typer.Argument(help="The store of records.")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="What was known before.")]
Model = Annotated[str, typer.Option(help="A shipped model's name, or a model's folder.")]

indicators = typer.Typer(
    name="indicators", help="The indicator catalogue: seen and looked into.", no_args_is_help=True
)


def features(
    store: StoreFolder,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    model: Model = "general",
    engine: Annotated[str, typer.Option(help="duckdb, or spark (extra `spark`).")] = "duckdb",
    as_json: AsJson = False,
) -> None:
    """Compute a model's indicators for every live enterprise, as known on a date.

    A run that was cut off goes on where it was; a table that is there already is not made twice.

    Example: xinfen features var/store --model general --as-of 2026-07-01 --out features.parquet
    """
    records, day = _opened(store, as_of)
    catalogue = _catalogue(model)
    table, firms = _table(records, catalogue, day, engine)
    table.write(out)
    tell(
        {
            "file": str(out),
            "firms": firms,
            "indicators": len(catalogue.indicators),
            "snapshot": table.snapshot,
            "catalogue": f"{table.version}+{table.hash[:12]}",
        },
        as_json,
    )


@indicators.command("list")
def indicators_list(model: Model = "general", as_json: AsJson = False) -> None:
    """Every indicator of a model, by group.

    Example: xinfen indicators list --model general
    """
    catalogue = _catalogue(model)
    if as_json:
        tell({one.id: one.name.model_dump() for one in catalogue.indicators}, as_json)
        return
    subgroups = catalogue.subgroups
    rows = [
        [
            one.id,
            subgroups[one.subgroup].zh if one.subgroup in subgroups else one.subgroup,
            one.name.zh,
            one.name.en,
            one.measure,
            {"up": "↑", "down": "↓", "none": "–"}[one.risk],
            one.use,
        ]
        for one in catalogue.indicators
    ]
    show(rows, ("id", "二级 subgroup", "指标", "indicator", "measure", "risk", "use"))


@indicators.command("show")
def indicators_show(
    indicator: Annotated[str, typer.Argument(help="An id, such as G3-11.")],
    model: Model = "general",
    as_json: AsJson = False,
) -> None:
    """An indicator as it is declared.

    Example: xinfen indicators show G3-11
    """
    one = _catalogue(model)[indicator]
    told = one.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if as_json:
        tell(told, as_json)
        return
    import yaml

    typer.echo(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), nl=False)


@indicators.command("coverage")
def indicators_coverage(
    store: StoreFolder,
    as_of: AsOf,
    model: Model = "general",
    page: Annotated[
        Path | None, typer.Option(help="Also write the catalogue as a page (HTML).")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="A scored run, for distributions by class on the page.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """For how many firms each indicator is known, and what keeps the others from it.

    Example: xinfen indicators coverage var/store --as-of 2026-07-01 --page indicators.html
    """
    from features.coverage import coverage
    from features.firms import synthetic
    from features.page import figure, share, write

    records, day = _opened(store, as_of)
    catalogue = _catalogue(model)
    table, firms = _table(records, catalogue, day)
    found = coverage(table, catalogue)
    if page is not None:
        classes = None if run is None else run / "classes.parquet"
        write(table, catalogue, page, firms=firms, synthetic=synthetic(records), classes=classes)
    if as_json:
        tell({one.indicator: vars(one) for one in found}, as_json)
        return
    rows = [
        [
            one.indicator,
            catalogue[one.indicator].name.zh,
            share(one.known),
            share(one.nonzero),
            *("–" if value is None else figure(value) for value in (one.low, one.middle, one.high)),
            one.lacks,
        ]
        for one in found
    ]
    head = ("id", "指标", "有值 known", "非零 nonzero", "最小", "中位", "最大", "缺 lacks")
    show(rows, head, title=f"{firms:,} firms on {day}")
    if page is not None:
        typer.echo(f"page: {page}")


@indicators.command("history")
def indicators_history(
    store: StoreFolder,
    entity: Annotated[str, typer.Argument(help="An enterprise's id.")],
    as_of: AsOf,
    months: Annotated[int, typer.Option(min=1, max=120, help="How far back.")] = 12,
    model: Model = "general",
    as_json: AsJson = False,
) -> None:
    """A firm's indicators month by month, each as it was known then.

    Example: xinfen indicators history var/store 91230111XF43WF8X1W --as-of 2026-07-01
    """
    from features.history import history, months_before, sparkline
    from features.page import figure

    records, day = _opened(store, as_of)
    catalogue = _catalogue(model)
    with bar("history"):
        found = history(records, catalogue, entity, months_before(day, months))
    if as_json:
        told = found.astype("object").where(found.notna(), None)
        tell(
            {str(name): row for name, row in told.rename(columns=str).T.to_dict().items()}, as_json
        )
        return
    rows = [
        [
            str(name),
            catalogue[str(name)].name.zh,
            sparkline(values),
            *("–" if value != value else figure(value) for value in (values[0], values[-1])),
        ]
        for name, values in zip(found.index, found.to_numpy(float).tolist(), strict=True)
        if any(value == value and value != 0 for value in values)
    ]
    first, last = str(found.columns[0]), str(found.columns[-1])
    show(rows, ("id", "指标", "变化 history", first, last), title=entity)


def _opened(store: Path, as_of: datetime) -> tuple[Snapshot, date]:
    from records.store import Store

    opened = Store.open(store)
    return opened.snapshot(), opened.day(as_of.date())


def _catalogue(model: str) -> Catalogue:
    from features.catalogue import Catalogue
    from models.definition import folder_of

    return Catalogue.load(folder_of(model) / "indicators.yaml")


def _table(
    records: Snapshot, catalogue: Catalogue, day: date, engine: str = "duckdb"
) -> tuple[FeatureTable, int]:
    """A model's table of the live firms on a date, and how many they are."""
    from features.firms import population
    from features.table import build

    firms = population(records, day)
    live = firms[firms["status"] == "live"]
    with bar("features") as progress:
        return build(records, live, catalogue, on=engine, progress=progress), len(live)
