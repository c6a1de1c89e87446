"""The front door's commands `correction …`: what is asked and decided, carried into the next run.

Nothing is asked or decided here: that takes two persons, and an account of the machine is none.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from records.console import AsJson, tell
from records.console import table as show

correction = typer.Typer(
    name="correction",
    help="Corrections (异议): listed, and carried into the next scoring. They are asked and "
    "decided in the service, by two persons.",
    no_args_is_help=True,
)


@correction.command("list")
def correction_list(
    state: Annotated[
        list[str] | None, typer.Option(help="open, granted, …; again for more; all by default.")
    ] = None,
    firm: Annotated[str, typer.Option(help="Only those of this enterprise.")] = "",
    as_json: AsJson = False,
) -> None:
    """Corrections, the newest first; that they were told is recorded.

    Example: xinfen correction list --state open --state granted
    """
    from records.errors import NotFound
    from serving.access import audit
    from serving.access.caller import terminal
    from serving.access.scope import WHOLE
    from serving.corrections import cases, telling
    from serving.store import database

    for one in state or []:
        if one not in cases.STATES:
            raise NotFound.among("state", one, cases.STATES)
    engine = database.connect()
    with database.reading(engine) as connection:
        found, total = cases.cases(
            connection, WHOLE, _today(), states=state or [], entity_id=firm, limit=1_000
        )
    ids = [one.asked["entity_id"] for one in found]
    audit.append(engine, terminal("supervisor"), "corrections", ids, run="", purpose="terminal")
    rows: list[dict[str, Any]] = [telling.told(one, classes=True) for one in found]
    if as_json:
        tell({"total": total, "corrections": rows}, as_json)
        return
    columns = ("number", "state", "kind", "entity_id", "asked_by", "asked_on", "until")
    show(
        [[str(row[name] or "–") for name in columns] for row in rows],
        ("编号 number", "状态 state", "类型 kind", "企业 enterprise", "提出人 asked by",
         "提出日期 asked on", "截止日期 until"),
    )  # fmt: skip


@correction.command("carry")
def correction_carry(
    store: Annotated[Path, typer.Argument(help="The store of records that is scored next.")],
    as_json: AsJson = False,
) -> None:
    """Bring granted corrections of records into the store; exit code 1 where one was left.

    Example: xinfen correction carry var/store
    """
    from records.store import Store
    from serving.corrections import carrying
    from serving.store import database

    done = carrying.carry(database.connect(), Store.open(store), _today())
    told: dict[str, Any] = {"carried": len(done.carried), "left": len(done.left)}
    if as_json:
        told |= {"carried": done.carried, "left": done.left}
    tell(told, as_json)
    if done.left and not as_json:
        show([[str(number), why] for number, why in done.left.items()], ("编号 number", "原因 why"))
    if done.left:
        raise typer.Exit(1)


@correction.command("export")
def correction_export(
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    as_json: AsJson = False,
) -> None:
    """Write the granted corrections of classes, for `xinfen score --corrections`.

    Example: xinfen correction export --out corrections.csv
    """
    from serving.corrections import carrying
    from serving.store import database

    rows = carrying.export(database.connect(), out, _today())
    tell({"corrections": str(out), "rows": rows}, as_json)


def _today() -> Any:
    """The civil day in the service's time zone."""
    from serving.access import servicesettings

    return datetime.now(ZoneInfo(servicesettings.load().time_zone)).date()
