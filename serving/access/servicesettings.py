"""What a bureau sets: a YAML file that XINFEN_SETTINGS names, and variables; all has a default.

    tls: true                          # the service is reached by https only
    trusted_proxies: 10.0.0.4          # whose word on the client's address is taken
    lodge: {to: https://lodge.example/xinfen, token_file: /run/secrets/lodge}
    rates: {inspector: {per_second: 20, burst: 200}}
    records: /srv/xinfen/store         # sheets, and what would change a class
    mlflow: https://mlflow.example     # where the model's page leads
    oidc: {issuer: https://sso.example, client_id: xinfen, client_secret_file: /run/secrets/oidc,
           role_claim: groups, roles: {xinfen-inspectors: inspector}}

The same by the environment, which goes before the file; values are YAML:

    XINFEN_SET_TLS=true  XINFEN_SET_LODGE__TO=/mnt/lodge/xinfen.jsonl  XINFEN_SET_OIDC__CLIENT_ID=x

docs/settings.md says what each is for; a test holds that page to this file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from records.entries import Strict
from records.errors import BadDefinition, NotFound
from serving.access.roles import Role

VARIABLE = "XINFEN_SETTINGS"
PREFIX = "XINFEN_SET_"
"""Of variables that set one setting each; `__` stands between the names of nested ones."""


class Rate(Strict):
    """So many requests a second in the long run, and so many at once."""

    per_second: float = Field(gt=0)
    burst: int = Field(ge=1)


class Lodge(Strict):
    """Where the audit's head is lodged: a file, or an address that takes a POST."""

    to: str = Field(default="", description="path of a file, or http(s) address; empty: not lodged")
    token_file: Path | None = Field(default=None, description="bearer token for the address")


class Log(Strict):
    """What the service's log tells: JSON lines on standard error, nobody's data."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning, error: the least that is told"
    )
    requests: bool = Field(
        default=True, description="a line for each request: route, status, milliseconds"
    )


class Lockout(Strict):
    """How failed sign-ins are slowed down, for each address and each token's prefix."""

    free: int = Field(default=5, ge=0, description="failures that cost nothing")
    longest: float = Field(
        default=900, gt=0, description="seconds that a wait grows to, doubling from 1"
    )
    forget: float = Field(
        default=3600, gt=0, description="seconds without a failure that clear the count"
    )


class Corrections(Strict):
    """How long corrections (异议) may take and hold, in days."""

    answer: int = Field(default=30, ge=1, description="days in which one is decided, or it expires")
    longest: int = Field(
        default=365, ge=1, description="days that a correction of a class holds at most"
    )
    record_counts: int = Field(
        default=365,
        ge=1,
        description="days in which a decided correction of a record opens the way to the class",
    )


class Oidc(Strict):
    """The bureau's own sign-on (OpenID Connect, code flow with PKCE)."""

    issuer: str = Field(description="https address; /.well-known/openid-configuration is under it")
    client_id: str = Field(min_length=1, description="our name there")
    client_secret: str = Field(
        default="", description="better: XINFEN_OIDC_SECRET, or client_secret_file"
    )
    client_secret_file: Path | None = Field(default=None, description="file with the secret")
    return_to: str = Field(
        default="", description="our /sso/return as the bureau's sign-on knows it"
    )
    user_claim: str = Field(
        default="preferred_username", description="who it is, as the audit names him"
    )
    role_claim: str = Field(default="groups", description="claim with the names that `roles` knows")
    roles: dict[str, Role] = Field(description="value of the claim → role; the first that fits")
    region_claim: str = Field(
        default="", description="claim with division prefixes; empty: no narrowing"
    )
    everywhere: str = Field(default="*", description="value of region_claim for the whole province")

    @model_validator(mode="after")
    def safe(self) -> Oidc:
        """Tokens and secrets only travel encrypted; a test's own machine is excepted."""
        local = ("http://127.0.0.1:", "http://localhost:")
        if not self.issuer.startswith(("https://", *local)):
            raise ValueError("issuer must begin with https://")
        return self

    def secret(self) -> str:
        """The client's secret: from the environment, a file, or the settings."""
        if given := os.environ.get("XINFEN_OIDC_SECRET"):
            return given
        return secret_of(self.client_secret_file) or self.client_secret


_PEOPLE = Rate(per_second=50, burst=500)  # [guess] a page costs one, a person reads for seconds
_RATES: dict[Role, Rate] = {"batch": Rate(per_second=5_000, burst=10_000)}  # [guess]


class Settings(Strict):
    """Everything that is set; times in seconds."""

    tls: bool = Field(default=False, description="reached by https only: Secure cookies, HSTS")
    trusted_proxies: str = Field(
        default="127.0.0.1", description="addresses, comma between; `*`: all"
    )
    time_zone: str = Field(
        default="Asia/Shanghai", description="in which days of exports are meant"
    )
    limited: bool = Field(default=True, description="false: no rate limits, as for a load test")
    rates: dict[Role, Rate] = Field(
        default={},
        description=(
            "per token: role → {per_second, burst}; "
            "by default batch 5,000 and 10,000, people 50 and 500"
        ),
    )
    address_rate: Rate = Field(
        default=Rate(per_second=5_000, burst=10_000), description="per client address"
    )
    stop_within: int = Field(
        default=30, ge=1, description="seconds that requests have to end, told to stop"
    )
    log: Log = Log()
    lockout: Lockout = Lockout()
    lodge: Lodge = Lodge()
    corrections: Corrections = Corrections()
    oidc: Oidc | None = None
    records: Path | None = Field(
        default=None,
        description="folder of the record store, for sheets and for what would change a class",
    )
    mlflow: str = Field(default="", description="http(s) address of MLflow's pages, to lead there")

    @field_validator("mlflow")
    @classmethod
    def address(cls, given: str) -> str:
        """Empty, or an address that a browser may be led to."""
        if given and not given.startswith(("https://", "http://")):
            raise ValueError("an address begins with https:// or http://")
        return given

    @field_validator("time_zone")
    @classmethod
    def known(cls, name: str) -> str:
        """A zone that this machine knows."""
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no known time zone, such as Asia/Shanghai") from None
        return name

    def rate(self, role: Role) -> Rate:
        """How often a token of this role may ask."""
        return self.rates.get(role) or _RATES.get(role, _PEOPLE)


def load(path: Path | None = None) -> Settings:
    """The settings of a file; by default of the one that XINFEN_SETTINGS names, if it does.

    Raises
    ------
    NotFound : there is no such file.
    BadDefinition : an unknown name, or a value that is not allowed.
    """
    named = os.environ.get(VARIABLE)
    path = path or (Path(named) if named else None)
    if path is not None and not path.is_file():
        raise NotFound(f"no settings file {path}", hint=f"{VARIABLE} names it")
    where = str(path or "the environment")
    try:
        told = yaml.safe_load(path.read_text("utf-8")) if path is not None else {}
        return Settings.model_validate(_with_variables(told or {}))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        field = ".".join(str(part) for part in first["loc"]) if first else ""
        # A secret may stand in the file: the value found is not repeated.
        raise BadDefinition(
            f"{where}: {field or 'not YAML'}: {first['msg'] if first else 'cannot be read'}",
            allowed=", ".join(Settings.model_fields),
            hint="docs/settings.md says what can be set",
        ) from None


def _with_variables(told: Any) -> Any:
    """The settings of a file, those that the environment names put in their place."""
    for name, value in sorted(os.environ.items()):
        if not name.startswith(PREFIX) or not isinstance(told, dict):
            continue
        *outer, last = name.removeprefix(PREFIX).lower().split("__")
        place = told
        for part in outer:
            inner = place.get(part)
            place[part] = inner if isinstance(inner, dict) else {}
            place = place[part]
        place[last] = yaml.safe_load(value)
    return told


def secret_of(path: Path | None) -> str:
    """The secret that a file holds; empty where none is named.

    Raises
    ------
    NotFound : there is no such file.
    """
    if path is None:
        return ""
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="the settings name it for a secret")
    return path.read_text("utf-8").strip()
