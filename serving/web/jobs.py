"""Long work over HTTP: how far a job is, its result, and its end; each user sees his own alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from serving.access.caller import Caller
from serving.jobs import comparison, jobs
from serving.jobs.working import Worker
from serving.web import comparing
from serving.web.api import Allowed, UsesEngine
from serving.web.compareshapes import JobAnswer, JobsAnswer
from serving.web.comparing import FILES, Told
from serving.web.problems import Refused, responses

v1 = APIRouter(prefix="/v1/jobs", responses=responses(401, 403, 404, 422, 429, 503), tags=["jobs"])

JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["9f" * 16])]
Asker = Annotated[Caller, Depends(Allowed("batch"))]


@v1.get("", response_model=JobsAnswer)
def listed(engine: UsesEngine, caller: Asker) -> dict[str, Any]:
    """The caller's jobs of the last day, the newest first."""
    return {"jobs": [comparing.shape(one) for one in jobs.listed(engine, caller)]}


@v1.get("/{job}", response_model=JobAnswer)
def job(request: Request, engine: UsesEngine, caller: Asker, job: JobId) -> dict[str, Any]:
    """How far a job is; one that nobody works on any more is taken up again."""
    found = jobs.of(engine, caller, job)
    if found is None:
        raise Refused.unknown_job(job)
    if found.waits():
        worker: Worker = request.app.state.worker
        worker.wake()
    return comparing.shape(found)


@v1.get("/{job}/result", responses={**FILES, **responses(409)})
def result(
    request: Request, engine: UsesEngine, caller: Asker, job: JobId, told: Told = "json"
) -> Response:
    """What came of a job; each time it is fetched is a read that is recorded."""
    found = jobs.of(engine, caller, job)
    content = jobs.result(engine, job) if found else None
    if found is None:
        raise Refused.unknown_job(job)
    if found.state != "done" or content is None:
        raise Refused.not_done(found.state)
    rows, lang = comparison.unpacked(content), found.asked["lang"]
    return comparing.tell(request, caller, found.asked, rows, told, lang, found.purpose)


@v1.delete("/{job}", status_code=204)
def drop(engine: UsesEngine, caller: Asker, job: JobId) -> None:
    """Stop a job, and forget what it was given and what came of it."""
    if not jobs.drop(engine, caller, job):
        raise Refused.unknown_job(job)
