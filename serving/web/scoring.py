"""Trials over HTTP: posted indicators, or posted records, to class and reasons.

By the frozen model of the served run and nothing else; nothing of what is posted is kept but the
code, if one is named: it stands in the audit like any class that was told.
"""

from __future__ import annotations

import threading
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Response
from sqlalchemy.engine import Engine

from records.errors import NotFound, NotPossible
from serving.access import audit
from serving.access.caller import Caller
from serving.access.scope import LADDER, Scope
from serving.results import results, trials
from serving.results.results import Published
from serving.results.trials import Trier
from serving.scoring import posted
from serving.scoring.posted import Before
from serving.scoring.values import WrongValue
from serving.store.database import reading
from serving.web.api import Allowed, UsesEngine, of_run
from serving.web.problems import Refused, responses
from serving.web.scoreshapes import IndicatorsQuestion, RecordsQuestion, ScoreAnswer

v1 = APIRouter(
    prefix="/v1/score",
    responses=responses(400, 401, 403, 409, 413, 422, 429, 503),
    tags=["scoring"],
)
TOLD = ("risk_class", "model_class", "probability", LADDER)
"""What a trial tells; a token that may not see one of these tries nothing."""

WAIT = 10.0
"""Seconds that a trial of records waits for its turn."""
_AT_WORK = threading.BoundedSemaphore(2)

Scorer = Annotated[Caller, Depends(Allowed("score"))]


@v1.post("/indicators", response_model=ScoreAnswer)
def indicators(engine: UsesEngine, caller: Scorer, question: IndicatorsQuestion) -> Response:
    """Probability, class and reasons of a firm by the values of its indicators."""
    now, trier = model(engine, caller.scope)
    try:
        values = trier.reader.read(question.indicators)
    except WrongValue as error:
        raise Refused.mendable(422, error, error.field) from None
    firm = {
        "entity_id": question.entity_id or "", "name": question.name, "entity_type": "",
        "public_score": None,
        **question.model_dump(
            include={"division", "industry", "public_grade", "previous_class"}
        ),
    }  # fmt: skip
    case = {
        "held_class": question.held_class or question.previous_class,
        "held_months": question.held_months, "graded_on": question.public_grade_on,
    }  # fmt: skip
    told = trier.told(values, firm, case, question.lang)
    note(engine, caller, question.entity_id, now, question.purpose, "indicators")
    return body(now, told)


@v1.post("/records", response_model=ScoreAnswer, responses=responses(404))
def records(engine: UsesEngine, caller: Scorer, question: RecordsQuestion) -> Response:
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
    told["left_out"] = sorted({name for names in found.absent.values() for name in names})
    note(engine, caller, found.firm["entity_id"], now, question.purpose, "records")
    return body(now, {"as_of": str(question.as_of), **told})


def model(engine: Engine, scope: Scope) -> tuple[Published, Trier]:
    """The served run and its model, for somebody who may be told what it says."""
    for field in TOLD:
        scope.need(field)
    with reading(engine) as connection:
        now = results.published(connection)
        try:
            return now, trials.of(connection, now.load)
        except NotPossible as error:
            raise Refused.mendable(409, error) from None


def note(
    engine: Engine, caller: Caller, entity_id: str | None, now: Published, purpose: str, what: str
) -> None:
    """Record a trial before it is answered, also of a firm that nobody named."""
    ids = [entity_id] if entity_id else []
    audit.append(
        engine, caller, "score", ids, run=now.run, purpose=purpose, about=f"trial by {what}"
    )


def body(now: Published, told: dict[str, Any]) -> Response:
    """A trial's answer; the day is the run's where it is not another one."""
    return Response(orjson.dumps(of_run(now, **told)), media_type="application/json")
