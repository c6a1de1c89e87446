"""Corrections (异议) for programs: asked by one official, decided by another.

Every correction that is told stands in the audit with its enterprise; every step is one
transaction with its row there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy.engine import Engine

from serving.access import audit
from serving.access.caller import Caller
from serving.access.scope import LADDER
from serving.access.servicesettings import Corrections
from serving.corrections import asking, cases, deciding, telling
from serving.corrections.asking import Wanted
from serving.corrections.cases import Case, Kind, State
from serving.planstore.reading import blind_for
from serving.store.database import reading
from serving.web import correctionanswers as shapes
from serving.web import firmtasks
from serving.web.api import Allowed, Filter, Purpose, UsesEngine, today
from serving.web.problems import Refused, responses

v1 = APIRouter(
    prefix="/v1", responses=responses(401, 403, 404, 409, 422, 429, 503), tags=["corrections"]
)

Number = Annotated[int, Path(ge=1, lt=2**31, examples=[7])]
Before = Annotated[
    int | None, Query(ge=1, lt=2**31, description="those below this number, as an answer said")
]


def terms(request: Request) -> Corrections:
    """How long corrections may take and hold."""
    given: Corrections = request.app.state.settings.corrections
    return given


def whole(caller: Caller) -> Caller:
    """The caller, if the token sees all that a correction tells.

    Raises
    ------
    FieldHidden : it holds some of it back.
    """
    caller.scope.need("name", "risk_class", LADDER)
    return caller


def seen(
    engine: Engine, caller: Caller, found: Sequence[Case], day: date, purpose: str
) -> list[dict[str, Any]]:
    """Corrections as they are told to a caller, once the audit has them.

    Raises
    ------
    FieldHidden : the token holds back what a correction tells.
    """
    whole(caller)
    ids = [one.asked["entity_id"] for one in found]
    with reading(engine) as connection:
        blind = blind_for(connection, caller, day, ids)
    run = found[0].asked["run"] if len(found) == 1 else ""
    audit.append(engine, caller, "corrections", ids, run=run, purpose=purpose)
    return [
        telling.told(one, classes=caller.may("class") and one.asked["entity_id"] not in blind)
        for one in found
    ]


@v1.get(
    "/corrections",
    response_model=shapes.CorrectionsAnswer,
    response_model_exclude_unset=True,
)
def corrections(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("corrections"))],
    state: Annotated[list[State] | None, Query(description="again for more", max_length=7)] = None,
    kind: Annotated[Kind | None, Query(description="only of this kind")] = None,
    entity_id: Filter = "",
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """Corrections within the token's region, the newest first."""
    with reading(engine) as connection:
        found, total = cases.cases(
            connection, caller.scope, today(request), states=state or [], kind=kind or "",
            entity_id=entity_id, before=before, limit=limit + 1,
        )  # fmt: skip
    page = found[:limit]
    more = page[-1].number if len(found) > limit else None
    told = seen(engine, caller, page, today(request), purpose)
    return {"total": total, "corrections": told, "before": more}


@v1.post(
    "/corrections",
    response_model=shapes.CorrectionAnswer,
    response_model_exclude_unset=True,
    responses=responses(400, 413),
)
def ask(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("ask_correction"))],
    question: shapes.CorrectionQuestion,
) -> dict[str, Any]:
    """Ask to correct a record, or, after that was decided, the class."""
    with reading(engine) as connection:
        firmtasks.check_blind(connection, caller, question.entity_id, today(request))
    record = question.record
    wanted = Wanted(
        question.kind, question.grounds, question.evidence, question.document, question.file_hash,
        table=record.table if record else "", source=record.source if record else "",
        source_id=record.source_id if record else "", indicator=question.indicator,
        changes=question.changes, risk_class=question.risk_class or "", until=question.until,
        follows=question.follows,
    )  # fmt: skip
    made = asking.ask(
        engine, whole(caller), question.entity_id, wanted, terms(request), today(request),
        question.purpose,
    )  # fmt: skip
    if made is None:
        raise Refused.unknown_firm(question.entity_id)
    return telling.told(made, classes=caller.may("class"))


@v1.get(
    "/corrections/{number}",
    response_model=shapes.CorrectionAnswer,
    response_model_exclude_unset=True,
)
def correction(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("corrections"))],
    number: Number,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """One correction with all its steps."""
    with reading(engine) as connection:
        found = cases.case(connection, number, caller.scope, today(request))
    return seen(engine, caller, [found], today(request), purpose)[0]


@v1.post(
    "/corrections/{number}/decision",
    response_model=shapes.CorrectionAnswer,
    response_model_exclude_unset=True,
    responses=responses(400, 413),
)
def decision(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("decide_correction"))],
    number: Number,
    question: shapes.DecisionQuestion,
) -> dict[str, Any]:
    """Grant or refuse an open correction; never by who asked."""
    granted = question.decision == "granted"
    made = deciding.decide(
        engine, whole(caller), number, granted, question.reason, terms(request), today(request),
        question.until,
    )  # fmt: skip
    return telling.told(made, classes=caller.may("class"))


@v1.post(
    "/corrections/{number}/withdrawal",
    response_model=shapes.CorrectionAnswer,
    response_model_exclude_unset=True,
    responses=responses(400, 413),
)
def withdrawal(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("ask_correction"))],
    number: Number,
    question: shapes.ReasonQuestion,
) -> dict[str, Any]:
    """Take an open correction back; only who asked can."""
    made = deciding.withdraw(engine, whole(caller), number, question.reason, today(request))
    return telling.told(made, classes=caller.may("class"))


@v1.post(
    "/corrections/{number}/end",
    response_model=shapes.CorrectionAnswer,
    response_model_exclude_unset=True,
    responses=responses(400, 413),
)
def end(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("decide_correction"))],
    number: Number,
    question: shapes.ReasonQuestion,
) -> dict[str, Any]:
    """End a class's correction before its last day."""
    made = deciding.end(engine, whole(caller), number, question.reason, today(request))
    return telling.told(made, classes=caller.may("class"))
