"""The command that serves: one process or several workers, until it is told to stop.

Told to stop (SIGTERM, SIGINT), a worker takes no new connection, answers what it has taken, waits
until the audit's last row is on disk, and ends. One that dies is replaced by the supervisor, and
workers whose supervisor dies stop as if told to, so that a new one finds the port free.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from serving.access.servicesettings import Settings
from serving.web import logs
from serving.web.sending import Sending

BEGIN_WITHIN = 120
"""Seconds without a sign of a worker after which it is replaced; a busy machine begins slowly."""

SELDOM = 20_000
"""Containers made before the youngest are looked through for garbage; a ladder makes hundreds."""

APP = "serving.web.app:create_app"
"""What each worker makes for itself: a store's connections are not shared between processes."""


def run(app: FastAPI, host: str, port: int, workers: int) -> None:
    """Serve an application until stopped; with several workers each makes it anew.

    Raises
    ------
    SystemExit : a worker cannot begin; the log says why.
    """
    settings: Settings = app.state.settings
    told: dict[str, Any] = {
        "host": host, "port": port, "server_header": False, "access_log": False,
        "log_config": logs.configuration(settings.log), "log_level": None,
        "forwarded_allow_ips": settings.trusted_proxies,
        "timeout_graceful_shutdown": settings.stop_within,
        "timeout_worker_healthcheck": BEGIN_WITHIN, "http": Sending,
    }  # fmt: skip
    if workers == 1:
        uvicorn.run(app, **told)
        return
    app.state.engine.dispose()
    uvicorn.run(APP, factory=True, workers=workers, **told)


@contextmanager
def at_work() -> Iterator[None]:
    """While an application serves: what was made to begin with is no garbage to look through."""
    gc.collect()
    gc.freeze()
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    loop, parent = asyncio.get_running_loop(), multiprocessing.parent_process()
    if parent is not None:
        loop.add_reader(parent.sentinel, _orphaned, loop, parent.sentinel)
    try:
        yield
    finally:
        if parent is not None:
            loop.remove_reader(parent.sentinel)
        gc.set_threshold(*usual)
        gc.unfreeze()


def _orphaned(loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
    loop.remove_reader(sentinel)
    os.kill(os.getpid(), signal.SIGTERM)
