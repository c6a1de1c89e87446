"""The service over a real socket: in earnest as a process with workers, or served by a thread."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
import uvicorn
from sqlalchemy.engine import Engine

from serving.web.sending import Sending

PATIENCE = 120.0
"""Seconds for a service to be ready on a busy machine."""


@dataclass(frozen=True)
class Service:
    """A service that runs, and where its log goes."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def workers(self) -> list[int]:
        """The processes that answer, without the one that watches over their resources."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [one for one in map(int, children) if "spawn_main" in _command(one)]

    def wait(self, status: int = 200) -> None:
        """Until `/ready` answers with this status."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if httpx2.get(f"{self.url}/ready", timeout=10).status_code == status:
                    return
            except httpx2.TransportError:
                pass
            assert self.process.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < deadline, self.log.read_text("utf-8")
            time.sleep(0.1)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # it has ended
        return ""


@contextmanager
def serving(
    engine: Engine, folder: Path, *options: str, workers: int = 2, **settings: str
) -> Iterator[Service]:
    """A service on a store; stopped at the end if it still runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "service.log"
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path.cwd()),
        "XINFEN_RESULTS": engine.url.render_as_string(hide_password=False),
        "XINFEN_SET_LIMITED": "false",
        **settings,
    }
    command = [sys.executable, "xinfen.py", "serve", "--port", str(port)]
    command += ["--workers", str(workers), *options]
    with log.open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told, env=environment)
    service = Service(process, f"http://127.0.0.1:{port}", log)
    try:
        service.wait()
        yield service
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def answering(app: Any, protocol: type[asyncio.Protocol] = Sending) -> Iterator[int]:
    """The port of an ASGI application that a thread of this process serves by a protocol."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", http=protocol))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


class Load:
    """Readers in threads of their own, who ask for a firm's ladder again and again.

    Each question has a purpose of its own, so that its row in the audit is known again: `answered`
    are those of answers with 200. `refused` holds other statuses; `broken` counts connections that
    broke, which is what somebody sees whose server was killed. `told` are each reader's bodies in
    their order, each once as long as it stays the same.
    """

    def __init__(self, url: str, token: str, entity_id: str, readers: int = 6) -> None:
        self.answered: list[str] = []
        self.refused: list[int] = []
        self.broken = 0
        self.told: list[list[bytes]] = [[] for _ in range(readers)]
        self._ask = f"{url}/v1/enterprises/{entity_id}/explanation", f"Bearer {token}"
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._readers = [threading.Thread(target=self._read, args=(at,)) for at in range(readers)]

    def __enter__(self) -> Self:
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for reader in self._readers:
            reader.join()

    def until(self, answered: int) -> None:
        """Wait until that many more were answered."""
        goal, deadline = len(self.answered) + answered, time.monotonic() + PATIENCE
        while len(self.answered) < goal:
            assert time.monotonic() < deadline, (goal, self.refused, self.broken)
            time.sleep(0.02)

    def _read(self, reader: int) -> None:
        address, shown = self._ask
        with httpx2.Client(headers={"Authorization": shown}, timeout=60) as client:
            for turn in itertools.count():
                if self._stop.is_set():
                    return
                purpose = f"{reader}-{turn}"
                try:
                    answer = client.get(address, params={"purpose": purpose})
                except httpx2.TransportError:
                    with self._lock:
                        self.broken += 1
                    time.sleep(0.05)
                    continue
                self._note(reader, purpose, answer)

    def _note(self, reader: int, purpose: str, answer: httpx2.Response) -> None:
        with self._lock:
            if answer.status_code != 200:
                self.refused.append(answer.status_code)
                return
            self.answered.append(purpose)
            if self.told[reader][-1:] != [answer.content]:
                self.told[reader].append(answer.content)
