"""What is told of a firm from the records as well: its two sheets, and what would change its class.

Each takes a second or two of computing, so each is asked for by a link of its own, and only as many
at a time as there are `SEATS`.
"""

from __future__ import annotations

from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.engine import Engine
from starlette.responses import HTMLResponse

from models.compared import Moment
from records.errors import NotFound, NotPossible
from serving.access import audit
from serving.access.caller import Caller
from serving.results import moments, results
from serving.results.results import Published
from serving.runs import whatif
from serving.store.database import reading
from serving.web import sheets
from serving.web.api import EntityId, UsesEngine
from serving.web.pages import Reads, language, page
from serving.web.paperwords import PAPERS
from serving.web.problems import Refused

router = APIRouter(prefix="/enterprises/{entity_id}", include_in_schema=False)

SEATS = BoundedSemaphore(2)


@router.get("/sheet/{kind}")
def sheet_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("explanation"))],
    entity_id: EntityId,
    kind: Literal["internal", "outward"],
) -> Response:
    lang = language(request)
    words = PAPERS[lang]
    with SEATS:
        now, found, ladder = _found(request, engine, reader, entity_id)
        around = {
            "back": f"/enterprises/{quote(entity_id, safe='')}", "back_word": words["back"],
            "hint": words["print_hint"],
        }  # fmt: skip
        made = sheets.make(
            found, [], kind, reader.user, lang, synthetic=now.about["synthetic"], page=around,
            told=ladder,
        )  # fmt: skip
    # An outward sheet tells no class; that it was made is noted all the same.
    purpose = f"{kind} sheet {made.serial}"
    audit.append(engine, reader, "explanation", [entity_id], run=now.run, purpose=purpose)
    return HTMLResponse(made.html)


@router.get("/change")
def change_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("explanation"))],
    entity_id: EntityId,
) -> Response:
    lang = language(request)
    with SEATS:
        now, found, _ = _found(request, engine, reader, entity_id)
        try:
            told: dict[str, Any] = whatif.what_if(found, lang)
        except NotPossible as error:
            raise Refused.mendable(409, error, "entity_id") from None
    audit.append(engine, reader, "explanation", [entity_id], run=now.run, purpose="what if")
    return page(request, "change.html", w=PAPERS[lang], about=now.about, firm=found.firm, told=told)


def _found(
    request: Request, engine: Engine, reader: Caller, entity_id: str
) -> tuple[Published, Moment, dict[str, Any]]:
    """The run, the firm as it found it, and its ladder."""
    records: Path | None = request.app.state.settings.records
    if records is None:
        missing = NotPossible("no record store is connected", hint="set `records` in the settings")
        raise Refused.mendable(409, missing)
    with reading(engine) as connection:
        now = results.published(connection)
        try:
            found = moments.of(connection, now.load, entity_id, records, reader.scope)
            told = results.told(connection, now.load, entity_id, language(request), reader.scope)
        except (NotFound, NotPossible) as error:
            raise Refused.mendable(409, error) from None
    if found is None or told is None:
        raise Refused.unknown_firm(entity_id)
    return now, found, told[1]
