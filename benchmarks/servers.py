"""Servers in processes of their own, on free ports of this machine, for the length of a block."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from records.errors import NotPossible

_PATIENCE = 240.0


@contextmanager
def server(
    command: Sequence[str], more: Mapping[str, str], ready: str, log: Path = Path(os.devnull)
) -> Iterator[tuple[str, int]]:
    """A server's address and its process, once it answers a path.

    Parameters
    ----------
    command : what Python is given; `PORT` in it is the port.
    more : variables, beside those of this process.
    ready : a path that answers as soon as the server can.
    log : takes what it says; nowhere, where writing would weigh on what is measured.

    Raises
    ------
    NotPossible : it did not begin; the error ends with what it said last.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    told = [part.replace("PORT", str(port)) for part in command]
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - a command of our own
            [sys.executable, *told], env={**os.environ, **more}, stdout=said, stderr=said,
            start_new_session=True,  # what it starts ends with it
        )  # fmt: skip
    try:
        if not _answers(f"{url}{ready}", process):
            last = log.read_bytes()[-2000:].decode(errors="replace")
            raise NotPossible(f"the server did not begin\n{last}".strip(), found=f"{url}{ready}")
        yield url, process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether a server comes to answer, and does not end before."""
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=10):  # noqa: S310 - our own server
                return True
        except (URLError, OSError):
            time.sleep(0.2)
    return False
