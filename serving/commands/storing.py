"""The front door's commands `db …`: the result store's version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, tell

db = typer.Typer(
    name="db",
    help="The result store: its version, and bringing it to this program's.",
    no_args_is_help=True,
)


@db.command()
def check(as_json: AsJson = False) -> None:
    """Tell the store's version and this program's; exit code 1 where they differ.

    Example: xinfen db check
    """
    from serving.store import database, upgrades

    found = upgrades.state(database.opened())
    told = {"store": found.found or "none", "program": found.head, "fits": found.holds}
    tell(told, as_json)
    if not found.holds:
        raise typer.Exit(1)


@db.command()
def upgrade(as_json: AsJson = False) -> None:
    """Bring the store to this program's version; back it up before.

    Example: xinfen db upgrade
    """
    from serving.store import database, upgrades

    tell({"run": upgrades.upgrade(database.opened()), "version": database.HEAD}, as_json)


@db.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="New folder for the copy.")],
    as_json: AsJson = False,
) -> None:
    """Copy an SQLite store while it is served; on PostgreSQL use pg_dump.

    Example: xinfen db backup /mnt/backup/2026-07-01
    """
    from serving.store import backup as copying
    from serving.store import database

    tell({"copied": copying.backup(database.opened(), folder)}, as_json)
