"""Plans for programs: what proves a draw, tasks from their release date, results handed in."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy.engine import Engine
from starlette.responses import FileResponse

from serving.access import audit, chain
from serving.access.caller import Caller
from serving.access.chain import Event
from serving.planstore import intake, material, reading
from serving.planstore.reading import Asked, Row
from serving.planstore.refusals import PlanRefused
from serving.store import database
from serving.web import plananswers as shapes
from serving.web.api import Allowed, Filter, Purpose, UsesEngine, today
from serving.web.corrections import Before, Number
from serving.web.problems import responses

v1 = APIRouter(prefix="/v1", responses=responses(401, 403, 404, 409, 422, 429), tags=["plans"])

FILE: dict[str, Any] = {
    "description": "The file.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
FileName = Annotated[
    str, Path(max_length=64, pattern="^[a-z_]+(\\.[a-z]+)?$", examples=["proof.json"])
]


def visits_told(engine: Engine, caller: Caller, found: Sequence[Row], purpose: str) -> list[Row]:
    """Visits as they are told to a caller, once the audit has them.

    Raises
    ------
    FieldHidden : the token holds back what a task tells.
    """
    whole(caller)
    ids = [row["entity_id"] for row in found]
    audit.append(engine, caller, "plans", ids, run="", purpose=purpose)
    return [{name: value for name, value in row.items() if name != "number"} for row in found]


def whole(caller: Caller) -> Caller:
    """The caller, if the token sees all that a task tells.

    Raises
    ------
    FieldHidden : it holds some of it back.
    """
    caller.scope.need("name", "division", "risk_class")
    return caller


@v1.get("/plans", response_model=shapes.PlansAnswer)
def plans(
    engine: UsesEngine,
    _: Annotated[Caller, Depends(Allowed("verification"))],
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The plans that are known, the newest first; no enterprise is named."""
    with database.reading(engine) as connection:
        found = reading.all_plans(connection, before=before, limit=limit + 1)
    more = found[limit - 1]["number"] if len(found) > limit else None
    return {"plans": found[:limit], "before": more}


@v1.get("/plans/{number}", response_model=shapes.PlanAnswer)
def plan(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("verification"))],
    number: Number,
) -> dict[str, Any]:
    """One plan: commitment, public value, verdict, register, chances by group."""
    return plan_told(engine, request, caller, number)


def plan_told(engine: Engine, request: Request, caller: Caller, number: int) -> dict[str, Any]:
    """A plan with what this caller may take away today, and how its visits stand."""
    with database.reading(engine) as connection:
        row = reading.plan(connection, number)
        try:
            files = material.seen(connection, row, caller, today(request))
        except PlanRefused:  # the folder is away; what is recorded is told all the same
            files = []
        shown = reading.is_open(row, today(request)) and caller.may("plans")
        states = reading.states(connection, number, caller) if shown else {}
    return {**row, "files": files, "states": states}


@v1.get(
    "/plans/{number}/files/{name}",
    responses={200: FILE},
    response_class=FileResponse,
)
def file(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("verification"))],
    number: Number,
    name: FileName,
    purpose: Purpose = "",
) -> FileResponse:
    """A file of what proves the draw; before the draw the commitment alone."""
    return file_told(engine, request, caller, number, name, purpose)


def file_told(
    engine: Engine, request: Request, caller: Caller, number: int, name: str, purpose: str
) -> FileResponse:
    """A file of a plan, once the audit says who took it; of which firms stands in the file."""
    with database.reading(engine) as connection:
        row = reading.plan(connection, number)
        path = material.path(connection, row, caller, name, today(request))
    with database.writing(engine) as connection:
        event = Event.of(caller, "verification", about=f"{number}: {name}", purpose=purpose)
        chain.record(connection, [event])
    return FileResponse(path, media_type="application/octet-stream", filename=f"{number}-{name}")


@v1.get("/plans/{number}/tasks", response_model=shapes.TasksAnswer)
def tasks(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("plans"))],
    number: Number,
    inspector: Filter = "",
    bureau: Filter = "",
    entity_id: Filter = "",
    state: Filter = "",
    after: Filter = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """Visits to make, from the release date on: an inspector's own, others' of their region."""
    asked = Asked(inspector, bureau, entity_id, state)
    with database.reading(engine) as connection:
        reading.check_open(reading.plan(connection, number), today(request))
        found, total = reading.visits(
            connection, number, caller, asked, after=after, limit=limit + 1
        )
    told = visits_told(engine, caller, found[:limit], purpose)
    more = told[-1]["visit"] if len(found) > limit else None
    return {"number": number, "total": total, "tasks": told, "after": more}


@v1.post(
    "/plans/{number}/results",
    response_model=shapes.ResultsAnswer,
    responses=responses(400, 413),
)
def results(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("results"))],
    number: Number,
    question: shapes.ResultsQuestion,
) -> dict[str, Any]:
    """Hand results in: each row is accepted, a duplicate, or refused with its reason."""
    zone = request.app.state.settings.time_zone
    with tempfile.TemporaryDirectory() as folder:
        path = FilePath(folder) / "results.csv"
        rows = pd.DataFrame(question.rows, dtype="str")
        path.write_bytes(rows.to_csv(index=False).encode("utf-8", "replace"))
        return intake.take_in(
            engine, number, whole(caller), path, today(request), zone, purpose=question.purpose
        )
