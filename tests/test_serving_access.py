"""Tokens and sessions: told once, kept as hashes, gone when they expire."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records.errors import BadInput
from serving import access
from serving.access import Caller
from serving.database import connect, reading, sessions, tokens

NOW = 1_775_000_000
DAY = 86_400


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path / 'results.db'}")


def test_a_token_holds_until_it_expires(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=2, now=NOW)
    assert access.check(engine, token, now=NOW + 2 * DAY - 1) == Caller("王敏", "inspector")
    assert access.check(engine, token, now=NOW + 2 * DAY) is None
    assert access.check(engine, token + "x", now=NOW) is None
    assert access.check(engine, "", now=NOW) is None


def test_only_hashes_are_kept(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    secret = access.open_session(engine, token)
    assert secret
    with reading(engine) as connection:
        kept = [
            str(value)
            for table in (tokens, sessions)
            for row in connection.execute(sa.select(table))
            for value in row
        ]
    assert token not in kept
    assert secret not in kept


def test_a_session_ends_with_sign_out_with_its_day_and_with_its_token(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1, now=NOW)
    first = access.open_session(engine, token, now=NOW)
    assert first
    assert access.check_session(engine, first, now=NOW + 60) == Caller("王敏", "inspector")
    assert access.check_session(engine, first, now=NOW + access.SESSION_SECONDS) is None
    late = access.open_session(engine, token, now=NOW + DAY - 60)
    assert late
    assert access.check_session(engine, late, now=NOW + DAY) is None
    access.close_session(engine, late)
    assert access.check_session(engine, late, now=NOW + DAY - 30) is None
    assert access.open_session(engine, "xf_unknown", now=NOW) is None


def test_any_token(engine: Engine) -> None:
    assert not access.any_token(engine)
    access.issue(engine, "旧", "inspector", days=1, now=NOW - 10**9)
    assert not access.any_token(engine)
    access.issue(engine, "新", "batch", days=1)
    assert access.any_token(engine)


@pytest.mark.parametrize(
    ("user", "role", "days", "words"),
    [
        (" ", "inspector", 1, "needs a user"),
        ("王敏", "king", 1, "allowed: batch, inspector"),
        ("王敏", "batch", 0, "at least a day"),
    ],
)
def test_issue_refuses(engine: Engine, user: str, role: str, days: int, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        access.issue(engine, user, role, days=days)


def test_policy() -> None:
    assert {role: sorted(actions) for role, actions in access.MAY.items()} == {
        "inspector": ["batch", "class", "explanation", "pages", "run", "search"],
        "batch": ["batch", "class", "explanation", "run"],
    }
