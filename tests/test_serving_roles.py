"""Every route with every role against the table of roles; without a token only health answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from starlette.routing import BaseRoute, Mount

from records.errors import BadDefinition
from serving.access import access, audit, roles
from serving.access.roles import MAY, POLICY, Action, Role
from serving.results import publishing
from serving.store.database import connect
from serving.web import scoreshapes
from serving.web.api import Allowed
from serving.web.app import create_app
from serving.web.forms import Ours
from serving.web.pages import Reads
from tests import a_run, a_scoring_run
from tests.a_sign_in import HERE, csrf, sign_in

OPEN = {
    ("GET", "/health"), ("GET", "/ready"),  # for machines that watch; they tell yes or no
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out"),
    ("GET", "/sso"), ("GET", "/sso/return"),
}  # fmt: skip
"""What answers without a token: nothing of an enterprise is behind it."""

FILLED = {"entity_id": a_run.C, "kind": "internal"}
API = ("/v1", "/metrics")
FILLED["job"] = "0" * 32
BODIES: dict[str, Any] = {
    "/v1/enterprises/batch": {"entity_ids": [a_run.C]},
    "/v1/score/indicators": {"indicators": {}},
    "/v1/score/records": scoreshapes.RECORDS,
}
FILES = {"/v1/compare": {"file": ("list.csv", b"code\nX\n")}}
UNKNOWN = ("/v1/jobs/{job}", "/v1/jobs/{job}/result")
"""Whoever may ask for these has none of that name."""
QUERIES: dict[str, dict[str, str]] = {}
ANSWERED = {
    ("GET", "/enterprises/{entity_id}/change"): 409,  # no record store is connected here
    ("GET", "/enterprises/{entity_id}/sheet/{kind}"): 409,
    ("POST", "/compare"): 422,  # without a list
}
"""What a page answers to whom it is open, where that is not 200."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("roles")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    FILLED["run"] = publishing.publish(a_scoring_run.write(folder / "run"), engine=engine).run
    return engine


@pytest.fixture(scope="module")
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


def _flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes of an application, those of its included routers among them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _flat(inner.routes)


def _routes(app: FastAPI) -> list[APIRoute]:
    found = list(_flat(app.routes))
    for route in found:  # a route of another kind would not be looked at below
        assert isinstance(route, APIRoute) or (
            isinstance(route, Mount) and route.path == "/static"
        ), route
    return [route for route in found if isinstance(route, APIRoute)]


def _guards(dependant: Dependant) -> Iterator[Allowed | Reads]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Allowed | Reads):
            yield inner.call
        yield from _guards(inner)


def _walk(app: FastAPI) -> list[tuple[str, str, list[Allowed | Reads]]]:
    """(method, path, what guards it) of every route."""
    return [
        (method, route.path, list(_guards(route.dependant)))
        for route in _routes(app)
        for method in sorted(route.methods or ())
    ]


def _ask(client: TestClient, method: str, path: str) -> int:
    filled = path.format(**FILLED)
    if filled.startswith(API):
        told: dict[str, Any] = {"json": BODIES.get(path), "files": FILES.get(path)}
        return client.request(method, filled, params=QUERIES.get(path), **told).status_code
    data = {"csrf": client.headers.get("x-word", "")} if method == "POST" else None
    answer = client.request(method, filled, data=data, params=QUERIES.get(path), headers=HERE)
    return answer.status_code


def test_the_routes_are_all_seen(app: FastAPI) -> None:
    paths = {(method, path) for method, path, _ in _walk(app)}
    assert ("GET", "/v1/enterprises/{entity_id}") in paths
    assert ("GET", "/enterprises/{entity_id}") in paths
    assert len(paths) >= 13
    told = app.openapi()["paths"]
    assert set(told) <= {path for _, path in paths}


def test_every_route_has_one_guard_or_stands_in_the_list_of_open_ones(app: FastAPI) -> None:
    for method, path, guards in _walk(app):
        assert len(guards) == ((method, path) not in OPEN), (method, path)
        for guard in guards:
            assert isinstance(guard, Allowed) == path.startswith(API), path


@pytest.mark.parametrize("role", get_args(Role))
def test_every_api_route_with_every_role(app: FastAPI, engine: Engine, role: Role) -> None:
    token = access.issue(engine, "王敏", role, days=1)
    client = TestClient(app, headers={"Authorization": f"Bearer {token}"})
    for method, path, guards in _walk(app):
        if not guards or not path.startswith(API):
            continue
        may = role in POLICY.actions[guards[0].action].may
        expected = 404 if path in UNKNOWN else 200
        assert _ask(client, method, path) == (expected if may else 403), (role, method, path)


@pytest.mark.parametrize("role", get_args(Role))
def test_every_page_with_every_role(app: FastAPI, engine: Engine, role: Role) -> None:
    client = TestClient(app, follow_redirects=False)
    token = access.issue(engine, "王敏", role, days=1)
    opened = sign_in(client, token).status_code == 303
    assert opened == (role in POLICY.actions["pages"].may)
    if opened:
        client.headers["x-word"] = csrf(client.get("/").text)  # what its forms carry
    for method, path, guards in _walk(app):
        if not guards or path.startswith(API):
            continue
        may = role in POLICY.actions[guards[0].action].may
        allowed = ANSWERED.get((method, path), 200)
        closed = 403 if method == "POST" else 303  # no form of a page of ours; to sign in
        expected = (allowed if may else 403) if opened else closed
        assert _ask(client, method, path) == expected, (role, method, path)


def test_a_session_of_a_role_that_lost_its_pages_is_refused(
    app: FastAPI, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(app, follow_redirects=False)
    sign_in(client, access.issue(engine, "王敏", "inspector", days=1))
    monkeypatch.setitem(MAY, "inspector", MAY["inspector"] - {"pages"})
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("header", [None, "Bearer xf_wrong", "Basic eDp5", "Bearer "])
def test_without_a_token_only_health_answers(
    app: FastAPI, engine: Engine, header: str | None
) -> None:
    client = TestClient(app, follow_redirects=False)
    since = audit.head(engine)
    for method, path, guards in _walk(app):
        filled = path.format(**FILLED)
        headers = {"Authorization": header} if header else {}
        answer = client.request(method, filled, json=BODIES.get(path), headers=headers)
        if guards:
            closed = 403 if method == "POST" else 303  # no form of a page of ours; to sign in
            assert answer.status_code == (401 if path.startswith(API) else closed), path
        assert a_run.C not in answer.text
        assert "松江" not in answer.text
    assert audit.head(engine) == since


def test_a_bearer_token_opens_no_page_and_a_cookie_no_api(app: FastAPI, engine: Engine) -> None:
    token = access.issue(engine, "王敏", "inspector", days=1)
    bearer = TestClient(app, follow_redirects=False, headers={"Authorization": f"Bearer {token}"})
    assert bearer.get("/").status_code == 303
    browser = TestClient(app, follow_redirects=False)
    sign_in(browser, token)
    assert browser.get("/v1/run").status_code == 401


def test_the_words_of_a_form_are_a_browser_s_own(app: FastAPI, engine: Engine) -> None:
    first, second = (TestClient(app, follow_redirects=False) for _ in range(2))
    token = access.issue(engine, "王敏", "inspector", days=1)
    foreign = csrf(first.get("/sign-in").text)
    second.get("/sign-in")
    for word in (foreign, "", "0" * 64, "é" * 64):
        data = {"token": token, "csrf": word}
        answer = second.post("/sign-in", data=data, headers=HERE)
        assert answer.status_code == 403
    door = csrf(second.get("/sign-in").text)
    sign_in(second, token)
    assert second.get("/").status_code == 200
    # The word of the door does not hold where a session is meant.
    assert second.post("/sign-out", data={"csrf": door}, headers=HERE).status_code == 403
    assert second.get("/").status_code == 200


def test_every_form_of_ours_carries_its_word() -> None:
    for template in (Path(roles.__file__).parent / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        posts = text.count('method="post"')
        assert text.count('name="csrf" value="{{ csrf }}"') == posts, template.name


def test_every_page_that_takes_a_form_asks_for_its_word(app: FastAPI) -> None:
    for route in _routes(app):
        if "POST" in (route.methods or ()) and not route.path.startswith(API):
            calls = [inner.call for inner in route.dependant.dependencies]
            assert any(isinstance(call, Ours) for call in calls), route.path


def test_the_table_says_what_it_says() -> None:
    """The policy once more, by hand: who reads a class, who does not."""
    reads: set[Action] = {"class", "explanation", "search", "batch", "score"}
    for role in ("auditor", "administrator"):
        assert not reads & MAY[role]
    assert "who_looked" in MAY["auditor"]
    assert [role for role in MAY if "who_looked" in MAY[role]] == ["auditor"]
    assert [role for role in MAY if "decide_correction" in MAY[role]] == ["supervisor"]
    assert not MAY["batch"] & {"search", "pages"}
    assert all(rule.why and rule.name.zh for rule in POLICY.actions.values())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("may: [auditor]", "may: [king]", "king"),
        ("  pages:\n", "  pagez:\n", "pagez"),
        ("why: the first of two persons", "because: x", "why"),
        ("version: 1.0.0", "[", "wrong"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = roles.FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "roles.yaml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BadDefinition, match=words):
        roles.read(path)


def test_a_table_that_leaves_an_action_out_is_refused(tmp_path: Path) -> None:
    text = roles.FILE.read_text("utf-8")
    path = tmp_path / "roles.yaml"
    path.write_text(text[: text.index("  pages:\n")], "utf-8")
    with pytest.raises(BadDefinition, match="actions without a line: pages"):
        roles.read(path)
