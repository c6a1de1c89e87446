"""Forms are taken only from pages of ours: by the Origin that a browser tells, and by a word.

The word is derived from a cookie that only this browser holds and no script can read, so a page
elsewhere cannot know it. Before sign-in a cookie of its own stands in for the session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request, Response

from serving.web.problems import Refused

SESSION, DOOR = "xinfen_session", "xinfen_door"
"""The cookies: of a session, and of a browser that is about to sign in."""

DOOR_SECONDS = 3600


def word(secret: str | None) -> str:
    """What a form carries as `csrf` for the holder of a cookie; empty without one."""
    if not secret:
        return ""
    return hmac.new(secret.encode(), b"a form of xinfen", hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Ours:
    """A dependency: the form comes from a page of ours, shown to this very browser."""

    cookie: str

    def __call__(self, request: Request, csrf: Annotated[str, Form(max_length=64)] = "") -> None:
        origin = request.headers.get("origin", "")
        if not origin or origin.partition("://")[2] != request.headers.get("host"):
            raise Refused.cross_site(origin or "none")
        expected = word(request.cookies.get(self.cookie))
        given = csrf.encode("utf-8", "replace")
        if not expected or not hmac.compare_digest(expected.encode(), given):
            raise Refused.foreign_form()


def door(request: Request) -> str:
    """The door cookie's secret, a new one where the browser has none."""
    return request.cookies.get(DOOR) or secrets.token_urlsafe(32)


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    secret: str,
    seconds: int,
    *,
    from_elsewhere: bool = False,
) -> None:
    """A cookie that no script reads and no other site sends; only encrypted where we have TLS.

    `from_elsewhere`: sent also when another site leads the browser here by a link.
    """
    response.set_cookie(
        name, secret, max_age=seconds, httponly=True,
        samesite="lax" if from_elsewhere else "strict", secure=encrypted(request),
    )  # fmt: skip


def encrypted(request: Request) -> bool:
    """Whether the browser reaches us by https: said by the settings, or by this request."""
    return bool(request.app.state.settings.tls) or request.url.scheme == "https"
