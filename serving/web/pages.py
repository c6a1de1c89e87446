"""The pages for people: look a firm up, read why it is in its class.

Rendered on the server, Chinese first, without a script. A session cookie stands for the token;
signing in and out is `serving.web.door`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, RedirectResponse

from serving.access import audit
from serving.access.caller import Caller
from serving.access.roles import POLICY, Action
from serving.access.sessions import check_session
from serving.results import freezing, listing, results
from serving.results.results import Lang
from serving.store.database import reading
from serving.telling import causes
from serving.telling.rendering import render
from serving.web import answers, figures, firmcorrections, firmtasks, navigation
from serving.web.api import EntityId, UsesEngine, admitted, today
from serving.web.forms import SESSION, word
from serving.web.paperwords import PAPERS
from serving.web.problems import Refused
from serving.web.words import WORDS

LANG = "xinfen_lang"
_YEAR = 365 * 86_400

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Reads:
    """A dependency: who is signed in, if the role may open pages and do `action`."""

    action: Action

    def __call__(self, request: Request, engine: UsesEngine) -> Caller:
        secret = request.cookies.get(SESSION)
        caller = check_session(engine, secret) if secret else None
        if caller is None:
            raise Refused.not_signed_in()
        request.state.caller = caller
        return admitted(request, caller, "pages", self.action)


Text = Annotated[str, Query(max_length=64, pattern=answers.NO_NUL)]


@router.get("/")
def search_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("search"))],
    q: Text = "",
    risk_class: Annotated[str, Query(alias="class", pattern="^[ABCD]?$")] = "",
    division: Text = "",
    industry: Text = "",
    after: Text = "",
) -> Response:
    wanted = results.Search(results.tidy(q), risk_class, division, industry)
    asked = {"q": wanted.q, "class": risk_class, "division": division, "industry": industry}
    asked = {name: value for name, value in asked.items() if value}
    found, examples, lang = None, [], language(request)
    with reading(engine) as connection:
        now = results.published(connection)
        if asked:
            found = firmtasks.found(
                connection, reader, now.load, wanted, today(request), after=after
            )
        elif now.about["synthetic"]:
            examples = _examples(connection, now.load, reader, today(request), lang)
        lists = {name: results.choices(connection, now.load, name, reader.scope) for name in _LISTS}
        about = results.about(connection, now, reader.scope)
    if told := [*(found.firms if found else examples)]:
        ids = [row["entity_id"] for row in told]
        audit.append(engine, reader, "search", ids, run=now.run, purpose="page")
    return page(
        request, "search.html", about=about, wanted=wanted, asked=asked, found=found,
        lists=lists, after=after, link=_link, examples=examples,
    )  # fmt: skip


def _examples(
    connection: Connection, load: int, reader: Caller, day: date, lang: Lang
) -> list[dict[str, Any]]:
    """A firm of each class, the riskiest first: where a newcomer to invented firms begins."""
    ids = []
    for letter in "DCBA":
        wanted = results.Search(classes=(letter,))
        found = firmtasks.found(connection, reader, load, wanted, day, limit=1)
        ids += [str(row["entity_id"]) for row in found.firms]
    told = listing.told(connection, load, ids, lang, reader.scope)
    return sorted(told, key=lambda row: -ord(row["risk_class"]))


@router.get("/enterprises/{entity_id}")
def firm_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("explanation"))],
    entity_id: EntityId,
) -> Response:
    lang = language(request)
    with reading(engine) as connection:
        now = results.published(connection)
        firmtasks.check_blind(connection, reader, entity_id, today(request))
        found = results.told(connection, now.load, entity_id, lang, reader.scope)
        past = _past(connection, now.load, entity_id, reader, lang) if found else []
    if found is None:
        raise Refused.unknown_firm(entity_id)
    audit.append(engine, reader, "explanation", [entity_id], run=now.run, purpose="page")
    firm, ladder = found
    groups = figures.bars([group["points"] for group in ladder["groups"]])
    return page(
        request, "firm.html", about=now.about, firm=firm, ladder=ladder, bars=groups,
        hundred=figures.hundred(ladder["per_100"] or 0), past=past,
        steps=figures.columns([row["probability"] for row in reversed(past)]),
        papers=request.app.state.settings.records is not None, w=PAPERS[lang],
        corrections=firmcorrections.of_firm(engine, reader, entity_id, lang, today(request)),
        tasks=firmtasks.of_firm(engine, reader, entity_id, lang, today(request)),
        at=datetime.now(UTC).astimezone(),
    )  # fmt: skip


RUNS = 24
"""Runs of a firm's history that its page shows, the newest."""


def _past(
    connection: Connection, load: int, entity_id: str, reader: Caller, lang: Lang
) -> list[dict[str, Any]]:
    """What the last runs made of a firm, the newest first; `why` where the class changed."""
    rows = [
        row for row in results.past(connection, entity_id, reader.scope)[:RUNS]
        if row["risk_class"] is not None
    ]  # fmt: skip
    known = freezing.of(connection, load).definition.catalogue.by_id
    for row in rows:
        moved = [one["indicator"] for one in row["indicators"] or ()][:2]
        named = [known[name].name.in_(lang) if name in known else name for name in moved]
        row["why"] = row["cause"] and causes.sentence(
            row["previous_class"], row["risk_class"], row["cause"], named, lang
        )
    return rows


def problem_page(request: Request, refused: Refused) -> Response:
    """A refusal as a page; one who is not signed in is asked to."""
    if refused.status == 401:
        query = f"?{request.url.query}" if request.url.query else ""
        to = urlencode({"to": request.url.path + query}) if request.method == "GET" else ""
        return RedirectResponse(f"/sign-in?{to}", 303)
    response = page(request, "problem.html", refused.status, refused=refused)
    response.headers.update(refused.headers)
    return response


def page(request: Request, template: str, status: int = 200, **told: Any) -> Response:
    """A template in the reader's language; a language chosen by `?lang=` is remembered."""
    lang = language(request)
    other = "en" if lang == "zh" else "zh"
    caller = getattr(request.state, "caller", None)
    given = {
        "t": WORDS[lang], "lang": lang, "caller": caller,
        "nav": navigation.shown(caller, request.url.path, lang),
        "role": getattr(POLICY.roles[caller.role].name, lang) if caller else "",
        "csrf": word(request.cookies.get(SESSION)) if caller else "",
        "other_lang": str(request.url.include_query_params(lang=other).query),
    }  # fmt: skip
    body = render(template, **{**given, **told})
    response = HTMLResponse(body, status)
    if request.query_params.get("lang") == lang:
        response.set_cookie(LANG, lang, max_age=_YEAR, samesite="lax", httponly=True)
    return response


def language(request: Request) -> Lang:
    """The language asked for, else the one remembered, else Chinese."""
    for given in (request.query_params.get("lang"), request.cookies.get(LANG)):
        if given in WORDS:
            return cast(Lang, given)
    return "zh"


_LISTS = ("division", "industry")


def _link(asked: dict[str, str], **changed: str) -> str:
    """The search page's address with some conditions changed; an empty one is dropped."""
    both = {name: value for name, value in {**asked, **changed}.items() if value}
    return f"/?{urlencode(both)}" if both else "/"
