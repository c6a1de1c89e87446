"""Shared ground: a home of one's own for every test, and one small demo for those that need it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault
settings.load_profile("untimed")

DEMO = {"enterprises": 3000, "months": 24, "seed": 7}
"""The demo that the tests share."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the variables of the machine, or another test's results."""
    for name in list(os.environ):
        if name.startswith(("XINFEN_", "MLFLOW_")) and name != "XINFEN_NO_SKIP":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XINFEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo, run once; tests read it and leave it as it is."""
    from benchmarks import demo as flow

    out = tmp_path_factory.mktemp("demo") / "demo"
    flow.run(out, enterprises=DEMO["enterprises"], months=DEMO["months"], seed=DEMO["seed"])
    return out


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, without a database's name.

    It stands here: one that files imported would be another in each of them, up to the very end.
    """
    from tests import a_database

    yield from a_database.serve()


@pytest.fixture(scope="session")
def spark() -> None:
    """Spark in this process, set for small tables; where it cannot run, the reason is shown."""
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if not shutil.which("java"):
        pytest.skip("no Java runtime: Spark cannot run")
    from features import spark as engine

    engine.LOCAL |= {
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _no_skip(report: Report) -> Report:
    """Where nothing may be skipped (XINFEN_NO_SKIP), a skip is a failure that says why."""
    if report.skipped and os.environ.get("XINFEN_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _no_skip((yield))


@pytest.fixture(scope="session")
def proved() -> Iterator[Callable[[str, str, str], None]]:
    """Tell what a long test found; the table of all is kept in docs/proofs.md."""
    rows: list[tuple[str, str, str]] = []
    yield lambda what, found, required: rows.append((what, found, required))
    if rows:
        lines = ["| what | found | required |", "|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in sorted(rows)]
        text = PROOFS.format(table="\n".join(lines))
        Path("docs/proofs.md").write_text(text, "utf-8")


PROOFS = """<!-- Written by `make prove`. -->

# Proofs

The last table of `make prove`: long simulations and kill tests, on synthetic provinces.

{table}
"""
