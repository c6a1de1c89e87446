"""The pages on the demo's province, with three people to try them: `make serve`.

Their tokens are made anew each time, for the demo's own result store and for a day; those that an
earlier call gave end. They are printed here and stand nowhere else.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import Connection, Engine

from records.errors import NotFound, XinfenError
from records.files import write_bytes
from records.places import at_home
from serving.access import access
from serving.access.roles import POLICY, Role
from serving.access.scope import WHOLE, Scope
from serving.access.servicesettings import VARIABLE
from serving.results import results
from serving.store import upgrades
from serving.store.database import connect, opened, reading
from serving.telling import coded
from serving.web import app

PURPOSE = "demo"
"""What the tokens are given for; by it they are found again."""


@dataclass(frozen=True)
class Person:
    """Somebody who tries the demo: with which token, how far, and what there is to see."""

    name: str
    role: Role
    token: str
    where: str
    sees: str


def people(engine: Engine) -> list[Person]:
    """Give three people a token each, and end those of before.

    Raises
    ------
    NothingPublished : the demo's store serves no run.
    """
    for one in access.listed(engine):
        if one.purpose == PURPOSE and one.holds():
            access.revoke(engine, one.prefix, purpose=PURPOSE)
    with reading(engine) as connection:
        county = _riskiest(connection)
    place = f"{coded.division(county[:4])}{coded.division(county)} {county}"
    asked: tuple[tuple[str, Role, Scope, str, str], ...] = (
        ("王敏", "inspector", Scope.of([county]), place, "firms of one county, and why"),
        ("李强", "supervisor", WHOLE, "全省 whole province", "lists, overview, movers"),
        ("周正", "auditor", WHOLE, "全省 whole province", "who looked; no class"),
    )
    return [
        Person(name, role, access.issue(
            engine, name, role, days=1, scope=scope, purpose=PURPOSE), where, sees)
        for name, role, scope, where, sees in asked
    ]  # fmt: skip


def _riskiest(connection: Connection) -> str:
    """The county with the most firms of class C and D: there is most to see."""
    now = results.published(connection)
    risky: dict[str, int] = {}
    for row in results.counts(connection, now.load, "division", WHOLE):
        if row["risk_class"] in ("C", "D") and row["value"]:
            risky[row["value"]] = risky.get(row["value"], 0) + row["firms"]
    return max(sorted(risky), key=lambda code: risky[code])


def settings(demo: Path) -> Path:
    """The service's settings for the demo: sheets and trials rest on its record store."""
    path = demo / "home" / "settings.yaml"
    write_bytes(path, f"records: {(demo / 'store').absolute()}\n".encode())
    return path


def show(found: list[Person], address: str) -> None:
    """Print who may sign in, and where; a token on a line of its own, to be copied."""
    lines = ["", "Xinfen 信分 · synthetic data 合成数据", "", f"  open 打开  {address}", ""]
    for one in found:
        role = POLICY.roles[one.role].name
        lines += [
            f"  {one.name}  {role.zh} {role.en} · {one.where} · {one.sees}",
            f"    {one.token}",
        ]
    lines += [
        "",
        "Sign in with a token; the first page leads to a firm of each class and its reasons.",
        "Tokens hold for a day and for this demo only. Stop with Ctrl+C.",
        "",
    ]
    for line in lines:
        typer.echo(line)


def main(
    demo: Annotated[Path, typer.Argument(help="The demo's folder.")] = Path("var/demo"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the demo's province to three people."""
    if not (demo / "home" / "results.db").is_file():
        raise NotFound(f"no demo at {demo}", hint="run `make demo` first")
    os.environ[VARIABLE] = str(settings(demo))
    with at_home(demo.absolute() / "home"):
        upgrades.upgrade(opened())  # a demo's store may be of an earlier day
        engine = connect()
        try:
            found = people(engine)
        except results.NothingPublished:  # brought up from before there were revisions
            raise NotFound("the demo serves no run", hint="run `make demo` again") from None
        show(found, f"http://{host}:{port}/")
        engine.dispose()
        app.run(host, port)


if __name__ == "__main__":
    try:
        typer.run(main)
    except XinfenError as error:
        sys.exit(f"error: {error}")
