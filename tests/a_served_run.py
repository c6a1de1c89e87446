"""A result store of one's own in which the small run is served: published once, then copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from serving.results import publishing
from serving.store.database import connect
from tests import a_run


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with such a store as SQLite files, to be copied."""
    folder = tmp_path_factory.mktemp("published")
    made = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=made)
    made.dispose()
    return folder


@pytest.fixture
def local(published: Path, tmp_path: Path) -> Iterator[Engine]:
    """A store of one's own with the small run served, for what no database does otherwise."""
    shutil.copytree(published, tmp_path / "copy")
    made = connect(f"sqlite:///{tmp_path / 'copy' / 'results.db'}")
    yield made
    made.dispose()
