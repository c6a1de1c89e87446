"""Where things are: one home folder, each place movable by its own XINFEN_ variable.

| variable | what | default |
|---|---|---|
| XINFEN_HOME | everything below | ./var |
| XINFEN_RESULTS | URL of the result store | sqlite in home |
| MLFLOW_TRACKING_URI | MLflow's store | sqlite in home |
| XINFEN_PERSON_KEY_FILE, XINFEN_PERSON_KEY | key of persons' hashes, see `records.people` | none |
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def home() -> Path:
    """The folder for everything that runs leave behind."""
    return Path(os.environ.get("XINFEN_HOME", "var")).absolute()


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """For the length of the block, home is another folder."""
    before = os.environ.get("XINFEN_HOME")
    os.environ["XINFEN_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XINFEN_HOME"]
        else:
            os.environ["XINFEN_HOME"] = before


def results_db() -> str:
    """SQLAlchemy URL of the result store."""
    return os.environ.get("XINFEN_RESULTS") or f"sqlite:///{home() / 'results.db'}"


def tracking_uri() -> str:
    """MLflow tracking URI; one given in the environment wins."""
    return os.environ.get("MLFLOW_TRACKING_URI") or embedded_uri()


def embedded_uri() -> str:
    """MLflow's store while nothing else is said: SQLite in the home folder."""
    return f"sqlite:///{home() / 'mlflow.db'}"
