"""The service in numbers, for Prometheus: requests by route, jobs, what is published.

Requests are counted by the pattern of their route, never by address: no enterprise, user or word
that was searched for is among the labels. Each worker counts into a file of a folder that all
share (`across_workers`), so that whichever of them is asked tells the sums of all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from sqlalchemy.engine import Engine

from serving.access import audit
from serving.access.caller import Caller
from serving.jobs import jobs
from serving.results import results
from serving.results.results import NothingPublished
from serving.store.database import loads, reading
from serving.web.api import Allowed, UsesEngine
from serving.web.logs import Count
from serving.web.problems import responses

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client is told the folder; before it is first imported."""
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
"""Seconds; 0.025 is the goal of a class."""
_METHODS = frozenset(("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"))
EXAMPLE = 'xinfen_requests_total{method="GET",route="/v1/run",status="200"} 12.0\n'

router = APIRouter(tags=["operation"], responses=responses(401, 403, 429))


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    },
)
def metrics(engine: UsesEngine, _: Annotated[Caller, Depends(Allowed("metrics"))]) -> Response:
    """Requests and their times by route, jobs by state, the served run, the audit's length."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    told = generate_latest(counters().collected()) + generate_latest(_now(engine))
    return Response(told, headers={"Content-Type": CONTENT_TYPE_LATEST})


class Counters:
    """What a process counts."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._own, self._shared = CollectorRegistry(), FOLDER in os.environ
        self.requests = Counter(
            "xinfen_requests", "Requests answered", ["method", "route", "status"],
            registry=self._own,
        )  # fmt: skip
        self.seconds = Histogram(
            "xinfen_request_seconds", "Time to the end of an answer", ["route"], buckets=BUCKETS,
            registry=self._own,
        )  # fmt: skip
        # Finding the one of some labels costs more than counting.
        self._requests, self._seconds = cache(self.requests.labels), cache(self.seconds.labels)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer, and its time; `route` is empty where none answered."""
        known, route = method if method in _METHODS else "other", route or "other"
        self._requests(known, route, status).inc()
        self._seconds(route).observe(seconds)

    def collected(self) -> CollectorRegistry:
        """What this process counted, or all that share its folder."""
        if not self._shared:
            return self._own
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return shared


@lru_cache(maxsize=1)
def counters() -> Counters:
    """The counters of this process."""
    return Counters()


def counting() -> Count:
    """What counts the answers of this process."""
    return counters().count


@contextmanager
def across_workers() -> Iterator[None]:
    """For the length of the block, processes begun in it count together."""
    if os.environ.get(FOLDER):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="xinfen-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def _now(engine: Engine) -> CollectorRegistry:
    """What the store says at this moment."""
    from prometheus_client import CollectorRegistry, Gauge

    registry = CollectorRegistry()

    def gauge(name: str, what: str, *labels: str) -> Any:
        return Gauge(name, what, labels, registry=registry)

    by_state = gauge("xinfen_jobs", "Jobs in the store", "state")
    found = jobs.counts(engine)
    for state in ("waiting", "running", "done", "failed"):
        by_state.labels(state).set(found.get(state, 0))
    gauge("xinfen_audit_rows", "Rows of the audit").set(audit.head(engine).n)
    run = gauge("xinfen_run_info", "The served run", "run", "as_of", "model")
    firms = gauge("xinfen_run_firms", "Enterprises of the served run")
    held = gauge("xinfen_runs_held", "Runs whose enterprises are in the store")
    with reading(engine) as connection:
        whole = sa.select(sa.func.count()).where(loads.c.held, loads.c.whole)
        held.set(connection.scalar(whole) or 0)
        try:
            now = results.published(connection)
        except NothingPublished:
            return registry
    run.labels(now.run[:12], str(now.about["as_of"]), str(now.about["model"])).set(1)
    firms.set(now.about["firms"])
    return registry
