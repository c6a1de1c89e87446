"""Load from `wrk` on servers, and the CPU that each of them took.

`wrk` is a load generator in C (Debian and Homebrew have it). It takes some 15 µs of CPU a request
where one in Python takes several hundred, which on two cores would be more than the server does;
what it takes is measured all the same, and told.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from records.errors import NotPossible

CONNECTIONS, WORKERS = 16, 2
SCRIPT = Path(__file__).with_name("load.lua")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Target:
    """A server and what is asked of it: the path, in which CODE is a firm's, and the token.

    `processes` are those that work for it.
    """

    url: str
    path: str
    token: str
    processes: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """What one load told; times in milliseconds, `cpu` and `load` in µs of CPU a request."""

    requests: int
    per_second: float
    p50: float
    p99: float
    failed: int
    cpu: float
    load: float


def available() -> bool:
    """Whether `wrk` is installed."""
    return shutil.which("wrk") is not None


def measure(
    target: Target, lines: Path, seconds: float, seed: int, connections: int = CONNECTIONS
) -> Measured:
    """Load a target for some seconds with what is drawn at random from the lines of a file.

    A line is a firm's code, or where the path names none, a body to be posted.

    Raises
    ------
    NotPossible : `wrk` failed.
    """
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout=60s", "-s", str(SCRIPT),
        target.url, "--", str(lines), target.path, target.token, str(seed),
    ]  # fmt: skip
    before, own = cpu_of(target.processes), _children()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    took, load = cpu_of(target.processes) - before, _children() - own
    if done.returncode:
        raise NotPossible("wrk failed", found=done.stderr[-500:])
    told = json.loads(done.stdout.splitlines()[-1])
    count = told["requests"] or 1
    return Measured(
        told["requests"], told["requests"] / told["seconds"], told["p50"], told["p99"],
        told["failed"], 1e6 * took / count, 1e6 * load / count,
    )  # fmt: skip


def together(parts: Sequence[Measured]) -> Measured:
    """Loads of one target as one; of times the median of the loads is told."""
    count = sum(one.requests for one in parts)
    middle = len(parts) // 2

    def mean(name: str) -> float:
        whole: float = sum(getattr(one, name) * one.requests for one in parts)
        return whole / max(count, 1)

    return Measured(
        count, sorted(one.per_second for one in parts)[middle],
        sorted(one.p50 for one in parts)[middle], sorted(one.p99 for one in parts)[middle],
        sum(one.failed for one in parts), mean("cpu"), mean("load"),
    )  # fmt: skip


def cpu_of(processes: Sequence[int]) -> float:
    """Seconds of CPU that processes and all they started have taken."""
    return sum(_ticks(one) for root in processes for one in _tree(root)) / _TICK


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return
    for child in children:
        yield from _tree(int(child))


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _children() -> float:
    """Seconds of CPU of ended processes that this one started."""
    told = os.times()
    return told.children_user + told.children_system
