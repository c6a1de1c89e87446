"""The HTTP API: classes and their reasons for programs, behind a bearer token.

Every firm that is told stands in the audit before the answer leaves. `/health` and `/ready` are
the only addresses that answer without a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.caller import Caller
from serving.access.limits import Limits
from serving.access.roles import Action
from serving.results import results
from serving.store.database import reading
from serving.web import answers, firmtasks
from serving.web.problems import Refused, responses

_BEARER = HTTPBearer(auto_error=False, description="a token from the administrator")


async def the_engine(request: Request) -> Engine:
    """The result store of this application."""
    engine: Engine = request.app.state.engine
    return engine


UsesEngine = Annotated[Engine, Depends(the_engine)]


def today(request: Request) -> date:
    """The civil day in the service's time zone."""
    return datetime.now(ZoneInfo(request.app.state.settings.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Allowed:
    """A dependency: the caller, if the token holds and its role may do `action`."""

    action: Action

    def __call__(
        self,
        request: Request,
        engine: UsesEngine,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Caller:
        caller = shown and access.check(engine, shown.credentials)
        if not caller:
            raise Refused.not_signed_in()
        return admitted(request, caller, self.action)


def admitted(request: Request, caller: Caller, *actions: Action) -> Caller:
    """The caller, if its role may do all of this and its token does not ask too often."""
    limits: Limits = request.app.state.limits
    if wait := limits.of_token(caller.token, caller.role):
        raise Refused.too_often(wait)
    for action in actions:
        if not caller.may(action):
            raise Refused.not_allowed(caller.role, action)
    return caller


EntityId = Annotated[answers.EntityId, Path()]
Purpose = Annotated[answers.Purpose, Query()]
Filter = Annotated[str, Query(max_length=64, pattern=answers.NO_NUL)]

v1 = APIRouter(prefix="/v1", responses=responses(401, 403, 422, 429, 503), tags=["enterprises"])
probes = APIRouter(tags=["operation"])


@v1.get("/run", response_model=answers.RunAnswer, tags=["runs"])
def run(engine: UsesEngine, caller: Annotated[Caller, Depends(Allowed("run"))]) -> dict[str, Any]:
    """What is published: date, versions, how many firms of the token's scope in each class."""
    with reading(engine) as connection:
        now = results.published(connection)
        return {"run": now.run, **results.about(connection, now, caller.scope)}


@v1.post(
    "/enterprises/batch",
    response_model=answers.BatchAnswer,
    response_model_exclude_unset=True,
    responses=responses(400, 413),
)
def batch(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("batch"))],
    question: answers.BatchQuestion,
) -> dict[str, Any]:
    """Compare up to 1,000 firms at once."""
    with reading(engine) as connection:
        now = results.published(connection)
        found = results.firms_by_id(connection, now.load, question.entity_ids, caller.scope)
        found = firmtasks.veiled(connection, caller, found, today(request))
    ids = [row["entity_id"] for row in found]
    audit.append(engine, caller, "batch", ids, run=now.run, purpose=question.purpose)
    known = set(ids)
    missing = [asked for asked in dict.fromkeys(question.entity_ids) if asked not in known]
    return of_run(now, enterprises=found, not_found=missing)


@v1.get(
    "/enterprises/{entity_id}",
    response_model=answers.FirmAnswer,
    response_model_exclude_unset=True,
    responses=responses(404),
)
def enterprise(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("class"))],
    entity_id: EntityId,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """A firm's class."""
    with reading(engine) as connection:
        now = results.published(connection)
        firmtasks.check_blind(connection, caller, entity_id, today(request))
        firm = results.firm(connection, now.load, entity_id, caller.scope)
    if firm is None:
        raise Refused.unknown_firm(entity_id)
    audit.append(engine, caller, "class", [entity_id], run=now.run, purpose=purpose)
    return of_run(now, **firm)


@v1.get(
    "/enterprises/{entity_id}/explanation",
    responses={
        **responses(404),
        200: {
            "description": "The ladder from the base rate to the class.",
            "content": {"application/json": {"example": answers.LADDER}},
        },
    },
)
def explanation(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("explanation"))],
    entity_id: EntityId,
    lang: results.Lang = "zh",
    purpose: Purpose = "",
) -> Response:
    """Why a firm is in its class: base rate, groups, reasons with records, steps of the policy."""
    with reading(engine) as connection:
        now = results.published(connection)
        firmtasks.check_blind(connection, caller, entity_id, today(request))
        body = results.stored_ladder(connection, now.load, entity_id, lang, caller.scope)
    if body is None:
        raise Refused.unknown_firm(entity_id)
    audit.append(engine, caller, "explanation", [entity_id], run=now.run, purpose=purpose)
    return Response(body, media_type="application/json")


@v1.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, _: Annotated[Caller, Depends(Allowed("run"))]) -> dict[str, Any]:
    """This API's description."""
    schema: dict[str, Any] = request.app.openapi()
    return schema


@probes.get("/health", response_model=answers.Probe)
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@probes.get("/ready", response_model=answers.Probe, responses=responses(503))
def ready(engine: UsesEngine) -> dict[str, str]:
    """The result store answers and a run is published."""
    with reading(engine) as connection:
        results.published(connection)
    return {"status": "ready"}


def of_run(now: results.Published, **answer: Any) -> dict[str, Any]:
    """An answer with the run it rests on."""
    return {"run": now.run, "as_of": now.about["as_of"], **answer}
