"""Structured logs: one JSON object a line, on standard error, without anybody's data in it.

    {"at":"2026-05-06T01:02:03.456+00:00","level":"info","logger":"xinfen.requests","what":"request",
     "id":"5f0c9e1b-48211","method":"GET","route":"/v1/enterprises/{entity_id}","status":200,"ms":4.1}

A request is told by its route, never by its address: codes, names and words that were searched for
stand there. Nobody's name, token or address is told; who read what stands in the audit, which only
auditors read. An error is told by its kind and where it was raised, not by its words, which may
repeat what was sent. The `id` is in the answer's `X-Request-Id` too, for whoever asks about it.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access.servicesettings import Log
from serving.web.shortcut import ROUTE

REQUESTS = "xinfen.requests"
FRAMES = 12
"""Of where an error was raised, the innermost."""

_LOG = logging.getLogger(REQUESTS)
# A line tells none of them, so no record looks them up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class JsonLines(logging.Formatter):
    """A record as a line of JSON; what a caller gives as `extra={"told": {…}}` stands beside."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "what": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info and (error := record.exc_info[1]) is not None:
            told |= _error(error)
        return orjson.dumps(told, default=str).decode()


def configuration(log: Log) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything through `JsonLines`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "serving.web.logs.JsonLines"}},
        "handlers": {"error": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": log.level.upper(), "handlers": ["error"]},
        # Each request once, by its route; the server's own lines would tell addresses.
        "loggers": {
            REQUESTS: {"level": "INFO" if log.requests else "WARNING"},
            "alembic": {"level": "WARNING"},
            "psycopg": {"level": "CRITICAL"},  # its warnings repeat what the database says of rows
            "uvicorn.access": {"level": "CRITICAL", "propagate": False},
        },
    }


Count = Callable[[str, str, int, float], None]
"""Told of each answer: its method, route (empty: none answered), status and seconds."""


class Requests:
    """ASGI middleware around everything: each request's line and count, its id in the answer.

    Parameters
    ----------
    counting : makes what counts, once the process has begun.
    """

    def __init__(self, app: ASGIApp, counting: Callable[[], Count]) -> None:
        self._app, self._count = app, counting()
        self._ids = map(f"{secrets.token_hex(4)}-{{}}".format, itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, own, status = time.perf_counter(), next(self._ids), 500

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", own.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        finally:
            passed, route, method = time.perf_counter() - begun, route_of(scope), scope["method"]
            self._count(method, route, status, passed)
            if _LOG.isEnabledFor(logging.INFO):
                told = {
                    "id": own, "method": method, "route": route, "status": status,
                    "ms": round(1e3 * passed, 1),
                }  # fmt: skip
                line = logging.LogRecord(REQUESTS, logging.INFO, "", 0, "request", None, None)
                line.told = told
                _LOG.handle(line)  # who called is not told, and looking for him costs


def route_of(scope: Scope) -> str:
    """The pattern of the route that answered; empty where none did."""
    if ROUTE in scope:
        return str(scope[ROUTE])
    if scope["path"].startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", ""))


def _error(error: BaseException) -> dict[str, Any]:
    """What went wrong by its kind and place; its words are left out."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return {"error": kind, "raised": [f"{one.filename}:{one.lineno} {one.name}" for one in frames]}
