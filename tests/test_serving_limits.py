"""Too often is answered so: by token, by address, and after failed sign-ins ever longer."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from serving.access import access, limits, lockout
from serving.access.limits import Buckets
from serving.access.servicesettings import Lockout, Rate, Settings
from serving.results import publishing
from serving.store.accesstables import failures
from serving.store.database import reading
from serving.web.app import create_app
from tests import a_run
from tests.a_database import engine
from tests.a_sign_in import HERE, csrf, sign_in

__all__ = ["engine"]

NOW = 1_775_000_000.0
RULE = Lockout(free=2, longest=60, forget=600)
KEYS = lockout.keys("10.0.0.7", "xf_abcdefgh_secret")


def test_a_bucket_is_deep_once_and_then_fills_steadily() -> None:
    now = [0.0]
    buckets = Buckets(lambda: now[0])
    rate = Rate(per_second=2, burst=3)
    assert [buckets.take("a", rate) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b", rate) == 0
    now[0] = 0.5
    assert [buckets.take("a", rate) for _ in range(2)] == [0, 0.5]
    now[0] = 100.0
    assert [buckets.take("a", rate) for _ in range(4)] == [0, 0, 0, 0.5]


def test_buckets_do_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 3)
    buckets = Buckets(lambda: 0.0)
    for key in "abcda":
        assert buckets.take(key, Rate(per_second=1, burst=1)) == 0
    assert list(buckets._kept) == ["c", "d", "a"]


def test_a_token_that_asks_too_often_waits(engine: Engine) -> None:
    rates = {"inspector": Rate(per_second=0.01, burst=2)}
    client = TestClient(create_app(engine, Settings.model_validate({"rates": rates})))
    first, second = (
        {"Authorization": f"Bearer {access.issue(engine, '王敏', 'inspector', days=1)}"}
        for _ in range(2)
    )
    assert [client.get("/v1/openapi.json", headers=first).status_code for _ in range(3)] == [
        200, 200, 429,
    ]  # fmt: skip
    answer = client.get("/v1/openapi.json", headers=first)
    assert answer.json()["code"] == "too_often"
    assert 90 <= int(answer.headers["retry-after"]) <= 100
    assert client.get("/v1/openapi.json", headers=second).status_code == 200


def test_an_address_that_asks_too_often_waits_but_health_answers(engine: Engine) -> None:
    settings = Settings(address_rate=Rate(per_second=0.01, burst=2))
    client = TestClient(create_app(engine, settings))
    assert [client.get("/v1/run").status_code for _ in range(3)] == [401, 401, 429]
    page = client.get("/sign-in")
    assert page.status_code == 429
    assert "请求过于频繁" in page.text
    assert page.headers["retry-after"]
    assert page.headers["content-security-policy"]
    assert client.get("/health").status_code == 200
    assert client.get("/static/xinfen.css").status_code == 200


def test_failed_sign_ins_wait_ever_longer_and_no_longer_than_set(engine: Engine) -> None:
    now, waits = NOW, []
    for _ in range(12):
        assert lockout.begin(engine, KEYS, RULE, now=now) == 0
        waits.append(lockout.begin(engine, KEYS, RULE, now=now))
        now += waits[-1]
        if not waits[-1]:
            waits.pop()  # that one counted, as free
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_time_without_a_failure_clears_the_count(engine: Engine) -> None:
    for _ in range(3):
        lockout.begin(engine, KEYS, RULE, now=NOW)
    assert lockout.begin(engine, KEYS, RULE, now=NOW) == 1
    assert lockout.begin(engine, KEYS, RULE, now=NOW + 599) == 0
    assert lockout.begin(engine, KEYS, RULE, now=NOW + 599.5) > 0
    assert lockout.begin(engine, KEYS, RULE, now=NOW + 599 + 600) == 0
    assert lockout.begin(engine, KEYS, RULE, now=NOW + 599 + 600) == 0


def test_address_and_prefix_are_counted_each(engine: Engine) -> None:
    for n in range(3):
        lockout.begin(engine, lockout.keys("10.0.0.7", f"xf_{n:08d}"), RULE, now=NOW)
    assert lockout.begin(engine, lockout.keys("10.0.0.7", "xf_another1"), RULE, now=NOW) == 1
    assert lockout.begin(engine, lockout.keys("10.0.0.8", "xf_another1"), RULE, now=NOW) == 0
    for n in range(3):
        lockout.begin(engine, lockout.keys(f"10.0.1.{n}", "xf_tried222"), RULE, now=NOW)
    assert lockout.begin(engine, lockout.keys("10.0.2.1", "xf_tried222"), RULE, now=NOW) == 1


def test_a_good_token_of_one_s_own_buys_no_tries(engine: Engine) -> None:
    for _ in range(20):
        own = lockout.keys("10.0.0.7", "xf_mine2222")
        if lockout.begin(engine, own, RULE, now=NOW):
            break
        lockout.succeeded(engine, *own)
        lockout.begin(engine, lockout.keys("10.0.0.7", "xf_tried222"), RULE, now=NOW)
    else:
        pytest.fail("the address never had to wait")


def test_many_at_once_get_no_more_tries(engine: Engine) -> None:
    def attempt(_: int) -> bool:
        return lockout.begin(engine, KEYS, RULE, now=NOW) == 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == RULE.free + 1


def test_no_address_is_kept(engine: Engine) -> None:
    lockout.begin(engine, KEYS, RULE, now=NOW)
    with reading(engine) as connection:
        kept = str(connection.execute(sa.select(failures)).all())
    assert "10.0.0.7" not in kept
    assert "xf_abcdefgh" not in kept


def test_the_door_locks_and_says_when(engine: Engine) -> None:
    client = TestClient(create_app(engine), follow_redirects=False)
    token = access.issue(engine, "王敏", "inspector", days=1)
    for _ in range(6):
        assert sign_in(client, "xf_wrong").status_code == 401
    answer = sign_in(client, token)  # even a good token waits
    assert answer.status_code == 429
    assert re.search(r"请 \d+ 秒后再试", answer.text)
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("wrong", ["unknown", "expired", "revoked"])
def test_every_bad_token_gets_the_same_answer(engine: Engine, wrong: str) -> None:
    client = TestClient(create_app(engine), follow_redirects=False)
    token = {
        "unknown": "xf_abcdefgh_" + "x" * 43,
        "expired": access.issue(engine, "旧", "inspector", days=1, now=NOW - 10**8),
        "revoked": access.issue(engine, "走", "inspector", days=1),
    }[wrong]
    if wrong == "revoked":
        access.revoke(engine, token)
    page = client.get("/sign-in")
    answer = client.post("/sign-in", data={"csrf": csrf(page.text), "token": token}, headers=HERE)
    assert answer.status_code == 401
    shown = re.sub(r"[0-9a-f]{64}", "", answer.text)
    assert "令牌无效或已过期" in shown
    assert access.shown(token) not in shown
    api = client.get("/v1/run", headers={"Authorization": f"Bearer {token}"})
    assert api.json()["code"] == "not_signed_in"


def test_behind_tls_cookies_are_secure_and_the_browser_is_told(engine: Engine) -> None:
    client = TestClient(
        create_app(engine, Settings(tls=True)),
        follow_redirects=False,
        base_url="https://testserver",
    )
    page = client.get("/sign-in")
    assert "Secure" in page.headers["set-cookie"]
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    token = access.issue(engine, "王敏", "inspector", days=1)
    data = {"csrf": csrf(page.text), "token": token}
    answer = client.post("/sign-in", data=data, headers={"Origin": "https://testserver"})
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=strict"))


def test_no_personal_data_in_logs(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    token = access.issue(engine, "王敏", "inspector", days=1)
    client = TestClient(create_app(engine), raise_server_exceptions=False)
    client.headers["Authorization"] = f"Bearer {token}"
    with caplog.at_level(logging.DEBUG):
        client.get(f"/v1/enterprises/{a_run.C}")
        client.get("/v1/enterprises", params={"q": "松江小馆"})
        sign_in(client, token)
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as broken:
            connection.execute(sa.text("SELECT :name FROM nowhere"), {"name": "松江小馆"})
        logging.getLogger("xinfen").error("%s", broken.value)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
    assert "nowhere" in ours
    for secret in ("松江", a_run.C, token, "王敏"):
        assert secret not in ours
