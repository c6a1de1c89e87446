"""A small OpenID provider on this machine: real HTTP, real keys, real signed tokens.

It vouches for whoever `claims` names. `lie` changes an id_token before it is signed or after.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CLIENT, SECRET = "xinfen", "a shared secret"

Lie = Callable[[dict[str, Any], dict[str, Any]], None]
"""Changes (header, claims)."""


class Provider(ThreadingHTTPServer):
    """The provider; `issuer` is its address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = KEY
        self.signed_with: Any = self.key
        self.claims: dict[str, Any] = {}
        self.lie: Lie = lambda _header, _claims: None
        self.written: Callable[[str], str] = lambda token: token
        self.about: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}

    def id_token(self, asked: dict[str, str], access_token: str) -> str:
        """A signed token for the browser that asked."""
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300,
            "nonce": asked.get("nonce", ""),
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(), **self.claims,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": "one"}
        self.lie(header, claims)
        token = jwt.encode(header, claims, self.signed_with, algorithms=["RS256", "HS256"])
        return self.written(token)


class _Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/.well-known/openid-configuration":
            at = self.server.issuer
            told = {
                "issuer": at, "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token", "jwks_uri": f"{at}/keys",
            }  # fmt: skip
            self._json({**told, **self.server.about})
        elif address.path == "/keys":
            self._json(KeySet([self.server.key]).as_dict(private=False))
        elif address.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            code = secrets.token_urlsafe(8)
            self.server.codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.server.codes.pop(told.get("code", ""), None)  # a code holds once
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = self.headers["Authorization"] in (f"Basic {basic}", f"Basic {plain}")
        digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not known or asked is None or challenge != asked.get("code_challenge"):
            self._json({"error": "invalid_grant"}, 400)
            return
        token = secrets.token_urlsafe(8)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": 60}
        self._json({**answer, "id_token": self.server.id_token(asked, token)})

    def _json(self, told: Any, status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that runs for the length of the block."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
