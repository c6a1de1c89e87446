"""The desk's rounds: who asks again and again is answered in few, who asks alone does not wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection, Engine

from serving.access import access, audit
from serving.access.scope import Scope
from serving.access.servicesettings import Settings
from serving.results import desk, publishing
from serving.results.desk import Answer, Desk, Question
from serving.results.results import Published
from serving.store.database import connect
from serving.web.api import at_desk
from serving.web.app import create_app
from tests import a_run


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    return engine


@pytest.fixture
def rounds(engine: Engine) -> Iterator[tuple[Desk[Question], list[int]]]:
    """A desk whose answers take a moment, and how many questions each of its rounds had."""
    sizes: list[int] = []

    def answers(
        _connection: Connection, _now: Published, _scope: Scope, asked: Sequence[Question]
    ) -> list[Answer]:
        sizes.append(len(asked))
        time.sleep(0.01)
        return [b"told"] * len(asked)

    admit = at_desk(create_app(engine, Settings(limited=False)).state.limits)
    made = Desk(engine, admit, answers)
    yield made, sizes
    made.rest()


@pytest.fixture
def question(engine: Engine) -> Question:
    return Question(access.issue(engine, "王敏", "inspector", days=1), "class", a_run.C)


def test_a_round_waits_for_those_whom_the_last_one_answered(
    engine: Engine, rounds: tuple[Desk[Question], list[int]], question: Question,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(desk, "MOMENT", 0.5)
    made, sizes = rounds
    since = audit.head(engine).n

    async def one(at: int) -> None:
        for _ in range(10):
            await asyncio.sleep(0.001 * at)  # they come back one by one
            assert await made.ask(question) == b"told"

    async def crowd() -> None:
        await asyncio.gather(*map(one, range(6)))

    asyncio.run(crowd())
    assert sum(sizes) == 60
    assert len(sizes) <= 30
    assert audit.head(engine).n == since + 60


def test_whoever_asks_alone_never_waits(
    rounds: tuple[Desk[Question], list[int]], question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOMENT", 60.0)
    made, sizes = rounds

    async def alone() -> None:
        for _ in range(3):
            assert await asyncio.wait_for(made.ask(question), 30) == b"told"

    asyncio.run(alone())
    assert sizes == [1, 1, 1]
