"""Jobs worked on: a thread in each process of the service takes what waits and ends when none does.

It is woken when a job is asked for, when a process begins, and when somebody asks after a job that
nobody works on. So a job whose worker died is taken up by any process that still lives.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records.errors import XinfenError
from serving.access.scope import Scope
from serving.jobs.jobs import LOST, TRIES
from serving.store.database import reading, writing
from serving.store.jobtables import jobs

Told = Callable[[int, int], None]
"""(done, of all); called now and then, and raises `Stopped` when the work is nobody's any more."""


@dataclass(frozen=True)
class Task:
    """What a worker took: the job's id, what it works on, and in whose scope."""

    id: str
    kind: str
    scope: Scope
    asked: dict[str, Any]
    given: bytes


Work = Callable[[Engine, Task, Told], tuple[str, bytes]]
"""Does a task and gives the run it answered from and the result."""


class Stopped(Exception):
    """The job was deleted, taken by another, or the process ends."""


_LOG = logging.getLogger(__name__)


class Worker:
    """The worker of one process on one store; `kinds` are what it can do."""

    def __init__(self, engine: Engine, kinds: Mapping[str, Work]) -> None:
        self._engine, self._kinds = weakref.ref(engine), kinds
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"

    def wake(self) -> None:
        """Work on what waits, in a thread of its own; nothing happens where it does already."""
        with self._lock:
            if self._ending.is_set() or (self._thread and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self.run, name="xinfen-jobs", daemon=True)
            self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Stop after the step at hand; the job waits for another worker."""
        self._ending.set()
        if self._thread:
            self._thread.join(seconds)

    def run(self) -> None:
        """Do what waits, one after another, until nothing does."""
        while not self._ending.is_set():
            engine = self._engine()
            task = None if engine is None else take(engine, self.name)
            if engine is None or task is None:
                return
            self._do(engine, task)

    def _do(self, engine: Engine, task: Task) -> None:
        def told(done: int, total: int) -> None:
            if self._ending.is_set():
                _let_go(engine, task.id, self.name)
                raise Stopped
            if not _mine(engine, task.id, self.name, done=done, total=total, beat=time.time()):
                raise Stopped

        try:
            run, result = self._kinds[task.kind](engine, task, told)
        except Stopped:
            return
        except XinfenError as error:
            problem = {"what": error.what, "found": error.found, "allowed": error.allowed,
                       "hint": error.hint}  # fmt: skip
            _mine(engine, task.id, self.name, state="failed", problem=problem)
        except Exception:  # noqa: BLE001
            # A fault of ours ends this job and not the worker; it tells nothing of itself.
            _LOG.exception("a job of kind %s broke", task.kind)
            _mine(engine, task.id, self.name, state="failed", problem=BROKEN)
        else:
            _mine(engine, task.id, self.name, state="done", run=run, result=result)


BROKEN = {"what": "something broke inside", "found": "", "allowed": "", "hint": "ask again later"}
_DIED = {"what": "the work was cut off twice", "found": "", "allowed": "", "hint": "ask again"}


def take(engine: Engine, worker: str) -> Task | None:
    """Take up the oldest job that waits or whose worker gives no sign; None: there is none.

    One that was begun too often already is failed.
    """
    stale = (jobs.c.state == "running") & (jobs.c.beat < time.time() - LOST)
    waits = sa.select(jobs.c.id).where(sa.or_(jobs.c.state == "waiting", stale))
    with reading(engine) as connection:  # mostly there is none, and nobody is held up
        if connection.scalar(waits.limit(1)) is None:
            return None
    with writing(engine) as connection:
        given_up = sa.update(jobs).where(stale, jobs.c.tries >= TRIES)
        connection.execute(given_up.values(state="failed", problem=_DIED, worker=""))
        oldest = sa.select(jobs).where(sa.or_(jobs.c.state == "waiting", stale))
        oldest = oldest.order_by(jobs.c.made, jobs.c.id).limit(1)
        row = connection.execute(oldest.with_for_update(skip_locked=True)).mappings().first()
        if row is None:
            return None
        taken = {"state": "running", "worker": worker, "beat": time.time(), "done": 0}
        begun = sa.update(jobs).where(jobs.c.id == row["id"])
        connection.execute(begun.values(tries=jobs.c.tries + 1, **taken))
    scope = Scope.of(row["scope"]["regions"], row["scope"]["fields"])
    return Task(row["id"], row["kind"], scope, row["asked"], bytes(row["given"]))


def _mine(engine: Engine, id_: str, holder: str, **changed: Any) -> bool:
    """Change a job as long as this worker has it; whether it has."""
    own = sa.update(jobs).where(
        jobs.c.id == id_, jobs.c.worker == holder, jobs.c.state == "running"
    )
    with writing(engine) as connection:
        return bool(connection.execute(own.values(**changed)).rowcount)


def _let_go(engine: Engine, id_: str, worker: str) -> None:
    _mine(engine, id_, worker, state="waiting", worker="", tries=jobs.c.tries - 1)
