"""One sealer a process: reads that wait at the same moment share one transaction.

A disk makes some hundred transactions durable a second, and each read must be durable before it is
answered. So whoever comes while one is being written waits for the next, which takes all of them:
the more ask at once, the more a transaction carries. Processes take turns (`database.writing` on
SQLite, an advisory lock on PostgreSQL). One that is killed leaves whole transactions or nothing.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from sqlalchemy.engine import Engine

from serving.access import chain
from serving.access.chain import Event
from serving.store.database import writing

MOST = 5_000
"""Firms in one transaction; a larger crowd is written in several."""


_Waiting = tuple[Sequence[Event], "Future[None]"]


class Sealer:
    """Takes events from any thread and writes them in the order in which they came."""

    def __init__(self, engine: Engine) -> None:
        self._engine = weakref.ref(engine)  # the sealer is kept under the engine
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._busy = False
        self._worker = ThreadPoolExecutor(1, "xinfen-sealer")

    def put(self, events: Sequence[Event]) -> Future[None]:
        """Line events up that are written together.

        The future ends when they are on disk, or with what went wrong.
        """
        done, first, engine = self._line_up(events)
        if first:
            self._worker.submit(self._seal, engine)
        return done

    def write(self, events: Sequence[Event]) -> None:
        """Write events and wait until they are on disk; raises what went wrong.

        While nothing is being written the caller's own thread writes, which spares it a change to
        another and back.
        """
        done, first, engine = self._line_up(events)
        if first:
            self._write(engine, self._next())
            with self._lock:  # whether somebody is left is told once: then others may begin
                left = self._busy = bool(self._waiting)
            if left:
                self._worker.submit(self._seal, engine)
        done.result()

    def rest(self) -> None:
        """Wait until what was lined up so far is on disk, or went wrong."""
        wait([self.put([])])

    def _line_up(self, events: Sequence[Event]) -> tuple[Future[None], bool, Engine]:
        """The events' future, and whether who lined them up is to see to the writing."""
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()  # whoever stops waiting does not take it back
        engine = self._engine()
        if engine is None:
            raise RuntimeError("the result store was closed")
        with self._lock:
            self._waiting.append((events, done))
            first, self._busy = not self._busy, True
        return done, first, engine

    def _seal(self, engine: Engine) -> None:
        while batch := self._next():
            self._write(engine, batch)

    @staticmethod
    def _write(engine: Engine, batch: Sequence[_Waiting]) -> None:
        try:
            with writing(engine) as connection:
                chain.record(connection, [event for events, _ in batch for event in events])
        # Whatever it was, those who wait must hear of it; nothing was written.
        except BaseException as error:  # noqa: BLE001
            for _, done in batch:
                done.set_exception(error)
        else:
            for _, done in batch:
                done.set_result(None)

    def _next(self) -> list[_Waiting]:
        with self._lock:
            firms = taken = 0
            for events, _ in self._waiting:
                firms += sum(len(event.firms) for event in events)
                if taken and firms > MOST:
                    break
                taken += 1
            batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
            self._busy = bool(batch)
            return batch


_SEALERS: weakref.WeakKeyDictionary[Engine, Sealer] = weakref.WeakKeyDictionary()
_MAKING = threading.Lock()


def of(engine: Engine) -> Sealer:
    """The sealer of a result store in this process."""
    with _MAKING:
        found = _SEALERS.get(engine)
        if found is None:
            found = _SEALERS[engine] = Sealer(engine)
        return found
