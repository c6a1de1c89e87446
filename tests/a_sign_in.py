"""Signing in as a browser does: open the form, send it back with its word."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient
from httpx2 import Response

HERE = {"Origin": "http://testserver"}


def csrf(page: str) -> str:
    """The word that a page's forms carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, "a page without a form of ours"
    return found[1]


def sign_in(client: TestClient, token: str, to: str = "/") -> Response:
    """The answer to a token typed into the form."""
    word = csrf(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf": word, "token": token, "to": to}, headers=HERE)


def sign_out(client: TestClient) -> Response:
    """The answer to the button of a page that is open."""
    word = csrf(client.get("/").text)
    return client.post("/sign-out", data={"csrf": word}, headers=HERE)
