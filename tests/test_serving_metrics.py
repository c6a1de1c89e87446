"""The service in numbers: by route, without anybody's data, summed over processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from serving.access import access
from serving.results import publishing
from serving.store.database import connect
from serving.web import metrics
from serving.web.app import create_app
from tests import a_run


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path / 'results.db'}")


def _client(engine: Engine, role: str) -> TestClient:
    token = access.issue(engine, "运维", role, days=1)
    return TestClient(create_app(engine), headers={"Authorization": f"Bearer {token}"})


def test_requests_are_counted_by_route_and_nobody_is_named(engine: Engine, tmp_path: Path) -> None:
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    client = _client(engine, "batch")
    for code in (a_run.C, "91230102MA1SECRET0"):
        client.get(f"/v1/enterprises/{code}", params={"purpose": "秘密"})
    client.get("/nowhere/91230102MA1SECRET0")
    client.request("BREW", "/v1/run")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    told = answer.text
    route = "/v1/enterprises/{entity_id}"
    assert f'xinfen_requests_total{{method="GET",route="{route}",status="200"}}' in told
    assert f'xinfen_requests_total{{method="GET",route="{route}",status="404"}}' in told
    assert 'route="other"' in told
    assert f'xinfen_request_seconds_bucket{{le="0.025",route="{route}"}}' in told
    assert 'xinfen_jobs{state="waiting"} 0.0' in told
    assert "xinfen_run_firms 5.0" in told
    assert "xinfen_audit_rows" in told
    for secret in ("SECRET", a_run.C, "秘密", "运维", "BREW"):
        assert secret not in told


def test_before_anything_is_published(engine: Engine) -> None:
    told = _client(engine, "administrator").get("/metrics").text
    assert "xinfen_runs_held 0.0" in told
    assert "xinfen_run_firms 0.0" in told


_WORKER = """
from serving.web import metrics
metrics.counters().requests.labels("GET", "/v1/run", "200").inc({n})
"""
_SUM = """
from prometheus_client import generate_latest
from serving.web import metrics
print(generate_latest(metrics.counters().collected()).decode())
"""


def test_workers_are_summed() -> None:
    with metrics.across_workers():
        assert Path(os.environ[metrics.FOLDER]).is_dir()
        for n in (2, 3):
            subprocess.run([sys.executable, "-c", _WORKER.format(n=n)], check=True)
        told = subprocess.run(
            [sys.executable, "-c", _SUM], check=True, capture_output=True, text=True
        ).stdout
    assert 'xinfen_requests_total{method="GET",route="/v1/run",status="200"} 5.0' in told
    assert metrics.FOLDER not in os.environ
