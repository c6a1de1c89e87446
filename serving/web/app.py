"""The service: API, pages and static files as one application, and the command that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from serving.access import access, lodging, oidc, servicesettings
from serving.access.limits import Limits
from serving.access.refusals import Refusal
from serving.access.roles import Role
from serving.access.scope import FieldHidden
from serving.access.servicesettings import Settings
from serving.jobs import comparison
from serving.jobs.working import Worker
from serving.results import trials
from serving.results.desk import Desk, firms
from serving.results.results import NothingPublished
from serving.store import upgrades
from serving.store.database import connect, opened
from serving.web import (
    api,
    compare,
    comparing,
    correctionpages,
    corrections,
    door,
    filtering,
    firmtasks,
    histories,
    jobs,
    lists,
    looks,
    metrics,
    model,
    overview,
    pages,
    papers,
    planpages,
    plans,
    problems,
    runs,
    scoring,
    service,
    sso,
)
from serving.web.guard import Guard
from serving.web.logs import Requests
from serving.web.shortcut import Shortcut

_EXPECTED: tuple[type[Exception], ...] = (
    problems.Refused,
    NothingPublished,
    FieldHidden,
    Refusal,
    RequestValidationError,
    HTTPException,
    OperationalError,
    InterfaceError,
    Exception,  # answered as 500 and still logged by the server
)
_SILENT: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False,
    "auto_configure": False,
}  # fmt: skip
_HERE = ("127.0.0.1", "localhost", "::1")
"""Where only this machine listens: nobody else can use what is printed."""

_FIRST: tuple[Role, ...] = ("inspector", "supervisor", "auditor")
_FOR_PROGRAMS = ("/v1", "/health", "/ready", "/metrics", "/static")


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the answers: jobs, and lodging the audit's head where a place is set."""
    app.state.worker.wake()
    where = app.state.settings.lodge
    task = asyncio.create_task(lodging.keep(app.state.engine, where)) if where.to else None
    with service.at_work():
        yield
    if task:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    app.state.worker.stop()
    for desk in (app.state.desk, app.state.trials):
        await asyncio.to_thread(desk.rest)


def create_app(engine: Engine | None = None, given: Settings | None = None) -> FastAPI:
    """The application on a result store; by default the one of `records.places.results_db()`.

    Parameters
    ----------
    given : the settings; by default those of the file that XINFEN_SETTINGS names.

    Raises
    ------
    BadInput : heads cannot be lodged where the settings say.
    NotPossible : the store is of another version, or the settings name a sign-on without its extra.
    """
    given = given or servicesettings.load()
    app = FastAPI(
        title="Xinfen 信分", version="1", description=api.__doc__ or "",
        openapi_url=None, docs_url=None, redoc_url=None,  # /v1/openapi.json needs a token
        telemetry=_SILENT, lifespan=_living,
    )  # fmt: skip
    if given.lodge.to:
        lodging.check(given.lodge)
    app.state.engine = engine or connect()
    app.state.settings = given
    app.state.limits = Limits(given)
    app.state.worker = Worker(app.state.engine, {comparison.KIND: comparison.work})
    admit = api.at_desk(app.state.limits)
    app.state.desk = Desk(app.state.engine, admit, firms, firmtasks.withheld(given.time_zone))
    app.state.trials = Desk(app.state.engine, admit, trials.tried)
    app.state.sign_on = oidc.SignOn(given.oidc) if given.oidc else None
    app.include_router(api.v1)
    app.include_router(filtering.v1)
    app.include_router(histories.v1)
    app.include_router(runs.v1)
    app.include_router(scoring.v1)
    app.include_router(comparing.v1)
    app.include_router(jobs.v1)
    app.include_router(looks.v1)
    app.include_router(corrections.v1)
    app.include_router(plans.v1)
    app.include_router(api.probes)
    app.include_router(metrics.router)
    app.include_router(door.router)
    app.include_router(sso.router)
    app.include_router(pages.router)
    app.include_router(looks.router)
    app.include_router(lists.router)
    app.include_router(papers.router)
    app.include_router(model.router)
    app.include_router(compare.router)
    app.include_router(overview.router)
    app.include_router(correctionpages.router)
    app.include_router(planpages.router)
    # The sheets' own style stands with the sheets, which are files as well as pages.
    own = Path(__file__).parent / "static"
    app.mount("/static", StaticFiles(directory=own, packages=[("serving.telling", "static")]))
    for kind in _EXPECTED:
        app.add_exception_handler(kind, _tell)
    app.add_middleware(Shortcut, desk=app.state.desk, trials=app.state.trials, tell=_tell)
    app.add_middleware(Guard, limits=app.state.limits, tell=_tell, tls=given.tls)
    app.add_middleware(Requests, counting=metrics.counting)
    return app


def run(
    host: str = "127.0.0.1", port: int = 8000, *, workers: int = 1, upgrade: bool = False
) -> None:
    """Serve until stopped; where no token holds yet, print some for those at this machine.

    Parameters
    ----------
    workers : processes that answer.
    upgrade : bring the store to this program's version before; else one of another is refused.
    """
    if upgrade:
        upgrades.upgrade(opened())
    app = create_app()
    print(f"Xinfen 信分: http://{host}:{port}/", flush=True)
    if host in _HERE and not access.any_token(app.state.engine):
        print("access tokens, valid for one day, shown once:")
        for role in _FIRST:
            print(f"  {role:<12}{access.issue(app.state.engine, 'local', role, days=1)}")
    with metrics.across_workers():
        service.run(app, host, port, workers)


async def _tell(request: Request, error: Exception) -> Response:
    refused = problems.as_refused(error)
    if request.url.path.startswith(_FOR_PROGRAMS):
        return problems.answer(refused)
    return pages.problem_page(request, refused)
