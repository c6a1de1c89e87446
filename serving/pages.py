"""The pages for people: sign in, look a firm up, read why it is in its class.

Rendered on the server, Chinese first, without a script. A session cookie stands for the token;
forms are taken only from this site's own pages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode, urlsplit

import orjson
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from serving import access, audit, figures, results
from serving.access import Caller
from serving.api import UsesEngine
from serving.database import reading
from serving.problems import Refused
from serving.rendering import render
from serving.results import Lang
from serving.words import WORDS

SESSION, LANG = "xinfen_session", "xinfen_lang"
_YEAR = 365 * 86_400

router = APIRouter(include_in_schema=False)


def the_reader(request: Request, engine: UsesEngine) -> Caller:
    """Who is signed in and may read pages."""
    secret = request.cookies.get(SESSION)
    caller = access.check_session(engine, secret) if secret else None
    if caller is None:
        raise Refused.not_signed_in()
    if not caller.may("pages"):
        raise Refused.not_allowed(caller.role, "pages")
    request.state.caller = caller
    return caller


def from_here(request: Request) -> None:
    """Take a form only from this site: a browser tells where a form was sent from."""
    origin = request.headers.get("origin", "")
    if not origin or urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused.cross_site(origin or "none")


Reader = Annotated[Caller, Depends(the_reader)]
Text = Annotated[str, Query(max_length=64)]


@router.get("/sign-in")
def sign_in_page(request: Request, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    return page(request, "sign_in.html", to=_local(to), fault="")


@router.post("/sign-in", dependencies=[Depends(from_here)])
def sign_in(
    request: Request,
    engine: UsesEngine,
    token: Annotated[str, Form(max_length=200)],
    to: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    caller = access.check(engine, token.strip())
    if caller is None or not caller.may("pages"):
        fault = "token_bad" if caller is None else "token_role"
        status = 401 if caller is None else 403
        return page(request, "sign_in.html", status, to=_local(to), fault=fault)
    response = RedirectResponse(_local(to), 303)
    response.set_cookie(
        SESSION, access.open_session(engine, token.strip()) or "",
        max_age=access.SESSION_SECONDS, httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


@router.post("/sign-out", dependencies=[Depends(from_here)])
def sign_out(request: Request, engine: UsesEngine) -> Response:
    access.close_session(engine, request.cookies.get(SESSION, ""))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION, httponly=True, samesite="strict")
    return response


@router.get("/")
def search_page(
    request: Request,
    engine: UsesEngine,
    reader: Reader,
    q: Text = "",
    risk_class: Annotated[str, Query(alias="class", pattern="^[ABCD]?$")] = "",
    division: Text = "",
    industry: Text = "",
    after: Text = "",
) -> Response:
    wanted = results.Search(results.tidy(q), risk_class, division, industry)
    asked = {"q": wanted.q, "class": risk_class, "division": division, "industry": industry}
    asked = {name: value for name, value in asked.items() if value}
    found = None
    with reading(engine) as connection:
        now = results.published(connection)
        if asked:
            found = results.search(connection, now.load, wanted, after=after)
        lists = {name: results.choices(connection, now.load, name) for name in _LISTS}
    if found:
        ids = [row["entity_id"] for row in found.firms]
        audit.append(engine, reader, "search", ids, run=now.run, purpose="page")
    return page(
        request, "search.html", about=now.about, wanted=wanted, asked=asked, found=found,
        lists=lists, after=after, link=_link,
    )  # fmt: skip


@router.get("/enterprises/{entity_id}")
def firm_page(request: Request, engine: UsesEngine, reader: Reader, entity_id: str) -> Response:
    with reading(engine) as connection:
        now = results.published(connection)
        firm = results.firm(connection, now.load, entity_id)
        body = results.stored_ladder(connection, now.load, entity_id, language(request))
    if firm is None or body is None:
        raise Refused.unknown_firm(entity_id)
    audit.append(engine, reader, "explanation", [entity_id], run=now.run, purpose="page")
    ladder = orjson.loads(body)
    groups = figures.bars([group["points"] for group in ladder["groups"]])
    return page(
        request, "firm.html", about=now.about, firm=firm, ladder=ladder, bars=groups,
        hundred=figures.hundred(ladder["per_100"] or 0),
        at=datetime.now(UTC).astimezone(),
    )  # fmt: skip


def problem_page(request: Request, refused: Refused) -> Response:
    """A refusal as a page; one who is not signed in is asked to."""
    if refused.status == 401:
        query = f"?{request.url.query}" if request.url.query else ""
        to = urlencode({"to": request.url.path + query}) if request.method == "GET" else ""
        return RedirectResponse(f"/sign-in?{to}", 303)
    return page(request, "problem.html", refused.status, refused=refused)


def page(request: Request, template: str, status: int = 200, **told: Any) -> Response:
    """A template in the reader's language; a language chosen by `?lang=` is remembered."""
    lang = language(request)
    other = "en" if lang == "zh" else "zh"
    body = render(
        template, t=WORDS[lang], lang=lang, caller=getattr(request.state, "caller", None),
        other_lang=str(request.url.include_query_params(lang=other).query), **told,
    )  # fmt: skip
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


def _local(to: str) -> str:
    """A place on this site to go on to; anything else becomes the first page."""
    parts = urlsplit(to)
    here = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc
    return to if here and to.isprintable() else "/"


def _link(asked: dict[str, str], **changed: str) -> str:
    """The search page's address with some conditions changed; an empty one is dropped."""
    both = {name: value for name, value in {**asked, **changed}.items() if value}
    return f"/?{urlencode(both)}" if both else "/"
