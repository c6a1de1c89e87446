"""What the description allows or forbids is asked, as each role: no fault, no breach of a shape."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from serving.access import access
from serving.access.roles import Role
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.store.database import connect
from serving.web.app import create_app
from tests import a_scoring_run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = 4
"""Questions for each route and role, half of them as they should be and half not."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("asked")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_scoring_run.write(folder / "run"), engine=engine)
    app = create_app(engine, Settings(limited=False))
    yield app
    app.state.worker.stop()
    engine.dispose()


def _ask(app: FastAPI, role: Role, examples: int) -> None:
    token = access.issue(app.state.engine, "王敏", role, days=1)
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app, headers=headers)
    asked = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode, headers=headers)

            @settings(
                max_examples=max(examples // 2, 1), database=None,
                derandomize=True, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=strategy)
            def each(case: Any) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(checks=CHECKS)

            with suppress(Unsatisfiable):  # nothing of a question without parameters can be wrong
                each()
    assert asked > 20


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("role", get_args(Role))
def test_every_route_as_each_role(app: FastAPI, role: Role) -> None:
    _ask(app, role, EXAMPLES)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("role", get_args(Role))
def test_every_route_as_each_role_deeper(app: FastAPI, role: Role) -> None:
    _ask(app, role, 100)
