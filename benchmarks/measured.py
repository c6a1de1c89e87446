"""A function in a fresh process: what it tells, its seconds, and the most memory it held.

Nothing that ran before weighs on the figures: not this process's memory, caches or threads.
Seconds begin once everything is imported.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from records.errors import NotPossible

Facts = dict[str, Any]

LINES = 12
"""Of what a process that failed said last."""


@dataclass(frozen=True)
class Measured:
    """Seconds on the clock and of the processors, the most gigabytes (10⁹) held, what was told.

    `load` is how many processes wanted a processor, on average, in the minute before.
    """

    seconds: float
    cpu: float
    peak: float
    facts: Facts
    load: float


def fresh(function: Callable[..., Facts], home: Path, **arguments: Any) -> Measured:
    """Run a function of a module, with arguments that JSON can say, in a process of its own.

    Parameters
    ----------
    home : XINFEN_HOME of that process.

    Raises
    ------
    NotPossible : it failed; the error ends with what it said last.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    given = json.dumps(arguments, default=str)
    command = [sys.executable, "-m", "benchmarks.measured", name, given]
    return run(command, {"XINFEN_HOME": str(home)})


def run(command: list[str], environment: Mapping[str, str]) -> Measured:
    """Run a command whose last line is a JSON object of `seconds`, `cpu`, `peak` and `facts`."""
    load = os.getloadavg()[0]
    done = subprocess.run(  # noqa: S603 - a command of our own
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join(done.stderr.splitlines()[-LINES:]) or f"exit code {done.returncode}"
        raise NotPossible(f"a measured process failed:\n{said}", found=" ".join(command[1:4]))
    return Measured(**json.loads(done.stdout.splitlines()[-1]), load=load)


def peak() -> float:
    """The most memory that this process ever held, in gigabytes.

    The kernel's own count of this program is asked for: `ru_maxrss` would begin with what the
    process that started this one held.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024 / 1e9
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held * (1 if sys.platform == "darwin" else 1024) / 1e9


def main() -> None:
    """Run `module:function` with a JSON object of arguments, and tell its figures."""
    module, name = sys.argv[1].split(":")
    function = getattr(import_module(module), name)
    arguments = json.loads(sys.argv[2])
    begun, worked = time.perf_counter(), time.process_time()
    facts = function(**arguments)
    told = {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - worked,
        "peak": peak(),
        "facts": facts,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
