"""The short way to the desk for what systems ask a thousand times a second.

A class, a ladder and a trial by indicators are routes of the API like all others, and FastAPI
spends more on finding the route, its dependencies and its parameters than the desk spends on an
answer. So a request that is plainly one of them goes straight to its desk. Whatever is not plain
takes the usual way and is answered there; tests hold both to the same answers, byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.results.desk import Desk, Question
from serving.results.trials import Trial
from serving.telling.languages import LANGS, checked
from serving.web import scoring
from serving.web.guard import Tell
from serving.web.problems import Refused

FIRM, LADDER = "/v1/enterprises/{entity_id}", "/v1/enterprises/{entity_id}/explanation"
TRIAL = "/v1/score/indicators"
ROUTE = "xinfen.route"
"""Where a request's scope says which route answered it."""

_PLAIN = re.compile(r"/v1/enterprises/([0-9A-Za-z_.-]{1,64})(/explanation)?")
_BEARER = re.compile(rb"[Bb]earer ([!-~]+)")
_QUERY = re.compile(rb"(?:purpose|lang)=[^&=]*(?:&(?:purpose|lang)=[^&=]*)?")
_JSON = (b"content-type", b"application/json")


class Shortcut:
    """ASGI middleware before the router.

    Parameters
    ----------
    desk, trials : where single firms, and trials by indicators, are asked for.
    tell : makes the answer of a refusal.
    """

    def __init__(self, app: ASGIApp, desk: Desk[Question], trials: Desk[Trial], tell: Tell) -> None:
        self._app, self._desk, self._trials, self._tell = app, desk, trials, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = self._answering(scope, receive) if scope["type"] == "http" else None
        if answering is None:
            await self._app(scope, receive, send)
            return
        try:
            body = await answering
        except ClientDisconnect:
            return
        except Exception as error:
            refusal = await self._tell(Request(scope), error)
            if refusal.status_code == 500:
                raise
            await refusal(scope, receive, send)
            return
        length = (b"content-length", b"%d" % len(body))
        headers = [length, _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answering(self, scope: Scope, receive: Receive) -> Coroutine[None, None, bytes] | None:
        """What answers a plain request; None: it takes the usual way."""
        if question := plain(scope):
            scope[ROUTE] = FIRM if question.lang is None else LADDER
            return self._firm(question)
        posted = scope["method"] == "POST" and scope["path"] == TRIAL
        if posted and not scope["query_string"] and (token := _token(scope)):
            scope[ROUTE] = TRIAL
            return self._trial(token, Request(scope, receive))
        return None

    async def _firm(self, question: Question) -> bytes:
        body = await self._desk.ask(question)
        if body is None:
            raise Refused.unknown_firm(question.entity_id)
        return body

    async def _trial(self, token: str, request: Request) -> bytes:
        asked = scoring.trial(token, await request.body(), request.headers.get("content-type", ""))
        return await scoring.tried(self._trials, asked)


def plain(scope: Scope) -> Question | None:
    """The firm that is plainly asked for, or its ladder; None: it takes the usual way."""
    if scope["method"] != "GET" or not (found := _PLAIN.fullmatch(scope["path"])):
        return None
    secret = _token(scope)
    if secret is None:
        return None
    asked = _asked(scope["query_string"], bool(found[2]))
    if asked is None:
        return None
    entity_id, purpose = found[1], asked.get("purpose", "")
    if not found[2]:
        return Question(secret, "class", entity_id, purpose=purpose)
    return Question(secret, "explanation", entity_id, checked(asked.get("lang", "zh")), purpose)


def _token(scope: Scope) -> str | None:
    """The bearer token; None: there is none, or it is not as it should be."""
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    token = _BEARER.fullmatch(shown[0]) if len(shown) == 1 else None
    return token and token[1].decode("ascii")


def _asked(query: bytes, ladder: bool) -> dict[str, str] | None:
    """The parameters; None: there are others, or one is not as it should be."""
    if not query:
        return {}
    if not _QUERY.fullmatch(query):
        return None
    try:
        told = dict(parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError:
        return None
    purpose = told.get("purpose", "")
    fits = len(purpose) <= 200 and "\0" not in purpose and told.get("lang", "zh") in LANGS
    twice = query.count(b"=") != len(told)
    return None if not fits or twice or (not ladder and "lang" in told) else told
