"""Who looked at an enterprise, for auditors: by API and as a page; this look is recorded too."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.engine import Engine

from records.errors import BadInput
from serving.access import audit
from serving.access.audit import Look
from serving.access.caller import Caller
from serving.access.roles import POLICY
from serving.results import results
from serving.store.database import reading
from serving.web import answers
from serving.web.api import Allowed, EntityId, Purpose, UsesEngine
from serving.web.pages import Reads, Text, language, page
from serving.web.problems import Refused, responses

v1 = APIRouter(prefix="/v1", responses=responses(401, 403, 404, 422, 429), tags=["audit"])
router = APIRouter(include_in_schema=False)

ACTION = "who_looked"
DAYS = 366
"""Days that are looked through where no first day is said."""

After = Annotated[int, Query(ge=0, lt=2**63)]


@v1.get("/audit/enterprises/{entity_id}", response_model=answers.LooksAnswer)
def looks(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed(ACTION))],
    entity_id: EntityId,
    first: Annotated[date | None, Query(alias="from", description="civil day, in")] = None,
    final: Annotated[date | None, Query(alias="to", description="civil day, in")] = None,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """Who read this enterprise's class, alone or in a list."""
    days = _days(request, first, final)
    found = _looked(engine, caller, entity_id, days, after, limit, purpose)
    more = found[limit - 1].n if len(found) > limit else None
    return {
        "entity_id": entity_id, "looks": [asdict(one) for one in found[:limit]], "after": more,
    }  # fmt: skip


@router.get("/looks")
def looks_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads(ACTION))],
    q: Text = "",
    first: Annotated[str, Query(alias="from", pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    final: Annotated[str, Query(alias="to", pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    after: After = 0,
) -> Response:
    code, limit = results.tidy(q), 50
    found: list[Look] | None = None
    if code:
        days = _days(request, _day(first, "from"), _day(final, "to"))
        found = _looked(engine, reader, code, days, after, limit, "page")
    zone, lang = _zone(request), language(request)
    rows = [
        {
            **asdict(one),
            "at": datetime.fromisoformat(one.at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            "role": _named(POLICY.roles, one.role, lang),
            "action": _named(POLICY.actions, one.action, lang),
        }
        for one in (found or [])[:limit]
    ]
    more = found[limit - 1].n if found and len(found) > limit else 0
    return page(
        request, "looks.html", q=code, first=first, final=final, asked=bool(code), rows=rows,
        more=more,
    )  # fmt: skip


def _looked(
    engine: Engine,
    caller: Caller,
    entity_id: str,
    days: tuple[str, str],
    after: int,
    limit: int,
    purpose: str,
) -> list[Look]:
    """One more than `limit`, so that it shows whether there are more."""
    if caller.scope.regions is not None:
        with reading(engine) as connection:
            now = results.published(connection)
            if results.firm(connection, now.load, entity_id, caller.scope) is None:
                raise Refused.unknown_firm(entity_id)
    found = audit.who_looked(
        engine, entity_id, after=after, since=days[0], until=days[1], limit=limit + 1
    )
    audit.append(engine, caller, ACTION, [entity_id], run="", purpose=purpose)
    return found


def _days(request: Request, first: date | None, final: date | None) -> tuple[str, str]:
    """The moments between which is looked, as the audit writes times."""
    until = final or datetime.now(_zone(request)).date()
    try:
        since = first or until - timedelta(days=DAYS)
        return audit.between(since, until, request.app.state.settings.time_zone)
    except BadInput as error:
        name = "from" if error.found == str(first) else "to"
        raise Refused.wrong_day(error.found, name) from None
    except OverflowError:  # the year before it is none
        raise Refused.wrong_day(str(until), "to") from None


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused.wrong_day(text, name) from None


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(request.app.state.settings.time_zone)


def _named(table: Any, key: str, lang: str) -> str:
    rule = table.get(key)
    return str(getattr(rule.name, lang)) if rule else key
