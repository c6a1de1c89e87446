"""The bureau's own sign-on: OpenID Connect, code flow with PKCE, by Authlib (extra `oidc`).

The provider says who it is in a signed token; the settings say which of its claims makes which
role and which regions. Whoever has none of the named roles, or no region where regions are asked
for, is refused: nothing is assumed. Only signatures by a key of the provider count.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.errors import NotPossible, XinfenError
from serving.access.caller import TERMINAL, Caller
from serving.access.scope import WHOLE, Scope
from serving.access.servicesettings import Oidc

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
"""Signatures with a private key; a shared secret or none at all is not one."""

SECONDS = 10
"""How long the provider may take to answer."""

FRESH = 3600
"""Seconds that its addresses are kept."""

LEEWAY = 60
"""Seconds that its clock may differ from ours."""


class SignOnFailed(XinfenError):
    """The provider did not vouch for anybody, or not as it must."""


class NoRole(SignOnFailed):
    """Somebody is signed on who has no role or no region here."""


@dataclass(frozen=True, slots=True)
class Started:
    """What a browser keeps between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str


class SignOn:
    """The sign-on of the settings.

    Raises
    ------
    NotPossible : the extra `oidc` is not installed.
    """

    def __init__(self, given: Oidc) -> None:
        try:
            import authlib.integrations.requests_client  # noqa: F401
        except ImportError:
            raise NotPossible(
                "settings name a sign-on (oidc), and Authlib is not installed",
                hint="install the extra `oidc`",
            ) from None
        self._given = given
        self._kept: tuple[float, dict[str, Any]] | None = None

    def start(self, return_to: str) -> tuple[str, Started]:
        """Where to send a browser, and what it must bring back.

        Raises
        ------
        SignOnFailed : the provider does not answer.
        """
        from authlib.common.security import generate_token

        started = Started(*(generate_token(48) for _ in range(3)))
        address, _ = self._session(return_to).create_authorization_url(
            self._about()["authorization_endpoint"],
            state=started.state, nonce=started.nonce, code_verifier=started.verifier,
        )  # fmt: skip
        return str(address), started

    def finish(self, brought: Mapping[str, str], started: Started, return_to: str) -> Caller:
        """Whom the provider vouches for, by what a browser brought back.

        Raises
        ------
        SignOnFailed : it is not the browser that left, or the provider's word does not hold.
        NoRole : it holds, and gives no role or no region here.
        """
        given = brought.get("state", "").encode("utf-8", "replace")
        if not started.state or not hmac.compare_digest(given, started.state.encode()):
            raise SignOnFailed("another browser left than the one that came back")
        if brought.get("iss", self._given.issuer) != self._given.issuer or not brought.get("code"):
            raise SignOnFailed("the provider vouches for nobody")
        try:
            told = self._session(return_to).fetch_token(
                self._about()["token_endpoint"],
                code=brought["code"], code_verifier=started.verifier, timeout=SECONDS,
            )  # fmt: skip
            claims = self._claims(told, started.nonce)
        except _untrue() as error:
            found = type(error).__name__
            raise SignOnFailed("the provider's word does not hold", found=found) from error
        return person(claims, self._given)

    def _session(self, return_to: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        secret = self._given.secret()
        return OAuth2Session(
            self._given.client_id, secret or None, scope="openid profile", redirect_uri=return_to,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
        )  # fmt: skip

    def _about(self) -> dict[str, Any]:
        """The provider's own description; it must speak of the issuer that we mean."""
        if self._kept and time.monotonic() - self._kept[0] < FRESH:
            return self._kept[1]
        issuer = self._given.issuer
        told = _fetched(issuer.rstrip("/") + "/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if told.get("issuer") != issuer or not all(isinstance(told.get(n), str) for n in needed):
            raise SignOnFailed("the provider describes itself as another", allowed=issuer)
        self._kept = (time.monotonic(), told)
        return told

    def _claims(self, told: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an id_token that a key of the provider signed for us, now and here."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet

        keys = KeySet.import_key_set(_fetched(self._about()["jwks_uri"]))  # type: ignore[arg-type]
        token = jwt.decode(told["id_token"], keys, algorithms=list(ALGORITHMS))
        must = {"iss": {"essential": True, "value": self._given.issuer},
                "aud": {"essential": True, "value": self._given.client_id}}  # fmt: skip
        params = {"nonce": nonce, "client_id": self._given.client_id,
                  "access_token": told.get("access_token")}  # fmt: skip
        claims = CodeIDToken(token.claims, token.header, must, params)
        claims.validate(leeway=LEEWAY)
        return dict(claims)


def person(claims: Mapping[str, Any], given: Oidc) -> Caller:
    """What the settings make of somebody's claims; a token is not given yet.

    Raises
    ------
    NoRole : no name, no role that the settings know, or no region where they ask for one.
    """
    user = claims.get(given.user_claim)
    if not isinstance(user, str) or not user.strip() or len(user) > 100 or not user.isprintable():
        raise NoRole(f"claim {given.user_claim} is no name")
    if user.strip().startswith(TERMINAL):
        raise NoRole(f"claim {given.user_claim} is the name of an account here")
    held = _values(claims, given.role_claim)
    role = next((role for name, role in given.roles.items() if name in held), None)
    if role is None:
        raise NoRole(f"claim {given.role_claim} gives no role", allowed=", ".join(given.roles))
    return Caller(user.strip(), role, _scope(claims, given))


def _scope(claims: Mapping[str, Any], given: Oidc) -> Scope:
    if not given.region_claim:
        return WHOLE
    regions = _values(claims, given.region_claim)
    if given.everywhere in regions:
        return WHOLE
    if not regions:
        raise NoRole(f"claim {given.region_claim} gives no region")
    try:
        return Scope.of(regions)
    except XinfenError as error:
        raise NoRole(f"claim {given.region_claim}: {error.what}") from None


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    told = claims.get(name)
    values = told if isinstance(told, list) else [told]
    return [value for value in values if isinstance(value, str) and value]


def _untrue() -> tuple[type[Exception], ...]:
    """What comes of an answer that is not what it must be."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    return AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, TypeError


def _fetched(address: str) -> dict[str, Any]:
    import requests

    try:
        answer = requests.get(address, timeout=SECONDS)
        answer.raise_for_status()
        told = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise SignOnFailed("the provider does not answer", found=type(error).__name__) from None
    if not isinstance(told, dict):
        raise SignOnFailed("the provider does not answer as one")
    return told
