"""Trials over HTTP: posted indicators, or posted records, to class and reasons.

By the frozen model of the served run and nothing else; nothing of what is posted is kept but the
code, if one is named: it stands in the audit like any class that was told.
"""

from __future__ import annotations

import re
import threading
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.engine import Engine

from records.errors import NotFound, NotPossible
from serving.access import audit
from serving.access.caller import Caller
from serving.access.scope import Scope
from serving.results import results, trials
from serving.results.desk import Desk
from serving.results.results import Published
from serving.results.trials import Trial, Trier
from serving.scoring import posted
from serving.scoring.posted import Before
from serving.scoring.values import WrongValue
from serving.store.database import reading
from serving.web.api import Allowed, Asks, UsesEngine
from serving.web.problems import Refused, responses
from serving.web.scoreshapes import (
    INDICATORS_BODY,
    IndicatorsQuestion,
    RecordsQuestion,
    ScoreAnswer,
)

v1 = APIRouter(
    prefix="/v1/score",
    responses=responses(400, 401, 403, 409, 413, 422, 429, 503),
    tags=["scoring"],
)
_JSON = re.compile(r"application/([^/]+\+)?json", re.IGNORECASE)

WAIT = 10.0
"""Seconds that a trial of records waits for its turn."""
_AT_WORK = threading.BoundedSemaphore(2)


async def the_trials(request: Request) -> Desk[Trial]:
    """Where trials by indicators are asked for."""
    desk: Desk[Trial] = request.app.state.trials
    return desk


@v1.post("/indicators", response_model=ScoreAnswer, openapi_extra={"requestBody": INDICATORS_BODY})
async def indicators(
    request: Request,
    desk: Annotated[Desk[Trial], Depends(the_trials)],
    token: Annotated[str, Depends(Asks("score"))],
) -> Response:
    """Probability, class and reasons of a firm by the values of its indicators."""
    asked = trial(token, await request.body(), request.headers.get("content-type", ""))
    return Response(await tried(desk, asked), media_type="application/json")


def trial(token: str, body: bytes, kind: str) -> Trial:
    """What is asked of the desk of trials, by a body and its content type.

    The desk looks at the token first: what is wrong with a body is told to nobody else.
    """
    if not _JSON.fullmatch(kind.partition(";")[0].strip()):
        return _wrong(token, (), kind, "application/json")
    try:
        question = IndicatorsQuestion.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        return _wrong(token, first["loc"], first["input"], first["msg"])
    firm = {
        "entity_id": question.entity_id or "", "name": question.name, "entity_type": "",
        "division": question.division, "industry": question.industry,
        "public_grade": question.public_grade, "public_score": None,
        "previous_class": question.previous_class,
    }  # fmt: skip
    case = {
        "held_class": question.held_class or question.previous_class,
        "held_months": question.held_months, "graded_on": question.public_grade_on,
    }  # fmt: skip
    return Trial(token, question.indicators, firm, case, question.lang, question.purpose)


def _wrong(token: str, place: tuple[str | int, ...], found: Any, allowed: str) -> Trial:
    error = {"loc": ("body", *place), "input": found, "msg": allowed}
    return Trial(token, {}, {"entity_id": ""}, {}, wrong=RequestValidationError([error]))


async def tried(desk: Desk[Trial], asked: Trial) -> bytes:
    """What comes of a trial.

    Raises
    ------
    Refused : a value is wrong, or the served run keeps no model.
    """
    try:
        return await desk.ask(asked) or b""  # there is always an answer
    except WrongValue as error:
        raise Refused.mendable(422, error, error.field) from None
    except NotPossible as error:
        raise Refused.mendable(409, error) from None


@v1.post("/records", response_model=ScoreAnswer, responses=responses(404))
def records(
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("score"))],
    question: RecordsQuestion,
) -> Response:
    """Probability, class and reasons of a firm by its records, as known on a day.

    Through the same code as a run's; it takes seconds, and two are tried at a time in a process.
    """
    now, trier = model(engine, caller.scope)
    before = Before(
        question.previous_class, question.held_class or question.previous_class,
        question.held_months,
    )  # fmt: skip
    if not _AT_WORK.acquire(timeout=WAIT):
        raise Refused.busy()
    try:
        found = posted.score(
            trier.classifier, question.records, question.as_of, entity_id=question.entity_id,
            id_scheme=question.id_scheme, before=before,
        )  # fmt: skip
    except WrongValue as error:
        raise Refused.mendable(422, error, error.field) from None
    except NotFound as error:
        raise Refused.mendable(404, error, "entity_id") from None
    except NotPossible as error:
        raise Refused.mendable(409, error, "as_of") from None
    finally:
        _AT_WORK.release()
    told = trier.explained(found.firm, found.reasons, question.lang)
    told |= {
        "as_of": str(question.as_of),
        "left_out": sorted({name for names in found.absent.values() for name in names}),
    }
    # Recorded before it is answered.
    audit.append(
        engine, caller, "score", [found.firm["entity_id"]],
        run=now.run, purpose=question.purpose, about="trial by records",
    )  # fmt: skip
    return Response(orjson.dumps(now.answer(**told)), media_type="application/json")


def model(engine: Engine, scope: Scope) -> tuple[Published, Trier]:
    """The served run and its model, for somebody who may be told what it says."""
    scope.need(*trials.NEEDS)
    with reading(engine) as connection:
        now = results.published(connection)
        try:
            return now, trials.of(connection, now.load)
        except NotPossible as error:
            raise Refused.mendable(409, error) from None
