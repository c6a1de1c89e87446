"""docs/api.md: every route of the API, from its own description, between words of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from serving.access.roles import POLICY, Action
from serving.access.servicesettings import Settings
from serving.store.database import connect
from serving.web.api import Allowed
from serving.web.app import create_app

_WORDS = Path(__file__).with_name("api.md")


def text(note: str) -> str:
    """The page; `note` says that it is generated."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/results.db")
        app = create_app(engine, Settings())
        table = "\n".join(_rows(app))
        engine.dispose()
    return note + "\n" + _WORDS.read_text("utf-8").replace("<!-- routes -->", table)


def _rows(app: FastAPI) -> Iterator[str]:
    yield "| route | what | action |"
    yield "|---|---|---|"
    actions = _actions(app)
    for path, methods in sorted(app.openapi()["paths"].items()):
        for method, told in methods.items():
            what = told["description"].split("\n")[0]
            action = actions.get((method.upper(), path))
            named = "–" if action is None else f"{POLICY.actions[action].name.zh} `{action}`"
            yield f"| `{method.upper()} {path}` | {what} | {named} |"


def _actions(app: FastAPI) -> dict[tuple[str, str], Action]:
    """The action that each route asks for."""
    return {
        (method, route.path): guard.action
        for route in _flat(app.routes)
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        for guard in _guards(route.dependant)
    }


def _flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _flat(inner.routes)


def _guards(dependant: Dependant) -> Iterator[Allowed]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Allowed):
            yield inner.call
        yield from _guards(inner)
