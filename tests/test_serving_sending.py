"""How answers leave: by fewer calls, and with the same bytes as without."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.web.sending import Joining
from tests.a_service import answering

LATE = threading.Event()
REQUESTS = {
    "a body": b"GET /body HTTP/1.1\r\nConnection: close\r\n\r\n",
    "no body": b"GET /empty HTTP/1.1\r\nConnection: close\r\n\r\n",
    "a head only": b"HEAD /body HTTP/1.1\r\n\r\nGET /empty HTTP/1.1\r\nConnection: close\r\n\r\n",
    "pieces": b"GET /pieces HTTP/1.1\r\nConnection: close\r\n\r\n",
    "a large one": b"GET /large HTTP/1.1\r\nConnection: close\r\n\r\n",
    "three at once": b"GET /body HTTP/1.1\r\n\r\nGET /pieces HTTP/1.1\r\n\r\n"
    b"GET /body HTTP/1.1\r\nConnection: close\r\n\r\n",
    "an awaited upload": b"POST /echo HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
    b"Connection: close\r\n\r\nabc",
    "of HTTP 1.0": b"GET /pieces HTTP/1.0\r\n\r\n",
    "not HTTP": b"nonsense\r\n\r\n",
    "a failure": b"GET /failure HTTP/1.1\r\nConnection: close\r\n\r\n",
    "a failure in its midst": b"GET /broken HTTP/1.1\r\n\r\n",
}


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Answers each path in another way."""
    path = scope["path"]
    if path == "/failure":
        raise ValueError(path)
    bodies = {
        "/body": [b"whole"], "/empty": [b""], "/pieces": [b"a" * 10, b"", b"b" * 70_000, b"c"],
        "/large": [b"x" * 3_000_000], "/broken": [b"begun"], "/late": [b"late"],
    }  # fmt: skip
    told = bodies[path] if path in bodies else [(await receive())["body"]]
    headers = [] if path in ("/pieces", "/broken") else [(b"content-length", b"%d" % len(told[0]))]
    status = 204 if path == "/empty" else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if path == "/late":
        await asyncio.to_thread(LATE.wait, 60)
    for one in told:
        await send({"type": "http.response.body", "body": one, "more_body": one is not told[-1]
                    or path == "/broken"})  # fmt: skip
    if path == "/broken":
        raise ValueError(path)


@pytest.fixture(scope="module")
def usual() -> Iterator[int]:
    with answering(_app, HttpToolsProtocol) as port:
        yield port


@pytest.fixture(scope="module")
def ours() -> Iterator[int]:
    with answering(_app) as port:
        yield port


@pytest.mark.parametrize("name", REQUESTS)
def test_the_same_bytes_leave(usual: int, ours: int, name: str) -> None:
    expected, found = (_answered(port, REQUESTS[name]) for port in (usual, ours))
    assert expected
    assert found == expected


def test_a_head_does_not_wait_for_a_late_body(ours: int) -> None:
    LATE.clear()
    with socket.create_connection(("127.0.0.1", ours), timeout=60) as client:
        client.sendall(b"GET /late HTTP/1.1\r\nConnection: close\r\n\r\n")
        head = client.recv(1000)
        assert head.startswith(b"HTTP/1.1 200")
        assert b"late" not in head
        LATE.set()
        assert client.recv(1000) == b"late"


def test_whoever_leaves_early_harms_nobody(ours: int) -> None:
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", ours), timeout=60) as client:
            client.sendall(b"GET /large HTTP/1.1\r\n\r\n")
    assert b"whole" in _answered(ours, REQUESTS["a body"])


def test_a_head_leaves_with_its_body() -> None:
    async def answered() -> list[bytes]:
        kept = _Kept()
        joining = Joining(cast(asyncio.Transport, kept), asyncio.get_running_loop())
        joining.write(b"head ")
        joining.write(b"body")
        await asyncio.sleep(0)
        joining.write(b"alone")
        joining.write(b"")
        await asyncio.sleep(0)
        joining.write(b"last")
        joining.close()
        await asyncio.sleep(0)
        return kept.written

    assert asyncio.run(answered()) == [b"head body", b"alone", b"last"]


def test_nothing_is_written_to_whoever_has_gone() -> None:
    async def left() -> list[bytes]:
        kept = _Kept()
        joining = Joining(cast(asyncio.Transport, kept), asyncio.get_running_loop())
        joining.write(b"head")
        kept.close()
        await asyncio.sleep(0)
        return kept.written

    assert asyncio.run(left()) == []


class _Kept:
    """A transport's end that keeps what it is given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def _answered(port: int, request: bytes) -> bytes:
    """All that a server says to a request until it closes, without the moment."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request)
        told = b"".join(iter(lambda: client.recv(1 << 16), b""))
    return re.sub(rb"date: [^\r]*", b"date:", told)
