"""Signing in and out: the token is typed once, a session cookie stands for it afterwards."""

from __future__ import annotations

import math
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from serving.access import access, lockout
from serving.access.caller import Caller
from serving.access.servicesettings import Settings
from serving.access.sessions import SESSION_SECONDS, close_session, open_session
from serving.web import forms
from serving.web.api import UsesEngine
from serving.web.forms import DOOR, DOOR_SECONDS, SESSION, Ours
from serving.web.pages import page

router = APIRouter(include_in_schema=False)

To = Annotated[str, Query(max_length=500)]


@router.get("/sign-in")
def sign_in_page(request: Request, to: To = "/") -> Response:
    return door_page(request, to)


@router.post("/sign-in", dependencies=[Depends(Ours(DOOR))])
def sign_in(
    request: Request,
    engine: UsesEngine,
    token: Annotated[str, Form(max_length=200)],
    to: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    settings: Settings = request.app.state.settings
    token = token.strip()
    counted = lockout.keys(address(request), token)
    if wait := lockout.begin(engine, counted, settings.lockout):
        response = door_page(request, to, 429, "token_wait", wait=math.ceil(wait))
        response.headers["Retry-After"] = str(math.ceil(wait))
        return response
    caller = access.check(engine, token)
    if caller is None:
        return door_page(request, to, 401, "token_bad")
    lockout.succeeded(engine, *counted)
    if fault := no_reader(caller):
        return door_page(request, to, 403, fault)
    response = RedirectResponse(first_page(caller, to), 303)
    secret = open_session(engine, token) or ""
    forms.set_cookie(request, response, SESSION, secret, SESSION_SECONDS)
    return response


@router.post("/sign-out", dependencies=[Depends(Ours(SESSION))])
def sign_out(request: Request, engine: UsesEngine) -> Response:
    close_session(engine, request.cookies.get(SESSION, ""))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION, httponly=True, samesite="strict")
    return response


def door_page(
    request: Request, to: str, status: int = 200, fault: str = "", **told: Any
) -> Response:
    """The form to sign in with, perhaps after a fault, for this very browser."""
    secret = forms.door(request)
    response = page(
        request, "sign_in.html", status, to=local(to), fault=fault, csrf=forms.word(secret),
        sso=request.app.state.settings.oidc is not None, **{"wait": 0, **told},
    )  # fmt: skip
    forms.set_cookie(request, response, DOOR, secret, DOOR_SECONDS)
    return response


def no_reader(caller: Caller) -> str:
    """Why a holder of a good token may not open pages; empty if he may."""
    if not caller.may("pages"):
        return "token_role"
    # A page shows every field; one that hid some would look as if they were empty.
    return "" if caller.scope.fields is None else "token_fields"


def first_page(caller: Caller, to: str) -> str:
    """Where somebody goes on to; who may not look enterprises up begins with who looked."""
    place = local(to)
    return "/looks" if place == "/" and not caller.may("search") else place


def address(request: Request) -> str:
    """The client's address; behind a proxy that is trusted, as the proxy tells it."""
    return request.client.host if request.client else ""


def local(to: str) -> str:
    """A place on this site to go on to; anything else becomes the first page."""
    here = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if here and not urlsplit(to).netloc else "/"
