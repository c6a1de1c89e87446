"""The pages on corrections: one click on a record begins one, an inbox and a page for deciders.

What is refused is told on the form that was sent, with all that was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlalchemy.engine import Engine
from starlette.responses import RedirectResponse

from models import wording
from records.schema import TABLES
from serving.access import audit
from serving.access.caller import Caller
from serving.corrections import asking, cases, deciding
from serving.corrections.asking import Wanted
from serving.corrections.cases import STATES, Case, Kind
from serving.corrections.refusals import CorrectionRefused
from serving.results import results
from serving.store.database import reading
from serving.web import firmtasks
from serving.web.answers import NO_NUL
from serving.web.api import EntityId, UsesEngine, today
from serving.web.corrections import Before, Number, seen, terms
from serving.web.correctionwords import WORDS
from serving.web.forms import SESSION, Ours
from serving.web.pages import Reads, language, page
from serving.web.problems import Refused

router = APIRouter(include_in_schema=False)

ROWS = 3
"""Fields that the form takes right values for."""

Asker = Annotated[Caller, Depends(Reads("ask_correction"))]
Decider = Annotated[Caller, Depends(Reads("decide_correction"))]
Reader = Annotated[Caller, Depends(Reads("corrections"))]
Short = Annotated[str, Query(max_length=200, pattern=NO_NUL)]
Typed = Annotated[str, Form(max_length=200, pattern=NO_NUL)]
Said = Annotated[str, Form(max_length=4_000, pattern=NO_NUL)]

_PAGE = 30


@router.get("/corrections")
def inbox(
    request: Request,
    engine: UsesEngine,
    reader: Reader,
    state: Annotated[str, Query(pattern=f"^({'|'.join(STATES)}|all)$")] = "open",
    q: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
    before: Before = None,
) -> Response:
    code = results.tidy(q)
    with reading(engine) as connection:
        found, total = cases.cases(
            connection, reader.scope, today(request), states=[] if state == "all" else [state],
            entity_id=code, before=before, limit=_PAGE + 1,
        )  # fmt: skip
    rows = seen(engine, reader, found[:_PAGE], today(request), "page")
    more = rows[-1]["number"] if len(found) > _PAGE else None
    return page(
        request, "corrections.html", c=WORDS[language(request)], rows=rows, total=total, q=code,
        state=state, states=(*STATES, "all"), more=more, before=before,
    )  # fmt: skip


@router.get("/corrections/{number}")
def case_page(request: Request, engine: UsesEngine, reader: Reader, number: Number) -> Response:
    return _case(request, engine, reader, number)


@router.post("/corrections/{number}/decision", dependencies=[Depends(Ours(SESSION))])
def decide(
    request: Request,
    engine: UsesEngine,
    reader: Decider,
    number: Number,
    decision: Annotated[str, Form(pattern="^(granted|refused)$")],
    reason: Said = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    granted = decision == "granted"
    step = partial(
        deciding.decide, engine, reader, number, granted, reason, terms(request), today(request),
        until if granted else "",
    )  # fmt: skip
    return _taken(request, engine, reader, number, reason, step)


@router.post("/corrections/{number}/withdrawal", dependencies=[Depends(Ours(SESSION))])
def withdraw(
    request: Request, engine: UsesEngine, reader: Asker, number: Number, reason: Said = ""
) -> Response:
    step = partial(deciding.withdraw, engine, reader, number, reason, today(request))
    return _taken(request, engine, reader, number, reason, step)


@router.post("/corrections/{number}/end", dependencies=[Depends(Ours(SESSION))])
def end(
    request: Request, engine: UsesEngine, reader: Decider, number: Number, reason: Said = ""
) -> Response:
    step = partial(deciding.end, engine, reader, number, reason, today(request))
    return _taken(request, engine, reader, number, reason, step)


def _taken(
    request: Request,
    engine: Engine,
    reader: Caller,
    number: int,
    reason: str,
    step: Callable[[], object],
) -> Response:
    """Take a step and lead to the correction; why it is refused is told on its page."""
    try:
        step()
    except CorrectionRefused as error:
        return _case(request, engine, reader, number, error, reason)
    return RedirectResponse(f"/corrections/{number}", 303)


@router.get("/enterprises/{entity_id}/corrections/new")
def form(
    request: Request,
    engine: UsesEngine,
    reader: Asker,
    entity_id: EntityId,
    kind: Kind = "class",
    table: Short = "",
    source: Short = "",
    source_id: Short = "",
    indicator: Annotated[str, Query(max_length=16, pattern=NO_NUL)] = "",
) -> Response:
    begun = Wanted(
        kind, "", "", "", table=table, source=source, source_id=source_id, indicator=indicator
    )
    return _form(request, engine, reader, entity_id, begun)


@router.post("/enterprises/{entity_id}/corrections", dependencies=[Depends(Ours(SESSION))])
def ask(
    request: Request,
    engine: UsesEngine,
    reader: Asker,
    entity_id: EntityId,
    kind: Annotated[Kind, Form()],
    grounds: Said = "",
    evidence: Said = "",
    document: Typed = "",
    file_hash: Typed = "",
    table: Typed = "",
    source: Typed = "",
    source_id: Typed = "",
    indicator: Annotated[str, Form(max_length=16, pattern=NO_NUL)] = "",
    risk_class: Annotated[str, Form(pattern="^[ABCD]?$")] = "",
    until: Annotated[str, Form(max_length=10)] = "",
    field: Annotated[list[str] | None, Form(max_length=ROWS)] = None,
    value: Annotated[list[str] | None, Form(max_length=ROWS)] = None,
) -> Response:
    pairs = zip(field or [], value or [], strict=False)
    changes = {name[:200]: text[:200] for name, text in pairs if name or text.strip()}
    wanted = Wanted(
        kind, grounds, evidence, document, file_hash, table=table, source=source,
        source_id=source_id, indicator=indicator, changes=changes, risk_class=risk_class,
        until=until,
    )  # fmt: skip
    with reading(engine) as connection:
        firmtasks.check_blind(connection, reader, entity_id, today(request))
    try:
        made = asking.ask(engine, reader, entity_id, wanted, terms(request), today(request))
    except CorrectionRefused as error:
        return _form(request, engine, reader, entity_id, wanted, error)
    if made is None:
        raise Refused.unknown_firm(entity_id)
    return RedirectResponse(f"/corrections/{made.number}", 303)


def _form(
    request: Request,
    engine: Engine,
    reader: Caller,
    entity_id: str,
    wanted: Wanted,
    error: CorrectionRefused | None = None,
) -> Response:
    """The form to ask with; it tells the firm and its class, and is a look of its own."""
    lang = language(request)
    with reading(engine) as connection:
        now = results.published(connection)
        firmtasks.check_blind(connection, reader, entity_id, today(request))
        found = results.told(connection, now.load, entity_id, lang, reader.scope)
    if found is None:
        raise Refused.unknown_firm(entity_id)
    firm, ladder = found
    audit.append(engine, reader, "explanation", [entity_id], run=now.run, purpose="correction")
    key = (wanted.table, wanted.source, wanted.source_id)
    record = next(
        (
            one
            for _, one in asking.behind(ladder)
            if (one["table"], one["source"], one["source_id"]) == key
        ),
        None,
    )
    if wanted.kind != "class" and record is None:
        error = error or CorrectionRefused.unknown_record(wanted.source_id)
    typed = [*wanted.changes.items(), *[("", "")] * ROWS][:ROWS]
    return page(
        request, "correction_new.html", error.status if error else 200, about=now.about,
        c=WORDS[lang], firm=firm, ladder=ladder, wanted=wanted, record=record, typed=typed,
        columns=_columns(wanted.table, lang) if record else [], error=error,
        longest=terms(request).longest, back=f"/enterprises/{quote(entity_id, safe='')}",
    )  # fmt: skip


def _case(
    request: Request,
    engine: Engine,
    reader: Caller,
    number: int,
    error: CorrectionRefused | None = None,
    typed: str = "",
) -> Response:
    """A correction's page with what this reader can do now, perhaps after a refusal."""
    lang = language(request)
    with reading(engine) as connection:
        found = cases.case(connection, number, reader.scope, today(request))
    one = seen(engine, reader, [found], today(request), "page")[0]
    record = found.asked["record_table"]
    return page(
        request, "correction.html", error.status if error else 200, c=WORDS[lang], one=one,
        error=error, typed=typed, can=_can(reader, found),
        table=wording.table_name(record, lang) if record else "",
        labels=dict(_columns(record, lang)) if record else {},
    )  # fmt: skip


def _can(reader: Caller, one: Case) -> set[str]:
    """What a reader can do with a correction now."""
    own = deciding.person(reader.user) == deciding.person(one.asked["asked_by"])
    can = set()
    if one.state == "open":
        if reader.may("decide_correction"):
            can.add("own" if own else "decide")
        if own and reader.may("ask_correction"):
            can.add("withdraw")
    if one.state == "granted" and one.of_class and reader.may("decide_correction") and not own:
        can.add("end")
    return can


def _columns(table: str, lang: str) -> list[tuple[str, str]]:
    """(name, label) of what a correction can change of a record."""
    by_name = TABLES[table].by_name
    return [
        (name, by_name[name].zh if lang == "zh" else by_name[name].en)
        for name in asking.changeable(table)
    ]
