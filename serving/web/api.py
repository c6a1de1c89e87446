"""The HTTP API: classes and their reasons for programs, behind a bearer token.

Every firm that is told stands in the audit before the answer leaves. `/health` and `/ready` are
the only addresses that answer without a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.engine import Engine

from serving.access import access, audit, sealer
from serving.access.caller import Caller
from serving.access.limits import Limits
from serving.access.roles import Action
from serving.results import results
from serving.results.desk import Admit, Desk, Question
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


async def the_desk(request: Request) -> Desk[Question]:
    """Where single firms are asked for."""
    desk: Desk[Question] = request.app.state.desk
    return desk


UsesDesk = Annotated[Desk[Question], Depends(the_desk)]


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
        caller = access.check(engine, shown.credentials) if shown else None
        return admitted(request, caller, self.action)


@dataclass(frozen=True, slots=True)
class Asks(Allowed):
    """A dependency: the token as it was shown, for what the desk answers.

    The desk itself asks in each round whether it holds and whether its role may do `action`.
    """

    async def __call__(  # type: ignore[override]
        self, shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> str:
        if shown is None:
            raise Refused.not_signed_in()
        return shown.credentials


def admitted(request: Request, caller: Caller | None, *actions: Action) -> Caller:
    """`within` the limits of this application."""
    return within(request.app.state.limits, caller, *actions)


def at_desk(limits: Limits) -> Admit:
    """How the desk admits whoever asks there."""
    return partial(within, limits)


def within(limits: Limits, caller: Caller | None, *actions: Action) -> Caller:
    """The caller, if its token holds, its role may do all of this, and it asks not too often."""
    if caller is None:
        raise Refused.not_signed_in()
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
READY_WITHIN = 5.0
"""Seconds that the audit's next transaction may take."""

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
    return now.answer(enterprises=found, not_found=missing)


@v1.get(
    "/enterprises/{entity_id}",
    response_model=answers.FirmAnswer,
    responses=responses(404),
)
async def enterprise(
    desk: UsesDesk,
    token: Annotated[str, Depends(Asks("class"))],
    entity_id: EntityId,
    purpose: Purpose = "",
) -> Response:
    """A firm's class."""
    return await _answered(desk, Question(token, "class", entity_id, purpose=purpose))


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
async def explanation(
    desk: UsesDesk,
    token: Annotated[str, Depends(Asks("explanation"))],
    entity_id: EntityId,
    lang: results.Lang = "zh",
    purpose: Purpose = "",
) -> Response:
    """Why a firm is in its class: base rate, groups, reasons with records, steps of the policy."""
    return await _answered(desk, Question(token, "explanation", entity_id, lang, purpose))


async def _answered(desk: Desk[Question], question: Question) -> Response:
    body = await desk.ask(question)
    if body is None:
        raise Refused.unknown_firm(question.entity_id)
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
    """A class can be told: a run is published, its firms can be read, a look can be recorded."""
    with reading(engine) as connection:
        results.readable(connection)
    try:
        sealer.of(engine).put([]).result(timeout=READY_WITHIN)
    except TimeoutError:
        raise Refused.store_away() from None
    return {"status": "ready"}
