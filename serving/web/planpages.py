"""The pages on plans: the list, a plan with its proof, and the tasks of who opens it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from sqlalchemy.engine import Engine

from serving.access.caller import Caller
from serving.planstore import intake, reading
from serving.planstore.reading import Asked
from serving.planstore.refusals import PlanRefused
from serving.store import database
from serving.web import figures
from serving.web.answers import NO_NUL
from serving.web.api import UsesEngine, today
from serving.web.corrections import Before, Number
from serving.web.forms import SESSION, Ours
from serving.web.pages import Reads, language, page
from serving.web.plans import FileName, file_told, plan_told, visits_told
from serving.web.planwords import WORDS

router = APIRouter(include_in_schema=False)

Reader = Annotated[Caller, Depends(Reads("verification"))]

_PAGE = 50
_FORM = Path("results/form")


@router.get("/plans")
def plans_page(request: Request, engine: UsesEngine, _: Reader, before: Before = None) -> Response:
    with database.reading(engine) as connection:
        found = reading.all_plans(connection, before=before, limit=_PAGE + 1)
    more = found[_PAGE - 1]["number"] if len(found) > _PAGE else None
    return page(
        request, "plans.html", p=WORDS[language(request)], rows=found[:_PAGE], more=more
    )  # fmt: skip


@router.get("/plans/{number}")
def plan_page(
    request: Request,
    engine: UsesEngine,
    reader: Reader,
    number: Number,
    after: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
) -> Response:
    return _plan(request, engine, reader, number, after)


@router.get("/plans/{number}/files/{name}")
def file_page(
    request: Request, engine: UsesEngine, reader: Reader, number: Number, name: FileName
) -> Response:
    return file_told(engine, request, reader, number, name, "page")


@router.post("/plans/{number}/results", dependencies=[Depends(Ours(SESSION))])
def hand_in(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("results"))],
    number: Number,
    file: Annotated[UploadFile, File()],
    kind: Annotated[str, Form(pattern="^(form|columns)$")] = "form",
) -> Response:
    zone = request.app.state.settings.time_zone
    ending = Path(file.filename or "").suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results{ending if ending in ('.xlsx', '.csv') else '.csv'}"
        path.write_bytes(file.file.read())
        try:
            done = intake.take_in(
                engine, number, reader, path, today(request), zone,
                _FORM if kind == "form" else None, "page",
            )  # fmt: skip
        except PlanRefused as error:
            return _plan(request, engine, reader, number, error=error)
    return _plan(request, engine, reader, number, done=done)


def _plan(
    request: Request,
    engine: Engine,
    reader: Caller,
    number: int,
    after: str = "",
    *,
    done: dict[str, Any] | None = None,
    error: PlanRefused | None = None,
) -> Response:
    """A plan's page, perhaps after results were handed in."""
    told = plan_told(engine, request, reader, number)
    tasks, total, more = [], 0, None
    open_now = reading.is_open(told, today(request))
    if open_now and reader.may("plans"):
        with database.reading(engine) as connection:
            found, total = reading.visits(
                connection, number, reader, Asked(), after=after, limit=_PAGE + 1
            )
        tasks = visits_told(engine, reader, found[:_PAGE], "page")
        more = tasks[-1]["visit"] if len(found) > _PAGE else None
    groups = told["about"].get("groups", [])
    return page(
        request, "plan.html", error.status if error else 200, p=WORDS[language(request)],
        plan=told, bars=figures.bars([group["chance"] for group in groups]), tasks=tasks,
        total=total, more=more, open_now=open_now, done=done, error=error,
        own=reader.role == "inspector",
    )  # fmt: skip
