"""The service: API, pages and static files as one application, and the command that runs it."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.engine import Engine
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from serving import access, api, pages, problems
from serving.database import connect
from serving.guard import Guard
from serving.results import NothingPublished

_EXPECTED: tuple[type[Exception], ...] = (
    problems.Refused,
    NothingPublished,
    RequestValidationError,
    HTTPException,
    Exception,  # answered as 500 and still logged by the server
)
_SILENT: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False,
    "auto_configure": False,
}  # fmt: skip
_FOR_PROGRAMS = ("/v1", "/health", "/ready", "/static")


def create_app(engine: Engine | None = None) -> FastAPI:
    """The application on a result store; by default the one of `records.places.results_db()`."""
    app = FastAPI(
        title="Xinfen 信分", version="1", description=api.__doc__ or "",
        openapi_url=None, docs_url=None, redoc_url=None,  # /v1/openapi.json needs a token
        telemetry=_SILENT,
    )  # fmt: skip
    app.state.engine = engine or connect()
    app.include_router(api.v1)
    app.include_router(api.probes)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    for kind in _EXPECTED:
        app.add_exception_handler(kind, _tell)
    app.add_middleware(Guard)
    return app


def run(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until stopped; where no token holds yet, print one for this machine's inspector."""
    app = create_app()
    print(f"Xinfen 信分: http://{host}:{port}/")
    if not access.any_token(app.state.engine):
        token = access.issue(app.state.engine, "local", "inspector", days=1)
        print(f"access token, valid for one day, shown once: {token}")
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)


async def _tell(request: Request, error: Exception) -> Response:
    refused = problems.as_refused(error)
    if request.url.path.startswith(_FOR_PROGRAMS):
        return problems.answer(refused)
    return pages.problem_page(request, refused)
