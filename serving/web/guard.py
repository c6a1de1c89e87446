"""What every request and every answer passes: limits, a bound on the body, the safety headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access.limits import Limits
from serving.web.problems import Refused

MAX_BODY = 1_000_000
"""Bytes a request may carry; a batch of 1,000 codes needs about 25,000."""
UPLOADS = {"/v1/compare": 21_000_000, "/compare": 21_000_000}
"""Addresses that take a file, and the bytes that they take."""

HEADERS = {
    # No script at all, nothing from elsewhere, no inline style.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # 'no-referrer' would blank the Origin of our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}
"""Added where the settings say that the service is reached by https."""

AGES = "no-store", "public, max-age=3600"
"""How long an answer may be kept: any, and a static file."""
UNLIMITED = ("/health", "/static/")
"""What an address may ask as often as it wants; nothing is read for it."""

Tell = Callable[[Request, Exception], Awaitable[Response]]


class Guard:
    """ASGI middleware around the whole application.

    Parameters
    ----------
    limits : how often an address may ask.
    tell : makes the answer of a refusal.
    tls : whether the service is reached by https only.
    """

    def __init__(self, app: ASGIApp, limits: Limits, tell: Tell, tls: bool) -> None:
        self.app, self._limits, self._tell = app, limits, tell
        ours = {**HEADERS, **(ENCRYPTED if tls else {})}
        self._kept, self._static = (_raw({**ours, "Cache-Control": age}) for age in AGES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = self._static if scope["path"].startswith("/static/") else self._kept

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [pair for pair in message.get("headers", ()) if pair[0] not in ours]
                message["headers"] = [*told, *ours.items()]
            await send(message)

        if wait := self._wait(scope):
            refusal = await self._tell(Request(scope), Refused.too_often(wait))
            await refusal(scope, receive, send_guarded)
            return
        await self.app(scope, _bounded(scope, receive), send_guarded)

    def _wait(self, scope: Scope) -> float:
        if scope["path"].startswith(UNLIMITED):
            return 0.0
        return self._limits.of_address(scope["client"][0] if scope.get("client") else "")


def _raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode(): value.encode() for name, value in headers.items()}


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Stop reading a body past the bound, whether or not it said its length."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    declared = int(said) if said.isdigit() else 0
    most, taken = UPLOADS.get(scope["path"], MAX_BODY), 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if max(taken, declared) > most:
            raise HTTPException(413, f"at most {most} bytes")
        return message

    return receive_bounded
