"""The short way to the desk for what systems ask a thousand times a second.

A class and a ladder are routes of the API like all others (`serving.web.api`), and FastAPI spends
more on finding the route, its dependencies and its parameters than the desk spends on the answer.
So a request that is plainly one of the two goes straight to the desk. Whatever is not plain, and
whatever is wrong in form, takes the usual way and is answered there; a test holds both to the same
answers, byte by byte.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.results.desk import Desk, Question
from serving.telling.languages import LANGS, checked
from serving.web.guard import Tell
from serving.web.problems import Refused

FIRM, LADDER = "/v1/enterprises/{entity_id}", "/v1/enterprises/{entity_id}/explanation"
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
    desk : where single firms are asked for.
    tell : makes the answer of a refusal.
    """

    def __init__(self, app: ASGIApp, desk: Desk, tell: Tell) -> None:
        self._app, self._desk, self._tell = app, desk, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        question = plain(scope) if scope["type"] == "http" else None
        if question is None:
            await self._app(scope, receive, send)
            return
        scope[ROUTE] = FIRM if question.lang is None else LADDER
        try:
            body = await self._desk.ask(question)
            if body is None:
                raise Refused.unknown_firm(question.entity_id)
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


def plain(scope: Scope) -> Question | None:
    """What is asked, if it is plainly one of the two; None: it takes the usual way."""
    if scope["method"] != "GET" or not (found := _PLAIN.fullmatch(scope["path"])):
        return None
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    token = _BEARER.fullmatch(shown[0]) if len(shown) == 1 else None
    if token is None:
        return None
    asked = _asked(scope["query_string"], bool(found[2]))
    if asked is None:
        return None
    entity_id, secret = found[1], token[1].decode("ascii")
    purpose = asked.get("purpose", "")
    if not found[2]:
        return Question(secret, "class", entity_id, purpose=purpose)
    return Question(secret, "explanation", entity_id, checked(asked.get("lang", "zh")), purpose)


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
