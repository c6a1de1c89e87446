"""What earlier runs said of a firm, over HTTP, and why its class changed last."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.engine import Connection

from serving.access import audit
from serving.access.caller import Caller
from serving.results import freezing, results
from serving.store.database import reading
from serving.telling import causes
from serving.web import firmtasks
from serving.web.api import Allowed, EntityId, Purpose, UsesEngine, today
from serving.web.problems import Refused, responses
from serving.web.runshapes import ChangeAnswer, HistoryAnswer

v1 = APIRouter(
    prefix="/v1/enterprises/{entity_id}",
    responses=responses(401, 403, 404, 422, 429, 503),
    tags=["enterprises"],
)


@v1.get("/history", response_model=HistoryAnswer, response_model_exclude_unset=True)
def history(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("class"))],
    entity_id: EntityId,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """What every run made of the firm, the newest first, and why its class changed."""
    with reading(engine) as connection:
        now = results.published(connection)
        firmtasks.check_blind(connection, caller, entity_id, today(request))
        rows = _past(connection, entity_id, caller)
    audit.append(engine, caller, "class", [entity_id], run=now.run, purpose=purpose)
    return {"entity_id": entity_id, "history": rows}


@v1.get("/change", response_model=ChangeAnswer, response_model_exclude_unset=True)
def change(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("explanation"))],
    entity_id: EntityId,
    lang: results.Lang = "zh",
    purpose: Purpose = "",
) -> dict[str, Any]:
    """When the firm's class changed last, and why; only runs scored with the one before tell it."""
    caller.scope.need("risk_class")
    with reading(engine) as connection:
        now = results.published(connection)
        firmtasks.check_blind(connection, caller, entity_id, today(request))
        rows = _past(connection, entity_id, caller)
        catalogue = freezing.of(connection, now.load).definition.catalogue
    audit.append(engine, caller, "explanation", [entity_id], run=now.run, purpose=purpose)
    last = next((row for row in rows if row["cause"] is not None), None)
    if last is None:
        return {"entity_id": entity_id}
    moved = [one["indicator"] for one in last["indicators"] or ()]
    known = catalogue.by_id
    named = [known[name].name.in_(lang) if name in known else name for name in moved]
    before = last.get("previous_class")
    told = causes.sentence(before, last["risk_class"], last["cause"], named, lang)
    return {"entity_id": entity_id, **last, "sentence": told}


def _past(connection: Connection, entity_id: str, caller: Caller) -> list[dict[str, Any]]:
    rows = results.past(connection, entity_id, caller.scope)
    if not rows:
        raise Refused.unknown_firm(entity_id)
    return rows
