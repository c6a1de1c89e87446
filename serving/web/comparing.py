"""Lists compared over HTTP: an uploaded workbook or CSV of codes and names, answered row by row.

A short list is answered at once, a long one as a job. A class is told, and so recorded, when an
answer leaves: at once, or whenever a job's result is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

import orjson
import pandas as pd
from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from sqlalchemy.engine import Engine

from records.errors import NotPossible, XinfenError
from serving.access import audit
from serving.access.caller import Caller
from serving.jobs import comparison, jobs
from serving.jobs.jobs import Job
from serving.jobs.working import Worker
from serving.results import results
from serving.runs import listfiles
from serving.store.database import reading
from serving.telling.languages import Lang
from serving.web import firmtasks
from serving.web.api import Allowed, UsesEngine, today
from serving.web.compareshapes import CompareAnswer, JobAnswer
from serving.web.problems import Refused, responses

v1 = APIRouter(
    prefix="/v1", responses=responses(400, 401, 403, 409, 413, 422, 429, 503), tags=["lists"]
)

INLINE = 1_000
"""Rows that are answered at once: reasons of so many firms take half a second."""

Format = Literal["json", "xlsx", "csv"]
Told = Annotated[Format, Query(alias="format", description="every cell of a file is a text")]
Batcher = Annotated[Caller, Depends(Allowed("batch"))]
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv",
}  # fmt: skip
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answers, row for row.",
        "model": CompareAnswer,
        "content": {media: {"schema": {"type": "string", "format": "binary"}}
                    for media in _MEDIA.values()},
    }
}  # fmt: skip
Heading = Annotated[str | None, Form(max_length=100, description="heading, if not a usual one")]


@v1.post(
    "/compare",
    responses={**FILES, 202: {"model": JobAnswer, "description": "A job was lined up."}},
)
def compare(
    request: Request,
    engine: UsesEngine,
    caller: Batcher,
    file: Annotated[UploadFile, File(description="a workbook (.xlsx) or a CSV with a heading")],
    code: Heading = None,
    name: Heading = None,
    purpose: Annotated[str, Form(max_length=200)] = "",
    lang: Annotated[Lang, Form()] = "zh",
    told: Told = "json",
    job: Annotated[bool, Query(description="as a job, however short the list is")] = False,
) -> Response:
    """Compare a list of codes and names: class, date and reason of each row, or why there is none.

    Up to 50,000 rows. More than 1,000 become a job (202), of which the result is fetched.
    """
    try:
        asked = listfiles.read(file.file.read(), code=code or None, name=name or None)
    except XinfenError as error:
        raise Refused.mendable(422, error, "file") from None
    if asked["name"].notna().any():
        caller.scope.need("name")
    with reading(engine) as connection:
        now = results.published(connection)
        at_once = len(asked) <= INLINE and not job
        rows = comparison.compare(connection, now, asked, lang, caller.scope) if at_once else None
    if rows is not None:
        return tell(request, caller, now.answer(), rows, told, lang, purpose)
    options = {"lang": lang, **now.answer()}
    try:
        made = jobs.put(
            engine, caller, comparison.KIND, options, comparison.packed(asked), total=len(asked),
            purpose=purpose,
        )  # fmt: skip
    except NotPossible as error:
        raise Refused.mendable(409, error) from None
    worker: Worker = request.app.state.worker
    worker.wake()
    where = {"Location": f"/v1/jobs/{made.id}"}
    return Response(orjson.dumps(shape(made)), 202, where, "application/json")


def tell(
    request: Request, caller: Caller, run: Mapping[str, str], rows: pd.DataFrame, told: Format,
    lang: Lang, purpose: str,
) -> Response:  # fmt: skip
    """The answer as JSON or as a file, recorded with every firm in it before it leaves.

    What the caller visits blind is held back as it leaves, whenever it was compared.

    Parameters
    ----------
    run : `run` and `as_of` of what it was answered from.
    """
    engine: Engine = request.app.state.engine
    with reading(engine) as connection:
        rows = firmtasks.veiled_frame(connection, caller, rows, today(request))
    ids = sorted(rows["entity_id"].dropna().unique())
    if told == "json":
        body, media = orjson.dumps(_whole(run, rows)), "application/json"
        headers = {}
    else:
        body, media = comparison.as_file(rows, f".{told}", lang), _MEDIA[told]
        named = quote(f"比对结果.{told}")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{named}"}
    audit.append(engine, caller, "batch", ids, run=run["run"], purpose=purpose)
    return Response(body, media_type=media, headers=headers)


def shape(job: Job) -> dict[str, Any]:
    """A job as it is told to whoever asked for it."""
    moments = {"made": job.made, "expires": job.expires}
    done = f"/v1/jobs/{job.id}/result" if job.state == "done" else None
    return {
        "id": job.id, "kind": job.kind, "state": job.state, "done": job.done, "total": job.total,
        **{name: datetime.fromtimestamp(at, UTC).isoformat() for name, at in moments.items()},
        "problem": job.problem, "result": done,
    }  # fmt: skip


def _whole(run: Mapping[str, str], rows: pd.DataFrame) -> dict[str, Any]:
    statuses = rows["status"].value_counts()
    return {
        "run": run["run"], "as_of": run["as_of"], "rows": len(rows),
        "enterprises": int(rows["entity_id"].nunique()),
        "duplicates": int(rows["same_as"].notna().sum()),
        "status": {str(status): int(n) for status, n in statuses.items()},
        "answers": [
            {str(name): _plain(value) for name, value in row.items()}
            for row in rows.astype(object).to_dict("records")
        ],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value != value:
        return None
    return int(value) if isinstance(value, float) else value
