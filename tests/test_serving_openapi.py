"""The description of the API: whole, with examples that hold, and the errors that are answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from sqlalchemy.engine import Engine

from serving.access import access
from serving.access.servicesettings import Settings
from serving.results import publishing
from serving.store.database import connect
from serving.web.app import create_app
from tests import a_scoring_run

OPEN = ("/health", "/ready")
METHODS = ("get", "post", "put", "patch", "delete")

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("openapi")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_scoring_run.write(folder / "run"), engine=engine)
    return engine


@pytest.fixture(scope="module")
def client(engine: Engine) -> TestClient:
    token = access.issue(engine, "王敏", "supervisor", days=1)
    app = create_app(engine, Settings(limited=False))
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def told(client: TestClient) -> dict[str, Any]:
    schema: dict[str, Any] = client.get("/v1/openapi.json").json()
    return schema


def _operations(told: dict[str, Any]) -> Iterator[Operation]:
    for path, item in told["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _valid(told: dict[str, Any], schema: dict[str, Any], example: Any, where: str) -> None:
    whole = {**schema, "components": told["components"]}
    faults = [error.message for error in Draft202012Validator(whole).iter_errors(example)]
    assert faults == [], (where, faults)


def _example(told: dict[str, Any], content: dict[str, Any]) -> Any:
    """The example of a body: its own, or that of the shape it names."""
    if "example" in content:
        return content["example"]
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    return told["components"]["schemas"].get(name, {}).get("example")


def test_every_answer_and_question_has_an_example_that_holds(told: dict[str, Any]) -> None:
    seen = 0
    for method, path, operation in _operations(told):
        bodies = [("question", operation["requestBody"])] if "requestBody" in operation else []
        bodies += [*operation["responses"].items()]
        for status, body in bodies:
            for media, content in body.get("content", {}).items():
                if media == "multipart/form-data":  # docs/api.md shows one
                    continue
                if content.get("schema", {}).get("format") == "binary":
                    continue
                where = f"{method} {path} {status} {media}"
                example = _example(told, content)
                assert example is not None, where
                _valid(told, content["schema"], example, where)
                seen += 1
    assert seen > 50


def test_every_shape_s_own_example_holds(told: dict[str, Any]) -> None:
    for name, shape in told["components"]["schemas"].items():
        for example in [shape["example"]] if "example" in shape else shape.get("examples", []):
            _valid(told, shape, example, name)


def test_every_parameter_says_what_it_is_or_shows_it(told: dict[str, Any]) -> None:
    for method, path, operation in _operations(told):
        for one in operation.get("parameters", []):
            where = (method, path, one["name"])
            schema = one["schema"]
            shown = [*schema.get("examples", []), *([one["example"]] if "example" in one else [])]
            described = one.get("description") or schema.get("description")
            assert shown or described or "default" in schema, where
            if one["in"] == "path":
                assert shown, where
            for example in shown:
                _valid(told, schema, example, str(where))


def test_every_route_says_who_may_and_what_goes_wrong(told: dict[str, Any]) -> None:
    scheme = told["components"]["securitySchemes"]
    assert scheme["HTTPBearer"] == {
        "type": "http", "scheme": "bearer", "description": "a token from the administrator",
    }  # fmt: skip
    for method, path, operation in _operations(told):
        where = (method, path)
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        if path in OPEN:
            assert "security" not in operation, where
            continue
        assert operation["security"] == [{"HTTPBearer": []}], where
        refused = {status for status in operation["responses"] if int(status) >= 400}
        assert refused >= {"401", "403", "429"}, where
        for status in refused:
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, (where, status)
        if "requestBody" in operation:
            assert refused >= {"400", "413", "422"}, where


def test_the_examples_of_questions_are_answered(client: TestClient, told: dict[str, Any]) -> None:
    asked = 0
    for method, path, operation in _operations(told):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content and "{" not in path:
            example = _example(told, content["application/json"])
            answer = client.request(method, path, json=example)
            unknown = answer.json().get("code") == "unknown_enterprise"  # of the example alone
            assert answer.status_code == 200 or unknown, (path, answer.text)
            asked += 1
    assert asked >= 3


def test_the_page_on_the_api_names_every_route(told: dict[str, Any]) -> None:
    page = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
    for method, path, _ in _operations(told):
        assert f"| `{method.upper()} {path}` |" in page
