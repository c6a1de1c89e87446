"""Signing in by the bureau's own sign-on: the browser leaves for the provider and comes back.

What it brings back opens a session like a token typed into the form does: a token is given for as
long as the session may last, told to nobody, and listed and revoked like any other.
"""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import asdict
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.engine import Engine
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from serving.access import access
from serving.access.caller import Caller
from serving.access.oidc import NoRole, SignOn, SignOnFailed, Started
from serving.access.scope import WHOLE
from serving.access.sessions import SESSION_SECONDS, open_session
from serving.store.database import writing
from serving.web import forms
from serving.web.api import UsesEngine
from serving.web.door import door_page, first_page, local, no_reader
from serving.web.forms import SESSION
from serving.web.pages import page

LEAVING = "xinfen_sso"
"""The cookie of a browser that left for the provider."""

LEAVING_SECONDS = 600

router = APIRouter(include_in_schema=False)
_LOG = logging.getLogger(__name__)


@router.get("/sso")
def sso(request: Request, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    sign_on = _sign_on(request)
    try:
        address, started = sign_on.start(_return_to(request))
    except SignOnFailed as error:
        return _failed(request, to, error)
    response = RedirectResponse(address, 303)
    kept = json.dumps({**asdict(started), "to": local(to)}).encode()
    secret = base64.urlsafe_b64encode(kept).decode()
    # The provider leads the browser back by a link from elsewhere.
    forms.set_cookie(request, response, LEAVING, secret, LEAVING_SECONDS, from_elsewhere=True)
    return response


@router.get("/sso/return")
def sso_return(request: Request, engine: UsesEngine) -> Response:
    sign_on = _sign_on(request)
    started, to = _kept(request.cookies.get(LEAVING, ""))
    try:
        caller = sign_on.finish(request.query_params, started, _return_to(request))
        if no_reader(caller):
            raise NoRole("a role without pages", found=caller.role)
    except SignOnFailed as error:
        return _failed(request, to, error)
    to = first_page(caller, to)
    response = page(request, "signed_in.html", to=to)
    # A redirect would still come from elsewhere, and the session's cookie would stay behind.
    response.headers["Refresh"] = f"0; url={quote(to, safe='/?&=%')}"
    secret = open_session(engine, _given(engine, caller)) or ""
    forms.set_cookie(request, response, SESSION, secret, SESSION_SECONDS)
    response.delete_cookie(LEAVING, httponly=True, samesite="lax")
    return response


def _given(engine: Engine, caller: Caller) -> str:
    """A token for as long as a session lasts."""
    with writing(engine) as connection:
        return access.give(
            connection, caller.user, caller.role, access.clock(None) + SESSION_SECONDS,
            scope=caller.scope, purpose="sign-on", by=Caller("sign-on", "administrator", WHOLE),
        )  # fmt: skip


def _sign_on(request: Request) -> SignOn:
    sign_on: SignOn | None = request.app.state.sign_on
    if sign_on is None:
        raise HTTPException(404)
    return sign_on


def _return_to(request: Request) -> str:
    told: str = request.app.state.settings.oidc.return_to
    return told or str(request.url_for("sso_return"))


def _kept(secret: str) -> tuple[Started, str]:
    """What the browser left with; nothing that fits anything if it is not ours."""
    try:
        told = json.loads(base64.urlsafe_b64decode(secret.encode()))
        started = Started(*(str(told[name]) for name in ("state", "nonce", "verifier")))
        return started, local(str(told["to"]))
    except (ValueError, TypeError, KeyError):
        return Started("", "", ""), "/"


def _failed(request: Request, to: str, error: SignOnFailed) -> Response:
    _LOG.warning("sign-on failed: %s (%s)", error.what, error.found)
    if isinstance(error, NoRole):
        return door_page(request, to, 403, "sso_role")
    return door_page(request, to, 401, "sso_failed")
