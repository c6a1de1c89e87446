"""Tokens and sessions: told once, kept as hashes, gone when they expire."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records.errors import BadInput, NotFound, NotPossible
from serving.access import access
from serving.access.caller import Caller
from serving.access.scope import WHOLE, Scope
from serving.access.sessions import SESSION_SECONDS, check_session, close_session, open_session
from serving.store.accesstables import audit, sessions, tokens
from serving.store.database import reading, writing
from tests.a_database import engine

__all__ = ["engine"]

NOW = 1_775_000_000
DAY = 86_400


def test_a_token_holds_until_it_expires(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=2, now=NOW)
    assert access.check(engine, token, now=NOW + 2 * DAY - 1) == Caller(
        "王敏", "inspector", WHOLE, access.shown(token)
    )
    assert access.check(engine, token, now=NOW + 2 * DAY) is None
    assert access.check(engine, token + "x", now=NOW) is None
    assert access.check(engine, "", now=NOW) is None


def test_only_hashes_are_kept(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    secret = open_session(engine, token)
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
    first = open_session(engine, token, now=NOW)
    assert first
    assert check_session(engine, first, now=NOW + 60) == Caller(
        "王敏", "inspector", WHOLE, access.shown(token)
    )
    assert check_session(engine, first, now=NOW + SESSION_SECONDS) is None
    late = open_session(engine, token, now=NOW + DAY - 60)
    assert late
    assert check_session(engine, late, now=NOW + DAY) is None
    close_session(engine, late)
    assert check_session(engine, late, now=NOW + DAY - 30) is None
    assert open_session(engine, "xf_unknown", now=NOW) is None


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
        ("terminal:root", "batch", 1, "needs a user"),
        ("王敏", "king", 1, "allowed: administrator, auditor, batch"),
        ("王敏", "batch", 0, "at least a day"),
        ("王敏", "batch", 401, "1 to 400"),
        ("王\n敏", "batch", 1, "needs a user"),
    ],
)
def test_issue_refuses(engine: Engine, user: str, role: str, days: int, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        access.issue(engine, user, role, days=days)


def test_a_revoked_token_ends_at_once_and_takes_its_sessions(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=9)
    other = access.issue(engine, "王敏", "inspector", days=9)
    session, kept = open_session(engine, token), open_session(engine, other)
    assert session
    assert kept
    access.revoke(engine, access.shown(token), purpose="离职")
    assert access.check(engine, token) is None
    assert check_session(engine, session) is None
    assert open_session(engine, token) is None
    assert access.check(engine, other)
    assert check_session(engine, kept)
    with pytest.raises(NotPossible, match="revoked already"):
        access.revoke(engine, access.shown(token))
    with pytest.raises(NotFound, match="token list"):
        access.revoke(engine, "xf_nobody22")


def test_a_list_tells_everything_but_the_secret(engine: Engine) -> None:
    scope = Scope.of(["2301"], ["risk_class"])
    token = access.issue(engine, "平台", "batch", days=2, scope=scope, purpose="4月", now=NOW)
    assert access.check(engine, token, now=NOW + 10)
    assert access.check(engine, token, now=NOW + 20)  # within the step: not written again
    assert access.listed(engine) == [
        access.Issued(token[:11], "平台", "batch", scope, "4月", NOW, NOW + 2 * DAY, None, NOW + 10)
    ]
    assert access.check(engine, token, now=NOW + 10 + access.USED_STEP)
    access.revoke(engine, token, now=NOW + 9_999)
    told = access.listed(engine)[0]
    assert (told.last_used, told.revoked) == (NOW + 10 + access.USED_STEP, NOW + 9_999)
    assert not told.holds(NOW)
    assert token not in str(told)


def test_giving_and_taking_stand_in_the_audit(engine: Engine) -> None:
    by = Caller("terminal:root", "administrator", WHOLE)
    token = access.issue(engine, "王敏", "inspector", days=1, purpose="日常", by=by, now=NOW)
    access.revoke(engine, token[:11], purpose="离职", by=by)
    with reading(engine) as connection:
        told = [tuple(row) for row in connection.execute(sa.select(
            audit.c.user, audit.c.action, audit.c.about, audit.c.purpose))]  # fmt: skip
    about = f"{token[:11]} for 王敏 as inspector; whole province; until {NOW + DAY}"
    assert told == [
        ("terminal:root", "token.issue", about, "日常"),
        ("terminal:root", "token.revoke", f"{token[:11]} of 王敏", "离职"),
    ]
    assert token[12:] not in str(told)


def test_a_scope_that_cannot_be_read_opens_nothing(engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    with writing(engine) as connection:
        connection.execute(sa.update(tokens).values(regions=["23%"]))
    with pytest.raises(BadInput, match="division code"):
        access.check(engine, token)


def test_prefixes_are_shown_and_differ(engine: Engine) -> None:
    made = [access.issue(engine, "王敏", "inspector", days=1) for _ in range(50)]
    assert len({access.shown(token) for token in made}) == 50
    assert all(re.fullmatch(r"xf_[a-z2-9]{8}_[\w-]{43}", token) for token in made)
