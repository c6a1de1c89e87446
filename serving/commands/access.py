"""The front door's commands of access: `token …` gives and takes, `audit …` verifies and tells."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, tell
from records.console import table as show

token = typer.Typer(
    name="token", help="Tokens: given, listed, taken; each time on record.", no_args_is_help=True
)
audit = typer.Typer(
    name="audit", help="Who read which class: verified, lodged, exported.", no_args_is_help=True
)

Why = Annotated[str, typer.Option(help="Why; kept in the audit.")]


@token.command("issue")
def token_issue(
    user: Annotated[str, typer.Argument(help="The person or system that holds it.")],
    role: Annotated[str, typer.Option(help="inspector, supervisor, data_scientist, batch, …")],
    days: Annotated[int, typer.Option(help="How long it holds.")] = 90,
    region: Annotated[
        list[str] | None, typer.Option(help="Prefix of divisions, such as 2301; again for more.")
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Field that it sees; again for more; all by default.")
    ] = None,
    purpose: Why = "",
    as_json: AsJson = False,
) -> None:
    """Give a token; it is told once and cannot be read again.

    Example: xinfen token issue 王敏 --role inspector --region 2301 --purpose 日常检查
    """
    from serving.access import access
    from serving.access.scope import Scope
    from serving.store import database

    # No --region at all is the whole province; none that is left empty by a script is.
    scope = Scope.of(region or None, field or None)
    given = access.issue(database.connect(), user, role, days=days, scope=scope, purpose=purpose)
    tell({"token": given, "user": user, "role": role, "scope": str(scope), "days": days}, as_json)


@token.command("list")
def token_list(
    every: Annotated[bool, typer.Option("--all", help="Those that ended as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tokens that hold: prefix, user, role, scope, end, last use; never the token.

    Example: xinfen token list --all
    """
    from serving.access import access
    from serving.store import database

    found = [one for one in access.listed(database.connect()) if every or one.holds()]
    rows = [
        {
            "prefix": one.prefix, "user": one.user, "role": one.role, "scope": str(one.scope),
            "purpose": one.purpose, "expires": _time(one.expires),
            "last_used": _time(one.last_used),
            "state": "revoked" if one.revoked else "holds" if one.holds() else "expired",
        }
        for one in found
    ]  # fmt: skip
    if as_json or not rows:
        tell({"tokens": rows if as_json else "none"}, as_json)
        return
    head = ("令牌 prefix", "持有人 user", "角色 role", "范围 scope", "事由 purpose", "到期 expires",
            "最近使用 last used", "状态 state")  # fmt: skip
    show([list(row.values()) for row in rows], head)


@token.command("revoke")
def token_revoke(
    prefix: Annotated[str, typer.Argument(help="As the list shows it, such as xf_k7wq2nta.")],
    purpose: Why = "",
    as_json: AsJson = False,
) -> None:
    """End a token and its sessions, at once.

    Example: xinfen token revoke xf_k7wq2nta --purpose 离职
    """
    from serving.access import access
    from serving.store import database

    done = access.revoke(database.connect(), prefix, purpose=purpose)
    tell({"revoked": done.prefix, "user": done.user, "role": done.role}, as_json)


@audit.command("verify")
def audit_verify(
    lodged: Annotated[
        Path | None, typer.Option(help="Lodged heads; by default the file of the settings.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the chain; name the first row that was edited, deleted, moved or cut off. Exit code 1.

    Example: xinfen audit verify --lodged heads.jsonl
    """
    from serving.access import audit as kept
    from serving.access import lodging, servicesettings
    from serving.store import database
    from serving.store.accesstables import missing_guards

    place = servicesettings.load().lodge.to
    path = lodged or (Path(place) if place and Path(place).is_file() else None)
    heads = lodging.lodged(path) if path else []
    engine = database.connect()
    found = kept.verify(engine, heads)
    with database.reading(engine) as connection:
        gone = missing_guards(connection)
    tell(
        {
            "verdict": "holds" if found.holds else "broken",
            "fault": found.fault,
            "rows": found.head.n,
            "head": found.head.hash,
            "lodged heads": len(heads),
            "last lodged": lodging.last(engine) or "never",
            "guards of the database": f"missing: {', '.join(gone)}" if gone else "stand",
        },
        as_json,
    )
    if not found.holds:
        raise typer.Exit(1)


@audit.command("lodge")
def audit_lodge(
    to: Annotated[
        str, typer.Option(help="A file, or an http(s) address; by default that of the settings.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Lodge the chain's head outside; once a day, so that a chain written anew shows.

    Example: xinfen audit lodge --to /mnt/lodge/xinfen.jsonl
    """
    from serving.access import lodging, servicesettings
    from serving.store import database

    given = servicesettings.load().lodge
    where = given.model_copy(update={"to": to}) if to else given
    head = lodging.lodge(database.connect(), where)
    tell({"lodged": where.to, "row": head.n, "hash": head.hash}, as_json)


@audit.command("export")
def audit_export(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    final: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    out: Annotated[Path, typer.Option(help=".csv or .xlsx file to write.")],
    firm: Annotated[str, typer.Option(help="Only who looked at this enterprise.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write who did what on some days; who looked at one enterprise, lists included.

    Example: xinfen audit export --from 2026-05-01 --to 2026-05-31 --firm 9123… --out 5月.xlsx
    """
    from serving.access import auditexport, servicesettings
    from serving.store import database

    zone = servicesettings.load().time_zone
    rows = auditexport.export(
        database.connect(), first.date(), final.date(), out, zone=zone, firm=firm
    )
    tell({"export": str(out), "rows": rows}, as_json)


def _time(seconds: int | None) -> str:
    if seconds is None:
        return "never"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
