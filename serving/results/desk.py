"""Single firms, asked for by many: those who wait at the same moment are answered together.

A class, a ladder or a trial over HTTP costs little itself; what costs is to look the token up, to
ask which run is served, to read the firm and to make an audit row durable, each time anew. So
whoever comes while others are being answered waits for the next round, which takes all of them:
their tokens, the run and the firms are read together, one transaction makes their audit rows
durable (`sealer`), and then each is answered. Rounds do not overlap: the longer one takes, the more
the next one carries, and no two threads want the interpreter. A desk answers one kind of question,
so that a quick kind never waits for a slow one.

Nothing is kept that could go stale: a token that was revoked, or a run that was published, counts
from the next round on. What goes wrong with one question is told to that one alone.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import orjson
from sqlalchemy.engine import Connection, Engine

from serving.access import access, sealer
from serving.access.access import Issued
from serving.access.caller import Caller
from serving.access.chain import Event
from serving.access.roles import Action
from serving.access.scope import LADDER, Scope
from serving.results import freezing, results
from serving.results.results import Lang, Published
from serving.store.database import glancing

MOST = 256
"""Questions of one round; a larger crowd is read in several."""

MOMENT = 0.004
"""Seconds that a round waits, at most, until as many are there as the last one answered: who asks
again and again comes back one by one, and whoever asks alone never waits."""

Admit = Callable[[Caller | None, Action], Caller]
"""The caller, if it may do this now; else it raises what the answer is to be."""


Withheld = Callable[[Connection, Caller, Sequence[str]], Mapping[str, Exception]]
"""Of the firms that a caller asks for, those that must not be told him now, and what he hears."""


def nothing(_connection: Connection, _caller: Caller, _ids: Sequence[str]) -> dict[str, Exception]:
    """Nothing is withheld."""
    return {}


class Asked(Protocol):
    """What somebody asks with a token.

    `entity_id` is the firm that the audit names, empty: none; `needs` are the fields without which
    the answer is none.
    """

    @property
    def token(self) -> str: ...
    @property
    def action(self) -> Action: ...
    @property
    def entity_id(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def needs(self) -> Sequence[str]: ...


Q = TypeVar("Q", bound=Asked)


@dataclass(frozen=True, slots=True)
class Question:
    """One firm's class, or with `lang` its ladder in that language, asked with a token."""

    token: str
    action: Action
    entity_id: str
    lang: Lang | None = None
    purpose: str = ""
    about: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        return () if self.lang is None else (LADDER,)


Answer = bytes | None | Exception
"""The body as JSON; None: the run does not hold the firm within the scope; or what went wrong."""
Answers = Callable[[Connection, Published, Scope, Sequence[Q]], list[Answer]]
"""Answers questions within one scope, in their order."""
_Future = asyncio.Future[bytes | None]


def firms(
    connection: Connection, now: Published, scope: Scope, asked: Sequence[Question]
) -> list[Answer]:
    """Classes and ladders of the served run."""
    rows = results.rows_of(connection, now.load, {one.entity_id for one in asked}, scope)

    def body(one: Question) -> bytes | None:
        if (row := rows.get(one.entity_id)) is None:
            return None
        if one.lang is not None:
            return freezing.of(connection, now.load).told(row, one.lang)
        told = {name: row[name] for name in results.TOLD if scope.sees(name)}
        return orjson.dumps(now.answer(**told))

    return each(body, asked)


def each(body: Callable[[Q], bytes | None], asked: Sequence[Q]) -> list[Answer]:
    """The answer to each; what goes wrong with one is its own answer."""
    answers: list[Answer] = []
    for one in asked:
        try:
            answers.append(body(one))
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            answers.append(error)
    return answers


class Desk(Generic[Q]):
    """Takes questions from event loops and answers them in rounds, by a thread of its own."""

    def __init__(
        self, engine: Engine, admit: Admit, answers: Answers[Q], withheld: Withheld = nothing
    ) -> None:
        self._engine, self._admit, self._answers = engine, admit, answers
        self._withheld = withheld
        self._arrived = threading.Condition()
        self._waiting: list[tuple[Q, _Future]] = []
        self._busy, self._crowd = False, 1
        self._worker = ThreadPoolExecutor(1, "xinfen-desk")

    async def ask(self, question: Q) -> bytes | None:
        """The answer, once its audit row is on disk; None: there is no such firm within the scope.

        Raises
        ------
        Whatever `admit` raises, `withheld` says or `answers` gives; NothingPublished; FieldHidden :
            the scope holds back what the answer needs.
        """
        future: _Future = asyncio.get_running_loop().create_future()
        with self._arrived:
            self._waiting.append((question, future))
            if len(self._waiting) == self._crowd:
                self._arrived.notify()
            start, self._busy = not self._busy, True
        if start:
            self._worker.submit(self._rounds)
        return await future

    def rest(self) -> None:
        """Wait until everybody who asked so far is answered and every row is on disk."""
        self._worker.submit(lambda: None).result()
        sealer.of(self._engine).rest()

    def _rounds(self) -> None:
        while taken := self._next():
            try:
                answers, events = self._read([question for question, _ in taken])
            # Whatever it was, those who wait must hear of it.
            except BaseException as error:  # noqa: BLE001
                _tell(taken, [_as_answer(error)] * len(taken))
                continue
            if events:
                answers = self._sealed(events, answers)
            _tell(taken, answers)

    def _next(self) -> list[tuple[Q, _Future]]:
        """Whoever waits, once as many are there as came to the last round, or a moment passed."""
        with self._arrived:
            if self._crowd > 1:
                self._arrived.wait_for(lambda: len(self._waiting) >= self._crowd, MOMENT)
            taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._busy, self._crowd = bool(taken), max(len(taken), 1)
            return taken

    def _read(self, questions: Sequence[Q]) -> tuple[list[Answer], list[Event]]:
        """The answers in their order, and what is to be recorded before they are given."""
        answers: list[Answer] = [None] * len(questions)
        events: list[Event] = []
        with glancing(self._engine) as connection:
            tokens = {one.token for one in questions}
            holders, load = access.holders(connection, tokens, results.POINTER)
            by_caller = self._admitted(holders, questions, answers)
            now = results.described(connection, load) if by_caller else None
            for scope, theirs in self._by_scope(connection, by_caller, questions, answers).items():
                if now is None:
                    continue
                asked = [questions[at] for at, _ in theirs]
                found = self._answers(connection, now, scope, asked)
                for (at, caller), one, answer in zip(theirs, asked, found, strict=True):
                    answers[at] = answer
                    if isinstance(answer, bytes):
                        events.append(_event(caller, one, now))
        access.note_use(self._engine, holders.values())
        return answers, events

    def _sealed(self, events: Sequence[Event], answers: list[Answer]) -> list[Answer]:
        """The answers once the rows are on disk; if they are not, nobody is told a class."""
        try:
            sealer.of(self._engine).write(events)
        except BaseException as error:  # noqa: BLE001 - told to whoever asked
            failed = _as_answer(error)
            return [failed if isinstance(one, bytes) else one for one in answers]
        return answers

    def _admitted(
        self,
        holders: Mapping[str, Issued],
        questions: Sequence[Q],
        answers: list[Answer],
    ) -> dict[Caller, list[int]]:
        """Which questions each caller may ask; the others are answered with what is wrong."""
        callers = {token: one.caller for token, one in holders.items()}
        found: dict[Caller, list[int]] = defaultdict(list)
        for at, question in enumerate(questions):
            try:
                caller = self._admit(callers.get(question.token), question.action)
                caller.scope.need(*question.needs)
                found[caller].append(at)
            except Exception as error:  # noqa: BLE001 - told to whoever asked
                answers[at] = error
        return found

    def _by_scope(
        self,
        connection: Connection,
        by_caller: Mapping[Caller, Sequence[int]],
        questions: Sequence[Q],
        answers: list[Answer],
    ) -> dict[Scope, list[tuple[int, Caller]]]:
        """The questions by scope, without those about firms that are withheld from who asks."""
        found: dict[Scope, list[tuple[int, Caller]]] = defaultdict(list)
        for caller, places in by_caller.items():
            asked = [questions[at].entity_id for at in places]
            hidden = self._withheld(connection, caller, asked)
            for at in places:
                answers[at] = hidden.get(questions[at].entity_id)
                if answers[at] is None:
                    found[caller.scope].append((at, caller))
        return found


def _event(caller: Caller, asked: Asked, now: Published) -> Event:
    ids = (asked.entity_id,) if asked.entity_id else ()
    return Event.of(
        caller, asked.action, ids, run=now.run, purpose=asked.purpose, about=asked.about
    )


def _as_answer(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(repr(error))


def _tell(taken: Sequence[tuple[object, _Future]], answers: Sequence[Answer]) -> None:
    """Give the answers in the loops that wait for them."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Future, Answer]]]
    by_loop = defaultdict(list)
    for (_, future), answer in zip(taken, answers, strict=True):
        by_loop[future.get_loop()].append((future, answer))
    for loop, pairs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[_Future, Answer]]) -> None:
    for future, answer in pairs:
        if future.done():  # whoever asked has gone
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
