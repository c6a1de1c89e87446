"""The bureau's own sign-on against a provider on this machine: whom it lets in, and whom not."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy.engine import Engine

from records.errors import BadDefinition, NotPossible
from serving.access import access, oidc, servicesettings
from serving.access.oidc import NoRole
from serving.access.scope import WHOLE, Scope
from serving.access.servicesettings import Oidc, Settings
from serving.store.database import connect
from serving.web.app import create_app
from serving.web.forms import SESSION
from tests.a_provider import CLIENT, SECRET, Lie, Provider, provider

pytest.importorskip("authlib", reason="the extra `oidc` is not installed")

WANG = {"preferred_username": "wangmin", "groups": ["staff", "xf-inspect"], "area": ["2301"]}


@pytest.fixture
def bureau() -> Iterator[Provider]:
    with provider() as running:
        running.claims = dict(WANG)
        yield running


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path / 'results.db'}")


def _settings(issuer: str, **more: Any) -> Oidc:
    return Oidc.model_validate({
        "issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "role_claim": "groups",
        "roles": {"xf-audit": "auditor", "xf-inspect": "inspector", "xf-machine": "batch"},
        "region_claim": "area", **more,
    })  # fmt: skip


@pytest.fixture
def client(engine: Engine, bureau: Provider) -> TestClient:
    given = Settings(oidc=_settings(bureau.issuer))
    return TestClient(create_app(engine, given), follow_redirects=False)


def _leave(client: TestClient, to: str = "/") -> str:
    """The address on our side that the provider sends the browser back to."""
    left = client.get("/sso", params={"to": to})
    assert left.status_code == 303
    back = requests.get(left.headers["location"], allow_redirects=False, timeout=5)
    return str(back.headers["location"])


def _round(client: TestClient, to: str = "/") -> Response:
    return client.get(_leave(client, to))


def test_whom_the_provider_vouches_for_is_let_in(client: TestClient, engine: Engine) -> None:
    page = client.get("/sign-in?to=%2F%3Fclass%3DD")
    assert 'href="/sso?to=/%3Fclass%3DD"' in page.text
    answer = _round(client, "/?class=D")
    assert answer.status_code == 200
    # Led on by the page itself: a redirect from elsewhere would leave a strict cookie behind.
    assert answer.headers["refresh"] == "0; url=/?class=D"
    cookies = answer.headers.get_list("set-cookie")
    assert any(SESSION in one and "HttpOnly" in one and "SameSite=strict" in one for one in cookies)
    assert client.get("/").status_code in (200, 503)  # nothing is published here
    (given,) = access.listed(engine)
    assert (given.user, given.role, given.scope) == ("wangmin", "inspector", Scope.of(["2301"]))
    assert given.purpose == "sign-on"
    access.revoke(engine, given.prefix)  # like any token
    assert client.get("/").status_code == 303


def test_what_leaves_is_bound_to_this_browser(client: TestClient) -> None:
    left = client.get("/sso")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(left.headers["location"]).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/sso/return"
    cookie = left.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert all(asked[name] not in cookie for name in ("state", "nonce"))  # not readable in passing


def _set(**claims: Any) -> Lie:
    return lambda _, told: told.update(claims)


def _drop(name: str) -> Lie:
    return lambda _, told: told.pop(name) and None


LIES: dict[str, Lie] = {
    "another's nonce": _set(nonce="x"), "no nonce": _drop("nonce"),
    "for another client": _set(aud="other"), "for nobody": _drop("aud"),
    "among others, meant for another": _set(aud=[CLIENT, "other"], azp="other"),
    "of another issuer": _set(iss="https://evil.example"), "of no issuer": _drop("iss"),
    "long expired": _set(exp=1_700_000_000), "without an end": _drop("exp"),
    "of the future": _set(iat=4_000_000_000), "of no subject": _drop("sub"),
    "with another access token": _set(at_hash="x" * 22),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_word_that_does_not_hold_lets_nobody_in(
    client: TestClient, bureau: Provider, engine: Engine, lie: str
) -> None:
    bureau.lie = LIES[lie]
    answer = _round(client)
    assert answer.status_code == 401
    assert "统一身份认证未通过" in answer.text
    assert SESSION not in client.cookies
    assert access.listed(engine) == []


def _unsigned(token: str) -> str:
    return "eyJhbGciOiJub25lIn0." + token.split(".")[1] + "."


@pytest.mark.parametrize("how", ["another key", "none", "shared secret", "changed"])
def test_only_the_provider_s_signature_counts(
    client: TestClient, bureau: Provider, engine: Engine, how: str
) -> None:
    def by_secret(header: dict[str, Any], _: dict[str, Any]) -> None:
        header["alg"] = "HS256"

    if how == "another key":
        bureau.signed_with = RSAKey.generate_key(2048, {"kid": "one"})
    elif how == "none":
        bureau.written = _unsigned
    elif how == "changed":
        bureau.written = lambda token: token[:-6] + "AAAAAA"
    else:
        bureau.lie = by_secret
        bureau.signed_with = OctKey.import_key(SECRET)
    assert _round(client).status_code == 401
    assert access.listed(engine) == []


def test_another_browser_cannot_come_back(client: TestClient, engine: Engine) -> None:
    other = TestClient(client.app, follow_redirects=False)
    other.get("/sso")
    back = _leave(client)
    assert other.get(back).status_code == 401  # its own state
    other.cookies.clear()
    assert other.get(back).status_code == 401  # none at all
    other.cookies.set("xinfen_sso", "bm90IGpzb24")
    assert other.get(back).status_code == 401
    assert client.get(back).status_code == 200
    assert client.get(back).status_code == 401  # once
    for query in ("", "?state=", "?error=access_denied&state=x", "?code=x&state=%ff"):
        assert client.get(f"/sso/return{query}").status_code == 401
    assert len(access.listed(engine)) == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": ["staff"]}, {"groups": None}, {"groups": {"xf-inspect": True}}, {"area": []},
        {"area": "23%"}, {"area": ["2301", "x"]}, {"preferred_username": ""},
        {"preferred_username": 7}, {"preferred_username": "terminal:root"},
        {"preferred_username": "a\nb"}, {"groups": ["xf-machine"]},
    ],
)  # fmt: skip
def test_who_has_no_role_or_no_region_is_refused(
    client: TestClient, bureau: Provider, engine: Engine, claims: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    bureau.claims = WANG | claims
    with caplog.at_level(logging.INFO):
        answer = _round(client)
    assert answer.status_code == 403
    assert "没有本系统的角色" in answer.text
    assert access.listed(engine) == []
    assert "wangmin" not in caplog.text


def test_claims_make_role_and_scope() -> None:
    given = _settings("https://sso.example")
    both = {**WANG, "groups": ["xf-inspect", "xf-audit"]}
    assert oidc.person(both, given).role == "auditor"  # the first that the settings name
    assert oidc.person({**WANG, "groups": "xf-inspect"}, given).role == "inspector"
    assert oidc.person({**WANG, "area": "*"}, given).scope == WHOLE
    assert oidc.person(WANG, _settings("https://sso.example", region_claim="")).scope == WHOLE
    with pytest.raises(NoRole, match="no region"):
        oidc.person({**WANG, "area": None}, given)


@pytest.mark.parametrize("about", [{"issuer": "https://evil.example"}, {"token_endpoint": 7}])
def test_a_provider_that_describes_another_is_not_trusted(
    client: TestClient, bureau: Provider, about: dict[str, Any]
) -> None:
    bureau.about = about
    assert client.get("/sso").status_code == 401


def test_a_provider_that_does_not_answer_is_said_on_a_page(engine: Engine) -> None:
    given = Settings(oidc=_settings("http://127.0.0.1:1"))
    answer = TestClient(create_app(engine, given)).get("/sso")
    assert answer.status_code == 401
    assert "统一身份认证未通过" in answer.text


def test_without_settings_there_is_no_sign_on(engine: Engine) -> None:
    client = TestClient(create_app(engine))
    assert client.get("/sso").status_code == 404
    assert client.get("/sso/return").status_code == 404
    assert "/sso" not in client.get("/sign-in").text


def test_settings_of_a_sign_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n", "utf-8")
    given = _settings("https://sso.example", client_secret_file=str(secret))
    assert given.secret() == "from a file"
    monkeypatch.setenv("XINFEN_OIDC_SECRET", "from the environment")
    assert given.secret() == "from the environment"
    path = tmp_path / "settings.yaml"
    path.write_text(
        "oidc: {issuer: 'http://sso.example', client_id: x, client_secret: s3cret, roles: {}}\n",
        "utf-8",
    )
    with pytest.raises(BadDefinition, match="must begin with https") as told:
        servicesettings.load(path)
    assert "s3cret" not in str(told.value)
    monkeypatch.setitem(sys.modules, "authlib.integrations.requests_client", None)
    with pytest.raises(NotPossible, match="extra `oidc`"):
        create_app(engine, Settings(oidc=given))
