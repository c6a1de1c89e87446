"""Looking firms up over HTTP: by name or code, class, grade, region and industry, page by page.

A page begins after the last firm of the page before, in an order that never changes; with `run`
the pages stay in the run they began in, whatever is published meanwhile. Each page is one read in
the audit, which names the conditions and the firms told.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from serving.access import audit
from serving.access.caller import Caller
from serving.results import loaded, results
from serving.store.database import reading
from serving.web import answers, firmtasks
from serving.web.api import Allowed, Purpose, UsesEngine, today
from serving.web.problems import Refused, responses

v1 = APIRouter(
    prefix="/v1", responses=responses(401, 403, 404, 422, 429, 503), tags=["enterprises"]
)

Text = Annotated[str, Query(max_length=64, pattern=answers.NO_NUL)]
CODES = r"^([0-9A-Za-z]{1,12}(,[0-9A-Za-z]{1,12}){0,49})?$"
_RUN = r"^([0-9a-f]{64})?$"


@v1.get("/enterprises", response_model=answers.SearchAnswer, response_model_exclude_unset=True)
def search(
    request: Request,
    engine: UsesEngine,
    caller: Annotated[Caller, Depends(Allowed("search"))],
    q: Annotated[Text, Query(description="part of a name or start of a code")] = "",
    classes: Annotated[
        str,
        Query(alias="class", pattern="^([ABCD](,[ABCD]){0,3})?$", description="such as C,D"),
    ] = "",
    grades: Annotated[
        str,
        Query(alias="grade", pattern="^([ABCDE](,[ABCDE]){0,4})?$", description="public credit"),
    ] = "",
    divisions: Annotated[
        str, Query(alias="division", pattern=CODES, description="beginnings of codes: 2301,2302")
    ] = "",
    industries: Annotated[
        str, Query(alias="industry", pattern=CODES, description="beginnings of codes: H,F52")
    ] = "",
    run: Annotated[str, Query(pattern=_RUN, description="`run` of the page before")] = "",
    after: Annotated[Text, Query(description="`after` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    purpose: Purpose = "",
) -> dict[str, Any]:
    """Look firms up and narrow by class, public grade, region and industry; exact counts."""
    wanted = results.Search(
        q, regions=_codes(divisions) or None, classes=_codes(classes), grades=_codes(grades),
        industries=_codes(industries),
    )  # fmt: skip
    with reading(engine) as connection:
        now = loaded.pinned(connection, run)
        if now is None:
            raise Refused.unknown_run(run)
        found = firmtasks.found(
            connection, caller, now.load, wanted, today(request), after=after, limit=limit
        )
    asked = {
        "q": q, "class": classes, "grade": grades, "division": divisions, "industry": industries,
        "after": after,
    }  # fmt: skip
    about = " ".join(f"{name}={value}" for name, value in asked.items() if value)
    ids = [row["entity_id"] for row in found.firms]
    audit.append(engine, caller, "search", ids, run=now.run, purpose=purpose, about=about)
    return now.answer(total=found.total, enterprises=found.firms, after=found.after)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(text.split(",")))) if text else ()
